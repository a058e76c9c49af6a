"""Times as they are stored and travel: integer milliseconds UTC.

Source: PROTOCOL section 1.
"""

from __future__ import annotations

from datetime import UTC, datetime


def to_ms(moment: datetime) -> int:
    """Return an aware time in milliseconds UTC."""
    return int(moment.timestamp() * 1000)


def from_ms(ms: int) -> datetime:
    """Return milliseconds UTC as an aware time."""
    return datetime.fromtimestamp(ms / 1000, UTC)
