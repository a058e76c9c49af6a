"""Retention: when the use of what is kept ends. Nobody reads it from that moment on, purged or not.

A last day is included whole: use ends with the first moment of the next day, UTC.

Source: PROTOCOL section 4 (expires_at, obligations); THREATS A41.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from gateway.errors import Refused
from gateway.record.moment import to_ms
from gateway.record.vocabulary import ObligationCode
from gateway.release.obligation import end_of_day_ms
from gateway.release.release import Release
from gateway.store.rows import RecordRow

USE_ENDED: Final = "use-ended"
_LAST_DAY: Final = date.max - timedelta(days=1)
"""The calendar's last day but one: behind its last there is no moment that could be said."""


def ends_ms(release: Release) -> int:
    """Return the first millisecond at which what was released may be used no more.

    That is after its last day of use, or earlier where its own duty of deletion is due earlier.
    """
    due_ms = [
        one.due_at_ms
        for one in release.obligations
        if one.code is ObligationCode.EXPIRE and one.due_at_ms is not None
    ]
    return min([end_of_day_ms(min(release.expires_at, _LAST_DAY)), *due_ms])


def last_day(end_ms: int) -> str:
    """Return the last day, ISO text, that lies at least partly before an end."""
    return datetime.fromtimestamp((end_ms - 1) / 1000, UTC).date().isoformat()


def has_ended(release: Release, now: datetime) -> bool:
    """Tell whether what was released may be used no more."""
    return to_ms(now) >= ends_ms(release)


def check_in_use(release: Release, now: datetime) -> None:
    """Refuse to show what was released once its use has ended.

    Raises:
        Refused: code `use-ended`.
    """
    if has_ended(release, now):
        raise _ended(last_day(ends_ms(release)))


def check_kept(record: RecordRow, now: datetime) -> None:
    """Refuse to show an own record once its retention has ended.

    Raises:
        Refused: code `use-ended`.
    """
    if now.astimezone(UTC).date() > date.fromisoformat(record.retain_until):
        raise _ended(record.retain_until)


def _ended(day: str) -> Refused:
    return Refused(f"its last day of use was {day}", code=USE_ENDED)
