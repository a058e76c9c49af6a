"""The bytes of a keystore file.

One line of JSON (format, version, Argon2id parameters, salt, nonce), then the XChaCha20-Poly1305 ciphertext
of a JSON map of keys; the line is authenticated with it. Source: DESIGN 9; RFC 9106.
"""

from __future__ import annotations

import json
import os
import secrets
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError
from nacl.pwhash import argon2id

from gateway.errors import Corrupt, Malformed, Misconfigured, NotFound, VerificationFailed
from keys.document import Json, read_document, write_blob
from keys.use import KeyUse

FORMAT: Final = "comity-keystore"
VERSION: Final = 1
FILE_BYTES_MAX: Final = 1_048_576
SALT_BYTES: Final = 16

_NONCE_BYTES: Final = 24
_HEADER_BYTES_MAX: Final = 512


class Kdf(Enum):
    """Cost of turning the passphrase into a key: Argon2id passes and memory in bytes."""

    MODERATE = (3, 268_435_456)
    SENSITIVE = (4, 1_073_741_824)
    CHEAP_FOR_TESTS = (1, 8192)

    @property
    def passes(self) -> int:
        """Number of passes over the memory."""
        return self.value[0]

    @property
    def memory_bytes(self) -> int:
        """Memory to fill, in bytes."""
        return self.value[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """How this file is locked, and the key the passphrase gave; `repr` shows neither salt nor key."""

    passes: int
    memory_bytes: int
    salt: bytes
    key: bytes

    def __repr__(self) -> str:
        return "Lock(...)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One private key; `repr` hides the material."""

    use: KeyUse
    material: bytes

    def __repr__(self) -> str:
        return f"Stored({self.use.value})"


def open_file(path: Path, passphrase: bytes, *, allow_cheap: bool) -> tuple[Lock, dict[str, Stored]]:
    """Return how a file is locked and the keys in it; raises what `Keystore.open` raises."""
    line, newline, sealed = _read_private(path).partition(b"\n")
    if not newline or len(line) > _HEADER_BYTES_MAX:
        raise Corrupt("is not a keystore", field="keystore")
    passes, memory_bytes, salt, nonce = _read_header(line)
    _check_cost(passes, memory_bytes, allow_cheap)
    lock = unlock(passphrase, passes, memory_bytes, salt)
    try:
        plain = crypto_aead_xchacha20poly1305_ietf_decrypt(sealed, line + b"\n", nonce, lock.key)
    except (CryptoError, ValueError):
        # ValueError: shorter than the tag, which says as little as a wrong tag does.
        raise VerificationFailed(
            "the passphrase is wrong, or the keystore was changed", code="wrong-passphrase"
        ) from None
    return lock, _read_keys(plain)


def seal_file(lock: Lock, keys: Mapping[str, Stored]) -> bytes:
    """Return the whole file, under a nonce of its own."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    header: dict[str, Json] = {
        "format": FORMAT,
        "version": VERSION,
        "kdf": "argon2id",
        "passes": lock.passes,
        "memory_bytes": lock.memory_bytes,
        "salt": write_blob(lock.salt),
        "nonce": write_blob(nonce),
    }
    line = json.dumps(header, sort_keys=True).encode() + b"\n"
    listed: dict[str, Json] = {
        name: {"use": stored.use.value, "material": write_blob(stored.material)}
        for name, stored in keys.items()
    }
    plain = json.dumps(listed).encode()
    return line + crypto_aead_xchacha20poly1305_ietf_encrypt(plain, line, nonce, lock.key)


def unlock(passphrase: bytes, passes: int, memory_bytes: int, salt: bytes) -> Lock:
    """Return the lock a passphrase gives with these Argon2id parameters; an empty one is Malformed."""
    if not passphrase:
        raise Malformed("the passphrase is empty", field="passphrase", code="empty-passphrase")
    key = argon2id.kdf(32, passphrase, salt, opslimit=passes, memlimit=memory_bytes)
    return Lock(passes=passes, memory_bytes=memory_bytes, salt=salt, key=key)


def _check_cost(passes: int, memory_bytes: int, allow_cheap: bool) -> None:
    """Hold the parameters of a file between the floor and what a changed file could make us spend."""
    if allow_cheap and (passes, memory_bytes) == Kdf.CHEAP_FOR_TESTS.value:
        return
    if passes < Kdf.MODERATE.passes or memory_bytes < Kdf.MODERATE.memory_bytes:
        raise Misconfigured("the keystore's passphrase is hashed too cheaply", code="weak-kdf")
    if passes > Kdf.SENSITIVE.passes or memory_bytes > Kdf.SENSITIVE.memory_bytes:
        raise Corrupt("the keystore names parameters it was never saved with", field="keystore")


def _read_private(path: Path) -> bytes:
    """Return a file's bytes, once the opened file itself, not merely its name, is plain and private."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError as exc:
        raise NotFound("there is no keystore", code="no-keystore", path=path.name) from exc
    except OSError as exc:
        raise Misconfigured("the keystore is not a readable plain file", code="wrong-mode") from exc
    try:
        mode = os.fstat(descriptor).st_mode
        if not stat.S_ISREG(mode):
            raise Misconfigured("the keystore is not a plain file", code="wrong-mode")
        if stat.S_IMODE(mode) & 0o177:
            raise Misconfigured(
                "the keystore is open to others than its owner: set mode 0600", code="wrong-mode"
            )
        with os.fdopen(descriptor, "rb", closefd=False) as file:
            raw = file.read(FILE_BYTES_MAX + 1)
    finally:
        os.close(descriptor)
    if len(raw) > FILE_BYTES_MAX:
        raise Corrupt("is too large for a keystore", field="keystore")
    return raw


def _read_header(line: bytes) -> tuple[int, int, bytes, bytes]:
    """Return passes, memory in bytes, salt and nonce; these are not authenticated yet."""
    try:
        header = read_document(line, "keystore")
        form = (header.text("format"), header.integer("version"), header.text("kdf"))
        found = header.integer("passes"), header.integer("memory_bytes")
        salt, nonce = header.blob("salt"), header.blob("nonce")
        header.close()
    except Malformed as exc:
        raise Corrupt("is not a keystore", field="keystore") from exc
    if form != (FORMAT, VERSION, "argon2id") or (len(salt), len(nonce)) != (SALT_BYTES, _NONCE_BYTES):
        raise Corrupt("is not a keystore of a known version", field="keystore")
    return *found, salt, nonce


def _read_keys(plain: bytes) -> dict[str, Stored]:
    try:
        members = read_document(plain, "keystore")
        keys = {}
        for name in members.names():
            entry = members.object(name)
            stored = Stored(use=entry.choice("use", KeyUse), material=entry.blob("material"))
            entry.close()
            if len(stored.material) != stored.use.material_bytes:
                raise Malformed("has another length than its use demands", field=name)
            keys[name] = stored
    except Malformed as exc:
        # Not "from exc": the chain would carry key material into a traceback with locals.
        raise Corrupt("the keystore holds no readable keys", field=exc.field) from None
    return keys
