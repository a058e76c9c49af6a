"""Admission, checks 8 to 10: the proof that the sender's ledger shows it, and what is inside."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import Refused
from gateway.ledger.kinds import FinalCode
from gateway.sealing.admission import (
    FINAL_CODES,
    IN_BAND_CODES,
    Examined,
    FinalRefusal,
    examine,
)
from gateway.sealing.batch import parse_envelope
from gateway.sealing.envelope import Sealed, envelope_digest
from gateway.sealing.standing import Link, PeerLedger
from tests.sealing.answers import final, told
from tests.sealing.house import (
    DAY_MS,
    NOW_MS,
    House,
    announce,
    batch,
    delivery,
    drawn,
    envelope,
    flips,
    header,
    sealed_to,
)


def test_8_a_proof_or_checkpoint_that_does_not_hold_is_refused(
    police: House, shelter: House, border: House
) -> None:
    police.filler()
    data, within = delivery(police, shelter)
    parsed = parse_envelope(data)
    other = House("police.nl")
    other.filler()
    proofs = [b"", b"x", parsed.proof + within.checkpoint, parsed.proof.replace(b"index 1", b"index 0")]

    for proof in proofs:
        assert told(replace(parsed, proof=proof).encode(), within, shelter, police) == "proof-invalid"
    for checkpoint in (b"x", other.checkpoint(), border.checkpoint(), within.checkpoint[:-9] + b"AAAAAAA=\n"):
        changed = replace(within, checkpoint=checkpoint)
        assert told(data, changed, shelter, police) == "proof-invalid"


def test_8_a_ledger_the_directory_does_not_list_is_refused(police: House, shelter: House) -> None:
    second = House("police.nl", number=2)
    data, within = delivery(second, shelter)
    unlisted = PeerLedger(agency="police.nl", vkeys=(second.vkey,), origins=police.ledger.origins)

    assert told(data, within, shelter, second, ledger=unlisted) == "proof-invalid"


def test_8_another_root_for_a_known_size_is_a_fork_with_its_evidence(police: House, shelter: House) -> None:
    data, within = delivery(police, shelter)

    with pytest.raises(Refused) as refusal:
        examine(data, within, shelter.reception(police, root_at=lambda _origin, _size: bytes(32)))

    assert refusal.value.code == "forked"
    assert refusal.value.facts["known_root"] == bytes(32).hex()
    assert refusal.value.facts["shown_root"] == police.head().root.hex()
    assert (refusal.value.facts["origin"], refusal.value.facts["size"]) == (police.origin, "1")


def _link(police: House, shelter: House, known_sizes: list[int], from_size: int | None) -> Link | str:
    for _ in range(5):
        police.filler()
    data, within = delivery(police, shelter)
    if from_size is not None:
        within = replace(within, consistency=police.growth(from_size))
    heads = {size: police.head(size) for size in known_sizes}
    reception = shelter.reception(
        police,
        newest=lambda _origin: heads[max(heads)] if heads else None,
        root_at=lambda _origin, size: heads[size].root if size in heads else None,
    )
    outcome = examine(data, within, reception)
    assert isinstance(outcome, Examined)
    return outcome.authenticated.link


@pytest.mark.parametrize(
    ("known_sizes", "from_size", "link"),
    [
        ([], None, Link.FIRST),
        ([], 3, Link.FIRST),
        ([3, 6], None, Link.KNOWN),
        ([3], 3, Link.GROWN),
        ([2, 4], 4, Link.GROWN),
        ([2, 4], 2, Link.UNLINKED),
        ([4], None, Link.UNLINKED),
        ([4], 3, Link.UNLINKED),
    ],
)
def test_8_a_checkpoint_is_linked_to_the_newest_one_known_or_said_not_to_be(
    police: House, shelter: House, known_sizes: list[int], from_size: int | None, link: Link
) -> None:
    assert _link(police, shelter, known_sizes, from_size) is link


@pytest.mark.parametrize(
    ("linked_size", "seen_sizes", "from_size", "link", "stands_for"),
    [
        (2, [4], 4, Link.UNLINKED, 2),
        (2, [4], 2, Link.GROWN, 6),
        (2, [6], None, Link.UNLINKED, 2),
        (2, [6], 2, Link.GROWN, 6),
        (6, [4], None, Link.KNOWN, 6),
        (7, [6], None, Link.KNOWN, 7),
        (None, [], None, Link.FIRST, 6),
    ],
)
def test_8_a_head_counts_as_grown_only_from_the_newest_linked_one(  # noqa: PLR0917
    police: House,
    shelter: House,
    linked_size: int | None,
    seen_sizes: list[int],
    from_size: int | None,
    link: Link,
    stands_for: int,
) -> None:
    """Growth from a head that was never linked itself could be growth on another branch."""
    for _ in range(5):
        police.filler()
    data, within = delivery(police, shelter)
    if from_size is not None:
        within = replace(within, consistency=police.growth(from_size))
    police.filler()
    seen = [*seen_sizes, *([] if linked_size is None else [linked_size])]
    reception = shelter.reception(
        police,
        newest=lambda _origin: None if linked_size is None else police.head(linked_size),
        root_at=lambda _origin, size: police.head(size).root if size in seen else None,
    )

    outcome = examine(data, within, reception)

    assert isinstance(outcome, Examined)
    assert outcome.authenticated.link is link
    assert outcome.authenticated.linked == police.head(stands_for)


def test_8_another_root_than_that_of_an_unlinked_head_is_a_fork_too(police: House, shelter: House) -> None:
    police.filler()
    data, within = delivery(police, shelter)
    within = replace(within, consistency=police.growth(1))

    code = told(
        data,
        within,
        shelter,
        police,
        newest=lambda _origin: police.head(1),
        root_at=lambda _origin, size: {1: police.head(1).root, 2: bytes(32)}.get(size),
    )

    assert code == "forked"


def test_8_a_consistency_proof_that_does_not_hold_is_refused(police: House, shelter: House) -> None:
    for _ in range(5):
        police.filler()
    data, within = delivery(police, shelter)
    within = replace(within, consistency=police.growth(3))
    head = police.head(3)
    foreign = replace(head, root=drawn("another tree"))

    code = told(
        data,
        within,
        shelter,
        police,
        newest=lambda _origin: foreign,
        root_at=lambda _origin, size: foreign.root if size == 3 else None,
    )

    assert code == "proof-invalid"


def test_9_an_envelope_past_its_deadline_is_expired_for_good(police: House, shelter: House) -> None:
    data, within = delivery(police, shelter)
    deadline_ms = NOW_MS + 14 * DAY_MS

    assert final(data, within, shelter, police, now_ms=deadline_ms) is FinalCode.EXPIRED
    assert isinstance(examine(data, within, shelter.reception(police, now_ms=deadline_ms - 1)), Examined)


def test_10_an_unknown_sealing_key_is_final(police: House, shelter: House) -> None:
    data, within = delivery(police, shelter)

    assert final(data, within, shelter, police, opener=lambda _id: None) is FinalCode.UNKNOWN_SEALING_KEY


def test_10_what_does_not_open_is_final(police: House, shelter: House, border: House) -> None:
    head = header(police, shelter)
    sealed = sealed_to(border, head)
    data = envelope(police, sealed, announce(police, head, sealed))

    assert final(data, batch(police, data), shelter, police) is FinalCode.DOES_NOT_OPEN


def test_10_a_payload_the_ledger_does_not_commit_to_is_final(police: House, shelter: House) -> None:
    head = header(police, shelter)
    sealed = sealed_to(shelter, head, b"another body")
    data = envelope(police, sealed, announce(police, head, sealed, b"body"))

    assert final(data, batch(police, data), shelter, police) is FinalCode.COMMITMENT_MISMATCH


def test_a_final_refusal_carries_what_its_receipt_needs(police: House, shelter: House) -> None:
    data, within = delivery(police, shelter)

    outcome = examine(data, within, shelter.reception(police, opener=lambda _id: None))

    assert isinstance(outcome, FinalRefusal)
    parsed = parse_envelope(data)
    assert outcome.authenticated.digest == envelope_digest(parsed.header, parsed.sealed)
    assert outcome.authenticated.header == header(police, shelter)


def test_no_two_of_twenty_envelopes_can_be_spliced(police: House, shelter: House) -> None:
    parsed = [parse_envelope(delivery(police, shelter, number)[0]) for number in range(20)]
    parsed = [replace(one, proof=police.proof(one.entry)) for one in parsed]
    within = batch(police, *(one.encode() for one in parsed))

    opened = refused = 0
    for one in parsed:
        for other in parsed:
            if one is other:
                continue
            for spliced in (replace(one, sealed=other.sealed), replace(one, header=other.header)):
                with pytest.raises(Refused):
                    examine(spliced.encode(), within, shelter.reception(police))
                    opened += 1
                refused += 1

    assert (opened, refused) == (0, 760)


def test_every_changed_bit_and_every_truncation_of_an_envelope_is_refused(
    police: House, shelter: House
) -> None:
    police.filler()
    data, within = delivery(police, shelter)
    reception = shelter.reception(police)
    start = data.index(parse_envelope(data).sealed)
    end = start + len(parse_envelope(data).sealed)

    # Of the sealed bytes every eighth: all of them are tried where they are opened.
    for at, changed in enumerate(flips(data)):
        if start <= at // 8 < end and at % 8:
            continue
        with pytest.raises(Refused):
            examine(changed, within, reception)
    for length in range(0, len(data), 3):
        with pytest.raises(Refused):
            examine(data[:length], within, reception)


def test_every_changed_bit_of_the_checkpoint_is_refused(police: House, shelter: House) -> None:
    police.filler()
    data, within = delivery(police, shelter)
    reception = shelter.reception(police)

    for changed in flips(within.checkpoint):
        with pytest.raises(Refused) as refusal:
            examine(data, replace(within, checkpoint=changed), reception)
        assert refusal.value.code == "proof-invalid"


def test_in_band_and_final_codes_have_nothing_in_common() -> None:
    assert not IN_BAND_CODES & FINAL_CODES


def test_the_envelope_of_one_message_sealed_again_is_another_envelope(police: House, shelter: House) -> None:
    head = header(police, shelter)

    first, second = sealed_to(shelter, head), sealed_to(shelter, head)

    assert isinstance(first, Sealed)
    assert first.digest != second.digest
