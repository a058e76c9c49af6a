"""The keystore file: every private key of a home, under one passphrase.

The bytes are in `keystore_file`. Source: DESIGN 9; THREATS A14.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Self

from gateway.errors import Conflict, Malformed, NotFound
from keys.durable import write_private
from keys.ed25519 import Ed25519Signer
from keys.keystore_file import SALT_BYTES, Kdf, Lock, Stored, open_file, seal_file, unlock
from keys.sealing import SealingKey
from keys.use import KeyUse

__all__ = ["Kdf", "KeyUse", "Keystore"]


class Keystore:
    """The private keys of one home, open in memory. Of several keys of one use the last put in is current."""

    __slots__ = ("_keys", "_lock", "_path")

    def __init__(self, path: Path, lock: Lock, keys: dict[str, Stored]) -> None:
        """Use `create` or `open`."""
        self._path = path
        self._lock = lock
        self._keys = keys

    def __repr__(self) -> str:
        return f"Keystore({len(self._keys)} keys)"

    def __reduce__(self) -> str:
        raise TypeError("a keystore is not copied or stored")

    @classmethod
    def create(cls, path: Path, passphrase: bytes, kdf: Kdf) -> Self:
        """Return an empty keystore; its file appears with the first `save`.

        Raises:
            Conflict: code `exists`: something is at `path`.
            Malformed: code `empty-passphrase`.
        """
        if path.exists() or path.is_symlink():
            raise Conflict("a keystore is already there", code="exists", path=path.name)
        salt = secrets.token_bytes(SALT_BYTES)
        return cls(path, unlock(passphrase, kdf.passes, kdf.memory_bytes, salt), {})

    @classmethod
    def open(cls, path: Path, passphrase: bytes, *, allow_cheap: bool = False) -> Self:
        """Return the keystore in the file at `path`.

        `allow_cheap` admits a file made with `Kdf.CHEAP_FOR_TESTS`; only exercise homes and tests pass it.

        Raises:
            NotFound: code `no-keystore`.
            Misconfigured: code `wrong-mode` (others than the owner may read or write it, or it is no plain
                file), or `weak-kdf` (its parameters are below the floor).
            Corrupt: the file has not the form of a keystore.
            VerificationFailed: code `wrong-passphrase`, also for every change to the file after it was saved.
        """
        lock, keys = open_file(path, passphrase, allow_cheap=allow_cheap)
        return cls(path, lock, keys)

    def save(self) -> None:
        """Write the file anew: whole, mode 0600, on disk when this returns. Earlier bytes stay until then."""
        write_private(self._path, seal_file(self._lock, self._keys))

    def put(self, name: str, use: KeyUse, material: bytes) -> None:
        """Add a private key in memory; `save` makes it last.

        Raises:
            Malformed: the material has not the length its use demands, or the name is empty.
            Conflict: code `exists`: the name is taken, or this material is already kept under another name.
        """
        if not name or len(material) != use.material_bytes:
            raise Malformed("has no name or another length than its use demands", field="material")
        if name in self._keys:
            raise Conflict("a key of this name is already kept", code="exists", name=name)
        # Keys of different uses are distinct: one that did two jobs would fall with either.
        if any(stored.material == material for stored in self._keys.values()):
            raise Conflict("this key is already kept under another name", code="exists", name=name)
        self._keys[name] = Stored(use=use, material=bytes(material))

    def generate(self, uses: Iterable[KeyUse], randomness: Callable[[int], bytes]) -> tuple[str, ...]:
        """Put one new key for each use, named `<use>-<n>`, and return the names.

        `randomness(n)` returns n bytes fit for keys.
        """
        names = []
        for use in uses:
            number = 1
            while f"{use.value}-{number}" in self._keys:
                number += 1
            name = f"{use.value}-{number}"
            self.put(name, use, randomness(use.material_bytes))
            names.append(name)
        return tuple(names)

    def forget(self, name: str) -> None:
        """Take a key out in memory; `save` makes it final. A name that is not kept is NotFound."""
        if name not in self._keys:
            raise NotFound("no key of this name is kept", code="unknown-key", name=name)
        del self._keys[name]

    def names(self, use: KeyUse) -> tuple[str, ...]:
        """Return the names of the keys of a use, oldest first."""
        return tuple(name for name, stored in self._keys.items() if stored.use is use)

    def signer(self, use: KeyUse) -> Ed25519Signer:
        """Return the current Ed25519 key of a use.

        Raises:
            NotFound: code `unknown-key`: none is kept.
            Malformed: keys of this use do not sign with Ed25519.
        """
        if not use.is_ed25519:
            raise Malformed("keys of this use do not sign with Ed25519", field="use")
        return Ed25519Signer(self._current(use))

    def opener(self) -> SealingKey:
        """Return the current sealing key; none kept is NotFound."""
        return SealingKey(self._current(KeyUse.SEALING))

    def openers(self) -> dict[str, SealingKey]:
        """Return every sealing key by key id: an envelope may still be sealed to an earlier one."""
        kept = (SealingKey(stored.material) for stored in self._keys.values() if stored.use is KeyUse.SEALING)
        return {opener.key_id: opener for opener in kept}

    def secret(self, use: KeyUse) -> bytes:
        """Return the raw 32 bytes of a use without a protocol: pseudonym, storage, tls-ca, ledger-mldsa.

        Raises:
            NotFound: code `unknown-key`: none is kept.
            Malformed: a signing or sealing key, which never leaves the keystore raw.
        """
        if use.is_ed25519 or use is KeyUse.SEALING:
            raise Malformed("a key of this use is not handed out", field="use")
        return self._current(use)

    def storage_secret(self) -> bytes:
        """Return the 32 bytes that wrap record keys; none kept is NotFound."""
        return self.secret(KeyUse.STORAGE)

    def _current(self, use: KeyUse) -> bytes:
        names = self.names(use)
        if not names:
            raise NotFound("no key of this use is kept", code="unknown-key", use=use.value)
        return self._keys[names[-1]].material
