"""Receipts: only the recipient's own ledger acknowledges, and only the envelope it names."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gateway.errors import GatewayError, Malformed, VerificationFailed
from gateway.ledger.checkpoint import Checkpoint, ledger_origin
from gateway.ledger.entry import Direction, Draft, EntryKind
from gateway.sealing.receipt import ExpectedReceipt, VerifiedReceipt, verify_receipt
from gateway.sealing.standing import PeerLedger
from tests.sealing.house import House, flips, header, sealed_to

POLICE, SHELTER = House("police.nl"), House("shelter.ngo")
for _ in range(3):
    POLICE.filler()
SHELTER.filler()
HEADER = header(POLICE, SHELTER)
SEALED = sealed_to(SHELTER, HEADER)
EXPECTED = ExpectedReceipt(
    exchange=HEADER.exchange_id,
    message=HEADER.message_id,
    envelope=SEALED.digest,
    me="police.nl",
    peer="shelter.ngo",
)
RECEIVED = Draft(
    kind=EntryKind.RECEIVED,
    exchange=HEADER.exchange_id,
    message=HEADER.message_id,
    peer="police.nl",
    direction=Direction.IN,
    envelope=SEALED.digest,
)
ENTRY = SHELTER.append(RECEIVED)


def verified(entry: bytes, house: House = SHELTER, **changes: Any) -> VerifiedReceipt:
    expected = replace(EXPECTED, **changes)
    return verify_receipt(
        entry,
        house.proof(entry),
        house.checkpoint(),
        expected=expected,
        ledger=house.ledger,
        own_root=POLICE.root_at,
    )


def test_a_receipt_shows_that_the_envelope_arrived() -> None:
    receipt = verified(ENTRY)

    assert (receipt.kind, receipt.code) == (EntryKind.RECEIVED, None)
    assert (receipt.index, receipt.checkpoint) == (1, SHELTER.head())
    assert receipt.proof == (SHELTER.proof(ENTRY) + SHELTER.checkpoint()).decode()


@pytest.mark.parametrize("kind", [EntryKind.REFUSED, EntryKind.QUARANTINED])
def test_a_receipt_of_a_refusal_says_why(kind: EntryKind) -> None:
    house = House("shelter.ngo")
    entry = house.append(replace(RECEIVED, kind=kind, code="floor-forbids"))

    receipt = verified(entry, house)

    assert (receipt.kind, receipt.code) == (kind, "floor-forbids")


def test_the_same_receipt_verifies_under_a_later_checkpoint() -> None:
    house = House("shelter.ngo")
    entry = house.append(RECEIVED)
    before = verified(entry, house)
    house.filler()

    after = verified(entry, house)

    assert (after.entry, after.index) == (before.entry, before.index)
    assert after.checkpoint.size == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"exchange": HEADER.message_id},
        {"message": HEADER.exchange_id},
        {"envelope": bytes(32)},
        {"me": "border.xa"},
        {"peer": "border.xa"},
    ],
)
def test_a_receipt_for_something_else_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(VerificationFailed) as refusal:
        verified(ENTRY, **changes)

    assert refusal.value.code == "receipt-mismatch"


@pytest.mark.parametrize("size", [None, 0, 1, 2, 3])
def test_a_receipt_says_which_head_of_ours_the_peer_has_seen(size: int | None) -> None:
    seen = None if size is None else POLICE.head(size)
    house = House("shelter.ngo")

    assert verified(house.append(replace(RECEIVED, peer_head=seen)), house).seen == seen


@pytest.mark.parametrize(
    "seen",
    [
        Checkpoint(origin=POLICE.origin, size=10**9, root=b"7" * 32),
        Checkpoint(origin=POLICE.origin, size=4, root=POLICE.head(3).root),
        Checkpoint(origin=POLICE.origin, size=2, root=POLICE.head(3).root),
        Checkpoint(origin=ledger_origin("police.nl", 2), size=3, root=POLICE.head(3).root),
    ],
)
def test_a_receipt_that_names_a_head_our_ledger_never_had_is_refused(seen: Checkpoint) -> None:
    house = House("shelter.ngo")
    entry = house.append(replace(RECEIVED, peer_head=seen))

    with pytest.raises(VerificationFailed) as refusal:
        verified(entry, house)

    assert (refusal.value.code, refusal.value.field) == ("receipt-mismatch", "receipt.peer_head")


def test_the_senders_own_entry_is_no_receipt() -> None:
    house = House("shelter.ngo")
    entry = house.append(
        replace(RECEIVED, kind=EntryKind.RELEASED, direction=Direction.OUT, commit=bytes(32))
    )

    with pytest.raises(Malformed):
        verified(entry, house)


def test_another_agencys_ledger_does_not_acknowledge() -> None:
    police = House("police.nl")
    entry = police.append(RECEIVED)
    posing = PeerLedger(agency="shelter.ngo", vkeys=police.ledger.vkeys, origins=SHELTER.ledger.origins)

    with pytest.raises(VerificationFailed):
        verify_receipt(
            entry,
            police.proof(entry),
            police.checkpoint(),
            expected=EXPECTED,
            ledger=police.ledger,
            own_root=POLICE.root_at,
        )
    with pytest.raises(VerificationFailed):
        verify_receipt(
            entry,
            police.proof(entry),
            police.checkpoint(),
            expected=EXPECTED,
            ledger=posing,
            own_root=POLICE.root_at,
        )


def test_ledger_facts_of_one_agency_cannot_list_anothers_origin() -> None:
    with pytest.raises(Malformed):
        PeerLedger(agency="shelter.ngo", vkeys=(), origins=frozenset({POLICE.origin}))


def test_every_changed_bit_and_every_truncation_of_a_receipt_is_refused() -> None:
    proof, checkpoint = SHELTER.proof(ENTRY), SHELTER.checkpoint()
    broken = [
        *((entry, proof, checkpoint) for entry in [*flips(ENTRY), *(ENTRY[:n] for n in range(len(ENTRY)))]),
        *((ENTRY, text, checkpoint) for text in [*flips(proof), *(proof[:n] for n in range(len(proof)))]),
        *(
            (ENTRY, proof, note)
            for note in [*flips(checkpoint), *(checkpoint[:n] for n in range(len(checkpoint)))]
        ),
    ]

    for entry, text, note in broken:
        with pytest.raises(GatewayError):
            verify_receipt(
                entry, text, note, expected=EXPECTED, ledger=SHELTER.ledger, own_root=POLICE.root_at
            )
