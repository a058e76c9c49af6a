"""Ending what was asked and not answered: a request that never got there, was refused at the door, or waited
in vain.

Source: PROTOCOL section 5; THREATS A22.
"""

from __future__ import annotations

from datetime import datetime

from gateway.errors import GatewayError, NotFound
from gateway.flow.gateway import Gateway
from gateway.flow.passing.asked import (
    CONSENT_ENDED,
    CONSENT_REFUSED,
    ENDED,
    HOLDER,
    ORIGINATOR,
    WAITING,
    Closing,
    closing,
    moved,
)
from gateway.record.moment import to_ms
from gateway.release.hold import HoldState
from gateway.sealing.envelope import EnvelopeKind
from gateway.store.passing_rows import ConsentRow
from gateway.store.place import EntryAt
from gateway.store.rows import OutboxRow
from gateway.store.unit import Unit

BATCH = 64


def unanswered(gateway: Gateway, message: OutboxRow, *, refused: bool, at: EntryAt) -> Closing | None:
    """Return what ends the onward exchange of a request that its originator refused at the door, or that
    never reached it; None where the message is no request, or its exchange has ended.
    """
    if message.kind != EnvelopeKind.CONSENT_REQUEST.token:
        return None
    row = gateway.read.consent(HOLDER, message.peer, message.exchange_id)
    return None if row is None else _closing(gateway, row, refused=refused, at=at)


def end_unanswered(gateway: Gateway, now: datetime) -> int:
    """End every request that waited in vain, on both sides; return how many were. May run again at any time.

    Raises:
        GatewayError: the store refused.
    """
    units = [
        Unit(drafts=(ended.draft,), rows=ended.rows)
        for row in gateway.read.ended_consents(HOLDER, to_ms(now), limit=BATCH)
        if (ended := _closing(gateway, row, refused=False, at=EntryAt(0))) is not None
    ]
    units += [
        Unit(rows=moved(row, ENDED))
        for row in gateway.read.ended_consents(ORIGINATOR, to_ms(now), limit=BATCH)
        if not _is_held(gateway, row)
    ]
    for outcome in gateway.store.writer.commit(units):
        if isinstance(outcome, GatewayError):
            raise outcome
    return len(units)


def _closing(gateway: Gateway, row: ConsentRow, *, refused: bool, at: EntryAt) -> Closing | None:
    if row.state != WAITING:
        return None
    try:
        return closing(gateway, row, rule=CONSENT_REFUSED if refused else CONSENT_ENDED, at=at)
    except NotFound:
        return None  # It ended when its record was erased.


def _is_held(gateway: Gateway, row: ConsentRow) -> bool:
    hold = gateway.read.hold(row.exchange_id)
    return hold is not None and HoldState(hold.state).is_open
