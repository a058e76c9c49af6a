"""Ending holds while the gateway runs: at its start, whenever one ends, and at least every minute.

Source: DESIGN section 6 (holds expire to refused).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final, NamedTuple

from gateway.flow.gateway import Gateway
from gateway.flow.review.expire import BATCH, expire_holds, next_expiry_ms, note_failure
from gateway.observe import log
from gateway.record.moment import to_ms
from gateway.worker.rounds import again_and_again
from gateway.worker.worker import Worker

EVERY_S: Final = 60.0
SHORTEST_S: Final = 0.05


class _Ended(NamedTuple):
    done: int
    next_ms: int | None


class Holding:
    """Ends what nobody approved in time; `run` until cancelled."""

    def __init__(self, worker: Worker, clock: Callable[[], datetime]) -> None:
        self._worker = worker
        self._clock = clock

    async def run(self) -> None:
        """End holds when they end. A failure is tried again: what has ended is not approved meanwhile."""
        await again_and_again(self.round, note_failure, EVERY_S)

    async def round(self) -> float:
        """End all that has ended, a batch at a time; return for how many seconds there is nothing to do."""
        while True:
            ended = await self._worker.run(_ended, own=True)
            if ended.done:
                log().info("holds.ended", count=ended.done)
                # Whoever watches the holds, or waits for one of the exchanges, hears of it.
                self._worker.pulse.beat()
            if ended.done < BATCH:
                break
        if ended.next_ms is None:
            return EVERY_S
        left_s = (ended.next_ms - to_ms(self._clock())) / 1000
        return min(max(left_s, SHORTEST_S), EVERY_S)


def _ended(gateway: Gateway, now: datetime) -> _Ended:
    # Both by one look at the clock: nothing ends unseen in between.
    return _Ended(expire_holds(gateway, now), next_expiry_ms(gateway, now))
