"""Ending holds: what nobody approved in time is refused by itself, and the ledger says so.

Source: DESIGN section 6 (holds expire to refused).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from gateway.errors import GatewayError
from gateway.flow.gateway import Gateway
from gateway.flow.review.again import EXPIRED, end_hold
from gateway.flow.review.held import check_clock, held
from gateway.observe import counters, log
from gateway.record.moment import to_ms
from gateway.release.hold import HoldEvent
from gateway.store.review_rows import HoldRow

BATCH = 64


def expire_all(gateway: Gateway, now: datetime) -> None:
    """End every hold whose time has passed: before a home that was closed shows anything.

    A home opens all the same where they cannot be ended, for a clock behind its own ledger: nobody can
    approve them either, and the status says why.
    """
    try:
        while expire_holds(gateway, now) >= BATCH:
            pass
    except GatewayError as exc:
        note_failure(exc)


def note_failure(exc: GatewayError) -> None:
    """Count and log that holds could not be ended; it is tried again."""
    counters["holds.failures"] += 1
    log().warning("holds.not-ended", code=exc.code)


def expire_holds(gateway: Gateway, now: datetime) -> int:
    """End holds whose time has passed, at most `BATCH` of them; return how many were: less, and none is left.

    Raises:
        Refused: code `clock-behind`.
    """
    done = 0
    for place, row in enumerate(_ended(gateway, now)):
        if not place:
            check_clock(gateway, now)
        try:
            found = held(gateway, row.exchange_id)
            why = "nobody approved it in time"
            end_hold(gateway, found, event=HoldEvent.EXPIRY, rule=EXPIRED, why=why, acting="gateway")
        except GatewayError as exc:
            # One that cannot be ended is not approved either; the others must not wait for it.
            counters["holds.failures"] += 1
            log().error("hold.not-ended", exchange=row.exchange_id, code=exc.code)
        else:
            done += 1
        if done >= BATCH:
            break
    return done


def _ended(gateway: Gateway, now: datetime) -> Iterator[HoldRow]:
    """Yield what has ended, page by page: one that cannot be ended blocks none."""
    after = (-1, "")
    while page := gateway.read.ended_holds(to_ms(now), after=after, limit=BATCH):
        yield from page
        after = (page[-1].expires_at, page[-1].exchange_id)


def next_expiry_ms(gateway: Gateway, now: datetime) -> int | None:
    """Return when the next hold ends that has not ended by now, milliseconds UTC; None where none is open."""
    return gateway.read.next_hold_end(to_ms(now))
