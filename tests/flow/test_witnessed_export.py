"""What is shown of a witnessed ledger, and what stops a start: an auditor and a peer know the last of it."""

from __future__ import annotations

import pytest

from gateway.errors import Corrupt, GatewayError, Refused
from gateway.flow.audit import export_ledger, exported_head, trust_of
from gateway.flow.witnessed import keep_cosigned, reason_to_stop
from gateway.ledger.findings import Report, Severity
from gateway.ledger.inspection import inspect
from gateway.ledger.note import parse_note
from tests.flow import oracle, records
from tests.flow.federation import BORDER, NGO, NL, RO, Homes
from tests.flow.witnessing import cosigned, grow, lines_of, signed

_STORE = ("store.db",)


def _inspected(homes: Homes) -> Report:
    return inspect(export_ledger(homes[NL], homes.now), trust_of(homes[RO].directory))


def _found(report: Report) -> list[tuple[str, Severity]]:
    return [(found.code, found.severity) for found in report.findings]


def test_export_shows_the_head_that_enough_others_cosigned_and_is_clean(witnessing: Homes) -> None:
    witnessing.push(records.small())
    head = cosigned(witnessing, RO, NGO)
    grow(witnessing)
    signed(witnessing)

    files = export_ledger(witnessing[NL], witnessing.now)

    report = inspect(files, trust_of(witnessing[RO].directory))
    assert (report.exit_code, _found(report)) == (0, [("openings-absent", Severity.NOT_JUDGED)])
    assert (report.size, report.root) == (head.checkpoint.size, head.checkpoint.root)
    names = [line.name for line in parse_note(files["checkpoint"].decode()).signatures]
    assert {f"comity.witness/{RO}", f"comity.witness/{NGO}"} < set(names)


def test_export_before_anybody_cosigned_shows_what_was_signed_and_is_unwitnessed(witnessing: Homes) -> None:
    head = signed(witnessing)
    grow(witnessing)

    report = _inspected(witnessing)

    assert report.size == head.checkpoint.size
    assert ("unwitnessed", Severity.FINDING) in _found(report)
    assert report.exit_code == 1


def test_export_with_fewer_lines_than_the_quorum_is_unwitnessed(witnessing: Homes) -> None:
    """Whoever lays out files by hand gets no further than the keys let them."""
    head, lines = lines_of(witnessing, RO)
    files = export_ledger(witnessing[NL], witnessing.now)
    assert files["checkpoint"].decode().startswith(head.note)

    files["checkpoint"] += lines[RO].encode() * 2
    report = inspect(files, trust_of(witnessing[RO].directory))

    assert "is cosigned by 1 of 2" in [found.message for found in report.findings]


def test_export_of_members_that_witness_nobody_is_clean_without_lines(homes: Homes) -> None:
    homes.push(records.small())

    report = _inspected(homes)

    assert report.exit_code == 0
    assert ("unwitnessed", Severity.NOTICE) in _found(report)


def test_stopped_home_exports_the_cosigned_head_though_its_ledger_has_moved_on(witnessing: Homes) -> None:
    head = cosigned(witnessing, RO, BORDER)
    witnessing.close()
    witnessing.push(records.small())

    first, again = _inspected(witnessing), _inspected(witnessing)

    assert witnessing[NL].notary.trouble != ""
    for report in (first, again):
        assert (report.exit_code, report.size) == (0, head.checkpoint.size)
    assert oracle.size(witnessing.home(NL)) > head.checkpoint.size + 2


def test_home_that_never_signed_has_nothing_to_export_yet(witnessing: Homes) -> None:
    size = oracle.size(witnessing.opened(NL))

    with pytest.raises(Refused) as refused:
        export_ledger(witnessing[NL], witnessing.now)

    assert refused.value.code == "nothing-signed"
    assert oracle.size(witnessing.home(NL)) == size


def test_head_signed_before_is_made_again_to_the_same_bytes_after_a_restart(witnessing: Homes) -> None:
    head = signed(witnessing)
    grow(witnessing)
    witnessing.close()

    again = witnessing[NL].notary.sign_again()

    assert again == head == exported_head(witnessing[NL])


def test_head_signed_before_is_not_made_again_over_another_history(witnessing: Homes) -> None:
    kept = witnessing.keep(NL)
    grow(witnessing, count=3)
    signed(witnessing)
    witnessing.put_back(NL, kept, *_STORE)

    with pytest.raises(Corrupt) as behind:
        witnessing[NL].notary.sign_again()
    grow(witnessing, count=4)
    with pytest.raises(Corrupt) as beside:
        witnessing[NL].notary.sign_again()

    assert behind.value.code == beside.value.code == "behind-high-water"


def test_nothing_signed_is_nothing_to_make_again(witnessing: Homes) -> None:
    assert witnessing[NL].notary.sign_again() is None


def test_witness_that_knows_nothing_newer_is_no_reason_to_stop(witnessing: Homes) -> None:
    first = signed(witnessing)
    grow(witnessing)
    newest = signed(witnessing)
    grow(witnessing)

    for seen in (None, first.note.encode(), newest.note.encode()):
        assert reason_to_stop(witnessing[NL], seen) == ""


def test_witness_that_has_seen_more_stops_a_store_put_back(witnessing: Homes) -> None:
    """F08: the whole home is put back, its own mark of what it signed included."""
    kept = witnessing.keep(NL)
    grow(witnessing, count=2)
    seen = signed(witnessing)
    witnessing.put_back(NL, kept)

    why = reason_to_stop(witnessing[NL], seen.note.encode())

    held = oracle.size(witnessing.home(NL))
    assert why == (
        f"a witness has seen {seen.checkpoint.size} entries, the store holds {held}: an old copy was put back"
    )


@pytest.mark.parametrize("more", [0, 1, 5])
def test_witness_that_has_seen_another_history_stops_a_ledger_built_anew(
    witnessing: Homes, more: int
) -> None:
    """A27: without one entry, and grown as far as the one it replaces, or further."""
    kept = witnessing.keep(NL)
    size = grow(witnessing, count=2)
    seen = signed(witnessing)
    witnessing.put_back(NL, kept)
    grow(witnessing, count=2 + more)

    why = reason_to_stop(witnessing[NL], seen.note.encode())

    assert why == f"a witness has seen another history at {size} entries than the store holds"


def test_what_a_witness_says_counts_only_under_the_own_key(witnessing: Homes) -> None:
    """Otherwise any member could stop any other by an invented checkpoint."""
    note = signed(witnessing).note
    grown = note.replace("\n", "\n9", 1)

    for seen in (signed(witnessing, RO).note, note.replace(NL, RO), grown, "", "no note"):
        with pytest.raises(GatewayError):
            reason_to_stop(witnessing[NL], seen.encode())


def test_kept_checkpoint_names_its_lines_in_order_of_the_agencies(witnessing: Homes) -> None:
    head, lines = lines_of(witnessing, RO, NGO, BORDER)

    keep_cosigned(witnessing[NL], head, lines)

    ((note,),) = oracle.query(witnessing.home(NL), "SELECT note FROM checkpoints")
    assert note == head.note + lines[BORDER] + lines[RO] + lines[NGO]
