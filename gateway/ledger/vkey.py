"""Verifier keys of signed notes, and the signature lines they verify.

Source: C2SP signed-note v1.0.0, tlog-cosignature v1.1.0.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import IntEnum
from hashlib import sha256
from typing import Final

from gateway.errors import Malformed
from gateway.ledger.lexical import decode_base64, decode_hex, encode_base64
from keys.ed25519 import check_public_key

NAME_BYTES_MAX: Final = 255

# Every control character but newline, and lone surrogates, which no UTF-8 can hold.
_CONTROL: Final = re.compile("[\x00-\x09\x0b-\x1f\ud800-\udfff]")

SignBytes = Callable[[bytes], bytes]
"""Signs a message with a private key kept elsewhere and returns the raw signature."""


class SignatureType(IntEnum):
    """What a key signs; the byte that stands before the public key in a vkey."""

    ED25519 = 0x01
    COSIGNATURE_ED25519 = 0x04
    COSIGNATURE_ML_DSA_44 = 0x06


_KEY_BYTES: Final = {
    SignatureType.ED25519: 32,
    SignatureType.COSIGNATURE_ED25519: 32,
    SignatureType.COSIGNATURE_ML_DSA_44: 1312,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VKey:
    """A named public key. `key_id` (4 bytes) is computed; it is a hint and no security."""

    name: str
    type: SignatureType
    key: bytes
    key_id: bytes = field(init=False)

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.key) != _KEY_BYTES[self.type]:
            raise Malformed("has another length than its type demands", field="vkey.key")
        if self.type is not SignatureType.COSIGNATURE_ML_DSA_44:
            # Under a weak key one signature verifies for every message.
            check_public_key(self.key)
        digest = sha256(self.name.encode() + b"\n" + bytes([self.type]) + self.key).digest()
        object.__setattr__(self, "key_id", digest[:4])

    @classmethod
    def parse(cls, text: str) -> VKey:
        """Return the key written `<name>+<id hex>+<base64(type || key)>`.

        Raises:
            Malformed: the form, an unknown type, the length, the id, or a weak Ed25519 key.
        """
        # The base64 part may hold plus signs: split at the first two only.
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise Malformed("is not name, id and key", field="vkey")
        name, key_id, encoded = parts
        raw = decode_base64(encoded, "vkey.key")
        try:
            kind = SignatureType(raw[0])
        except (IndexError, ValueError) as exc:
            raise Malformed("is of no known type", field="vkey.type") from exc
        vkey = cls(name=name, type=kind, key=raw[1:])
        if decode_hex(key_id, "vkey.id", 4) != vkey.key_id:
            raise Malformed("does not belong to this name and key", field="vkey.id")
        return vkey

    def encode(self) -> str:
        """Return the text form."""
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(bytes([self.type]) + self.key)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """One signature line: key name, 4-byte key id, and the signature as its type defines it."""

    name: str
    key_id: bytes
    signature: bytes

    def __post_init__(self) -> None:
        check_key_name(self.name)
        if len(self.key_id) != 4 or not self.signature:
            raise Malformed("holds no key id and signature", field="note.signature")

    @classmethod
    def parse(cls, line: str) -> SignatureLine:
        """Return the line given without its newline; anything off its form is Malformed."""
        if not line.startswith("— "):
            raise Malformed("is not a signature line", field="note.signature")
        name, _, encoded = line[2:].partition(" ")
        raw = decode_base64(encoded, "note.signature")
        return cls(name=name, key_id=raw[:4], signature=raw[4:])

    def encode(self) -> str:
        """Return the line with its newline."""
        return f"— {self.name} {encode_base64(self.key_id + self.signature)}\n"


def sign_ed25519(vkey: VKey, text: str, sign: SignBytes) -> SignatureLine:
    """Return the type 0x01 signature line over note text (which ends in a newline).

    Raises:
        Malformed: the key is of another type, or the text cannot be a note's.
    """
    if vkey.type is not SignatureType.ED25519:
        raise Malformed("is not a note signing key", field="vkey.type")
    check_note_text(text)
    return SignatureLine(name=vkey.name, key_id=vkey.key_id, signature=sign(text.encode()))


def check_key_name(name: str) -> None:
    """Refuse a key name that is empty, too long, or holds a space, a control character or a plus sign."""
    if not name or len(name.encode(errors="replace")) > NAME_BYTES_MAX:
        raise Malformed("is empty or too long", field="key name")
    if any(character.isspace() or character == "+" for character in name) or _CONTROL.search(name):
        raise Malformed("holds a space, a control character or a plus sign", field="key name")


def check_note_text(text: str) -> None:
    """Refuse text that is empty, does not end in a newline, or holds a control character but newline."""
    if not text.endswith("\n"):
        raise Malformed("does not end in a newline", field="note.text")
    if _CONTROL.search(text):
        raise Malformed("holds a control character", field="note.text")
