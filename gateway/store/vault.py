"""The vault: bodies as ciphertext under their record's key, and keys wrapped by the home's secret.

Everything is AES-256-GCM with a 12-byte nonce put in front. Associated data names the one place a value
belongs to, so a value moved to another row does not open.

Source: DESIGN sections 10 and 11; NIST SP 800-38D section 8.3.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import Corrupt, Malformed

KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16

_WRAP: Final = b"comity/store/wrap/v1\x00"
_RECORD: Final = b"comity/store/record/v1"
_EXCHANGE: Final = b"comity/store/exchange/v1"
_BODY: Final = b"comity/store/body/v1"


def new_key(random: Callable[[int], bytes]) -> bytes:
    """Return a fresh 32-byte key: a record's data key, or K of an exchange."""
    return _sized(random(KEY_BYTES), KEY_BYTES, "key")


def record_owner(originator: str, record_id: str, version: int) -> bytes:
    """Return what binds a wrapped data key to its record version."""
    return _place(_RECORD, originator, record_id, str(version))


def exchange_owner(exchange_id: str) -> bytes:
    """Return what binds a wrapped K to its exchange."""
    return _place(_EXCHANGE, exchange_id)


def body_aad(originator: str, record_id: str, version: int, kind: str, part: str) -> bytes:
    """Return what binds a body to its row."""
    return _place(_BODY, originator, record_id, str(version), kind, part)


def wrap(secret: bytes, owner: bytes, key: bytes, nonce: bytes) -> bytes:
    """Return a 32-byte key wrapped for its owner under the home's 32-byte storage secret; 60 bytes.

    Raises:
        Malformed: secret, key or nonce has another length.
    """
    _sized(key, KEY_BYTES, "key")
    return seal_body(_wrapping_key(secret, owner), owner, key, nonce)


def unwrap(secret: bytes, owner: bytes, wrapped: bytes) -> bytes:
    """Return the key.

    Raises:
        Malformed: the secret has another length.
        Corrupt: code `does-not-open`: another secret, another owner, or changed bytes.
    """
    key = open_body(_wrapping_key(secret, owner), owner, wrapped)
    if len(key) != KEY_BYTES:
        raise Corrupt("is no wrapped key", code="does-not-open", field="key")
    return key


def seal_body(key: bytes, aad: bytes, plaintext: bytes, nonce: bytes) -> bytes:
    """Return nonce and ciphertext: 28 bytes more than the plaintext. One nonce is for one call.

    Raises:
        Malformed: key or nonce has another length.
    """
    cipher = AESGCM(_sized(key, KEY_BYTES, "key"))
    return _sized(nonce, NONCE_BYTES, "nonce") + cipher.encrypt(nonce, plaintext, aad)


def open_body(key: bytes, aad: bytes, ciphertext: bytes) -> bytes:
    """Return the plaintext.

    Raises:
        Malformed: the key has another length.
        Corrupt: code `does-not-open`: another key, another place, or changed bytes.
    """
    cipher = AESGCM(_sized(key, KEY_BYTES, "key"))
    if len(ciphertext) < NONCE_BYTES + TAG_BYTES:
        raise Corrupt("is too short to be a stored body", code="does-not-open", field="body")
    try:
        return cipher.decrypt(ciphertext[:NONCE_BYTES], ciphertext[NONCE_BYTES:], aad)
    except InvalidTag as exc:
        raise Corrupt("does not open", code="does-not-open", field="body") from exc


def _wrapping_key(secret: bytes, owner: bytes) -> bytes:
    # A key of its own for every owner: under one key for all, random nonces run out after 2^32 wraps.
    return hmac.digest(_sized(secret, KEY_BYTES, "secret"), _WRAP + owner, sha256)


def _place(label: bytes, *parts: str) -> bytes:
    """Return label and parts so that no other parts give the same bytes: each is preceded by its length."""
    return b"".join((label, *map(_part, parts)))


@lru_cache(maxsize=256)
def _part(part: str) -> bytes:
    # Remembered, because the bodies of one record share all but one or two of these.
    data = part.encode()
    return len(data).to_bytes(4, "big") + data


def _sized(value: bytes, size: int, field: str) -> bytes:
    if len(value) != size:
        raise Malformed(f"is not {size} bytes", field=field)
    return value
