"""Purging while the gateway runs: at its start, whenever something ends, and at least every minute.

Source: DESIGN section 10 (retention); THREATS A41.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from gateway.errors import GatewayError
from gateway.flow.gateway import Gateway
from gateway.flow.passing.ending import end_unanswered
from gateway.flow.purge import BATCH, next_end_ms, purge
from gateway.observe import counters, log
from gateway.record.moment import to_ms
from gateway.worker.rounds import again_and_again
from gateway.worker.worker import Worker

EVERY_S: Final = 60.0
SHORTEST_S: Final = 0.05


class Purging:
    """Erases what has ended; `run` until cancelled."""

    def __init__(self, worker: Worker, clock: Callable[[], datetime]) -> None:
        self._worker = worker
        self._clock = clock

    async def run(self) -> None:
        """Erase what ends, when it ends. A failure is tried again: what has ended is not shown meanwhile."""
        await again_and_again(self.round, _note_failure, EVERY_S)

    async def round(self) -> float:
        """Erase all that has ended, a batch at a time; return for how many seconds there is nothing to do."""
        if await self._worker.run(end_unanswered, own=True):
            self._worker.pulse.beat()
        while done := await self._worker.run(purge, own=True):
            log().info("records.erased", count=done)
            self._worker.pulse.beat()
            if done < BATCH:
                break
        ends_ms = await self._worker.run(_next_end, own=True)
        if ends_ms is None:
            return EVERY_S
        # Something that has ended and could not be erased waits a minute as well.
        left_s = (ends_ms - to_ms(self._clock())) / 1000
        return min(max(left_s, SHORTEST_S), EVERY_S) if left_s > 0 else EVERY_S


def _note_failure(exc: GatewayError) -> None:
    counters["purge.failures"] += 1
    log().warning("purge.failed", code=exc.code)


def _next_end(gateway: Gateway, _: datetime) -> int | None:
    return next_end_ms(gateway)
