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

BATCH = 64


def expire_holds(gateway: Gateway, now: datetime) -> int:
    """End holds whose time has passed, at most `BATCH` of them; return how many were.

    Raises:
        Refused: code `clock-behind`.
    """
    ended = gateway.read.ended_holds(to_ms(now), limit=BATCH)
    if not ended:
        return 0
    check_clock(gateway, now)
    done = 0
    for row in ended:
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
    return done


def next_expiry_ms(gateway: Gateway) -> int | None:
    """Return when the next hold ends, milliseconds UTC; None where none is open."""
    return min((row.expires_at for row in gateway.read.open_holds()), default=None)
