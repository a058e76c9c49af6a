"""What became of an exchange that was held: who did what and when, and who could have read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import GatewayError, NotFound
from gateway.flow.exchange import exchange_now
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import owner_of, read_body
from gateway.flow.question_again import record_of
from gateway.flow.review.again import reconsidered
from gateway.flow.review.before import Before, told_before
from gateway.flow.review.held import approval_kind, held
from gateway.flow.review.roster import Officers, officers_of
from gateway.ledger.entry import Entry, EntryKind, parse
from gateway.record.lookalike import named
from gateway.record.moment import from_ms
from gateway.store.rows import ExchangeRow
from keys.approval import peek_approval

_STEPS = {
    EntryKind.DECIDED: "decided",
    EntryKind.HELD: "held",
    EntryKind.APPROVED: "approved",
    EntryKind.REJECTED: "refused",
    EntryKind.HOLD_PLACED: "tried in vain",
    EntryKind.BREAK_GLASS: "emergency",
    EntryKind.BREAK_GLASS_REVIEWED: "reviewed",
    EntryKind.RELEASED: "released",
    EntryKind.SENT: "sent",
    EntryKind.DELIVERED: "answered by the recipient",
    EntryKind.UNDELIVERABLE: "stopped",
    EntryKind.READ: "read",
    EntryKind.ERASED: "erased",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry of the ledger about an exchange, in words; `at` is ISO text, `entry` its index."""

    entry: int
    at: str
    what: str
    who: str
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """All that the ledger says of an exchange, oldest first."""

    exchange: str
    recipient: str
    state: str
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Who could have read a release: `state` of the exchange, and why in words."""

    exchange: str
    recipient: str
    state: str
    could_have_read: Sequence[str]
    told: str


def history_of(gateway: Gateway, exchange_id: str) -> History:
    """Return what became of an exchange of this agency.

    Raises:
        NotFound: code `no-such-exchange`.
    """
    row = _outgoing(gateway, exchange_id)
    officers = officers_of(gateway)
    spoken = _spoken(gateway, row, officers)
    rows = gateway.read.entries_of_exchange(exchange_id)
    return History(
        exchange=exchange_id,
        recipient=row.peer,
        state=row.state,
        steps=[_step(one.idx, parse(one.data), spoken) for one in rows],
    )


def _outgoing(gateway: Gateway, exchange_id: str) -> ExchangeRow:
    row = gateway.read.exchange(exchange_id)
    if row is None or row.direction != "out":
        raise NotFound("no release of this agency has this id", code="no-such-exchange", field="exchange")
    return row


def _spoken(gateway: Gateway, row: ExchangeRow, officers: Officers) -> dict[int, tuple[str, str]]:
    """Return who spoke and why, by the entry that says so; what was erased is told by key id alone."""
    found = {}
    for one in gateway.read.approvals(row.exchange_id):
        if not isinstance(one.entry, int):
            continue
        try:
            owner = owner_of(gateway, record_of(gateway, row))
            kept = read_body(gateway, owner, approval_kind(one.seq), row.exchange_id)
            reason = peek_approval(kept).reason
        except GatewayError:
            reason = "the words were erased"
        found[one.entry] = (named(officers.name_of(one.key_id), one.key_id), reason)
    return found


def _step(index: int, entry: Entry, spoken: dict[int, tuple[str, str]]) -> Step:
    who, reason = spoken.get(index, ("", ""))
    told = {
        EntryKind.DECIDED: f"{entry.outcome or ''}, by {', '.join(entry.rules or ()) or 'no rule'}",
        EntryKind.HELD: f"for {', '.join(entry.duties or ())}",
        EntryKind.APPROVED: f"as {entry.duty}" + (f": {reason}" if reason else ""),
        EntryKind.REJECTED: f"as {entry.duty}: {reason}",
        EntryKind.UNDELIVERABLE: entry.code or "",
    }.get(entry.kind, "")
    return Step(
        entry=index,
        at=from_ms(entry.at * 1000).isoformat(),
        what=_STEPS.get(entry.kind, entry.kind.name.lower().replace("_", " ")),
        who=who,
        told=told,
    )


def previous_of(gateway: Gateway, exchange_id: str, now: datetime) -> list[Before]:
    """Return who was told what before, of a held record and the protected persons in it.

    Raises:
        NotFound: code `no-such-hold`, `erased`.
    """
    found = held(gateway, exchange_id)
    return told_before(gateway, found, reconsidered(gateway, found, now))


def reach_of(gateway: Gateway, exchange_id: str) -> Reach:
    """Return who could have read a release.

    Raises:
        NotFound: code `no-such-exchange`.
    """
    row = _outgoing(gateway, exchange_id)
    stands = exchange_now(gateway, exchange_id).state
    match stands:
        case "held" | "denied" | "rejected" | "expired":
            who, told = [], "nothing of it has left"
        case "released":
            who, told = [row.peer], "it is on its way: whether it arrived is not known yet"
        case "delivered":
            who, told = [row.peer], "the recipient's receipt says that it arrived"
        case "quarantined" | "refused":
            who, told = [row.peer], f"the recipient's receipt says that it was {stands}"
        case _:
            who, told = [row.peer], "it was stopped, and may have arrived before"
    return Reach(exchange=exchange_id, recipient=row.peer, state=stands, could_have_read=who, told=told)
