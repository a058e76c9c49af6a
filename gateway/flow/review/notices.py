"""What officers should hear of: found in the ledger's newest entries, and by what the clock has passed.

A notice says that something waits, for whom and until when; nothing of a record, and nobody's name. How far
everything was told is one row of the store, moved before anything is told: a notice is told at most once,
whatever stops in between, and what waits can always be listed.

Source: DESIGN section 12; THREATS A24, A37.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from gateway.errors import Malformed
from gateway.flow.gateway import Gateway
from gateway.record.moment import from_ms, to_ms
from gateway.record.vocabulary import Lane
from gateway.release.hold import Given, HoldState, missing
from gateway.store.changes import MetaSet
from gateway.store.review_rows import HoldRow, ReviewRow
from gateway.store.rows import MetaRow
from gateway.store.unit import Unit

MARK: Final = "notices"
"""Name of the row of `meta` that says how far everything was told: an entry and a time."""
ENTRIES_A_LOOK: Final = 4_096
"""How many entries one look goes through: others wait for it."""
LEADS: Final[Mapping[Lane, timedelta]] = MappingProxyType(
    {
        Lane.ROUTINE: timedelta(hours=24),
        Lane.URGENT: timedelta(hours=4),
        Lane.THREAT_TO_LIFE: timedelta(minutes=30),
    }
)
"""How long before a hold ends officers are told so, once."""
REVIEW_LEAD: Final = timedelta(hours=24)
"""How long before the review of an emergency is due."""
_AHEAD_MAX: Final = timedelta(hours=1)
"""A mark further ahead than this was made by a clock that went wrong: it would silence what is to come."""


class Event(StrEnum):
    """What is told of. `hold-changed` is a hold decided anew, whose former approvals count no more."""

    HOLD_NEW = "hold-new"
    HOLD_CHANGED = "hold-changed"
    HOLD_EXPIRING = "hold-expiring"
    HOLD_EXPIRED = "hold-expired"
    HOLD_CLOSED = "hold-closed"
    EMERGENCY_RELEASED = "emergency-released"
    REVIEW_DUE = "review-due"
    REVIEW_OVERDUE = "review-overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing told, as its JSON object has it; times are ISO text or empty.

    `missing` are the duties that must still act, with how many people. `why` is a closed word: how the round
    before a changed hold ended, or how a closed one did.
    """

    event: Event
    agency: str
    exchange: str
    lane: str
    recipient: str
    missing: tuple[str, ...] = ()
    expires_at: str = ""
    due_at: str = ""
    why: str = ""

    def encode(self) -> bytes:
        """Return the JSON object."""
        return json.dumps(asdict(self)).encode()


class Mark(NamedTuple):
    """How far everything was told: entries below `entry`, and what came about until `at_ms`."""

    entry: int
    at_ms: int

    def encode(self) -> str:
        """Return it as it is stored."""
        return f"{self.entry} {self.at_ms}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What a look found to tell, and from where to look next; `whole` unless more stands in the ledger."""

    notices: tuple[Notice, ...]
    mark: Mark
    whole: bool


def look(gateway: Gateway, since: Mark | None, now: datetime) -> Look:
    """Return what is to be told since a mark, by default the stored one; the first look of all begins there.

    It is noted as told when this returns.

    Raises:
        GatewayError: the store failed; nothing was noted.
    """
    stored = gateway.read.meta(MARK)
    head, now_ms = gateway.read.head().size, to_ms(now)
    since = since or _parsed(stored) or Mark(head, now_ms)
    if since.at_ms > now_ms + _span_ms(_AHEAD_MAX):
        since = since._replace(at_ms=now_ms)
    end = min(head, since.entry + ENTRIES_A_LOOK)
    after = Mark(end, max(now_ms, since.at_ms))
    notices = (*_moved(gateway, since, after), *_passed(gateway, since, after))
    if stored is None:
        gateway.store.writer.commit_one(Unit(rows=(MetaRow(MARK, after.encode()),)))
    elif notices or end - since.entry >= ENTRIES_A_LOOK:
        # What a look told nothing of is not noted: to look there again would find nothing either.
        gateway.store.writer.commit_one(Unit(rows=(MetaSet(MARK, stored, after.encode()),)))
    return Look(notices=notices, mark=after, whole=end == head)


