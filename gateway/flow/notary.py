"""Signing heads: only what was read back from the store, and never behind or beside what was signed before.

Source: PROTOCOL section 9; THREATS A27, A29, F08.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import Corrupt, GatewayError, Refused
from gateway.ledger.checkpoint import Checkpoint, sign_checkpoint
from gateway.ledger.tree import consistency_proof, verify_consistency
from gateway.ledger.vkey import VKey
from gateway.store.store import Store
from keys.signer import Signer

WITNESSES_FOR_A_GUARD = 2
"""From so many published witness keys on, a head is signed only after witnesses were asked."""


@dataclass(slots=True)
class HighWater:
    """The largest head ever signed, in memory and in a file outside the database."""

    path: Path
    size: int = 0
    root: bytes = b""

    @classmethod
    def read(cls, path: Path) -> HighWater:
        """Read the file, which stands since the home was made.

        Raises:
            Corrupt: it is gone, or cannot be read as what was written: nobody can tell what was signed.
        """
        if not path.exists():
            raise Corrupt("the high-water file is gone; nothing is signed", code="high-water")
        try:
            table = json.loads(path.read_text(encoding="ascii"))
            return cls(path, int(table["size"]), bytes.fromhex(table["root"]))
        except (ValueError, KeyError, TypeError) as exc:
            raise Corrupt("the high-water file is damaged; nothing is signed", code="high-water") from exc

    @classmethod
    def create(cls, path: Path) -> HighWater:
        """Write the mark of a new home: nothing signed yet."""
        mark = cls(path)
        mark._write(0, b"")
        return mark

    def raise_to(self, size: int, root: bytes) -> None:
        """Write the new mark durably before anybody is shown a signature over it."""
        if (size, root) != (self.size, self.root):
            self._write(size, root)

    def _write(self, size: int, root: bytes) -> None:
        fresh = self.path.with_suffix(".new")
        with fresh.open("w", encoding="ascii") as stream:
            json.dump({"size": size, "root": root.hex()}, stream)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
        self.size, self.root = size, root


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed checkpoint of the own ledger: the note and what it says."""

    checkpoint: Checkpoint
    note: str


class Notary:
    """Signs the own ledger's heads; the note is a pure function of the stored head."""

    def __init__(
        self, *, vkey: VKey, store: Store, signer: Signer, high_water: HighWater, witnesses: int
    ) -> None:
        """Take the ledger's key and store, and how many members of the federation publish a witness key."""
        self._vkey = vkey
        self._witnesses = witnesses
        self._store = store
        self._signer = signer
        self._mark = high_water
        self._latest: Signed | None = None
        self._asked = False
        self._tripped = ""

    @property
    def vkey(self) -> VKey:
        """The ledger's own key."""
        return self._vkey

    def sign_head(self) -> Signed:
        """Return the signed checkpoint of the newest head, after reading back everything since the last one.

        Raises:
            Refused: code `witnesses-not-asked`: only a start of the gateway asks the witnesses there are.
            Corrupt: stored bytes do not hash to the head (code `read-back`), or the head is behind or beside
                the high-water mark (code `behind-high-water`): an old copy of the store was put back.
        """
        head = self._store.read.head()
        latest = self._latest
        if latest is not None and (head.size, head.root) == (latest.checkpoint.size, latest.checkpoint.root):
            return latest
        self.check_may_sign()
        self._check_branch(head.size, head.root)
        self._store.writer.read_back(latest.checkpoint.size if latest else self._mark.size, head.size)
        self._mark.raise_to(head.size, head.root)
        self._latest = self._signed(Checkpoint(origin=self._vkey.name, size=head.size, root=head.root))
        return self._latest

    def _signed(self, checkpoint: Checkpoint) -> Signed:
        return Signed(checkpoint, sign_checkpoint(checkpoint, self._vkey, self._signer.sign))

    def sign_again(self) -> Signed | None:
        """Return the newest head that was ever signed, made again to the same bytes; None if none was.

        Raises:
            Corrupt: what is stored is on another branch than what was signed.
        """
        mark = self._mark
        if mark.size == 0:
            return None
        stored = self._store.read.head()
        self._check_branch(stored.size, stored.root)
        return self._signed(Checkpoint(origin=self._vkey.name, size=mark.size, root=mark.root))

    @property
    def trouble(self) -> str:
        """Why nothing may be signed, in words; empty where something may be."""
        if self._tripped:
            return self._tripped
        return "no witness has answered yet" if self.is_witnessed and not self._asked else ""

    @property
    def tripped(self) -> bool:
        """Whether a witness knows something newer than this store: then nothing is signed or cosigned."""
        return bool(self._tripped)

    def vouched(self) -> None:
        """Let heads be signed: witnesses answered that they know nothing newer, or the operator insisted."""
        self._asked = True

    def trip(self, why: str) -> None:
        """Let nothing be signed any more by this process: a witness knows another, or a newer, history."""
        self._tripped = why

    def witnessed_by(self, count: int) -> None:
        """Note how many members publish a witness key now."""
        self._witnesses = count

    @property
    def is_witnessed(self) -> bool:
        """Whether enough members publish a witness key for anybody to vouch for the newest state."""
        return self._witnesses >= WITNESSES_FOR_A_GUARD

    def check_may_sign(self) -> None:
        """Pass only if a head may be signed now: asked before anything is done that a signature must follow.

        Raises:
            Refused: code `witnesses-not-asked` or `guard-tripped`.
        """
        if self._tripped:
            raise Refused(self._tripped, code="guard-tripped")
        if self.is_witnessed and not self._asked:
            # A restored backup is found out by those who cosigned something newer: nobody signs unasked.
            raise Refused(
                "members of this federation witness each other; start the gateway, which asks them first",
                code="witnesses-not-asked",
            )

    def _check_branch(self, size: int, root: bytes) -> None:
        mark = self._mark
        if mark.size == 0:
            return
        if size < mark.size:
            raise Corrupt(
                f"the store holds {size} entries but {mark.size} were signed: an old copy was put back",
                code="behind-high-water",
            )
        if size == mark.size:
            if root != mark.root:
                raise Corrupt("the store's history differs from what was signed", code="behind-high-water")
            return
        # One transaction for all of its nodes: to begin one takes longer than to read one.
        with self._store.read.snapshot() as same:
            proof = consistency_proof(mark.size, size, same.node)
        try:
            verify_consistency(
                old_size=mark.size, old_root=mark.root, new_size=size, new_root=root, proof=proof
            )
        except GatewayError as exc:
            raise Corrupt(
                "the store's history differs from what was signed", code="behind-high-water"
            ) from exc
