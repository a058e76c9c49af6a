"""The one writer: units of work become one transaction, one fsync and one new head per batch.

Source: DESIGN section 11; PROTOCOL sections 8 and 9.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from collections.abc import Sequence as SequenceOf
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, bindparam, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from gateway.errors import Corrupt, GatewayError, Unreachable
from gateway.store import sqlite, tip
from gateway.store.place import EntryAt
from gateway.store.refusal import ITS_OWN_FAULT, Unmatched, refusal_of
from gateway.store.rows import EntryRow, Head, NodeRow, PairRow
from gateway.store.sequence import Committed, Pair, Sequence
from gateway.store.source import Source
from gateway.store.statements import PairMoved, Write, compile_writes, order_matters
from gateway.store.tables import SEQUENCER, meta, pairs
from gateway.store.unit import ENTRY_COLUMNS, Unit

_LOCK = select(meta.c.value).where(meta.c.name == SEQUENCER).with_for_update()
_LAST = select(pairs.c.last_seq).where(
    pairs.c.peer == bindparam("peer"), pairs.c.direction == bindparam("direction")
)

Outcome = Committed | GatewayError


class _Placed(NamedTuple):
    """A unit and the index of its first entry."""

    position: int
    unit: Unit
    first: int


class Writer:
    """Commits units. Calls from several threads are taken one after the other.

    `clock()` returns POSIX seconds; `random(n)` n random bytes; `readers` is the engine that stored bytes are
    read back through; `between` is run between transactions, for what a database wants done then.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], int],
        random: Callable[[int], bytes],
        *,
        readers: Engine | None = None,
        between: Callable[[], None] | None = None,
    ) -> None:
        self._engine = engine
        self._readers = Source(readers or engine)
        self._clock = clock
        self._random = random
        self._between = between
        self._writes = compile_writes(engine.dialect)
        self._tip: tip.Tip | None = None
        self._broken = False
        self._turn = threading.RLock()

    def commit(self, units: SequenceOf[Unit]) -> list[Outcome]:
        """Commit units in one transaction and return what became of each, in order.

        A unit that breaks a constraint, or whose change finds no row, fails alone with its error (`Conflict`,
        `Malformed`); the others are committed. Returns only after COMMIT: what is `Committed` is durable.

        Raises:
            Corrupt: the stored tree does not hold together; nothing was written.
            Unreachable: code `store`: the database failed, nothing was written; code `store-unknown`: COMMIT
                itself failed, so the outcome is unknown and this writer writes nothing more.
        """
        if not units:
            return []
        with self._turn:
            self.tidy()
            try:
                return self._transaction(units, self._write_together)
            except (*ITS_OWN_FAULT, Unmatched):
                # Some unit is refused. Which one, and what the others' places are then, is found one by one.
                return self._transaction(units, self._write_singly)

    def commit_one(self, unit: Unit) -> Committed:
        """Commit one unit and return its place; as `commit`, but its refusal is raised.

        Raises:
            GatewayError: the unit was refused, or what `commit` raises; nothing was written.
        """
        outcome = self.commit([unit])[0]
        if isinstance(outcome, GatewayError):
            raise outcome
        return outcome

    def read_back(self, from_size: int, to_size: int) -> Head:
        """Return the head of `to_size`, computed anew from what is stored: the only head that may be signed.

        Raises:
            Corrupt: what is stored is not what was committed; see `tip.read_back`. Sign nothing.
        """
        with self._readers.connection() as connection:
            head = tip.read_back(connection, from_size, to_size)
        with self._turn:
            known = self._tip
        if known is not None and known.frontier.size == head.size and known.root != head.root:
            size = str(head.size)
            raise Corrupt("the stored head is not the committed one", code="head-mismatch", size=size)
        return head

    def head(self) -> Head:
        """Return the head as the next commit would find it, checked against the stored nodes.

        Raises:
            Corrupt: nodes and head do not belong together.
        """
        with self._turn, self._readers.connection() as connection:
            known = self._load_tip(connection)
        return Head(known.frontier.size, known.root)

    def tidy(self) -> None:
        """Do what the database wants done between transactions. Cheap when nothing is due."""
        if self._between is not None:
            self.between(self._between)

    def between(self, work: Callable[[], None]) -> None:
        """Run work on the database while no transaction is open; commits wait."""
        with self._turn:
            work()

    def _transaction(
        self,
        units: SequenceOf[Unit],
        write: Callable[[Connection, SequenceOf[Unit], Sequence, dict[int, Outcome]], list[_Placed]],
    ) -> list[Outcome]:
        if self._broken:
            raise Unreachable("the store failed during a commit; open it again", code="store-unknown")
        outcomes: dict[int, Outcome] = {}
        try:
            with self._engine.connect() as connection:
                transaction = connection.begin()
                try:
                    connection.execute(_LOCK)
                    before = self._load_tip(connection)
                    sequence = self._sequence(connection, before)
                    placed = write(connection, units, sequence, outcomes)
                    after = self._write_tree(connection, before, sequence)
                except BaseException:
                    transaction.rollback()
                    raise
                self._commit(transaction.commit)
                self._tip = after
        except ITS_OWN_FAULT:
            raise
        except DBAPIError as exc:
            raise Unreachable("the store failed; nothing was written", code="store") from exc
        for position, unit, first in placed:
            outcomes[position] = sequence.committed(first, len(unit.drafts))
        return [outcomes[position] for position in range(len(units))]

    def _commit(self, commit: Callable[[], None]) -> None:
        try:
            commit()
        except DBAPIError as exc:
            if sqlite.is_full(exc):
                raise
            # A second fsync may report success for data that the first one lost: never try again.
            self._broken = True
            raise Unreachable("the outcome of a commit is unknown", code="store-unknown") from exc

    def _load_tip(self, connection: Connection) -> tip.Tip:
        """Return the tip of the newest stored head; from memory when it is the one we committed."""
        head = tip.newest_head(connection)
        known = self._tip
        if known is not None and known.frontier.size == head.size and known.root == head.root:
            return known
        return tip.load_tip(connection, head)

    def _sequence(self, connection: Connection, before: tip.Tip) -> Sequence:
        def last_of(pair: Pair) -> int:
            return connection.execute(_LAST, {"peer": pair[0], "direction": pair[1]}).scalar() or 0

        # Time in the ledger never goes back, whatever the clock does.
        at = max(self._clock(), before.at)
        return Sequence(size=before.frontier.size, at=at, last_of=last_of, random=self._random)

    def _write_together(
        self,
        connection: Connection,
        units: SequenceOf[Unit],
        sequence: Sequence,
        outcomes: dict[int, Outcome],
    ) -> list[_Placed]:
        if order_matters(units):
            raise Unmatched("depends on another unit of its batch")
        placed = []
        for position, unit in enumerate(units):
            try:
                placed.append(_Placed(position, unit, sequence.place(unit)))
            except GatewayError as exc:
                outcomes[position] = exc
        self._write_rows(connection, placed)
        return placed

    def _write_singly(
        self,
        connection: Connection,
        units: SequenceOf[Unit],
        sequence: Sequence,
        outcomes: dict[int, Outcome],
    ) -> list[_Placed]:
        placed = []
        for position, unit in enumerate(units):
            size, counts = sequence.size, dict(sequence.pairs)
            try:
                with connection.begin_nested():
                    one = _Placed(position, unit, sequence.place(unit))
                    self._write_rows(connection, [one])
            except (GatewayError, *ITS_OWN_FAULT) as exc:
                # A pair's count goes back with the unit that took it: a gap would look like a hidden entry.
                sequence.undo(size, counts)
                outcomes[position] = refusal_of(exc)
            else:
                placed.append(one)
        return placed

    def _write_rows(self, connection: Connection, placed: list[_Placed]) -> None:
        groups: dict[type[Any], list[tuple[Any, ...]]] = {}
        for _, unit, first in placed:
            for row in unit.rows:
                kind = type(row)
                values: tuple[Any, ...] = row
                for column in ENTRY_COLUMNS[kind]:
                    value = row[column]
                    if type(value) is EntryAt:
                        values = (*values[:column], first + value.n, *values[column + 1 :])
                groups.setdefault(kind, []).append(values)
        for kind, writes in self._writes.items():
            if kind in groups:
                for write in writes:
                    _run(connection, kind, write, groups[kind])

    def _write_tree(self, connection: Connection, before: tip.Tip, sequence: Sequence) -> tip.Tip:
        """Write entries, nodes, pair counts and the new head; return the new tip."""
        if not sequence.rows:
            return before
        frontier, made = before.frontier.append([row.leaf for row in sequence.rows])
        after = tip.Tip(frontier, frontier.root(), sequence.at)
        begun = [(*pair, seq) for pair, seq in sequence.pairs.items() if sequence.stored(pair) == 0]
        moved = [
            PairMoved(*pair, sequence.stored(pair), seq)
            for pair, seq in sequence.pairs.items()
            if sequence.stored(pair)
        ]
        tree: list[tuple[type[Any], Iterable[tuple[Any, ...]]]] = [
            (EntryRow, sequence.rows),
            (NodeRow, made),
            (PairRow, begun),
            (PairMoved, moved),
            (Head, [Head(frontier.size, after.root)]),
        ]
        try:
            for kind, values in tree:
                if values:
                    _run(connection, kind, self._writes[kind][0], list(values))
        except (IntegrityError, Unmatched) as exc:
            raise Corrupt(
                "the ledger's next place is taken", code="place-taken", index=str(before.frontier.size)
            ) from exc
        return after


def _run(connection: Connection, kind: type[Any], write: Write, values: list[tuple[Any, ...]]) -> None:
    parameters = values if write.pick is None else [write.pick(row) for row in values]
    result = connection.exec_driver_sql(write.sql, parameters)
    if write.exact and result.rowcount != len(values):
        raise Unmatched("is not in the expected state", code="state-changed", field=kind.__name__)
