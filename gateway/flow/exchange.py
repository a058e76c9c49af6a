"""How an exchange stands, for the system that submitted it or the person who asks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.errors import NotFound
from gateway.flow.gateway import Gateway
from gateway.flow.references import reference_tag
from gateway.ledger.entry import parse
from gateway.record.moment import from_ms
from gateway.store.rows import ExchangeRow

_OPEN = frozenset({"released", "held"})
_REFUSED_THERE = frozenset({"refused", "quarantined"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One exchange as it stands; `open` while it can still change by itself or by people here.

    `expires_at` is when a hold lapses, or when what came may be used no more and is erased.
    `code` is the closed reason why the other side refused it, or why it can not be delivered.
    """

    id: str
    record_id: str
    version: int
    peer: str
    direction: str
    state: str
    open: bool
    duties: tuple[str, ...]
    created_at: datetime
    expires_at: datetime | None
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One record version submitted under a reference, and where it went."""

    record_id: str
    version: int
    state: str
    exchanges: tuple[Exchange, ...]


def exchange_now(gateway: Gateway, exchange_id: str) -> Exchange:
    """Return how an exchange stands.

    Raises:
        NotFound: code `no-such-exchange`.
    """
    row = gateway.read.exchange(exchange_id)
    if row is None or (row.outcome == "quarantined" and row.direction == "in"):
        raise NotFound("there is no such exchange", code="no-such-exchange", field="exchange_id")
    return _exchange(gateway, row)


def find_records(gateway: Gateway, reference: str) -> list[Found]:
    """Return the record versions submitted under an own reference, oldest first; none is an empty list."""
    rows = gateway.read.records_by_reference(reference_tag(gateway, reference)) if reference else []
    return [
        Found(
            record_id=row.record_id,
            version=row.version,
            state=row.state,
            exchanges=tuple(
                _exchange(gateway, one)
                for one in gateway.read.exchanges_of_record(row.originator, row.record_id, row.version)
            ),
        )
        for row in rows
    ]


def _exchange(gateway: Gateway, row: ExchangeRow) -> Exchange:
    return Exchange(
        id=row.exchange_id,
        record_id=row.record_id,
        version=row.version,
        peer=row.peer,
        direction=row.direction,
        state=row.state,
        open=row.direction == "out" and row.state in _OPEN,
        duties=tuple(row.duties.split(",")) if row.duties else (),
        created_at=from_ms(row.created_at),
        expires_at=None if row.expires_at is None else from_ms(row.expires_at),
        code=_code(gateway, row),
    )


def _code(gateway: Gateway, row: ExchangeRow) -> str:
    if row.direction != "out" or not isinstance(row.closing_entry, int):
        return ""
    if row.state in _REFUSED_THERE and row.message_id is not None:
        codes = [parse(receipt.entry).code for receipt in gateway.read.receipts_of(row.message_id)]
        return next((code for code in codes if code), "")
    asked = gateway.read.consent_of_exchange(row.exchange_id) if row.state == "rejected" else None
    if asked is not None:
        return asked.refusal
    return parse(gateway.read.entry(row.closing_entry).data).code or ""
