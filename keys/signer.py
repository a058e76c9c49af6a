"""What a private key can do for its owner, whatever holds it: a file now, a hardware module later."""

from __future__ import annotations

from hashlib import sha256
from typing import Final, Protocol

KEY_ID_CHARS: Final = 32
"""Length of a key id: 16 bytes in lower-case hex."""


class Signer(Protocol):
    """Holds one Ed25519 private key and never shows it."""

    @property
    def key_id(self) -> str:
        """Key id of the public half."""

    @property
    def public_key(self) -> bytes:
        """Raw public key, 32 bytes."""

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over exactly these bytes."""


class Opener(Protocol):
    """Holds the private halves of one sealing key and never shows them."""

    @property
    def key_id(self) -> str:
        """Key id of the public half."""

    @property
    def public_key(self) -> bytes:
        """ML-KEM-768 public key (1184 bytes) followed by the X25519 public key (32 bytes)."""

    def open(self, sealed: bytes, info: bytes) -> bytes:
        """Return the plaintext sealed to this key under `info`.

        Raises:
            VerificationFailed: code `does-not-open`, the same whatever the cause.
        """


def key_id(public: bytes) -> str:
    """Return the id of a public key: the first 16 bytes of its SHA-256, hex.

    Source: PROTOCOL 2 (raw 32 bytes for Ed25519, both halves joined for sealing, SPKI DER for TLS).
    """
    return sha256(public).hexdigest()[:KEY_ID_CHARS]
