"""What an inspection finds in ledgers whose signatures and hashes are all in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.commitment import CommitmentType
from gateway.ledger.entry import Direction, Draft, EntryKind
from gateway.ledger.inspection import Report, Severity, inspect
from gateway.ledger.tree import Frontier, leaf_hash
from gateway.ledger.trust import Trust, TrustedLog
from tests.ledger.ledgers import (
    EXCHANGE,
    HELD_EXCHANGE,
    MESSAGE,
    OPENED_AT,
    OPENINGS,
    Book,
    Pair,
    decided,
    sealed,
)


def codes(report: Report, severity: Severity = Severity.FINDING) -> set[str]:
    return {found.code for found in report.findings if found.severity is severity}


def judge(pair: Pair) -> set[str]:
    """Return the codes of the findings in police.nl's export."""
    report = inspect(pair.export(), pair.trust)
    assert report.exit_code == (1 if codes(report) else 0)
    return codes(report)


def held_released() -> Draft:
    """Return the release of the exchange that was held for VPO:1."""
    draft = sealed(EntryKind.RELEASED, "police.ro", envelope=b"\xe2" * 32)
    return replace(draft, exchange=HELD_EXCHANGE)


def verdict(kind: EntryKind, duty: str, *, held: int = 7) -> Draft:
    """Return what an officer said of the held exchange, over the bytes that `held_released` releases."""
    signed = (CommitmentType.JUSTIFICATION, b"j" * 32)
    payload = (CommitmentType.PAYLOAD, held_released().commit or b"")
    return Draft(
        kind=kind,
        exchange=HELD_EXCHANGE,
        peer="police.ro",
        duty=duty,
        about=held,
        commits=(signed, payload) if kind is EntryKind.APPROVED else (signed,),
    )


def test_an_honest_ledger_is_clean_and_the_report_names_its_head() -> None:
    pair = Pair()
    report = inspect(pair.export(), pair.trust)
    assert (report.exit_code, report.origin, report.size, report.root) == (
        0,
        pair.nl.origin,
        10,
        pair.nl.head.root,
    )
    assert codes(report, Severity.NOT_JUDGED) == {"openings-absent"}
    assert codes(inspect(pair.export(OPENINGS), pair.trust), Severity.NOT_JUDGED) == set()


def test_the_recipients_ledger_is_clean_too() -> None:
    pair = Pair()
    assert inspect(pair.ro.export([], pair.vkeys), pair.trust).exit_code == 0


def test_an_export_over_several_tiles_is_clean_and_a_flipped_upper_tile_is_found() -> None:
    book = Book("shelter.ngo", 3)
    for _ in range(600):
        book.append(Draft(kind=EntryKind.FILLER))
    trust = Trust(logs={book.origin: (TrustedLog(vkey=book.vkey),)})
    files = book.export([], [book.vkey])
    assert inspect(files, trust).exit_code == 0
    for path in ("tile/1/000.p/2", "tile/0/001", "tile/entries/001"):
        changed = files[path][:-1] + bytes([files[path][-1] ^ 1])
        report = inspect({**files, path: changed}, trust)
        assert report.exit_code == 1
        assert path in {found.file for found in report.findings}


SECOND = sealed(EntryKind.SENT, "police.ro", envelope=b"2" * 32)
PHANTOM = Checkpoint(origin="comity.ledger/police.ro/1", size=2, root=b"x" * 32)


@pytest.mark.parametrize(
    ("code", "spoil"),
    [
        ("time-order", lambda nl: nl.append(Draft(kind=EntryKind.FILLER), at=OPENED_AT)),
        ("pair-seq", lambda nl: nl.append(SECOND, pair_seq=3)),
        ("pair-seq", lambda nl: nl.append(SECOND, pair_seq=1)),
        ("duplicate", lambda nl: nl.append(sealed(EntryKind.SENT, "police.ro"))),
        ("opened", lambda nl: nl.append(Draft(kind=EntryKind.OPENED, origin=nl.origin, vkeys=()))),
        ("about", lambda nl: nl.append(Draft(kind=EntryKind.ERASED, about=10))),
        ("undecided", lambda nl: nl.append(replace(held_released(), exchange=MESSAGE))),
        ("undecided", lambda nl: nl.append(replace(held_released(), peer="shelter.ngo"), pair_seq=1)),
        ("unapproved", lambda nl: nl.append(held_released())),
        ("held", lambda nl: nl.append(_held(nl, about=3))),
        ("held", lambda nl: nl.append(_held(nl, duties=("CPO:1",)))),
        ("exported", lambda nl: nl.append(Draft(kind=EntryKind.EXPORTED, size=4, root=b"x" * 32))),
        ("exported", lambda nl: nl.append(Draft(kind=EntryKind.EXPORTED, size=11, root=b"x" * 32))),
        ("undeliverable", lambda nl: nl.append(_undeliverable(b"9" * 32))),
        ("forked", lambda nl: nl.append(_admitted(PHANTOM))),
        ("entry-malformed", lambda nl: nl.add(b'{"kind":29}')),
        ("entry-malformed", lambda nl: nl.add(nl.entries[-1].replace(b'"v":1', b'"v":2'))),
    ],
)
def test_what_must_not_be_is_found_at_its_entry(code: str, spoil: Callable[[Book], object]) -> None:
    pair = Pair()
    spoil(pair.nl)
    report = inspect(pair.export(), pair.trust)
    assert report.exit_code == 1
    assert {(found.code, found.index) for found in report.findings if found.severity is Severity.FINDING} == {
        (code, 10)
    }


