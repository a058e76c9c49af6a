"""Records that are kept for days only, and the moment at which that ends."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from gateway.v1.record_pb2 import Record
from tests.flow import records
from tests.flow.federation import Homes


def lasting(homes: Homes, *, days: int, number: int = 1) -> Record:
    """Return a record whose last day comes in some days; 0 is today."""
    record = records.small(number)
    record.header.retain_until = (homes.now.date() + timedelta(days=days)).isoformat()
    return record


def past_end(homes: Homes, *, days: int) -> datetime:
    """Return the first moment after the last day of what lasts so many days from now."""
    return datetime.combine(homes.now.date() + timedelta(days=days + 1), time.min, UTC)
