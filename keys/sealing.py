"""Sealing to a public key: hybrid post-quantum HPKE, one shot.

A sealing key joins ML-KEM-768 and X25519: what is sealed stays closed while either of the two holds.
Source: PROTOCOL 5 (suite 1), RFC 9180.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import (
    AEAD,
    KDF,
    KEM,
    MLKEM768X25519PrivateKey,
    MLKEM768X25519PublicKey,
    Suite,
)

from gateway.errors import Malformed, VerificationFailed
from keys.signer import key_id

MLKEM_SEED_BYTES: Final = 64
X25519_BYTES: Final = 32
MLKEM_PUBLIC_BYTES: Final = 1184
PRIVATE_BYTES: Final = MLKEM_SEED_BYTES + X25519_BYTES
PUBLIC_BYTES: Final = MLKEM_PUBLIC_BYTES + X25519_BYTES
OVERHEAD_BYTES: Final = KEM.MLKEM768_X25519.enc_length() + 16
"""What sealing adds to a plaintext: the encapsulated key and the authentication tag."""

_SUITE: Final = Suite(KEM.MLKEM768_X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)

# Any scalar finds out a point of low order: the product is zero, which the library refuses.
_PROBE: Final = X25519PrivateKey.from_private_bytes(b"\x40" * X25519_BYTES)


class SealingKey:
    """The private halves of a sealing key, held in memory; `repr` shows the key id alone."""

    __slots__ = ("_private", "key_id", "public_key")

    def __init__(self, material: bytes) -> None:
        """Take the ML-KEM-768 seed (d || z, 64 bytes) followed by the X25519 scalar (32 bytes).

        Raises:
            Malformed: another length.
        """
        if len(material) != PRIVATE_BYTES:
            raise Malformed("a private sealing key is 96 bytes", field="material")
        mlkem = MLKEM768PrivateKey.from_seed_bytes(material[:MLKEM_SEED_BYTES])
        x25519 = X25519PrivateKey.from_private_bytes(material[MLKEM_SEED_BYTES:])
        self._private = MLKEM768X25519PrivateKey(mlkem, x25519)
        self.public_key = mlkem.public_key().public_bytes_raw() + x25519.public_key().public_bytes_raw()
        self.key_id = key_id(self.public_key)

    def __repr__(self) -> str:
        return f"SealingKey({self.key_id})"

    def __reduce__(self) -> str:
        # Pickling and copying would carry the private halves to places nobody looks at.
        raise TypeError("a sealing key is not copied or stored")

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Return the plaintext sealed to this key under `info`.

        Raises:
            VerificationFailed: code `does-not-open`, one message whatever the cause, so that a sender
                cannot learn from it which part was wrong.
        """
        try:
            return _SUITE.decrypt(sealed, self._private, info)
        except (InvalidTag, ValueError):
            raise VerificationFailed("does not open under this key", code="does-not-open") from None


def check_sealing_key(public: bytes) -> None:
    """Refuse a public sealing key that cannot be parsed or whose X25519 half is of low order.

    Raises:
        Malformed: code `weak-key`.
    """
    _parsed(public)


def seal(public: bytes, plaintext: bytes, info: bytes) -> bytes:
    """Return encapsulated key, ciphertext and tag: `plaintext` for the holder of `public` (1216 bytes).

    Randomised: two calls never give the same bytes. `info` is bound and must be equal when opening.

    Raises:
        Malformed: code `weak-key`: the public key is no sealing key.
    """
    return _SUITE.encrypt(plaintext, _parsed(public), info)


@lru_cache(maxsize=256)
def _parsed(public: bytes) -> MLKEM768X25519PublicKey:
    if len(public) != PUBLIC_BYTES:
        raise Malformed("a public sealing key is 1216 bytes", field="public", code="weak-key")
    try:
        mlkem = MLKEM768PublicKey.from_public_bytes(public[:MLKEM_PUBLIC_BYTES])
        x25519 = X25519PublicKey.from_public_bytes(public[MLKEM_PUBLIC_BYTES:])
        _PROBE.exchange(x25519)
    except ValueError as exc:
        raise Malformed("is not a public sealing key", field="public", code="weak-key") from exc
    return MLKEM768X25519PublicKey(mlkem, x25519)
