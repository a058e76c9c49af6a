"""Signed objects: one encoding, one type, one key."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import GatewayError, Malformed, VerificationFailed
from gateway.v1 import signed_pb2
from keys.ed25519 import Ed25519Signer
from keys.ed25519 import verify as verify_ed25519
from keys.signed import SignedType, peek, sign, verify
from tests.vectors import make_signed

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "signed.json").read_text(encoding="utf-8")
)
SIGNER = Ed25519Signer(bytes(range(32)))
OTHER = Ed25519Signer(b"\x01" * 32)


def test_the_script_still_writes_the_stored_vectors() -> None:
    assert make_signed.signed() == VECTORS


@pytest.mark.parametrize("row", VECTORS["objects"], ids=lambda row: f"{row['type']}-{len(row['body_hex'])}")
def test_a_stored_object_verifies_to_its_body(row: dict[str, str]) -> None:
    public = bytes.fromhex(VECTORS["public_hex"])
    data = bytes.fromhex(row["signed_hex"])

    body = verify(data, expected=SignedType(row["type"]), public_key=public)

    assert body.hex() == row["body_hex"]
    assert peek(data).key_id == VECTORS["key_id"]


@pytest.mark.parametrize("row", VECTORS["refused"], ids=lambda row: row["why"])
def test_another_encoding_is_refused_though_it_says_the_same(row: dict[str, str]) -> None:
    data = bytes.fromhex(row["signed_hex"])

    with pytest.raises(Malformed):
        verify(data, expected=SignedType.STATEMENT, public_key=SIGNER.public_key)
    with pytest.raises(Malformed):
        peek(data)


@pytest.mark.parametrize("expected", [kind for kind in SignedType if kind is not SignedType.CONSENT])
def test_a_signature_for_one_type_never_counts_for_another(expected: SignedType) -> None:
    data = sign(SignedType.CONSENT, b"body", SIGNER)

    with pytest.raises(VerificationFailed) as refused:
        verify(data, expected=expected, public_key=SIGNER.public_key)

    assert refused.value.code == "wrong-type"


def test_a_type_swapped_after_signing_is_refused() -> None:
    data = sign(SignedType.APPROVAL, b"body", SIGNER)
    swapped = data.replace(b"comity.approval.v1", b"comity.recall.v1\x00\x00")
    relabelled = _encode(SignedType.RECALL.value, b"body", SIGNER.key_id, data[-64:])

    for forged in (swapped, relabelled):
        with pytest.raises(VerificationFailed):
            verify(forged, expected=SignedType.RECALL, public_key=SIGNER.public_key)


def test_the_key_expected_decides_and_not_the_hint() -> None:
    data = sign(SignedType.RECALL, b"body", SIGNER)
    hinted = _encode(SignedType.RECALL.value, b"body", OTHER.key_id, data[-64:])

    with pytest.raises(VerificationFailed):
        verify(data, expected=SignedType.RECALL, public_key=OTHER.public_key)
    with pytest.raises(VerificationFailed):
        verify(hinted, expected=SignedType.RECALL, public_key=OTHER.public_key)
    with pytest.raises(VerificationFailed):
        verify(hinted, expected=SignedType.RECALL, public_key=SIGNER.public_key)


def test_what_is_signed_is_the_pre_authentication_encoding() -> None:
    data = sign(SignedType.RECALL, b"body", SIGNER)

    verify_ed25519(
        SIGNER.public_key,
        b"DSSEv1 41 application/vnd.comity.recall.v1+protobuf 4 body",
        data[-64:],
    )


@pytest.mark.parametrize("body", [b"", b"b", bytes(130)])
def test_every_changed_byte_is_refused(body: bytes) -> None:
    data = sign(SignedType.STATEMENT, body, SIGNER)

    for at in range(len(data)):
        for change in (0x01, 0x80):
            changed = bytearray(data)
            changed[at] ^= change
            with pytest.raises(GatewayError):
                verify(bytes(changed), expected=SignedType.STATEMENT, public_key=SIGNER.public_key)


def test_every_byte_cut_or_added_is_refused() -> None:
    data = sign(SignedType.STATEMENT, b"body", SIGNER)

    for at in range(len(data)):
        for changed in (data[:at], data[:at] + data[at + 1 :], data[:at] + b"\x00" + data[at:]):
            with pytest.raises(GatewayError):
                verify(changed, expected=SignedType.STATEMENT, public_key=SIGNER.public_key)


def test_an_unknown_type_can_be_neither_read_nor_expected() -> None:
    data = _encode("application/vnd.comity.other.v1+protobuf", b"body", SIGNER.key_id, bytes(64))

    with pytest.raises(Malformed) as refused:
        peek(data)
    with pytest.raises(VerificationFailed):
        verify(data, expected=SignedType.STATEMENT, public_key=SIGNER.public_key)

    assert refused.value.code == "unknown-type"


@given(st.sampled_from(SignedType), st.binary(max_size=400))
def test_the_bytes_are_those_protobuf_writes(kind: SignedType, body: bytes) -> None:
    data = sign(kind, body, SIGNER)

    message = signed_pb2.Signed.FromString(data)

    assert (message.type, message.body, message.key_id) == (kind.value, body, SIGNER.key_id)
    assert message.SerializeToString(deterministic=True) == data
    assert verify(data, expected=kind, public_key=SIGNER.public_key) == body
    assert peek(data).body == body


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_and_never_anything_else(data: bytes) -> None:
    try:
        found = peek(data)
    except Malformed:
        return

    assert _encode(found.type.value, found.body, found.key_id, data[-64:]) == data


def _encode(kind: str, body: bytes, hint: str, signature: bytes) -> bytes:
    return signed_pb2.Signed(type=kind, body=body, key_id=hint, signature=signature).SerializeToString(
        deterministic=True
    )
