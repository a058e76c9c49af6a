"""Questions about what waits for people as time passes: what ends when, what happened since, how much it is.

None of them reads more rows than it tells of: they are asked again and again while a gateway runs.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from sqlalchemy import Select, bindparam, func, or_, select

from gateway.store import review_tables, tables
from gateway.store.review_rows import HoldRow, ReviewRow
from gateway.store.source import Source

_holds, _reviews, _entries = review_tables.holds, review_tables.reviews, tables.entries
_ENDED: Final = (
    select(_holds)
    .where(
        review_tables.OPEN,
        _holds.c.expires_at <= bindparam("now"),
        or_(
            _holds.c.expires_at > bindparam("after_at"),
            (_holds.c.expires_at == bindparam("after_at")) & (_holds.c.exchange_id > bindparam("after_id")),
        ),
    )
    .order_by(_holds.c.expires_at, _holds.c.exchange_id)
    .limit(bindparam("limit"))
)
_NEXT_END: Final = select(func.min(_holds.c.expires_at)).where(
    review_tables.OPEN, _holds.c.expires_at > bindparam("now")
)
_ENDING: Final = (
    select(_holds)
    .where(
        review_tables.OPEN,
        _holds.c.lane == bindparam("lane"),
        _holds.c.expires_at > bindparam("after"),
        _holds.c.expires_at <= bindparam("until"),
    )
    .order_by(_holds.c.expires_at, _holds.c.exchange_id)
)
_MOVED: Final = (
    select(_holds)
    .join(
        _entries,
        (_entries.c.exchange == _holds.c.exchange_id)
        & or_(_holds.c.entry == _entries.c.idx, _holds.c.closing_entry == _entries.c.idx),
    )
    .where(_entries.c.idx >= bindparam("start"), _entries.c.idx < bindparam("end"))
    .distinct()
    .order_by(_holds.c.exchange_id, _holds.c.round)
)
_BEGUN: Final = (
    select(_reviews)
    .join(_entries, (_entries.c.exchange == _reviews.c.exchange_id) & (_reviews.c.entry == _entries.c.idx))
    .where(_entries.c.idx >= bindparam("start"), _entries.c.idx < bindparam("end"))
    .order_by(_entries.c.idx)
)
_DUE: Final = (
    select(_reviews)
    .where(
        review_tables.UNREVIEWED,
        _reviews.c.due_at > bindparam("after"),
        _reviews.c.due_at <= bindparam("until"),
    )
    .order_by(_reviews.c.due_at, _reviews.c.exchange_id)
)
_OPEN_COUNT: Final = (
    select(func.count()).select_from(_holds).where(review_tables.OPEN, _holds.c.expires_at <= bindparam("by"))
)
_DUE_COUNT: Final = (
    select(func.count())
    .select_from(_reviews)
    .where(review_tables.UNREVIEWED, _reviews.c.due_at < bindparam("now"))
)
_EVER: Final = 2**62
"""Later than any time in milliseconds."""


class _Number(NamedTuple):
    number: int | None  # the least of nothing is NULL


class WaitingQueries(Source):
    """What ends, what was begun and closed, how much waits. Times are milliseconds UTC."""

    def ended_holds(self, now_ms: int, *, limit: int, after: tuple[int, str] = (-1, "")) -> list[HoldRow]:
        """Return holds still open whose end has passed, by end and exchange, those behind `after`."""
        return self._all(_ENDED, HoldRow._make, now=now_ms, after_at=after[0], after_id=after[1], limit=limit)

    def next_hold_end(self, now_ms: int) -> int | None:
        """Return when the next open hold ends that has not ended by now."""
        row = self._one(_NEXT_END, _Number._make, now=now_ms)
        return None if row is None else row.number

    def holds_ending(self, lane: str, after_ms: int, until_ms: int) -> list[HoldRow]:
        """Return the open holds of a lane that end in (after, until]."""
        return self._all(_ENDING, HoldRow._make, lane=lane, after=after_ms, until=until_ms)

    def holds_moved(self, start: int, end: int) -> list[HoldRow]:
        """Return the rounds of holds that an entry in [start, end) began or closed, oldest round first."""
        return self._all(_MOVED, HoldRow._make, start=start, end=end)

    def reviews_begun(self, start: int, end: int) -> list[ReviewRow]:
        """Return the reviews that an entry in [start, end) made due."""
        return self._all(_BEGUN, ReviewRow._make, start=start, end=end)

    def reviews_due_in(self, after_ms: int, until_ms: int) -> list[ReviewRow]:
        """Return the reviews still to be made that are due in (after, until]."""
        return self._all(_DUE, ReviewRow._make, after=after_ms, until=until_ms)

    def open_hold_count(self, by_ms: int = _EVER) -> int:
        """Return how many holds are open, of those that end by a time where one is given."""
        return self._count(_OPEN_COUNT, by=by_ms)

    def overdue_review_count(self, now_ms: int) -> int:
        """Return how many emergency releases should have been reviewed by now."""
        return self._count(_DUE_COUNT, now=now_ms)

    def _count(self, statement: Select[Any], **values: int) -> int:
        row = self._one(statement, _Number._make, **values)
        return 0 if row is None or row.number is None else row.number