def _held(nl: Book, *, about: int = 6, duties: tuple[str, ...] = ("VPO:1",)) -> Draft:
    return Draft(kind=EntryKind.HELD, exchange=HELD_EXCHANGE, peer="police.ro", duties=duties, about=about)


def _undeliverable(envelope: bytes) -> Draft:
    return Draft(
        kind=EntryKind.UNDELIVERABLE, exchange=EXCHANGE, message=MESSAGE, peer="police.ro", envelope=envelope
    )


def _admitted(head: Checkpoint) -> Draft:
    return Draft(kind=EntryKind.PEER_ADMITTED, peer="police.ro", directory=b"d" * 32, peer_head=head)


def test_permitted_neighbours_of_the_refusals_are_clean() -> None:
    pair = Pair()
    nl = pair.nl
    nl.append(Draft(kind=EntryKind.FILLER), at=OPENED_AT + 9)
    nl.append(sealed(EntryKind.SENT, "police.ro", envelope=b"2" * 32))
    nl.append(Draft(kind=EntryKind.ERASED, about=11))
    head = Frontier().append([leaf_hash(entry) for entry in nl.entries[:4]])[0]
    nl.append(Draft(kind=EntryKind.EXPORTED, size=4, root=head.root()))
    nl.append(_undeliverable(sealed(EntryKind.SENT, "police.ro").envelope or b""))
    nl.append(_admitted(pair.ro.head))
    nl.append(Draft(kind=EntryKind.CLOSED))
    assert judge(pair) == set()
    nl.append(Draft(kind=EntryKind.FILLER))
    assert judge(pair) == {"after-closed"}


def test_a_held_release_needs_each_approval_of_its_last_decision() -> None:
    pair = Pair()
    pair.nl.append(verdict(EntryKind.APPROVED, "CPO"))
    pair.nl.append(held_released())
    assert judge(pair) == {"unapproved"}

    pair = Pair()
    pair.nl.append(verdict(EntryKind.APPROVED, "VPO"))
    pair.nl.append(held_released())
    assert judge(pair) == set()

    pair = Pair()
    decision = pair.nl.append(decided("hold", ("VPO:2",), HELD_EXCHANGE))
    held = pair.nl.append(_held(pair.nl, about=decision, duties=("VPO:2",)))
    pair.nl.append(verdict(EntryKind.APPROVED, "VPO", held=held))
    pair.nl.append(held_released())
    assert judge(pair) == {"unapproved"}


def test_a_release_that_rests_on_its_originators_consent_needs_no_officer_for_that() -> None:
    pair = Pair()
    pair.nl.append(decided("hold", ("OC:1",), HELD_EXCHANGE))
    pair.nl.append(held_released())
    assert judge(pair) == set()

    pair = Pair()
    pair.nl.append(decided("hold", ("OC:1", "VPO:1"), HELD_EXCHANGE))
    pair.nl.append(held_released())
    assert judge(pair) == {"unapproved"}


def test_a_new_decision_voids_the_approvals_before_it() -> None:
    pair = Pair()
    pair.nl.append(verdict(EntryKind.APPROVED, "VPO"))
    pair.nl.append(decided("hold", ("VPO:1",), HELD_EXCHANGE))
    pair.nl.append(held_released())
    assert judge(pair) == {"unapproved"}


def test_a_refusal_by_an_officer_or_by_policy_stops_a_release() -> None:
    pair = Pair()
    pair.nl.append(verdict(EntryKind.APPROVED, "VPO"))
    pair.nl.append(verdict(EntryKind.REJECTED, "VPO"))
    pair.nl.append(held_released())
    assert judge(pair) == {"rejected"}

    pair = Pair()
    pair.nl.append(decided("deny", (), HELD_EXCHANGE))
    pair.nl.append(held_released())
    assert judge(pair) == {"denied"}


def test_approvals_are_counted_but_their_signatures_stay_unjudged() -> None:
    pair = Pair()
    pair.nl.append(verdict(EntryKind.APPROVED, "VPO"))
    report = inspect(pair.export(OPENINGS), pair.trust)
    assert codes(report, Severity.NOT_JUDGED) == {"approval-signatures"}
    assert report.exit_code == 0


def test_directions_count_apart() -> None:
    pair = Pair()
    pair.nl.append(
        replace(sealed(EntryKind.RECEIVED, "police.ro", envelope=b"7" * 32), direction=Direction.IN)
    )
    assert judge(pair) == set()
