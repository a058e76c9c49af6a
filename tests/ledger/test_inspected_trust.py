"""Keys, witnesses, earlier visits and openings: what an inspection believes, and on whose word."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.checkpoint import Checkpoint, sign_checkpoint
from gateway.ledger.commitment import CommitmentType
from gateway.ledger.cosignature import cosign
from gateway.ledger.entry import Draft, EntryKind
from gateway.ledger.export import Opening, ReceiptRow, build_export
from gateway.ledger.inspection import Severity, inspect
from gateway.ledger.note import Note, SignatureType, VKey, parse_note, sign_note
from gateway.ledger.trust import Trust, TrustedLog
from keys.ed25519 import Ed25519Signer
from tests.ledger.ledgers import (
    OPENED_AT,
    OPENINGS,
    Book,
    Pair,
)
from tests.ledger.test_inspection import codes

NOW = 1_790_000_100


def test_growth_since_an_earlier_visit_is_clean_and_anything_else_is_found() -> None:
    pair, earlier = Pair(), Pair()
    kept = earlier.nl.note
    pair.nl.append(Draft(kind=EntryKind.FILLER))
    assert codes(inspect(pair.export(), pair.trust, kept)) == set()

    pair.nl.append(Draft(kind=EntryKind.FILLER))
    assert codes(inspect(earlier.export(), pair.trust, pair.nl.note)) == {"truncated"}

    earlier.nl.append(Draft(kind=EntryKind.CLOSED))
    assert codes(inspect(pair.export(), pair.trust, earlier.nl.note)) == {"forked"}
    assert codes(inspect(pair.export(), pair.trust, pair.ro.note)) == {"other-ledger"}
    assert codes(inspect(pair.export(), pair.trust, "nonsense")) == {"since-malformed"}
    forged = pair.nl.note.replace("\n12\n", "\n11\n")
    assert codes(inspect(pair.export(), pair.trust, forged)) == {"signature-invalid"}


def _log(book: Book, **validity: int) -> Trust:
    return Trust(logs={book.origin: (TrustedLog(vkey=book.vkey, **validity),)})


def test_a_ledger_key_counts_only_within_its_validity() -> None:
    book = Book("shelter.ngo", 3)
    files = book.export([], [book.vkey])
    for validity in ({"valid_from": OPENED_AT}, {"valid_until": OPENED_AT + 1}):
        assert inspect(files, _log(book, **validity)).exit_code == 0
    for validity in (
        {"valid_from": OPENED_AT + 1},
        {"valid_until": OPENED_AT},
        {"revoked_since": OPENED_AT + 99},
    ):
        assert codes(inspect(files, _log(book, **validity))) == {"key-not-valid"}


def _witnessed(book: Book, *cosigners: tuple[str, int]) -> tuple[dict[str, bytes], list[VKey]]:
    """Return the book's export with its checkpoint cosigned at NOW, and the witnesses' keys."""
    note = parse_note(book.note)
    lines, vkeys = list(note.signatures), []
    for name, seed in cosigners:
        signer = Ed25519Signer(bytes([seed]) * 32)
        vkey = VKey(name=name, type=SignatureType.COSIGNATURE_ED25519, key=signer.public_key)
        lines.append(cosign(vkey, note.text, NOW, signer.sign))
        vkeys.append(vkey)
    cosigned = Note(text=note.text, signatures=tuple(lines)).encode()
    return _export(book, cosigned), vkeys


def _export(book: Book, note: str) -> dict[str, bytes]:
    return build_export(
        origin=book.origin,
        size=book.frontier.size,
        entries=book.entries,
        node=book.node,
        checkpoint_note=note,
        receipts=[],
        vkeys=[book.vkey],
        sign=partial(sign_note, vkey=book.vkey, sign=book.signer.sign),
    )


def test_a_key_signs_only_after_the_ledger_announced_it() -> None:
    book = Book("shelter.ngo", 3)
    book.signer = Ed25519Signer(b"\x08" * 32)
    book.vkey = VKey(name=book.origin, type=SignatureType.ED25519, key=book.signer.public_key)
    assert codes(inspect(book.export([], []), _log(book))) == {"key-unannounced"}
    book.append(Draft(kind=EntryKind.KEY_ROTATED, use="ledger", new_key=book.vkey.encode()))
    assert codes(inspect(book.export([], []), _log(book))) == set()


def test_a_quorum_is_met_by_other_agencies_witnesses_only() -> None:
    book = Book("shelter.ngo", 3)
    files, vkeys = _witnessed(
        book,
        ("comity.witness/police.nl", 4),
        ("comity.witness/police.ro", 5),
        ("comity.witness/shelter.ngo", 6),
    )
    logs = _log(book).logs
    assert inspect(files, Trust(logs=logs, witnesses=tuple(vkeys), quorum=2)).exit_code == 0
    assert codes(inspect(files, Trust(logs=logs, witnesses=tuple(vkeys), quorum=3))) == {"unwitnessed"}
    assert codes(inspect(files, Trust(logs=logs, witnesses=tuple(vkeys[2:]), quorum=1))) == {"unwitnessed"}


def test_after_a_revocation_only_an_earlier_cosignature_saves_a_checkpoint() -> None:
    book = Book("shelter.ngo", 3)
    files, vkeys = _witnessed(book, ("comity.witness/police.nl", 4))
    for revoked, clean in ((NOW + 1, True), (NOW, False)):
        trust = replace(_log(book, revoked_since=revoked), witnesses=tuple(vkeys))
        assert codes(inspect(files, trust)) == (set() if clean else {"key-not-valid"})


def test_a_line_by_an_unknown_key_is_a_notice_and_a_trusted_one_that_fails_a_finding() -> None:
    book = Book("shelter.ngo", 3)
    files, vkeys = _witnessed(book, ("comity.witness/police.nl", 4))
    report = inspect(files, _log(book))
    assert report.exit_code == 0
    assert "unknown-signature" in codes(report, Severity.NOTICE)

    wrong = VKey(name=vkeys[0].name, type=vkeys[0].type, key=vkeys[0].key)
    note = parse_note(files["checkpoint"])
    last = note.signatures[-1]
    broken = replace(last, signature=last.signature[:-1] + bytes([last.signature[-1] ^ 1]))
    spoiled = _export(book, replace(note, signatures=(*note.signatures[:-1], broken)).encode())
    assert codes(inspect(spoiled, replace(_log(book), witnesses=(wrong,)))) == {"signature-invalid"}


def test_the_ledgers_own_post_quantum_line_is_verified() -> None:
    book = Book("shelter.ngo", 3)
    key = MLDSA44PrivateKey.from_seed_bytes(b"\x07" * 32)
    vkey = VKey(
        name=book.origin,
        type=SignatureType.COSIGNATURE_ML_DSA_44,
        key=key.public_key().public_bytes_raw(),
    )
    note = parse_note(book.note)
    line = cosign(vkey, note.text, NOW, key.sign)
    trust = Trust.from_vkeys(f"# ours\n\n{book.vkey.encode()}\n{vkey.encode()}\n")
    good = replace(note, signatures=(*note.signatures, line)).encode()
    assert inspect(_export(book, good), trust).exit_code == 0
    broken = replace(line, signature=line.signature[:-1] + bytes([line.signature[-1] ^ 1]))
    bad = replace(note, signatures=(*note.signatures, broken)).encode()
    assert codes(inspect(_export(book, bad), trust)) == {"signature-invalid"}


def test_a_checkpoint_is_no_manifest_and_a_manifest_no_checkpoint_though_one_key_signs_both() -> None:
    pair = Pair()
    files = pair.export()
    swapped = {**files, "MANIFEST": files["checkpoint"]}
    assert "manifest-malformed" in codes(inspect(swapped, pair.trust))
    with pytest.raises((Malformed, VerificationFailed)):
        pair.trust.open_checkpoint(files["MANIFEST"])
    report = inspect({**files, "checkpoint": files["MANIFEST"]}, pair.trust)
    assert "checkpoint-malformed" in codes(report)


def test_an_export_signed_by_another_key_of_the_same_name_is_found() -> None:
    honest, impostor = Book("shelter.ngo", 3), Book("shelter.ngo", 4)
    assert codes(inspect(impostor.export([], [impostor.vkey]), _log(honest))) == {"no-known-signature"}


def test_a_ledger_nobody_vouches_for_cannot_be_judged() -> None:
    book = Book("shelter.ngo", 3)
    assert inspect(book.export([], [book.vkey]), Trust(logs={})).exit_code == 2


def test_an_opening_that_opens_something_else_is_found() -> None:
    pair = Pair()
    for wrong in (
        replace(OPENINGS[0], content=b"other"),
        replace(OPENINGS[0], index=0),
        replace(OPENINGS[0], index=99),
        replace(OPENINGS[0], type=CommitmentType.QUERY),
    ):
        report = inspect(pair.export([OPENINGS[1], wrong]), pair.trust)
        assert {(found.code, found.line) for found in report.findings if found.line} == {
            ("commitment-mismatch", 2)
        }


@pytest.mark.parametrize("row", [b"{}", b"x", b'{"content":"","index":true,"salt":"","type":"actor"}'])
def test_rows_off_their_form_are_malformed(row: bytes) -> None:
    for kind in (Opening, ReceiptRow):
        with pytest.raises(Malformed):
            kind.parse(row)


def test_a_claimed_size_far_beyond_the_files_is_not_computed() -> None:
    book = Book("shelter.ngo", 3)
    huge = Checkpoint(origin=book.origin, size=2**62, root=b"x" * 32)
    files = {**book.export([], []), "checkpoint": sign_checkpoint(huge, book.vkey, book.signer.sign).encode()}
    assert "truncated" in codes(inspect(files, _log(book)))


def test_an_export_is_built_only_of_the_ledger_and_size_its_checkpoint_names() -> None:
    pair = Pair()
    with pytest.raises(Malformed):
        _export(pair.nl, pair.ro.note)
    stale = pair.nl.note
    pair.nl.append(Draft(kind=EntryKind.FILLER))
    with pytest.raises(Malformed):
        _export(pair.nl, stale)
