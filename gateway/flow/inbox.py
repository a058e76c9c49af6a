"""The inbox of the agency's own systems: what arrived for a purpose, in order, each reader at its own place.

Every handing out is a reading: verified again from the stored bytes, and ledgered before it leaves.

Source: DESIGN sections 10 and 12; THREATS A41, P4.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.errors import GatewayError, Malformed, Unreachable
from gateway.flow.consult import reading_unit
from gateway.flow.gateway import Gateway
from gateway.flow.retention import USE_ENDED, has_ended
from gateway.flow.verify import kept_of, verify_received
from gateway.record.view import merge
from gateway.record.vocabulary import Purpose, Rung
from gateway.sealing.envelope import EnvelopeKind
from gateway.store.changes import CursorMoved
from gateway.store.queries import Reader
from gateway.store.rows import CursorRow, ExchangeRow, InboxRow, RecordRow
from gateway.store.unit import Unit

_PAGE = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """One arrival as it is handed out.

    `position` grows with arrival. `record` is the disclosed record's bytes, None with `absent` saying why:
    `use-ended`, `erased`, or `unverified`. `rungs` says how precise each (entity, field) is, `restrictions`
    are those of its marking in words.
    """

    position: int
    exchange_id: str
    sender: str
    originator: str
    record_id: str
    version: int
    use_until: str
    obligations: tuple[str, ...] = ()
    restrictions: tuple[str, ...] = ()
    pseudonyms: Mapping[str, str]
    record: bytes | None
    rungs: tuple[tuple[str, int, Rung], ...] = ()
    absent: str = ""


def place_of(gateway: Gateway, reader: str, purpose: Purpose) -> int:
    """Return the position up to which a reader has taken over what came for a purpose; -1 for nothing."""
    found = gateway.read.cursor(reader, purpose.token)
    return -1 if found is None else found


def arrived_after(
    gateway: Gateway, purpose: Purpose, after: int, *, limit: int, actor: str, now: datetime
) -> list[Handed]:
    """Return what arrived for a purpose behind a position, oldest first, at most `limit`.

    What may not be read any more comes without its record, so that nobody waits for it.
    """
    handed, units = [], []
    for row, exchange in _arrivals(gateway.read, purpose, after, limit):
        record, one = _handed(gateway, row, exchange, now)
        if one.record is not None and record is not None:
            units.append(
                reading_unit(gateway, record, row.exchange_id, purpose=purpose, actor=actor, now=now)
            )
        handed.append(one)
    for outcome in gateway.store.writer.commit(units):
        if isinstance(outcome, GatewayError):
            raise outcome
    return handed


def take_over(gateway: Gateway, reader: str, purpose: Purpose, position: int) -> int:
    """Move a reader's place behind a position, never back; return the place.

    Raises:
        Malformed: code `bad-position`: nothing stands there yet.
    """
    if not 0 <= position < gateway.read.head().size:
        raise Malformed("is not the position of an arrival", field="position", code="bad-position")
    known = gateway.read.cursor(reader, purpose.token)
    if known is not None and known >= position:
        return known
    move: CursorRow | CursorMoved = (
        CursorRow(reader, purpose.token, position)
        if known is None
        else CursorMoved(reader, purpose.token, known, position)
    )
    gateway.store.writer.commit_one(Unit(rows=(move,)))
    return position


def _arrivals(read: Reader, purpose: Purpose, after: int, limit: int) -> list[tuple[InboxRow, ExchangeRow]]:
    found: list[tuple[InboxRow, ExchangeRow]] = []
    while len(found) < limit and (page := read.arrived(outcome="received", after=after, limit=_PAGE)):
        for row in page:
            exchange = read.exchange(row.exchange_id)
            if row.kind != EnvelopeKind.RELEASE.token:
                continue
            if exchange is not None and exchange.purpose == purpose.token and len(found) < limit:
                found.append((row, exchange))
        after = max(row.entry for row in page if isinstance(row.entry, int))
    return found


def _handed(
    gateway: Gateway, row: InboxRow, exchange: ExchangeRow, now: datetime
) -> tuple[RecordRow | None, Handed]:
    bare = Handed(
        position=row.entry if isinstance(row.entry, int) else 0,
        exchange_id=row.exchange_id,
        sender=row.sender,
        originator=exchange.originator,
        record_id=exchange.record_id,
        version=exchange.version,
        use_until="",
        pseudonyms={},
        record=None,
    )
    try:
        record = kept_of(gateway, exchange)
        admitted = verify_received(gateway, row.exchange_id, now)
    except Unreachable:
        # The store did not answer: that says nothing of the record, and nobody may pass over it for that.
        raise
    except GatewayError as exc:
        # Stored bytes that verify no more are nobody's to read; the others wait behind them for nothing.
        return None, replace(bare, absent="erased" if exc.code == "erased" else "unverified")
    release, disclosure = admitted.release, admitted.disclosure
    if release.purpose.token != exchange.purpose:
        # The row said so when it was chosen; what was released says it under its sender's key.
        return None, replace(bare, absent="unverified")
    bare = replace(bare, use_until=release.expires_at.isoformat())
    if has_ended(release, now):
        return None, replace(bare, absent=USE_ENDED)
    return record, replace(
        bare,
        obligations=tuple(one.code.token for one in release.obligations),
        restrictions=tuple(sorted(release.marking.notes)),
        pseudonyms=dict(release.pseudonyms),
        record=merge(disclosure.portions).SerializeToString(deterministic=True),
        rungs=tuple((portion.entity, portion.field, portion.rung) for portion in disclosure.portions),
    )
