"""Questions about the ledger: entries, nodes, heads, checkpoints, pair counts, other ledgers' heads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import bindparam, select

from gateway.errors import Corrupt, NotFound
from gateway.ledger import tree
from gateway.store import tables, tip
from gateway.store.rows import CheckpointRow, EntryRow, Head, LinkedHeadRow, PairRow, PeerHeadRow
from gateway.store.source import Source, by

_entries, _checkpoints, _pairs = tables.entries, tables.checkpoints, tables.pairs
_peer_heads, _linked_heads = tables.peer_heads, tables.linked_heads
_ENTRIES: Final = (
    select(_entries)
    .where(_entries.c.idx >= bindparam("start"), _entries.c.idx < bindparam("end"))
    .order_by(_entries.c.idx)
)
_ENTRIES_OF_EXCHANGE: Final = (
    select(_entries).where(_entries.c.exchange == bindparam("exchange")).order_by(_entries.c.idx)
)
_CHECKPOINT: Final = select(_checkpoints).where(_checkpoints.c.size == bindparam("size"))
_LATEST_CHECKPOINT: Final = select(_checkpoints).order_by(_checkpoints.c.size.desc()).limit(1)
_PAIRS: Final = select(_pairs).order_by(_pairs.c.peer, _pairs.c.direction)
_PAIR: Final = select(_pairs).where(
    _pairs.c.peer == bindparam("peer"), _pairs.c.direction == bindparam("direction")
)
_PEER_HEAD: Final = select(_peer_heads).where(
    _peer_heads.c.origin == bindparam("origin"), _peer_heads.c.size == bindparam("size")
)
_NEWEST_PEER_HEAD: Final = by(_peer_heads, "origin").order_by(_peer_heads.c.size.desc()).limit(1)
_NEWEST_LINKED_HEAD: Final = (
    select(_linked_heads)
    .where(_linked_heads.c.origin == bindparam("origin"))
    .order_by(_linked_heads.c.size.desc())
    .limit(1)
)

Proof = list[bytes]
"""Sibling hashes, in the order of RFC 6962."""


class LedgerQueries(Source):
    """What the stored ledger says."""

    def entry(self, index: int) -> EntryRow:
        """Return one entry.

        Raises:
            NotFound: the ledger has no such index.
        """
        found = self.entries(index, index + 1)
        if not found:
            raise NotFound("has no such index", field="ledger", index=str(index))
        return found[0]

    def entries(self, start: int, end: int) -> list[EntryRow]:
        """Return the entries [start, end), as far as they exist. The caller bounds the range."""
        return self._all(_ENTRIES, EntryRow._make, start=start, end=end)

    def entries_of_exchange(self, exchange_id: str) -> list[EntryRow]:
        """Return every entry that names an exchange, oldest first."""
        return self._all(_ENTRIES_OF_EXCHANGE, EntryRow._make, exchange=exchange_id)

    def head(self) -> Head:
        """Return the newest head; size 0 for an empty ledger."""
        with self.connection() as connection:
            return tip.newest_head(connection)

    def head_at(self, size: int) -> Head | None:
        """Return the head of a size, if a commit ended there."""
        with self.connection() as connection:
            return tip.head_at(connection, size)

    def node(self, level: int, position: int) -> bytes:
        """Return the stored hash of a perfect subtree. For whole proofs see `inclusion_proofs`.

        Raises:
            NotFound: the subtree is not complete.
        """
        found = self.nodes([(level, position)])
        if not found:
            raise NotFound("has no such node", field="ledger", node=f"{level}/{position}")
        return found[level, position]

    def nodes(self, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """Return the stored hashes of perfect subtrees (level, position); those not stored are absent."""
        with self.connection() as connection:
            return tip.load_nodes(connection, places)

    def inclusion_proofs(self, indices: Sequence[int], size: int) -> list[Proof]:
        """Return the proof of each entry in the tree of `size`, all from one query.

        Raises:
            Malformed: an index lies outside the tree.
            Corrupt: code `node-missing`.
        """
        wanted = _Wanted()
        for index in indices:
            tree.inclusion_proof(index, size, wanted.note)
        stored = self._stored(wanted)
        return [tree.inclusion_proof(index, size, stored.node) for index in indices]

    def consistency_proof(self, old: int, new: int) -> Proof:
        """Return the proof that the tree of size `old` is a prefix of that of size `new`; empty from size 0.

        Raises:
            Malformed: `old` is above `new` or below 0.
            Corrupt: code `node-missing`.
        """
        if old == 0 <= new:
            return []
        wanted = _Wanted()
        tree.consistency_proof(old, new, wanted.note)
        return tree.consistency_proof(old, new, self._stored(wanted).node)

    def checkpoint_at(self, size: int) -> CheckpointRow | None:
        """Return the stored checkpoint of a size."""
        return self._one(_CHECKPOINT, CheckpointRow._make, size=size)

    def latest_checkpoint(self) -> CheckpointRow | None:
        """Return the stored checkpoint of the greatest size."""
        return self._one(_LATEST_CHECKPOINT, CheckpointRow._make)

    def pairs(self) -> list[PairRow]:
        """Return the last `pair_seq` of every peer and direction."""
        return self._all(_PAIRS, PairRow._make)

    def last_pair_seq(self, peer: str, direction: str) -> int:
        """Return the last `pair_seq` given for a peer and direction; 0 for none."""
        row = self._one(_PAIR, PairRow._make, peer=peer, direction=direction)
        return 0 if row is None else row.last_seq

    def peer_head(self, origin: str, size: int) -> PeerHeadRow | None:
        """Return the checkpoint first seen of another ledger at a size."""
        return self._one(_PEER_HEAD, PeerHeadRow._make, origin=origin, size=size)

    def newest_peer_head(self, origin: str) -> PeerHeadRow | None:
        """Return the checkpoint of the greatest size seen of another ledger, linked or not."""
        return self._one(_NEWEST_PEER_HEAD, PeerHeadRow._make, origin=origin)

    def newest_linked_head(self, origin: str) -> LinkedHeadRow | None:
        """Return the newest head of another ledger that is proved to have grown from the first one seen.

        A greater one may have been seen: without proof it says nothing of the branch it lies on.
        """
        return self._one(_NEWEST_LINKED_HEAD, LinkedHeadRow._make, origin=origin)

    def _stored(self, wanted: _Wanted) -> _Stored:
        return _Stored(self.nodes(wanted.places))


class _Wanted:
    """Stands for the nodes while a proof is walked once to learn which it needs: then one query does."""

    def __init__(self) -> None:
        self.places: set[tuple[int, int]] = set()

    def note(self, level: int, position: int) -> bytes:
        self.places.add((level, position))
        return tree.EMPTY_ROOT


class _Stored:
    """Answers with what was loaded."""

    def __init__(self, hashes: dict[tuple[int, int], bytes]) -> None:
        self._hashes = hashes

    def node(self, level: int, position: int) -> bytes:
        found = self._hashes.get((level, position))
        if found is None:
            node = f"{level}/{position}"
            raise Corrupt(f"node {node} is missing", code="node-missing", node=node)
        return found
