"""Tiles and entry bundles: the tree cut into files of up to 256 hashes or entries.

Position i of tile (level, n) is the root over the 256^level entries from (n * 256 + i) * 256^level; only full
tiles are hashed into the next level.

Source: C2SP tlog-tiles v0.1.0.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from gateway.errors import Malformed
from gateway.ledger.tree import HASH_BYTES, NodeAt

TILE_WIDTH: Final = 256
ENTRY_BYTES_MAX: Final = 65_535

_NUMBER: Final = re.compile(r"(?:x[0-9]{3}/){0,5}[0-9]{3}", re.ASCII)
_LEVEL: Final = re.compile(r"0|[1-9][0-9]?", re.ASCII)
_WIDTH: Final = re.compile(r"[1-9][0-9]{0,2}", re.ASCII)


class Tile(NamedTuple):
    """One tile: `level` 0 to 63 (None for an entry bundle), number `n`, `width` 1 to 255 or 0 when full."""

    level: int | None
    n: int
    width: int

    @property
    def held(self) -> int:
        """How many hashes or entries it holds."""
        return self.width or TILE_WIDTH

    @property
    def path(self) -> str:
        """Its path below the export's root."""
        return (
            entries_path(self.n, self.width)
            if self.level is None
            else tile_path(self.level, self.n, self.width)
        )


def tile_path(level: int, n: int, width: int = 0) -> str:
    """Return the path of a hash tile; `width` 0 means full."""
    return _path(str(level), n, width)


def entries_path(n: int, width: int = 0) -> str:
    """Return the path of an entry bundle; `width` 0 means full."""
    return _path("entries", n, width)


def parse_tile_path(path: str) -> Tile:
    """Return the tile or bundle a path names.

    Raises:
        Malformed: not the one spelling of a tile's path.
    """
    root, _, rest = path.partition("/")
    level, _, rest = rest.partition("/")
    number, partial, width = rest.partition(".p/")
    if root != "tile" or not _NUMBER.fullmatch(number) or number.startswith("x000/"):
        raise Malformed("is not a tile path", field="tile")
    if partial and not (_WIDTH.fullmatch(width) and int(width) < TILE_WIDTH):
        raise Malformed("has no width from 1 to 255", field="tile")
    if level != "entries" and not (_LEVEL.fullmatch(level) and int(level) < 64):
        raise Malformed("has no level from 0 to 63", field="tile")
    n = int(number.replace("x", "").replace("/", ""))
    return Tile(None if level == "entries" else int(level), n, int(width) if partial else 0)


def tiles_of(size: int) -> list[Tile]:
    """Return every tile and entry bundle of a tree of `size` entries: bundles first, then level by level."""
    tiles = _row(None, size)
    level, count = 0, size
    while count:
        tiles += _row(level, count)
        level, count = level + 1, count // TILE_WIDTH
    return tiles


def tile_bytes(tile: Tile, node: NodeAt) -> bytes:
    """Return a hash tile's bytes from stored perfect subtrees.

    Raises:
        Malformed: it is an entry bundle.
    """
    if tile.level is None:
        raise Malformed("is an entry bundle", field="tile")
    first = tile.n * TILE_WIDTH
    return b"".join(node(8 * tile.level, first + i) for i in range(tile.held))


def split_tile(data: bytes) -> list[bytes]:
    """Return the hashes of a tile's bytes; a length that is no multiple of 32 is Malformed."""
    if len(data) % HASH_BYTES or not 0 < len(data) <= TILE_WIDTH * HASH_BYTES:
        raise Malformed("does not hold 1 to 256 hashes", field="tile")
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def bundle_bytes(entries: Sequence[bytes]) -> bytes:
    """Return an entry bundle: each entry behind its length as u16 big-endian.

    Raises:
        Malformed: none or more than 256 entries, or one of more than 65,535 bytes.
    """
    if not 0 < len(entries) <= TILE_WIDTH or any(len(entry) > ENTRY_BYTES_MAX for entry in entries):
        raise Malformed("does not hold 1 to 256 entries of at most 65,535 bytes", field="bundle")
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def split_bundle(data: bytes) -> list[bytes]:
    """Return the entries of a bundle's bytes.

    Raises:
        Malformed: cut short, or none or more than 256 entries.
    """
    entries = []
    at = 0
    while at < len(data):
        end = at + 2 + int.from_bytes(data[at : at + 2], "big")
        if end > len(data) or at + 2 > len(data):
            raise Malformed("is cut short", field="bundle", at=str(at))
        entries.append(data[at + 2 : end])
        at = end
    if not 0 < len(entries) <= TILE_WIDTH:
        raise Malformed("does not hold 1 to 256 entries", field="bundle")
    return entries


def _row(level: int | None, count: int) -> list[Tile]:
    full, width = divmod(count, TILE_WIDTH)
    row = [Tile(level, n, 0) for n in range(full)]
    if width:
        row.append(Tile(level, full, width))
    return row


def _path(middle: str, n: int, width: int) -> str:
    groups = [f"{n % 1000:03d}"]
    while n := n // 1000:
        groups.append(f"x{n % 1000:03d}")
    partial = f".p/{width}" if width else ""
    return f"tile/{middle}/{'/'.join(reversed(groups))}{partial}"
