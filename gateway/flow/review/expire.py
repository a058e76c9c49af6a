"""Ending holds: what nobody approved in time is refused by itself, and the ledger says so.

Source: DESIGN section 6 (holds expire to refused).
"""

from __future__ import annotations

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


def expire_holds(gateway: Gateway, now: datetime) -> int:
    """End holds whose time has passed, a batch of them; return how many were.

    Raises:
        Refused: code `clock-behind`.
    """
    limit = BATCH
    while ended := gateway.read.ended_holds(to_ms(now), limit=limit):
        check_clock(gateway, now)
        done = sum(_is_ended(gateway, row) for row in ended)
        if done or len(ended) < limit:
            return done
        # None of so many could be ended: those behind them must not wait for it.
        limit *= 2
    return 0


def _is_ended(gateway: Gateway, row: HoldRow) -> bool:
    """End a hold; return whether it could be. One that cannot be ended is not approved either."""
    try:
        found = held(gateway, row.exchange_id)
        why = "nobody approved it in time"
        end_hold(gateway, found, event=HoldEvent.EXPIRY, rule=EXPIRED, why=why, acting="gateway")
    except GatewayError as exc:
        counters["holds.failures"] += 1
        log().error("hold.not-ended", exchange=row.exchange_id, code=exc.code)
        return False
    return True


def next_expiry_ms(gateway: Gateway) -> int | None:
    """Return when the next hold ends, milliseconds UTC; None where none is open."""
    return min((row.expires_at for row in gateway.read.open_holds()), default=None)
