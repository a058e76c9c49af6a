"""Signed objects: bytes of a named type under one Ed25519 signature.

`Signed{ type; body; key_id; signature }` over the DSSE pre-authentication encoding. The encoding is strict:
there is exactly one way to write a signed object, so its hash names it.
Source: PROTOCOL 2; DSSE v1 (https://github.com/secure-systems-lab/dsse).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.errors import Malformed, VerificationFailed
from keys.ed25519 import SIGNATURE_BYTES
from keys.ed25519 import verify as verify_ed25519
from keys.signer import Signer, key_id

# Tags of the four length-delimited fields of gateway.v1.Signed, in the one order they are written.
_TAGS: Final = (b"\x0a", b"\x12", b"\x1a", b"\x22")
_NAMES: Final = ("type", "body", "key_id", "signature")
_KEY_ID: Final = re.compile(rb"[0-9a-f]{32}")
_LENGTH_BYTES_MAX: Final = 5


class SignedType(StrEnum):
    """The closed list of what may be signed; a signature over one type never counts for another."""

    STATEMENT = "application/vnd.comity.statement.v1+protobuf"
    APPROVAL = "application/vnd.comity.approval.v1+protobuf"
    CONSENT = "application/vnd.comity.consent.v1+protobuf"
    RECALL = "application/vnd.comity.recall.v1+protobuf"
    RECALL_ANSWER = "application/vnd.comity.recall-answer.v1+protobuf"
    OFFICER = "application/vnd.comity.officer.v1+protobuf"
    LOSS_CERTIFICATE = "application/vnd.comity.loss-certificate.v1+protobuf"


_TYPES: Final = {kind.value.encode(): kind for kind in SignedType}


@dataclass(frozen=True, slots=True, kw_only=True)
class Peeked:
    """What a signed object claims, NOT verified: good for choosing a key, for nothing else."""

    type: SignedType
    body: bytes
    key_id: str


def sign(type: SignedType, body: bytes, signer: Signer) -> bytes:  # noqa: A002 - the field's own name
    """Return the signed object over exactly these body bytes."""
    signature = signer.sign(_pre_authentication(type, body))
    return _encode(type.value.encode(), body, signer.key_id.encode(), signature)


def verify(data: bytes, *, expected: SignedType, public_key: bytes) -> bytes:
    """Return the body, once the object is of the expected type and signed under this public key.

    Raises:
        Malformed: `data` is not the one encoding of a signed object.
        VerificationFailed: code `wrong-type`, `wrong-key` (the key id is another key's) or `bad-signature`.
    """
    type_raw, body, hint, signature = _parse(data)
    if type_raw != expected.value.encode():
        raise VerificationFailed("the signed object is of another type", code="wrong-type", field="type")
    # A hint that could be changed freely would give one object many hashes.
    if hint.decode() != key_id(public_key):
        raise VerificationFailed("the signed object names another key", code="wrong-key", field="key_id")
    verify_ed25519(public_key, _pre_authentication(expected, body), signature)
    return body


def peek(data: bytes) -> Peeked:
    """Return what the object claims WITHOUT verifying it, so that a caller can find the key to verify with.

    Raises:
        Malformed: not the one encoding of a signed object, or of no known type (code `unknown-type`).
    """
    type_raw, body, hint, _ = _parse(data)
    kind = _TYPES.get(type_raw)
    if kind is None:
        raise Malformed("is of no known type", field="type", code="unknown-type")
    return Peeked(type=kind, body=body, key_id=hint.decode())


def _pre_authentication(kind: SignedType, body: bytes) -> bytes:
    name = kind.value
    return b"DSSEv1 %d %b %d %b" % (len(name), name.encode(), len(body), body)


def _encode(type_raw: bytes, body: bytes, hint: bytes, signature: bytes) -> bytes:
    return b"".join(
        part
        for tag, value in zip(_TAGS, (type_raw, body, hint, signature), strict=True)
        for part in (tag, _varint(len(value)), value)
    )


def _parse(data: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """Return type, body, key id and signature of the one permitted encoding.

    Each field once, in order, its length in the fewest bytes, and nothing after the last: so what is
    returned encodes to `data` again and no second encoding exists.
    """
    values: list[bytes] = []
    at = 0
    for tag, name in zip(_TAGS, _NAMES, strict=True):
        if data[at : at + 1] != tag:
            raise Malformed("is missing, repeated or out of order", field=name)
        length, at = _read_varint(data, at + 1, name)
        if length > len(data) - at:
            raise Malformed("is longer than the object", field=name)
        values.append(data[at : at + length])
        at += length
    if at != len(data):
        raise Malformed("more bytes follow than a signed object holds", field="signed")
    type_raw, body, hint, signature = values
    if not _KEY_ID.fullmatch(hint):
        raise Malformed("is not 16 bytes in lower-case hex", field="key_id")
    if len(signature) != SIGNATURE_BYTES:
        raise Malformed("is not 64 bytes", field="signature")
    return type_raw, body, hint, signature


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varint(data: bytes, at: int, name: str) -> tuple[int, int]:
    number = 0
    for shift in range(_LENGTH_BYTES_MAX):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << (7 * shift)
        if byte < 0x80:
            if shift and not byte:
                raise Malformed("has a length that is not minimal", field=name)
            return number, at
    raise Malformed("has no readable length", field=name)
