"""Giving entries their places: index, time, pair sequence, blind and bytes, in order of commit."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import NamedTuple

from gateway.errors import GatewayError
from gateway.ledger.entry import BLIND_BYTES, Draft, counts_in_pair, encode
from gateway.ledger.tree import leaf_hash
from gateway.store.rows import EntryRow
from gateway.store.unit import About, Unit

Pair = tuple[str, str]
"""Peer and direction."""

LastOf = Callable[[Pair], int]
"""Returns the last `pair_seq` the store holds for a pair; 0 for none."""


class Committed(NamedTuple):
    """Where a unit's entries stand, for good.

    `first_index` is the tree's size before the unit, so it has a meaning without drafts too; `entries` are
    the exact bytes, one per draft; `at` is their time in POSIX seconds; `size` is the tree's size after the
    whole batch: the size of the head to prove against.
    """

    first_index: int
    indices: range
    entries: tuple[bytes, ...]
    at: int
    size: int


class Sequence:
    """The places of one batch. A unit gets all of its places or leaves no trace.

    `at` is POSIX seconds and holds for the whole batch; `random(n)` returns n random bytes.
    """

    def __init__(self, *, size: int, at: int, last_of: LastOf, random: Callable[[int], bytes]) -> None:
        self.at = at
        self.rows: list[EntryRow] = []
        self.pairs: dict[Pair, int] = {}
        self._start = size
        self._last_of = last_of
        self._random = random
        self._stored: dict[Pair, int] = {}

    @property
    def size(self) -> int:
        """The tree's size with everything placed so far."""
        return self._start + len(self.rows)

    def place(self, unit: Unit) -> int:
        """Place a unit's drafts and return the index of its first.

        Raises:
            GatewayError: an entry cannot be made of a draft; the unit left no trace.
        """
        first, counts = self.size, dict(self.pairs)
        blinds = self._random(BLIND_BYTES * len(unit.drafts))
        try:
            for position, given in enumerate(unit.drafts):
                if isinstance(given, About):
                    draft = dataclasses.replace(given.draft, about=first + given.about.n)
                else:
                    draft = given
                blind = blinds[position * BLIND_BYTES : (position + 1) * BLIND_BYTES]
                self._append(draft, first + position, blind)
        except GatewayError:
            self.undo(first, counts)
            raise
        return first

    def undo(self, first: int, pairs: dict[Pair, int]) -> None:
        """Take back every place from index `first`; `pairs` are the counts as they were then."""
        del self.rows[first - self._start :]
        self.pairs = pairs

    def committed(self, first: int, count: int) -> Committed:
        """Return where `count` entries from `first` stand; true once the batch is committed."""
        offset = first - self._start
        entries = tuple(row.data for row in self.rows[offset : offset + count])
        return Committed(first, range(first, first + count), entries, self.at, self.size)

    def stored(self, pair: Pair) -> int:
        """Return the last count of a pair before this batch."""
        if pair not in self._stored:
            self._stored[pair] = self._last_of(pair)
        return self._stored[pair]

    def _append(self, draft: Draft, index: int, blind: bytes) -> None:
        pair_seq = None
        if counts_in_pair(draft.kind, draft.direction):
            pair = (str(draft.peer), str(draft.direction))
            pair_seq = self.pairs[pair] = (self.pairs[pair] if pair in self.pairs else self.stored(pair)) + 1
        data = encode(draft, at=self.at, pair_seq=pair_seq, blind=blind)
        self.rows.append(
            EntryRow(index, int(draft.kind), draft.exchange, draft.message, data, leaf_hash(data))
        )
