"""Obligations: duties that travel with a release, each with the time by which it is due.

Source: PROTOCOL section 4; DESIGN section 5.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final

from gateway.errors import Malformed
from gateway.record.marking import Marking
from gateway.record.vocabulary import ConsentKind, ObligationCode
from gateway.v1 import release_pb2

REVIEW_HOURS: Final = 72
MS_IN_HOUR: Final = 3_600_000

DUTIES: Final = {
    ObligationCode.NO_REIDENTIFICATION: "do not try to find out who a person is whose name was withheld",
    ObligationCode.CONTACT_VIA_VPO: "contact a victim only through a victim protection officer",
    ObligationCode.EXPIRE: "erase all of it after its last day of use",
    ObligationCode.NOTIFY_CPO: "tell your child protection officer",
    ObligationCode.NOTIFY_DPO: "tell your data protection officer",
    ObligationCode.REVIEW_72H: "review it within 72 hours",
    ObligationCode.NOT_AGAINST_VICTIM: "never use it against a victim",
    ObligationCode.GRADE_AND_CAVEAT: "keep its evaluation and its caveats with it",
    ObligationCode.CONFIRM: "have the originator confirm it before you act on it",
    ObligationCode.NO_ONWARD: "pass it on to nobody",
    ObligationCode.NO_JUDICIAL_USE: "do not use it before a court",
}
"""What each duty that travels asks of whoever receives, in words."""

_TIME_MS_MAX: Final = 253_402_300_800_000  # The year 10000: beyond it no calendar date exists.


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """A duty; `due_at_ms` is milliseconds UTC, None for as long as the content is held."""

    code: ObligationCode
    due_at_ms: int | None = None

    def __post_init__(self) -> None:
        if self.due_at_ms is not None and not 0 < self.due_at_ms < _TIME_MS_MAX:
            raise Malformed("is not a time", field="obligation.due_at")


def obligations_of(
    codes: Iterable[ObligationCode],
    marking: Marking,
    *,
    expires_at: date,
    released_at_ms: int,
    use_until_ms: int | None = None,
) -> tuple[Obligation, ...]:
    """Return the obligations of a release: those policy names, and those its marking and end of use imply.

    `codes` come from the decision; `expires_at` is the recipient's last day of use, and `use_until_ms` an
    earlier end within it. A review is due 72 hours after release; every other duty but deletion holds for as
    long as the content does.
    """
    wanted = {ObligationCode.EXPIRE, *codes}
    kinds = {kind for _, kind in marking.consent}
    if ConsentKind.ONWARD in kinds:
        wanted.add(ObligationCode.NO_ONWARD)
    if ConsentKind.JUDICIAL in kinds:
        wanted.add(ObligationCode.NO_JUDICIAL_USE)
    due_at_ms = {
        ObligationCode.EXPIRE: min(end_of_day_ms(expires_at), use_until_ms or _TIME_MS_MAX),
        ObligationCode.REVIEW_72H: released_at_ms + REVIEW_HOURS * MS_IN_HOUR,
    }
    return tuple(Obligation(code=code, due_at_ms=due_at_ms.get(code)) for code in sorted(wanted))


def check_obligations(obligations: tuple[Obligation, ...]) -> None:
    """Refuse a list that is not sorted by code or names a duty twice."""
    if any(left.code >= right.code for left, right in pairwise(obligations)):
        raise Malformed("is not sorted and distinct", field="release.obligations", code="not-canonical")


def obligation_message(obligation: Obligation) -> release_pb2.Obligation:
    """Return the obligation's message."""
    return release_pb2.Obligation(
        code=release_pb2.ObligationCode.ValueType(obligation.code), due_at=obligation.due_at_ms
    )


def read_obligation(message: release_pb2.Obligation) -> Obligation:
    """Return the obligation of a message; a code outside the closed list is Malformed."""
    return Obligation(
        code=ObligationCode.from_number(message.code, "obligation.code"),
        due_at_ms=message.due_at if message.HasField("due_at") else None,
    )


def day_of_ms(at_ms: int) -> date:
    """Return the day of the UTC calendar that a time, milliseconds UTC, falls on."""
    return datetime.fromtimestamp(at_ms // 1000, tz=UTC).date()


def end_of_day_ms(day: date) -> int:
    """Return the first millisecond after a day of the UTC calendar."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, tzinfo=UTC)
    return int(midnight.timestamp()) * 1000
