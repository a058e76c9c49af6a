"""Rebuilds the tree of an export from its entries, and compares every file that repeats a part of it.

The entry bundles are what everything else is checked against: tiles, rows and root are recomputed from them.

Source: PROTOCOL section 10; C2SP tlog-tiles.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.errors import GatewayError
from gateway.ledger.entry import Entry, parse
from gateway.ledger.export import CHECKPOINT_PATH, ENTRIES_PATH, entry_row
from gateway.ledger.findings import Findings
from gateway.ledger.tile import TILE_WIDTH, Tile, entries_path, split_bundle, split_tile, tile_path, tiles_of
from gateway.ledger.tree import EMPTY_ROOT, HASH_BYTES, leaf_hash, node_hash, range_root

_UNREADABLE: Final = bytes(HASH_BYTES)


class Replay:
    """The tree of `size` entries as the export's files show it.

    `raw[i]` is the i-th entry's bytes, or None where its bundle is missing or broken; then the leaf hash of
    the tile stands in, so that one broken bundle does not hide what the rest says.
    """

    def __init__(self, files: Mapping[str, bytes], size: int, found: Findings) -> None:
        self.size = size
        self._files = files
        self._found = found
        self.raw: list[bytes | None] = []
        self.leaves: list[bytes] = []
        self._contradicted: list[int] = []
        for n in range(-(-size // TILE_WIDTH)):
            self._read_bundle(n, min(TILE_WIDTH, size - n * TILE_WIDTH))
        self._levels = _levels(self.leaves)

    def node(self, level: int, position: int) -> bytes:
        """Return the hash of a perfect subtree."""
        return self._levels[level][position]

    def root_at(self, size: int) -> bytes:
        """Return the root the tree had at an earlier size, or has."""
        return range_root(0, size, self.node) if size else EMPTY_ROOT

    def file_of(self, index: int) -> str:
        """Return the path of the bundle an entry stands in."""
        n = index // TILE_WIDTH
        return entries_path(n, self.size % TILE_WIDTH if n == self.size // TILE_WIDTH else 0)

    def check_root(self, root: bytes) -> None:
        """Compare the root; where it differs, name the entries that do not hash to what their tile shows."""
        if self.root_at(self.size) == root:
            return
        self._found.add("root-differs", "is not the root of the entries", file=CHECKPOINT_PATH)
        # With the right root the bundles are right and a tile is wrong; only now an entry is the suspect.
        for index in self._contradicted:
            message = "does not hash to the leaf its tile shows"
            self._found.add("leaf-differs", message, file=self.file_of(index), index=index)

    def check_tiles(self) -> None:
        """Compare every hash tile with the tree."""
        for tile in tiles_of(self.size):
            if tile.level is not None and tile.path in self._files:
                self._check_tile(tile.level, tile)

    def check_rows(self) -> None:
        """Compare `entries.jsonl` with the bundles, row by row."""
        rows = self._files.get(ENTRIES_PATH, b"").split(b"\n")
        at = 0
        for index, (entry, leaf) in enumerate(zip(self.raw, self.leaves, strict=True)):
            row = rows[index] + b"\n" if index < len(rows) - 1 else b""
            if entry is not None and row != entry_row(index, entry, leaf):
                message = "is not the row of the entry in its bundle"
                self._found.add(
                    "row-differs", message, file=ENTRIES_PATH, index=index, line=index + 1, byte=at
                )
            at += len(row)
        if rows[self.size :] != [b""]:
            message = f"does not end after {self.size} rows"
            self._found.add("row-differs", message, file=ENTRIES_PATH, line=self.size + 1, byte=at)

    def parse(self) -> list[Entry | None]:
        """Return the entries that are entries; report the others."""
        entries: list[Entry | None] = []
        for index, raw in enumerate(self.raw):
            try:
                entries.append(None if raw is None else parse(raw))
            except GatewayError as exc:
                entries.append(None)
                self._found.add("entry-malformed", str(exc), file=self.file_of(index), index=index)
        return entries

    def _read_bundle(self, n: int, width: int) -> None:
        partial = width % TILE_WIDTH
        path, beside = entries_path(n, partial), tile_path(0, n, partial)
        entries: list[bytes | None] = [None] * width
        if path in self._files:
            try:
                read = split_bundle(self._files[path])
            except GatewayError as exc:
                self._found.add("bundle-broken", str(exc), file=path, index=n * TILE_WIDTH)
            else:
                entries = [*read[:width], *[None] * (width - len(read))]
                if len(read) != width:
                    message = f"holds {len(read)} entries where {width} are due"
                    self._found.add("bundle-broken", message, file=path, index=n * TILE_WIDTH + len(read))
        self.raw += entries
        for entry, shown in zip(entries, self._shown(beside, width), strict=True):
            leaf = shown if entry is None else leaf_hash(entry)
            if leaf != shown != _UNREADABLE:
                self._contradicted.append(len(self.leaves))
            self.leaves.append(leaf)

    def _shown(self, path: str, width: int) -> list[bytes]:
        """Return the leaf hashes a level-0 tile shows, as far as it can be read."""
        try:
            shown = split_tile(self._files.get(path, b""))[:width]
        except GatewayError:
            shown = []
        return shown + [_UNREADABLE] * (width - len(shown))

    def _check_tile(self, level: int, tile: Tile) -> None:
        first = tile.n * TILE_WIDTH
        due = self._levels[8 * level][first : first + tile.held]
        data = self._files[tile.path]
        if data == b"".join(due):
            return
        for i, value in enumerate(due):
            at = i * HASH_BYTES
            if data[at : at + HASH_BYTES] != value:
                message = "does not hold the hash of the entries below it"
                index = (first + i) * TILE_WIDTH**level
                self._found.add("tile-differs", message, file=tile.path, index=index, byte=at)
                break
        else:
            self._found.add("tile-differs", "is too long", file=tile.path, byte=len(due) * HASH_BYTES)


def _levels(leaves: list[bytes]) -> list[list[bytes]]:
    """Return the hashes of all perfect subtrees, level by level."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])
    return levels
