"""Questions about officers, about what waits for them, and about what they said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import bindparam, func, literal_column, select

from gateway.store import review_tables, tables
from gateway.store.review_rows import ApprovalRow, HoldRow, OfficerChangeRow, OfficerRow, ReviewRow
from gateway.store.rows import EntryRow
from gateway.store.source import Source, by

_holds, _approvals, _reviews = review_tables.holds, review_tables.approvals, review_tables.reviews
_OFFICERS: Final = select(review_tables.officers).order_by(review_tables.officers.c.entry)
_OFFICER_CHANGES: Final = select(review_tables.officer_changes).order_by(
    review_tables.officer_changes.c.entry
)
_OFFICER_ENTRIES: Final = select(tables.entries).where(tables.OF_OFFICERS).order_by(tables.entries.c.idx)
_ROUNDS: Final = by(_holds, "exchange_id").order_by(_holds.c.round)
_OPEN: Final = select(_holds).where(review_tables.OPEN).order_by(_holds.c.expires_at, _holds.c.exchange_id)
_APPROVALS: Final = by(_approvals, "exchange_id").order_by(_approvals.c.seq)
_OF_OPEN: Final = (
    select(_approvals)
    .join(
        _holds,
        (_holds.c.exchange_id == _approvals.c.exchange_id) & (_holds.c.round == _approvals.c.round),
    )
    .where(review_tables.OPEN)
    .order_by(_approvals.c.exchange_id, _approvals.c.seq)
)
_OF_CASE: Final = select(review_tables.hold_cases.c.exchange_id).where(
    review_tables.hold_cases.c.tag == bindparam("tag")
)
_REVIEW: Final = by(_reviews, "exchange_id")
_REVIEWS: Final = select(_reviews).order_by(_reviews.c.exchange_id)
_DUE: Final = (
    select(_reviews).where(review_tables.UNREVIEWED).order_by(_reviews.c.due_at, _reviews.c.exchange_id)
)
_OVERDUE: Final = (
    select(func.count())
    .select_from(_reviews)
    .where(
        review_tables.UNREVIEWED, _reviews.c.unit == bindparam("unit"), _reviews.c.due_at < bindparam("now")
    )
)
# As many places as a batch of envelopes has, always: a query of one form is compiled once.
_FEW: Final = 64
_APPROVED: Final = (
    select(_holds.c.exchange_id)
    .where(_holds.c.exchange_id.in_([bindparam(f"id_{number}") for number in range(_FEW)]))
    .distinct()
)
# The ledger's own word on the same: a hold whose row is gone was a hold all the same (kind 31).
_LEDGERED: Final = (
    select(tables.entries.c.exchange)
    .where(
        tables.entries.c.exchange.in_([bindparam(f"id_{number}") for number in range(_FEW)]),
        tables.entries.c.kind == literal_column("31"),
    )
    .distinct()
)


class _Word(NamedTuple):
    word: str


class _Number(NamedTuple):
    number: int


class ReviewQueries(Source):
    """Who approves, what waits for them, what they said."""

    def officers(self) -> list[OfficerRow]:
        """Return every enrolment, oldest first."""
        return self._all(_OFFICERS, OfficerRow._make)

    def officer_changes(self) -> list[OfficerChangeRow]:
        """Return every absence and end, oldest first."""
        return self._all(_OFFICER_CHANGES, OfficerChangeRow._make)

    def officer_entries(self) -> list[EntryRow]:
        """Return the ledger's own words on officers, in order."""
        return self._all(_OFFICER_ENTRIES, EntryRow._make)

    def hold(self, exchange_id: str) -> HoldRow | None:
        """Return the newest round of an exchange's hold; None where it never was held."""
        rounds = self.hold_rounds(exchange_id)
        return rounds[-1] if rounds else None

    def hold_rounds(self, exchange_id: str) -> list[HoldRow]:
        """Return every round of an exchange's hold, oldest first."""
        return self._all(_ROUNDS, HoldRow._make, exchange_id=exchange_id)

    def open_holds(self) -> list[HoldRow]:
        """Return what waits for officers, what ends first in front."""
        return self._all(_OPEN, HoldRow._make)

    def approvals(self, exchange_id: str) -> list[ApprovalRow]:
        """Return what officers said to an exchange, in every round, in order."""
        return self._all(_APPROVALS, ApprovalRow._make, exchange_id=exchange_id)

    def open_approvals(self) -> list[ApprovalRow]:
        """Return what officers said so far to all that is still open."""
        return self._all(_OF_OPEN, ApprovalRow._make)

    def held_before(self, exchange_ids: Sequence[str]) -> set[str]:
        """Return which of these exchanges were ever held, as rows or the ledger say."""
        found: set[str] = set()
        for start in range(0, len(exchange_ids), _FEW):
            asked = exchange_ids[start : start + _FEW]
            # What is left of the places asks for the first once more.
            filled = [*asked, *[asked[0]] * (_FEW - len(asked))]
            values = {f"id_{number}": one for number, one in enumerate(filled)}
            for asking in (_APPROVED, _LEDGERED):
                found |= {row.word for row in self._all(asking, _Word._make, **values)}
        return found

    def holds_of_case(self, tag: bytes) -> set[str]:
        """Return the exchanges whose record's case has this keyed hash."""
        return {row.word for row in self._all(_OF_CASE, _Word._make, tag=tag)}

    def review(self, exchange_id: str) -> ReviewRow | None:
        """Return the review an emergency release waits for, or had."""
        return self._one(_REVIEW, ReviewRow._make, exchange_id=exchange_id)

    def reviews(self) -> list[ReviewRow]:
        """Return every emergency release there was, reviewed or not."""
        return self._all(_REVIEWS, ReviewRow._make)

    def reviews_due(self) -> list[ReviewRow]:
        """Return the emergency releases that wait to be reviewed, what is due first in front."""
        return self._all(_DUE, ReviewRow._make)

    def is_review_overdue(self, unit: bytes, now_ms: int) -> bool:
        """Return whether an emergency invoked by a unit should have been reviewed by now."""
        row = self._one(_OVERDUE, _Number._make, unit=unit, now=now_ms)
        return row is not None and row.number > 0
