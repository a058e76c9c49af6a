"""The stored vectors of sealing and receipts: made again to the same bytes, and read as they say."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from gateway.errors import Malformed
from gateway.ledger.entry import EntryKind
from gateway.ledger.vkey import VKey
from gateway.sealing.admission import Examined, examine
from gateway.sealing.batch import Envelope, EnvelopeBatch
from gateway.sealing.envelope import envelope_digest, open_envelope, parse_header
from gateway.sealing.padding import pad, padded_length, unpad
from gateway.sealing.receipt import ExpectedReceipt, verify_receipt
from gateway.sealing.standing import PeerLedger
from keys.sealing import SealingKey
from tests.sealing.house import House
from tests.vectors import make_sealing

_FOLDER = Path(__file__).resolve().parents[1] / "vectors"


def test_the_script_writes_the_stored_files_again() -> None:
    for name, text in make_sealing.files(make_sealing.load("envelope.json")).items():
        assert text == (_FOLDER / name).read_text(encoding="utf-8")


def test_stored_paddings_come_out_again() -> None:
    vectors = make_sealing.load("padding.json")

    for row in vectors["lengths"]:
        assert padded_length(row["payload_bytes"]) == row["plaintext_bytes"]
    for row in vectors["samples"]:
        payload = bytes.fromhex(row["payload_hex"])
        assert sha256(pad(payload)).hexdigest() == row["sha256_of_plaintext_hex"]
    for row in vectors["refused"]:
        with pytest.raises(Malformed):
            unpad(bytes.fromhex(row["plaintext_hex"]))


def test_the_stored_ciphertext_opens_with_the_stored_private_halves() -> None:
    vectors = make_sealing.load("envelope.json")
    key = SealingKey(bytes.fromhex(vectors["mlkem_seed_hex"] + vectors["x25519_hex"]))
    header, sealed = bytes.fromhex(vectors["header_hex"]), bytes.fromhex(vectors["sealed_hex"])

    payload = open_envelope(header, sealed, key)

    assert (payload.body.hex(), payload.salt.hex()) == (vectors["body_hex"], vectors["salt_hex"])
    assert payload.encode().hex() == vectors["payload_hex"]
    assert envelope_digest(header, sealed).hex() == vectors["digest_hex"]
    assert parse_header(header).recipient_key_id == key.key_id


def test_the_stored_envelope_is_admitted() -> None:
    vectors = make_sealing.load("envelope.json")
    data = Envelope(
        header=bytes.fromhex(vectors["header_hex"]),
        sealed=bytes.fromhex(vectors["sealed_hex"]),
        entry=vectors["entry"].encode(),
        proof=vectors["proof"].encode(),
    ).encode()
    batch = EnvelopeBatch(checkpoint=vectors["checkpoint"].encode(), consistency=None, envelopes=(data,))

    assert isinstance(examine(data, batch, House("shelter.ngo").reception(House("police.nl"))), Examined)


def test_the_stored_receipts_verify() -> None:
    vectors = make_sealing.load("receipt.json")
    vkey = VKey.parse(vectors["ledger_vkey"])
    ledger = PeerLedger(agency=vectors["peer"], vkeys=(vkey,), origins=frozenset({vkey.name}))
    expected = ExpectedReceipt(
        exchange=vectors["exchange"],
        message=vectors["message"],
        envelope=bytes.fromhex(vectors["envelope_hex"]),
        me=vectors["me"],
        peer=vectors["peer"],
    )

    for row in vectors["receipts"]:
        receipt = verify_receipt(
            row["entry"].encode(),
            row["proof"].encode(),
            row["checkpoint"].encode(),
            expected=expected,
            ledger=ledger,
            own_root=lambda _origin, _size: None,
        )
        assert (receipt.kind, receipt.code) == (EntryKind[row["kind"].upper()], row["code"])
