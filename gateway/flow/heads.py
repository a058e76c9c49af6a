"""Heads: which of a peer's ledger were seen, which of them lie on one branch, and what our own ledger was.

Source: PROTOCOL section 6, check 8, and section 7; THREATS A26, A28.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache

from gateway.flow.gateway import Gateway
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.tree import Frontier
from gateway.sealing.batch import Consistency
from gateway.sealing.standing import Link, RootAt
from gateway.store.queries import Reader
from gateway.store.rows import LinkedHeadRow, PeerHeadRow
from gateway.store.unit import Unit


def newest_linked(read: Reader, origin: str) -> Checkpoint | None:
    """Return the newest head of a peer's ledger that is proved to have grown from the first one seen."""
    row = read.newest_linked_head(origin)
    return None if row is None else Checkpoint(origin=origin, size=row.size, root=row.root)


def roots_seen(read: Reader) -> RootAt:
    """Return the look-up of every head seen of peers' ledgers, linked or not; each is asked for once."""

    @cache
    def root_at(origin: str, size: int) -> bytes | None:
        row = read.peer_head(origin, size)
        return None if row is None else row.root

    return root_at


def own_roots(gateway: Gateway) -> RootAt:
    """Return the look-up of the root our own ledger had at a size; None for one it never had."""
    read = gateway.read

    @cache
    def root_at(origin: str, size: int) -> bytes | None:
        if origin != gateway.origin or size > read.head().size:
            return None
        stored = read.head_at(size)
        return stored.root if stored is not None else Frontier.of(size, read.node).root()

    return root_at


def head_units(
    gateway: Gateway,
    head: Checkpoint,
    link: Link,
    *,
    note: bytes,
    consistency: Consistency | None,
    now: datetime,
) -> list[Unit]:
    """Return what remembers a verified head, and where it is linked, the one it has grown from.

    Two units: a head seen is kept whoever else is linking another one to the same place just now.
    """
    if link is Link.KNOWN:
        return []
    units = []
    if gateway.read.peer_head(head.origin, head.size) is None:
        row = PeerHeadRow(head.origin, head.size, head.root, note.decode(), int(now.timestamp()))
        units.append(Unit(rows=(row,)))
    if link is Link.FIRST:
        units.append(Unit(rows=(LinkedHeadRow(head.origin, 0, head.size, head.root),)))
    elif link is Link.GROWN and consistency is not None:
        linked = LinkedHeadRow(head.origin, consistency.from_size, head.size, head.root)
        units.append(Unit(rows=(linked,)))
    return units
