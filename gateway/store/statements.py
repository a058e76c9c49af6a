"""What each row of a unit becomes in SQL: compiled once per engine, run with the row's own tuple."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any, Final, NamedTuple

from sqlalchemy import Dialect, Table, bindparam, delete, func, insert, literal_column, null, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql import ClauseElement

from gateway.errors import Misconfigured
from gateway.store import changes, passing_rows, passing_tables, review_rows, review_tables, rows, tables
from gateway.store.unit import Unit

Parameters = tuple[Any, ...]

TABLE_OF: Final[dict[type[Any], Table]] = {
    rows.EntryRow: tables.entries,
    rows.NodeRow: tables.nodes,
    rows.Head: tables.heads,
    rows.CheckpointRow: tables.checkpoints,
    rows.PairRow: tables.pairs,
    rows.RecordRow: tables.records,
    rows.RecordKeyRow: tables.record_keys,
    rows.BodyRow: tables.bodies,
    rows.ExchangeRow: tables.exchanges,
    rows.ExchangeKeyRow: tables.exchange_keys,
    rows.OutboxRow: tables.outbox,
    rows.InboxRow: tables.inbox,
    rows.ReceiptRow: tables.receipts,
    rows.SenderProofRow: tables.sender_proofs,
    rows.PeerHeadRow: tables.peer_heads,
    rows.LinkedHeadRow: tables.linked_heads,
    rows.ActivationRow: tables.activations,
    rows.MetaRow: tables.meta,
    rows.PushRow: tables.pushes,
    rows.CursorRow: tables.cursors,
    rows.AccessRow: tables.accesses,
    rows.PersonRow: tables.persons,
    rows.ToldRow: tables.told,
    rows.AskRow: tables.asks,
    review_rows.OfficerRow: review_tables.officers,
    review_rows.OfficerChangeRow: review_tables.officer_changes,
    review_rows.HoldRow: review_tables.holds,
    review_rows.ApprovalRow: review_tables.approvals,
    review_rows.HoldCaseRow: review_tables.hold_cases,
    review_rows.ReviewRow: review_tables.reviews,
    passing_rows.ConsentRow: passing_tables.consents,
}
"""Row types in the order they are inserted: a key before what it opens."""


_CHANGED: Final[dict[type[Any], Table]] = {
    changes.RecordState: tables.records,
    changes.ExchangeState: tables.exchanges,
    changes.OutboxResealed: tables.outbox,
    changes.OutboxState: tables.outbox,
    changes.DropSealed: tables.outbox,
    changes.InboxJudgedAnew: tables.inbox,
    changes.MetaSet: tables.meta,
    changes.ForgetPushes: tables.pushes,
    changes.ForgetAsks: tables.asks,
    changes.CursorMoved: tables.cursors,
    changes.AccessRevoked: tables.accesses,
    changes.DecidedAnew: tables.exchanges,
    changes.HoldMoved: review_tables.holds,
    changes.HoldClaimed: review_tables.holds,
    changes.Reviewed: review_tables.reviews,
    changes.BodyReplaced: tables.bodies,
    passing_rows.ConsentMoved: passing_tables.consents,
    changes.EraseRecord: tables.records,
    changes.EraseExchange: tables.exchange_keys,
}
"""The table whose row, named by the leading columns, each kind of change is about."""

_OF_MANY: Final = frozenset({changes.ForgetPushes, changes.ForgetAsks})
"""Changes that touch any number of rows."""

_ERASING: Final = frozenset({changes.EraseRecord, changes.EraseExchange})

_SAID_AGAIN: Final = frozenset({rows.PersonRow, rows.ToldRow})
"""Rows that say a fact: one that stands already is left as it is."""

_KEYS: Final = {
    kind: (table.name, len(table.primary_key.columns)) for kind, table in {**TABLE_OF, **_CHANGED}.items()
}


class PairMoved(NamedTuple):
    """The count of a pair went from `expected` to `last_seq`."""

    peer: str
    direction: str
    expected: int
    last_seq: int


class Write(NamedTuple):
    """One statement for rows of one type.

    `pick` puts a row's values in the statement's order (None: they are in it already); `exact` says that
    every row must touch exactly one stored row.
    """

    sql: str
    pick: Callable[[Parameters], Parameters] | None
    exact: bool


def order_matters(units: Iterable[Unit]) -> bool:
    """Return whether writing these units together could say something else than one after the other.

    Together, all inserts come before all changes, and changes type by type. That is another order when a unit
    changes a row that a later one inserts, or changes in another way, and when one erases anything.
    """
    touched: dict[tuple[str, Parameters], type[Any]] = {}
    for position, unit in enumerate(units):
        changed: dict[tuple[str, Parameters], type[Any]] = {}
        for row in unit.rows:
            kind = type(row)
            if not touched and kind not in _CHANGED:
                continue
            table, width = _KEYS[kind]
            key = (table, tuple(row[:width]))
            if touched.get(key, kind) is not kind:
                return True
            if kind in _CHANGED:
                changed[key] = kind
        touched |= changed
        if position and not _ERASING.isdisjoint(touched.values()):
            return True
    return False


def compile_writes(dialect: Dialect) -> dict[type[Any], tuple[Write, ...]]:
    """Return the statements of every row type, inserts first, in the order to run them.

    Raises:
        Misconfigured: the driver takes parameters by name; rows are passed as plain tuples.
    """
    if not dialect.positional:
        raise Misconfigured("takes parameters by name", field="engine")
    writes: dict[type[Any], tuple[Write, ...]] = {
        row: (_compile(_insert(row, table, dialect), row, dialect, exact=False),)
        for row, table in TABLE_OF.items()
    }
    for row, statements in _changes().items():
        writes[row] = tuple(
            _compile(statement, row, dialect, exact=position == 0 and row not in _OF_MANY)
            for position, statement in enumerate(statements)
        )
    return writes


def _insert(row: type[Any], table: Table, dialect: Dialect) -> ClauseElement:
    if row not in _SAID_AGAIN:
        return insert(table)
    if dialect.name == "postgresql":
        return postgresql.insert(table).on_conflict_do_nothing()
    return sqlite.insert(table).on_conflict_do_nothing()


def _compile(statement: ClauseElement, row: type[Any], dialect: Dialect, *, exact: bool) -> Write:
    compiled: Any = statement.compile(dialect=dialect)
    fields: tuple[str, ...] = row._fields
    # Parameters of changes are named `its_<field>`: SQLAlchemy keeps the plain column names to itself.
    order = [fields.index(name.removeprefix("its_")) for name in compiled.positiontup]
    if order == list(range(len(fields))):
        return Write(str(compiled), None, exact)
    pick = itemgetter(*order)
    return Write(str(compiled), pick if len(order) > 1 else lambda values: (pick(values),), exact)


def _its(name: str) -> Any:
    return bindparam(f"its_{name}")


def _word(text: str) -> Any:
    return literal_column(f"'{text}'")


def _change(table: Table, keys: str, expected: str = "", sets: str = "", keeps: str = "") -> Any:
    """Return an UPDATE of one row: `keys` name it, `expected` is the column that must hold its `expected`,
    `sets` are overwritten, `keeps` are overwritten unless the new value is NULL.
    """
    conditions = [table.c[name] == _its(name) for name in keys.split()]
    if expected:
        conditions.append(table.c[expected] == _its("expected"))
    values: dict[str, Any] = {name: _its(name) for name in sets.split()}
    values |= {name: func.coalesce(_its(name), table.c[name]) for name in keeps.split()}
    return update(table).where(*conditions).values(values)


def _changes() -> dict[type[Any], Iterable[Any]]:
    outbox = tables.outbox
    return {
        PairMoved: [
            update(tables.pairs)
            .where(
                tables.pairs.c.peer == _its("peer"),
                tables.pairs.c.direction == _its("direction"),
                tables.pairs.c.last_seq == _its("expected"),
            )
            .values(last_seq=_its("last_seq"))
        ],
        changes.RecordState: [_change(tables.records, "originator record_id version", "state", "state")],
        changes.ExchangeState: [
            _change(
                tables.exchanges, "exchange_id", "state", "state", "closing_entry entry outcome message_id"
            )
        ],
        changes.OutboxResealed: [
            _change(
                outbox,
                "message_id",
                "envelope_digest",
                "header sealed sealed_digest envelope_digest entry expires_at",
            ).values(state=_word("queued"))
        ],
        changes.OutboxState: [_change(outbox, "message_id", "state", "state")],
        changes.DropSealed: [_change(outbox, "message_id").values(sealed=null())],
        changes.InboxJudgedAnew: [
            _change(
                tables.inbox,
                "sender message_id",
                "code",
                "envelope_digest header sealed_digest entry outcome code",
            )
        ],
        **_access_changes(),
        **_review_changes(),
        changes.EraseRecord: _erasure(),
        changes.EraseExchange: _erasure_of_exchange(),
    }


def _access_changes() -> dict[type[Any], Iterable[Any]]:
    accesses = tables.accesses
    return {
        changes.MetaSet: [_change(tables.meta, "name", "value", "value")],
        changes.ForgetPushes: [delete(tables.pushes).where(tables.pushes.c.created_at < _its("before"))],
        changes.ForgetAsks: [delete(tables.asks).where(tables.asks.c.day < _its("before"))],
        changes.CursorMoved: [_change(tables.cursors, "reader purpose", "position", "position")],
        changes.AccessRevoked: [
            _change(accesses, "serial", sets="revoked_at closing_entry").where(
                accesses.c.revoked_at.is_(null())
            )
        ],
    }


def _review_changes() -> dict[type[Any], Iterable[Any]]:
    holds = review_tables.holds
    decided = "state decision_digest policy_digest directory_version duties outcome entry"
    return {
        changes.DecidedAnew: [_change(tables.exchanges, "exchange_id", "state", decided, "message_id")],
        changes.HoldMoved: [
            _change(holds, "exchange_id round", "state", "state why", "closing_entry").values(
                claimed_by=_word(""), claimed_until=literal_column("0")
            )
        ],
        changes.HoldClaimed: [
            _change(holds, "exchange_id round", "claimed_by", "claimed_by claimed_until").where(
                review_tables.OPEN
            )
        ],
        changes.Reviewed: [_change(review_tables.reviews, "exchange_id", "state", "state closing_entry")],
        changes.BodyReplaced: [
            _change(tables.bodies, "originator record_id version kind part", sets="ciphertext")
        ],
        passing_rows.ConsentMoved: [
            _change(
                passing_tables.consents,
                "side peer request_id",
                "state",
                "state refusal",
                "closing_entry",
            )
        ],
    }


def _erasure() -> list[Any]:
    """Return what erasing one record version does; the row stays, so that nobody brings it back unseen."""
    records, exchanges, outbox = tables.records, tables.exchanges, tables.outbox

    def of_record(table: Table) -> list[Any]:
        return [table.c[name] == _its(name) for name in ("originator", "record_id", "version")]

    ids = select(exchanges.c.exchange_id).where(*of_record(exchanges)).scalar_subquery()
    return [
        update(records)
        .where(*of_record(records), records.c.state != _word("erased"))
        .values(state=_word("erased"), reference_tag=null()),
        delete(tables.bodies).where(*of_record(tables.bodies)),
        delete(tables.record_keys).where(*of_record(tables.record_keys)),
        delete(tables.exchange_keys).where(tables.exchange_keys.c.exchange_id.in_(ids)),
        delete(review_tables.hold_cases).where(review_tables.hold_cases.c.exchange_id.in_(ids)),
        update(outbox).where(outbox.c.exchange_id.in_(ids)).values(sealed=null()),
    ]


def _erasure_of_exchange() -> list[Any]:
    """Return what erasing one exchange does; the key goes first, and must be there."""
    keys, bodies, exchanges = tables.exchange_keys, tables.bodies, tables.exchanges

    def owner(name: str) -> Any:
        found = select(exchanges.c[name]).where(exchanges.c.exchange_id == _its("exchange_id"))
        return bodies.c[name] == found.scalar_subquery()

    of_record = [owner(name) for name in ("originator", "record_id", "version")]
    return [
        delete(keys).where(keys.c.exchange_id == _its("exchange_id")),
        delete(bodies).where(*of_record, bodies.c.part == _its("exchange_id")),
    ]
