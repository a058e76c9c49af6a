"""The tree as it is stored: its newest head, its right edge, and reading back what was committed.

What is signed is computed from stored bytes, never from what we meant to store: one bit flipped between
hashing and storing has ended a public log.

Source: PROTOCOL section 9; THREATS A29.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from sqlalchemy import Connection, bindparam, select

from gateway.errors import Corrupt, GatewayError
from gateway.ledger.entry import parse
from gateway.ledger.tree import EMPTY_ROOT, Frontier, leaf_hash
from gateway.store.rows import Head
from gateway.store.tables import entries, heads

CHUNK: Final = 1_000

_NEWEST = select(heads).order_by(heads.c.size.desc()).limit(1)
_HEAD = select(heads).where(heads.c.size == bindparam("size"))
_ENTRIES = (
    select(entries.c.idx, entries.c.data, entries.c.leaf)
    .where(entries.c.idx >= bindparam("start"), entries.c.idx < bindparam("end"))
    .order_by(entries.c.idx)
)
# Joined, not `(level, position) IN (...)`: SQLite answers that by reading the whole table.
_NODES = (
    "WITH wanted (level, position) AS (VALUES {}) SELECT nodes.level, nodes.position, nodes.hash "
    "FROM wanted JOIN nodes ON nodes.level = wanted.level AND nodes.position = wanted.position"
)
_MARKS = {"qmark": "(?, ?)", "format": "(%s, %s)"}


class Tip(NamedTuple):
    """All that is needed to append: the right edge, its root, and the newest entry's time (POSIX seconds)."""

    frontier: Frontier
    root: bytes
    at: int


def newest_head(connection: Connection) -> Head:
    """Return the head of the last commit; size 0 for an empty ledger."""
    row = connection.execute(_NEWEST).first()
    return Head(0, EMPTY_ROOT) if row is None else Head._make(row)


def head_at(connection: Connection, size: int) -> Head | None:
    """Return the head of that size, if a commit ended there."""
    if size == 0:
        return Head(0, EMPTY_ROOT)
    row = connection.execute(_HEAD, {"size": size}).first()
    return None if row is None else Head._make(row)


def load_nodes(connection: Connection, places: Iterable[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
    """Return the stored hashes of perfect subtrees (level, position); those not stored are absent."""
    mark = _MARKS[connection.dialect.paramstyle]
    wanted = sorted(set(places))
    found: dict[tuple[int, int], bytes] = {}
    for start in range(0, len(wanted), CHUNK):
        chunk = wanted[start : start + CHUNK]
        statement = _NODES.format(", ".join([mark] * len(chunk)))
        values = tuple(number for place in chunk for number in place)
        for level, position, value in connection.exec_driver_sql(statement, values).all():
            found[level, position] = value
    return found


def load_tip(connection: Connection, head: Head) -> Tip:
    """Return the tip of a head, from O(log n) stored rows.

    Raises:
        Corrupt: code `head-mismatch`, `node-missing` or `entry-unreadable`: nodes, head and newest entry do
            not belong together.
    """
    frontier = _frontier(connection, head.size)
    root = frontier.root()
    if root != head.root:
        raise _mismatch(head.size)
    if head.size == 0:
        return Tip(frontier, root, 0)
    newest = connection.execute(_ENTRIES, {"start": head.size - 1, "end": head.size}).first()
    try:
        at = parse(newest.data).at if newest is not None else None
    except GatewayError as exc:
        raise Corrupt("the newest entry does not parse", code="entry-unreadable") from exc
    if at is None:
        raise Corrupt("the newest entry is missing", code="entry-unreadable", index=str(head.size - 1))
    return Tip(frontier, root, at)


def read_back(connection: Connection, from_size: int, to_size: int) -> Head:
    """Return the head of `to_size`, computed anew from the entries stored from `from_size` on.

    Every stored entry is hashed again and compared with its leaf, its nodes, and the head; what lies before
    `from_size` is trusted as far as its stored head goes.

    Raises:
        Corrupt: something differs or is missing; `facts` name the index, node or size. Sign nothing.
    """
    before, after = head_at(connection, from_size), head_at(connection, to_size)
    if before is None or after is None or from_size > to_size:
        raise Corrupt("no head is stored for that size", code="head-missing", sizes=f"{from_size}-{to_size}")
    frontier = _frontier(connection, from_size)
    if frontier.root() != before.root:
        raise _mismatch(from_size)
    for start in range(from_size, to_size, CHUNK):
        frontier = _grow(connection, frontier, min(start + CHUNK, to_size))
    if frontier.root() != after.root:
        raise _mismatch(to_size)
    return after


def _grow(connection: Connection, frontier: Frontier, end: int) -> Frontier:
    """Return the frontier grown by the stored entries up to `end`, each compared with its leaf and nodes."""
    leaves: list[bytes] = []
    for index, data, leaf in connection.execute(_ENTRIES, {"start": frontier.size, "end": end}).all():
        if index != frontier.size + len(leaves):
            break
        if leaf_hash(data) != leaf:
            raise Corrupt(f"entry {index} does not make its leaf", code="leaf-mismatch", index=str(index))
        leaves.append(leaf)
    if frontier.size + len(leaves) != end:
        index = frontier.size + len(leaves)
        raise Corrupt(f"entry {index} is missing", code="entry-missing", index=str(index))
    grown, made = frontier.append(leaves)
    stored = load_nodes(connection, [(level, position) for level, position, _ in made])
    for level, position, value in made:
        if stored.get((level, position)) != value:
            raise Corrupt(
                f"node {level}/{position} is not what its entries make",
                code="node-mismatch",
                node=f"{level}/{position}",
                index=str(position << level),
            )
    return grown


def _frontier(connection: Connection, size: int) -> Frontier:
    places, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            places.append((level, start >> level))
            start += 1 << level
    stored = load_nodes(connection, places)
    missing = [place for place in places if place not in stored]
    if missing:
        level, position = missing[0]
        raise Corrupt(f"node {level}/{position} is missing", code="node-missing", node=f"{level}/{position}")
    return Frontier(size=size, hashes=tuple(stored[place] for place in places))


def _mismatch(size: int) -> Corrupt:
    return Corrupt("what is stored does not lead to the stored head", code="head-mismatch", size=str(size))
