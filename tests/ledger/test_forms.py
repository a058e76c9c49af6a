"""Values are born valid: the bounds of every form, refused where they are made."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.cosignature import cosign, ml_dsa_44_message
from gateway.ledger.entry import Draft, EntryKind
from gateway.ledger.export import Opening, ReceiptRow, rows_of
from gateway.ledger.inspection import inspect
from gateway.ledger.jcs import decode_canonical
from gateway.ledger.manifest import parse_manifest
from gateway.ledger.note import SignatureType, VKey, parse_note, sign_note
from gateway.ledger.proof import build_proof, parse_proof
from gateway.ledger.tree import EMPTY_ROOT, verify_consistency
from gateway.ledger.trust import Policy
from keys.ed25519 import Ed25519Signer
from tests.ledger.ledgers import OPENINGS, Book, Pair
from tests.ledger.samples import sample
from tests.ledger.test_inspection import codes

SIGNER = Ed25519Signer(b"\x01" * 32)
HEAD = Checkpoint(origin="comity.ledger/police.nl/1", size=1, root=b"r" * 32)
WITNESS = VKey(name="w", type=SignatureType.COSIGNATURE_ED25519, key=SIGNER.public_key)


@pytest.mark.parametrize(
    "changes",
    [{"size": -1}, {"size": 2**63}, {"root": b"r"}, {"size": 0}, {"origin": ""}, {"origin": "a\nb"}],
)
def test_a_checkpoint_off_its_form_is_not_made(changes: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        replace(HEAD, **changes)


@pytest.mark.parametrize("at", [0, -1, 2**63])
def test_a_cosignature_has_a_positive_time(at: int) -> None:
    with pytest.raises(Malformed):
        cosign(WITNESS, HEAD.body(), at, SIGNER.sign)


def test_a_cosigner_name_fits_its_length_byte() -> None:
    with pytest.raises(Malformed):
        ml_dsa_44_message("n" * 256, HEAD, 1)


@pytest.mark.parametrize("text", ["no newline", "nul\x00\n", "tab\t\n", "return\r\n", ""])
def test_text_that_is_no_note_is_not_signed(text: str) -> None:
    with pytest.raises(Malformed):
        sign_note(text, Book("police.nl", 1).vkey, SIGNER.sign)


def test_only_a_note_key_of_its_own_length_signs_notes() -> None:
    with pytest.raises(Malformed):
        sign_note("text\n", WITNESS, SIGNER.sign)
    for kind in SignatureType:
        with pytest.raises(Malformed):
            VKey(name="a", type=kind, key=SIGNER.public_key + b"\x00")


def test_notes_and_proofs_beyond_their_size_are_refused_unread() -> None:
    note = sign_note("x" * 999_990 + "\n", Book("police.nl", 1).vkey, SIGNER.sign)
    with pytest.raises(Malformed):
        parse_note(note)
    with pytest.raises(Malformed):
        parse_proof(build_proof(0, []) + "x" * 1_000_000)


@pytest.mark.parametrize(
    "text", ["# nul \x00\nquorum none\n", "#\r\nquorum none\n", "\n" * 1_000 + "quorum none"]
)
def test_a_policy_with_control_characters_or_too_many_lines_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        Policy.parse(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("policy", "ab" * 32),
        ("policy", b"x" * 31),
        ("rules", tuple(f"R{n:04d}" for n in range(513))),
        ("rules", ["VP-01"]),
        ("duties", ("VPO:2", "CPO:1")),
        ("about", True),
        ("exchange", "not an id"),
        ("peer", ""),
        ("commits", ((b"actor", b"x" * 32),)),
    ],
)
def test_a_draft_is_born_valid(name: str, value: object) -> None:
    with pytest.raises(Malformed):
        Draft(**{**sample(EntryKind.DECIDED), name: value})


def test_a_peers_head_in_an_entry_is_a_plain_head_of_representable_size() -> None:
    head = Checkpoint(origin="comity.ledger/police.ro/1", size=2**53, root=b"r" * 32)
    for wrong in (head, replace(head, size=1, extensions=("more",))):
        with pytest.raises(Malformed):
            Draft(kind=EntryKind.PEER_ADMITTED, peer="police.ro", directory=b"d" * 32, peer_head=wrong)


def test_rows_end_in_a_newline_and_hold_members_of_their_types() -> None:
    assert rows_of(b"", "rows") == []
    assert rows_of(b"a\n", "rows") == [b"a"]
    with pytest.raises(Malformed):
        rows_of(b"a\nb", "rows")
    row = OPENINGS[0].encode()[:-1]
    assert Opening.parse(row) == OPENINGS[0]
    for wrong in (row.replace(b'"index":2', b'"index":true'), row.replace(b'"index":2', b'"index":"2"')):
        with pytest.raises(Malformed):
            Opening.parse(wrong)
    receipt = Pair().receipt.encode()[:-1]
    assert ReceiptRow.parse(receipt).encode()[:-1] == receipt
    with pytest.raises(Malformed):
        ReceiptRow.parse(b'{"entry":"","exchange":1,"message":"","proof":""}')


def test_a_repeated_member_is_named_as_such() -> None:
    with pytest.raises(Malformed) as refusal:
        decode_canonical(b'{"a":1,"a":1}')
    assert refusal.value.code == "duplicate-member"


def test_a_consistency_proof_longer_than_any_tree_is_refused() -> None:
    for size in (2, 3):
        with pytest.raises(VerificationFailed, match="too long"):
            verify_consistency(
                old_size=1, old_root=EMPTY_ROOT, new_size=size, new_root=EMPTY_ROOT, proof=[EMPTY_ROOT] * 9
            )


def test_manifest_lines_are_sorted_distinct_digests_and_paths() -> None:
    digest = sha256(b"").hexdigest()
    assert parse_manifest(f"name\n{digest}  a\n{digest}  b\n")[1].keys() == {"a", "b"}
    for lines in (f"{digest}  b\n{digest}  a\n", f"{digest}  a\n{digest}  a\n", f"{digest} a\n", "\n"):
        with pytest.raises(Malformed):
            parse_manifest(f"name\n{lines}")


def test_a_manifest_of_another_ledger_is_found_though_the_right_key_signed_it() -> None:
    pair = Pair()
    files = pair.export()
    text = parse_note(files["MANIFEST"]).text.replace("/1\n", "/2\n", 1)
    files["MANIFEST"] = sign_note(text, pair.nl.vkey, pair.nl.signer.sign).encode()
    assert codes(inspect(files, pair.trust)) == {"manifest-differs"}


def test_a_ledger_that_opens_under_another_name_is_found() -> None:
    book = Book("police.nl", 1)
    book.origin = "comity.ledger/police.nl/2"
    book.vkey = VKey(name=book.origin, type=SignatureType.ED25519, key=book.signer.public_key)
    report = inspect(book.export([], [book.vkey]), None)
    assert {"opened", "key-unannounced"} <= codes(report)


def test_a_receipt_proved_under_another_ledger_than_was_noted_is_found() -> None:
    pair = Pair()
    noted = pair.nl.entries[5].replace(b"comity.ledger/police.ro/1", b"comity.ledger/police.ro/2")
    book = Book("police.nl", 1)
    for index, entry in enumerate(pair.nl.entries[1:], start=1):
        book.add(noted if index == 5 else entry)
    assert codes(inspect(book.export([pair.receipt], []), pair.trust)) == {"receipt-differs"}