def _span_ms(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)


def _parsed(stored: str | None) -> Mark | None:
    entry, _, at_ms = (stored or "").partition(" ")
    return Mark(int(entry), int(at_ms)) if entry.isdecimal() and at_ms.isdecimal() else None


def _moved(gateway: Gateway, since: Mark, after: Mark) -> Iterator[Notice]:
    """Yield what entries between two marks began and closed."""
    for row in gateway.read.holds_moved(since.entry, after.entry):
        state = HoldState(row.state)
        if state.is_open:
            yield _begun(gateway, row)
        elif isinstance(row.closing_entry, int) and since.entry <= row.closing_entry < after.entry:
            yield from _closed(gateway, row, state)
    for review in gateway.read.reviews_begun(since.entry, after.entry):
        yield from _of_review(gateway, review, Event.EMERGENCY_RELEASED)


def _begun(gateway: Gateway, row: HoldRow) -> Notice:
    if row.round == 1:
        return _of_hold(gateway, row, Event.HOLD_NEW)
    before = gateway.read.hold_rounds(row.exchange_id)[row.round - 2]
    return _of_hold(gateway, row, Event.HOLD_CHANGED, why=before.state)


def _closed(gateway: Gateway, row: HoldRow, state: HoldState) -> Iterator[Notice]:
    if state is HoldState.EXPIRED:
        yield _of_hold(gateway, row, Event.HOLD_EXPIRED)
        return
    newest = gateway.read.hold(row.exchange_id)
    # A round that another one followed is told of by that one.
    if newest is not None and newest.round == row.round:
        yield _of_hold(gateway, row, Event.HOLD_CLOSED, why=row.state)


def _passed(gateway: Gateway, since: Mark, after: Mark) -> Iterator[Notice]:
    """Yield what the time between two marks has brought near, or made overdue."""
    for lane, lead in LEADS.items():
        ahead = _span_ms(lead)
        for row in gateway.read.holds_ending(lane.token, since.at_ms + ahead, after.at_ms + ahead):
            yield _of_hold(gateway, row, Event.HOLD_EXPIRING)
    ahead = _span_ms(REVIEW_LEAD)
    for review in gateway.read.reviews_due_in(since.at_ms + ahead, after.at_ms + ahead):
        yield from _of_review(gateway, review, Event.REVIEW_DUE)
    for review in gateway.read.reviews_due_in(since.at_ms, after.at_ms):
        yield from _of_review(gateway, review, Event.REVIEW_OVERDUE)


def _of_hold(gateway: Gateway, row: HoldRow, event: Event, why: str = "") -> Notice:
    return Notice(
        event=event,
        agency=gateway.me,
        exchange=row.exchange_id,
        lane=row.lane,
        recipient=row.peer,
        missing=_missing(gateway, row),
        expires_at=from_ms(row.expires_at).isoformat(),
        why=why,
    )


def _missing(gateway: Gateway, row: HoldRow) -> tuple[str, ...]:
    if not HoldState(row.state).is_open:
        return ()
    said = gateway.read.approvals(row.exchange_id)
    given = [
        Given(one.person, one.duty) for one in said if one.round == row.round and one.verdict == "approve"
    ]
    try:
        return missing(row.required.split(",") if row.required else (), given)
    except Malformed:
        # A row that was changed by hand is found out when somebody acts on it; the others are told of.
        return ()


def _of_review(gateway: Gateway, row: ReviewRow, event: Event) -> Iterator[Notice]:
    exchange = gateway.read.exchange(row.exchange_id)
    if exchange is not None:
        yield Notice(
            event=event,
            agency=gateway.me,
            exchange=row.exchange_id,
            lane=exchange.lane,
            recipient=exchange.peer,
            due_at=from_ms(row.due_at).isoformat(),
        )
