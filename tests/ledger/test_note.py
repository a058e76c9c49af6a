"""Signed notes and verifier keys: every reference case, and hostile spellings."""

from __future__ import annotations

from base64 import b64decode

import pytest

from gateway.errors import GatewayError, Malformed, VerificationFailed
from gateway.ledger.note import (
    Note,
    SignatureLine,
    SignatureType,
    VKey,
    open_checkpoint,
    open_note,
    parse_note,
    sign_ed25519,
    sign_note,
)
from keys.ed25519 import Ed25519Signer
from tests.ledger.loaded import vectors

TEXT = "one\n\ntwo\n"
SIGNER = Ed25519Signer(b"\x01" * 32)
VKEY = VKey(name="example.com/log", type=SignatureType.ED25519, key=SIGNER.public_key)
NOTE = sign_note(TEXT, VKEY, SIGNER.sign)


def test_reference_notes_open_and_name_who_signed() -> None:
    for case in vectors("signed_note")["accept"]:
        opened = open_note(case["note"].encode(), [VKey.parse(text) for text in case["vkeys"]])
        assert [vkey.name for vkey in opened.verified] == case["want_verified"], case["id"]
        assert case["note"].startswith(opened.text + "\n")


def test_reference_refusals_are_refused() -> None:
    for case in vectors("signed_note")["reject"]:
        data = bytes.fromhex(case["note_hex"]) if "note_hex" in case else case["note"].encode()
        with pytest.raises((Malformed, VerificationFailed)):
            open_note(data, [VKey.parse(text) for text in case["vkeys"]])


def test_signing_is_deterministic_and_equals_the_reference() -> None:
    for case in vectors("signed_note")["signing"]:
        seed = b64decode(case["skey_test_only"].split("+", 4)[4])[1:]
        vkey = VKey.parse(case["vkey"])
        assert sign_note(case["text"], vkey, Ed25519Signer(seed).sign) == case["note"]


def test_reference_keys_parse_and_encode_to_themselves() -> None:
    for case in vectors("signed_note")["vkey_accept"]:
        vkey = VKey.parse(case["vkey"])
        assert (vkey.name, vkey.key_id.hex(), int(vkey.type)) == (
            case["name"],
            case["key_id_hex"],
            case["type"],
        )
        assert vkey.encode() == case["vkey"]


def test_reference_key_refusals_are_refused() -> None:
    for case in vectors("signed_note")["vkey_reject"]:
        with pytest.raises(Malformed):
            VKey.parse(case["vkey"])


def test_a_weak_key_is_refused_when_it_is_loaded() -> None:
    weak = [
        bytes(32),
        b"\x01" + bytes(31),
        b"\xec" + b"\xff" * 30 + b"\x7f",
        b"\xee" + b"\xff" * 30 + b"\x7f",
    ]
    for kind in (SignatureType.ED25519, SignatureType.COSIGNATURE_ED25519):
        for key in weak:
            with pytest.raises(Malformed) as refusal:
                VKey(name="a", type=kind, key=key)
            assert refusal.value.code == "weak-key"


def test_a_note_parses_to_what_encodes_it_again() -> None:
    note = parse_note(NOTE)
    assert (note.text, len(note.signatures)) == (TEXT, 1)
    assert note.encode() == NOTE == parse_note(NOTE.encode()).encode()


def test_every_flipped_byte_of_a_note_is_refused() -> None:
    data = NOTE.encode()
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 0x01
        with pytest.raises((Malformed, VerificationFailed)):
            open_note(bytes(changed), [VKEY])


def test_other_spellings_of_a_signature_are_refused() -> None:
    line = parse_note(NOTE).signatures[0]
    order = 2**252 + 27742317777372353535851937790883648493
    high = line.signature[:32] + (int.from_bytes(line.signature[32:], "little") + order).to_bytes(
        32, "little"
    )
    encoded = NOTE.rstrip("\n").rsplit(" ", 1)[1]

    for signature in (high, line.signature + b"\x00", line.signature[:-1]):
        forged = Note(
            text=TEXT, signatures=(SignatureLine(name=line.name, key_id=line.key_id, signature=signature),)
        )
        with pytest.raises(VerificationFailed) as refusal:
            open_note(forged, [VKEY])
        assert refusal.value.code == "signature-invalid"
    for other in (
        encoded.rstrip("="),
        encoded + "=",
        encoded.replace("+", "-"),
        " " + encoded,
        encoded + " ",
    ):
        if other != encoded:
            with pytest.raises(Malformed):
                parse_note(NOTE.replace(encoded, other))


def test_an_unknown_line_is_reported_and_a_known_failing_line_fells_the_note() -> None:
    other = VKey(name="b", type=SignatureType.ED25519, key=Ed25519Signer(b"\x02" * 32).public_key)
    good, bad = sign_ed25519(VKEY, TEXT, SIGNER.sign), sign_ed25519(other, TEXT, SIGNER.sign)
    note = Note(text=TEXT, signatures=(good, bad))

    opened = open_note(note, [VKEY])

    assert (opened.verified, opened.unknown) == ((VKEY,), (bad,))
    with pytest.raises(VerificationFailed):
        open_note(note, [VKEY, other])


def test_two_keys_behind_one_name_and_id_are_refused() -> None:
    twin = VKey(name=VKEY.name, type=SignatureType.ED25519, key=Ed25519Signer(b"\x02" * 32).public_key)
    object.__setattr__(twin, "key_id", VKEY.key_id)
    with pytest.raises(Malformed):
        open_note(NOTE, [VKEY, twin])


def test_at_most_one_hundred_signatures_are_read() -> None:
    line = parse_note(NOTE).signatures[0].encode()
    assert open_note(f"{TEXT}\n{line * 100}", [VKEY]).verified == (VKEY,)
    with pytest.raises(Malformed):
        open_note(f"{TEXT}\n{line * 101}", [VKEY])


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a b", "a\nb", "x" * 256, "\ud800"])
def test_key_names_outside_the_grammar_are_refused(name: str) -> None:
    with pytest.raises(Malformed):
        VKey(name=name, type=SignatureType.ED25519, key=SIGNER.public_key)


def test_a_checkpoint_opens_only_under_the_key_that_names_its_origin() -> None:
    body = "example.com/other\n1\n" + "A" * 43 + "=\n"
    with pytest.raises(VerificationFailed) as refusal:
        open_checkpoint(sign_note(body, VKEY, SIGNER.sign), [VKEY])
    assert refusal.value.code == "wrong-origin"
    own = body.replace("other", "log")
    assert open_checkpoint(sign_note(own, VKEY, SIGNER.sign), [VKEY]).checkpoint.size == 1


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"\n\n", b"a\n\n", b"\xff", b"a\n\n\xe2\x80\x94 \n", b"a" * 1_000_001]
)
def test_garbage_is_malformed_and_nothing_else(data: bytes) -> None:
    with pytest.raises(GatewayError) as refusal:
        open_note(data, [VKEY])
    assert isinstance(refusal.value, Malformed)
