"""Overdue reviews: who invoked an emergency that nobody has reviewed in time, by what the ledger bears out.

A row that the ledger does not bear out counts as overdue, for everybody: whoever changes one only gets a data
protection officer asked the next time.

Source: rule VP-39R; THREATS A21, A24.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.errors import GatewayError, NotFound
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import ACTOR, owner_of, read_body
from gateway.flow.question_again import record_of
from gateway.flow.references import unit_tag
from gateway.flow.review.roster import proved_entries
from gateway.ledger.entry import Entry, EntryKind
from gateway.release.obligation import MS_IN_HOUR, REVIEW_HOURS
from gateway.store.review_rows import ReviewRow

_SLACK_MS = 5 * 60 * 1000
"""How far the ledger's time of an emergency may be from the time its review is due by."""


def is_review_overdue(gateway: Gateway, actor: str, now_ms: int) -> bool:
    """Tell whether an emergency that somebody invoked should have been reviewed by now."""
    if gateway.read.is_review_overdue(unit_tag(gateway, actor), now_ms):
        return True
    rows = gateway.read.reviews()
    named = [one for row in rows for one in (row.entry, row.closing_entry) if isinstance(one, int)]
    try:
        entries = proved_entries(gateway, named)
        return not all(_is_borne_out(gateway, row, entries) for row in rows)
    except GatewayError:
        return True


def _is_borne_out(gateway: Gateway, row: ReviewRow, entries: Mapping[int, Entry]) -> bool:
    invoked = entries.get(row.entry) if isinstance(row.entry, int) else None
    if invoked is None or (invoked.kind, invoked.exchange) != (EntryKind.BREAK_GLASS, row.exchange_id):
        return False
    if row.due_at > invoked.at * 1000 + REVIEW_HOURS * MS_IN_HOUR + _SLACK_MS:
        return False
    if row.state != "due":
        closed = entries.get(row.closing_entry) if isinstance(row.closing_entry, int) else None
        told = None if closed is None else (closed.kind, closed.exchange, closed.about)
        if told != (EntryKind.BREAK_GLASS_REVIEWED, row.exchange_id, row.entry):
            return False
    return row.unit == _invoker(gateway, row)


def _invoker(gateway: Gateway, row: ReviewRow) -> bytes:
    exchange = gateway.read.exchange(row.exchange_id)
    if exchange is None:
        return b""
    try:
        owner = owner_of(gateway, record_of(gateway, exchange))
        return unit_tag(gateway, read_body(gateway, owner, ACTOR, row.exchange_id).decode())
    except NotFound:
        # Who invoked it went with the record; what the row says is all there is.
        return row.unit
