"""Ed25519: signing, verifying, and the refusal of public keys that prove nothing.

Source: RFC 8032; THREATS A54.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from nacl.bindings import (
    crypto_core_ed25519_is_valid_point,
    crypto_sign,
    crypto_sign_open,
    crypto_sign_seed_keypair,
)
from nacl.exceptions import BadSignatureError

from gateway.errors import Malformed, VerificationFailed
from keys.signer import key_id

PUBLIC_BYTES: Final = 32
SEED_BYTES: Final = 32
SIGNATURE_BYTES: Final = 64

_P: Final = 2**255 - 19
_ORDER: Final = 2**252 + 27742317777372353535851937790883648493
_SIGN_BIT: Final = 1 << 255


class Ed25519Signer:
    """A private key held in memory as its 32-byte seed; `repr` shows the key id alone."""

    __slots__ = ("_secret", "key_id", "public_key")

    def __init__(self, seed: bytes) -> None:
        """Take the seed of RFC 8032; a seed that is not 32 bytes is Malformed."""
        if len(seed) != SEED_BYTES:
            raise Malformed("an Ed25519 seed is 32 bytes", field="seed")
        self.public_key, self._secret = crypto_sign_seed_keypair(seed)
        self.key_id = key_id(self.public_key)

    def __repr__(self) -> str:
        return f"Ed25519Signer({self.key_id})"

    def __reduce__(self) -> str:
        # Pickling and copying would carry the seed to places nobody looks at.
        raise TypeError("a signer is not copied or stored")

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over exactly these bytes."""
        return crypto_sign(message, self._secret)[:SIGNATURE_BYTES]


@lru_cache(maxsize=4096)
def check_public_key(raw: bytes) -> None:
    """Refuse a public key that is not the canonical encoding of a point of the prime-order group.

    Under a key of low order one signature verifies for every message; of two encodings of one point the
    same key would have two ids.

    Raises:
        Malformed: code `weak-key`.
    """
    if len(raw) != PUBLIC_BYTES:
        raise Malformed("an Ed25519 public key is 32 bytes", field="public", code="weak-key")
    # The explicit form check stands before the library's: builds of libsodium differ in what they accept.
    encoded = int.from_bytes(raw, "little")
    y = encoded & (_SIGN_BIT - 1)
    if y >= _P:
        raise Malformed("the Ed25519 public key is not canonical", field="public", code="weak-key")
    # y = 1 and y = -1 are the two points with x = 0, which has no negative: a sign bit there is no encoding.
    # Both are of low order in any case, so neither is a key.
    if y in (1, _P - 1):
        raise Malformed("the Ed25519 public key is of low order", field="public", code="weak-key")
    if not crypto_core_ed25519_is_valid_point(raw):
        raise Malformed(
            "the Ed25519 public key is no point of the prime-order group", field="public", code="weak-key"
        )


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Return only if `signature` (64 bytes) over `message` was made by the holder of `public` (32 bytes).

    Raises:
        VerificationFailed: it was not, or the signature's scalar is not reduced, or the key is weak.
    """
    if len(signature) != SIGNATURE_BYTES or len(public) != PUBLIC_BYTES:
        raise VerificationFailed("the signature or its key has another length", code="bad-signature")
    # RFC 8032 5.1.7: S at or above the group order would be a second signature for the same message.
    if int.from_bytes(signature[32:], "little") >= _ORDER:
        raise VerificationFailed("the signature is not canonical", code="bad-signature")
    try:
        # libsodium refuses keys and nonces of low order and keys off the canonical form.
        crypto_sign_open(signature + message, public)
    except BadSignatureError as exc:
        raise VerificationFailed("the signature does not verify", code="bad-signature") from exc
