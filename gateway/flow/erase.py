"""Erasing: what makes a record readable is destroyed here, once, and the ledger says so.

Gone are the record's key, every exchange's K, all bodies and sealed envelopes. The statement's digest,
entries, receipts and proofs stay: what happened can be proved, what it was about cannot be read. What still
waits to leave is stopped in the same transaction, so that nothing of it can follow.

Source: DESIGN section 10; PROTOCOL sections 8 and 12; THREATS A39, A41.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from gateway.errors import GatewayError, Locked
from gateway.flow.gateway import Gateway
from gateway.flow.passing.asked import ENDED, HOLDER, WAITING, moved
from gateway.flow.retention import USE_ENDED
from gateway.flow.stop import stopping
from gateway.ledger.entry import Draft, EntryKind
from gateway.ledger.kinds import FinalCode
from gateway.observe import counters
from gateway.release.hold import HoldEvent, HoldState, advance
from gateway.store.changes import Change, EraseExchange, EraseRecord, ExchangeState, HoldMoved
from gateway.store.place import EntryAt
from gateway.store.rows import ExchangeRow, OutboxRow, RecordRow
from gateway.store.unit import Unit

ERASED = "erased"


class Why(StrEnum):
    """Why something is erased."""

    USE_ENDED = USE_ENDED

    @property
    def code(self) -> str:
        """The ledger's code for what was stopped on its way for this."""
        match self:
            case Why.USE_ENDED:
                return FinalCode.EXPIRED.value


def erase(gateway: Gateway, rows: Sequence[RecordRow], why: Why) -> int:
    """Erase record versions, own or received, with all their exchanges; return how many were.

    Each is one unit of one transaction: whole, or not at all. One erased before is left as it is.
    """
    kept = [row for row in rows if row.state != ERASED]
    return _commit(gateway, [_Erasure(gateway, row, why).unit() for row in kept])


def erase_exchanges(gateway: Gateway, rows: Sequence[ExchangeRow]) -> int:
    """Erase what came with exchanges while their records stay for others; return how many were."""
    kept = [row for row in rows if row.direction == "in" and row.state != ERASED]
    return _commit(gateway, [_of_exchange(gateway, row) for row in kept])


def scrub(gateway: Gateway) -> None:
    """Leave nothing of what was erased in the store's log; one that is in use is scrubbed the next time."""
    try:
        gateway.store.scrub()
    except Locked:
        counters["erasure.unscrubbed"] += 1


def _commit(gateway: Gateway, units: Sequence[Unit]) -> int:
    outcomes = gateway.store.erase(units)
    failed = sum(isinstance(outcome, GatewayError) for outcome in outcomes)
    counters["erasure.failures"] += failed
    scrub(gateway)
    return len(outcomes) - failed


def _of_exchange(gateway: Gateway, row: ExchangeRow) -> Unit:
    closed = ExchangeState(row.exchange_id, row.state, ERASED, closing_entry=EntryAt(0))
    if gateway.read.exchange_key(row.exchange_id) is None:
        # Its record was erased before it; only the word was left to be said.
        return Unit(rows=(closed._replace(closing_entry=None),))
    return Unit(drafts=(_erased(row),), rows=(closed, EraseExchange(row.exchange_id)))


def _erased(row: ExchangeRow) -> Draft:
    about = row.entry if isinstance(row.entry, int) else None
    return Draft(kind=EntryKind.ERASED, exchange=row.exchange_id, peer=row.peer, about=about)


class _Erasure:
    """One record version's erasure in the making: `drafts` are the entries, `rows` what changes."""

    def __init__(self, gateway: Gateway, record: RecordRow, why: Why) -> None:
        self._gateway = gateway
        self._record = record
        self._why = why
        self._drafts: list[Draft] = []
        self._rows: list[Change] = []

    def unit(self) -> Unit:
        record = self._record
        exchanges = self._gateway.read.exchanges_of_record(
            record.originator, record.record_id, record.version
        )
        for row in exchanges:
            self._stop(row)
        self._end_questions()
        for row in exchanges:
            if row.direction == "in" and row.state != ERASED:
                self._drafts.append(_erased(row))
                self._close(row)
        if record.direction == "own" or not self._drafts:
            about = record.submitted_entry if isinstance(record.submitted_entry, int) else None
            self._drafts.append(Draft(kind=EntryKind.ERASED, about=about))
        for row in exchanges:
            if row.direction == "out" and row.state == "held":
                self._close(row)
                self._void(row)
        self._rows.append(EraseRecord(record.originator, record.record_id, record.version))
        return Unit(drafts=tuple(self._drafts), rows=tuple(self._rows))

    def _stop(self, row: ExchangeRow) -> None:
        """Stop what waits in the outbox. What has left already may still be receipted."""
        waiting = self._waiting(row)
        if waiting is not None:
            self._stop_message(waiting)

    def _stop_message(self, waiting: OutboxRow) -> None:
        draft, changes = stopping(waiting, self._why.code, EntryAt(len(self._drafts)))
        self._drafts.append(draft)
        self._rows += changes

    def _end_questions(self) -> None:
        """End what was asked about the record; a question that has not left yet does not leave."""
        record = self._record
        for row in self._gateway.read.consents_of_record(record.originator, record.record_id, record.version):
            if row.state != WAITING:
                continue
            self._rows += moved(row, ENDED)
            for message in self._gateway.read.outbox_of_exchange(row.request_id):
                if row.side == HOLDER and message.state == "queued":
                    self._stop_message(message)

    def _waiting(self, row: ExchangeRow) -> OutboxRow | None:
        if row.direction != "out" or row.message_id is None:
            return None
        waiting = self._gateway.read.outbox(row.message_id)
        return waiting if waiting is not None and waiting.state == "queued" else None

    def _void(self, row: ExchangeRow) -> None:
        """Close what officers were asked about it."""
        hold = self._gateway.read.hold(row.exchange_id)
        if hold is not None and HoldState(hold.state).is_open:
            after = advance(HoldState(hold.state), HoldEvent.CHANGE).value
            why = "its record was erased"
            self._rows.append(HoldMoved(hold.exchange_id, hold.round, hold.state, after, why))

    def _close(self, row: ExchangeRow) -> None:
        """Close an exchange by the entry written last."""
        at = EntryAt(len(self._drafts) - 1)
        self._rows.append(ExchangeState(row.exchange_id, row.state, ERASED, closing_entry=at))
