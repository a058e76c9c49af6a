"""Checkpoints: origin, size and root of a ledger as the text that is signed.

Source: C2SP tlog-checkpoint v1.0.0; PROTOCOL section 9.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from gateway.errors import Malformed
from gateway.ledger.lexical import INT63_MAX, decode_base64, encode_base64, parse_decimal
from gateway.ledger.tree import EMPTY_ROOT, HASH_BYTES
from gateway.ledger.vkey import SignBytes, VKey, check_note_text, sign_ed25519
from gateway.record.text import check_agency_id

_LEDGER: Final = re.compile(r"comity\.ledger/([^/]+)/([1-9][0-9]{0,8})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The tree of `size` entries with `root`, of the ledger named `origin`.

    `extensions` are further lines of foreign logs; our own checkpoints have none.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if not all(lines) or any("\n" in line for line in lines) or len(self.origin.encode()) > 255:
            raise Malformed("has an empty, broken or too long line", field="checkpoint")
        if not 0 <= self.size <= INT63_MAX:
            raise Malformed("is not a tree size", field="checkpoint.size")
        if len(self.root) != HASH_BYTES:
            raise Malformed("is not 32 bytes", field="checkpoint.root")
        if self.size == 0 and self.root != EMPTY_ROOT:
            raise Malformed("is not the root of the empty tree", field="checkpoint.root")

    @classmethod
    def parse(cls, body: str) -> Checkpoint:
        """Return the checkpoint of a note's text.

        Raises:
            Malformed: fewer than three lines, an empty line, a size or root in another spelling, or an
                empty tree with another root.
        """
        check_note_text(body)
        lines = body[:-1].split("\n")
        if len(lines) < 3:
            raise Malformed("has fewer than three lines", field="checkpoint")
        return cls(
            origin=lines[0],
            size=parse_decimal(lines[1], "checkpoint.size"),
            root=decode_base64(lines[2], "checkpoint.root", HASH_BYTES),
            extensions=tuple(lines[3:]),
        )

    def body(self) -> str:
        """Return the note text."""
        lines = (self.origin, str(self.size), encode_base64(self.root), *self.extensions)
        return "\n".join(lines) + "\n"


def ledger_origin(agency: str, number: int) -> str:
    """Return the origin line of an agency's ledger; `number` counts from 1 and grows only on recovery."""
    origin = f"comity.ledger/{agency}/{number}"
    parse_ledger_origin(origin)
    return origin


@lru_cache(maxsize=1024)
def parse_ledger_origin(origin: str) -> tuple[str, int]:
    """Return (agency id, number) of `comity.ledger/<agency-id>/<n>`; anything else is Malformed."""
    match = _LEDGER.fullmatch(origin)
    if match is None:
        raise Malformed("is not comity.ledger/<agency-id>/<n>", field="origin")
    return check_agency_id(match[1], "origin"), int(match[2])


def sign_checkpoint(checkpoint: Checkpoint, vkey: VKey, sign: SignBytes) -> str:
    """Return the signed note with the ledger's Ed25519 line: a pure function of checkpoint and key.

    Raises:
        Malformed: the key's name is not the origin, or the key signs no notes.
    """
    if vkey.name != checkpoint.origin:
        raise Malformed("is not the name of the ledger's key", field="checkpoint.origin")
    body = checkpoint.body()
    return f"{body}\n{sign_ed25519(vkey, body, sign).encode()}"
