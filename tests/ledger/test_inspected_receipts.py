"""What an inspection finds in the receipts of an export."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.entry import Draft, EntryKind, receipt_digest
from gateway.ledger.export import ReceiptRow
from gateway.ledger.inspection import Report, Severity, inspect
from gateway.ledger.note import SignatureType, VKey, parse_note, sign_note
from gateway.ledger.tree import Frontier, leaf_hash
from gateway.ledger.trust import Trust, TrustedLog
from keys.ed25519 import Ed25519Signer
from tests.ledger.ledgers import (
    EXCHANGE,
    HELD_EXCHANGE,
    MESSAGE,
    OPENED_AT,
    Pair,
    sealed,
)
from tests.ledger.test_inspection import codes


def _receipt_findings(pair: Pair, *rows: ReceiptRow, trust: Trust | None = None) -> Report:
    return inspect(pair.nl.export(list(rows), pair.vkeys), trust or pair.trust)


def test_a_delivered_entry_without_its_receipt_is_found() -> None:
    report = _receipt_findings(Pair())
    assert {(found.code, found.index) for found in report.findings if found.severity is Severity.FINDING} == {
        ("receipt-missing", 5)
    }


def test_a_receipt_twice_or_of_nothing_is_found() -> None:
    pair = Pair()
    assert codes(_receipt_findings(pair, pair.receipt, pair.receipt)) == {"receipt-unclaimed"}
    foreign = replace(pair.receipt, entry=pair.ro.entries[0])
    assert codes(_receipt_findings(pair, foreign)) == {"receipt-unclaimed", "receipt-missing"}


def test_a_receipt_under_another_key_or_an_unproven_one_is_found() -> None:
    pair = Pair()
    impostor = Ed25519Signer(b"\x55" * 32)
    vkey = VKey(name=pair.ro.origin, type=SignatureType.ED25519, key=impostor.public_key)
    head, _, note = pair.receipt.proof.partition("\n\n")
    text = parse_note(note).text
    forged = replace(pair.receipt, proof=f"{head}\n\n{sign_note(text, vkey, impostor.sign)}")
    assert codes(_receipt_findings(pair, forged)) == {"no-known-signature"}
    moved = replace(pair.receipt, proof=pair.receipt.proof.replace("index 1", "index 0"))
    assert codes(_receipt_findings(pair, moved)) == {"proof-invalid"}
    bare = replace(pair.receipt, proof=head + "\n\n")
    assert codes(_receipt_findings(pair, bare)) == {"receipt-malformed"}
    misfiled = replace(pair.receipt, exchange=HELD_EXCHANGE)
    assert codes(_receipt_findings(pair, misfiled)) == {"receipt-differs"}


@pytest.mark.parametrize(
    "draft",
    [
        sealed(EntryKind.RECEIVED, "police.nl", envelope=b"\x99" * 32),
        sealed(EntryKind.RECEIVED, "shelter.ngo"),
        sealed(EntryKind.RELEASED, "police.nl"),
        replace(sealed(EntryKind.RECEIVED, "police.nl"), message=HELD_EXCHANGE),
        replace(sealed(EntryKind.RECEIVED, "police.nl"), exchange=HELD_EXCHANGE),
    ],
)
def test_a_true_entry_of_the_recipient_that_is_no_receipt_for_this_envelope_is_found(draft: Draft) -> None:
    pair = Pair()
    row = _other_receipt(pair, pair.ro.append(draft))
    assert codes(_receipt_findings(pair, pair.receipt, row)) == {"receipt-differs"}


def _other_receipt(pair: Pair, index: int) -> ReceiptRow:
    """Let police.nl note an entry of police.ro as a receipt; return the row."""
    entry = pair.ro.entries[index]
    pair.nl.append(
        Draft(
            kind=EntryKind.DELIVERED,
            exchange=EXCHANGE,
            message=MESSAGE,
            peer="police.ro",
            about=pair.released,
            peer_receipt=receipt_digest(entry),
            peer_head=pair.ro.head,
        )
    )
    return ReceiptRow(exchange=EXCHANGE, message=MESSAGE, entry=entry, proof=pair.ro.proof(index))


def test_a_refusal_or_a_quarantine_is_a_receipt_as_well() -> None:
    for kind in (EntryKind.REFUSED, EntryKind.QUARANTINED):
        pair = Pair()
        row = _other_receipt(pair, pair.ro.append(sealed(kind, "police.nl")))
        assert codes(_receipt_findings(pair, pair.receipt, row)) == set()


def test_a_delivered_entry_that_answers_nothing_sent_is_found() -> None:
    pair = Pair()
    row = _other_receipt(pair, pair.ro.append(sealed(EntryKind.REFUSED, "police.nl")))
    entry = pair.nl.entries.pop()
    assert b'"about":4' in entry
    pair.nl.frontier = Frontier().append([leaf_hash(e) for e in pair.nl.entries])[0]
    pair.nl.add(entry.replace(b'"about":4', b'"about":3'))
    assert codes(_receipt_findings(pair, pair.receipt, row)) == {"delivered", "receipt-differs"}


def test_a_receipt_counts_only_under_a_key_valid_when_it_was_made() -> None:
    pair = Pair()
    received_at = OPENED_AT + 1
    for until, clean in ((received_at + 1, True), (received_at, False)):
        logs = {**pair.trust.logs, pair.ro.origin: (TrustedLog(vkey=pair.ro.vkey, valid_until=until),)}
        found = codes(_receipt_findings(pair, pair.receipt, trust=Trust(logs=logs)))
        assert found == (set() if clean else {"key-not-valid"})


def test_a_receipt_of_a_ledger_outside_the_trust_cannot_be_judged() -> None:
    pair = Pair()
    own = Trust(logs={pair.nl.origin: (TrustedLog(vkey=pair.nl.vkey),)})
    report = _receipt_findings(pair, pair.receipt, trust=own)
    assert report.exit_code == 2
    assert codes(report) == set()
    assert "unknown-log" in codes(report, Severity.NOT_JUDGED)


def test_a_ledger_cut_back_behind_what_a_peer_saw_is_found() -> None:
    pair = Pair()
    shown = Checkpoint(origin=pair.nl.origin, size=400, root=b"x" * 32)
    index = pair.ro.append(replace(sealed(EntryKind.REFUSED, "police.nl"), peer_head=shown))
    assert codes(_receipt_findings(pair, pair.receipt, _other_receipt(pair, index))) == {"truncated"}

    pair = Pair()
    shown = Checkpoint(origin=pair.nl.origin, size=4, root=b"x" * 32)
    index = pair.ro.append(replace(sealed(EntryKind.REFUSED, "police.nl"), peer_head=shown))
    assert codes(_receipt_findings(pair, pair.receipt, _other_receipt(pair, index))) == {"forked"}
