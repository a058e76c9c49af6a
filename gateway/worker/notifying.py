"""Telling hooks what waits for officers, while the gateway runs: nothing else ever waits for a hook.

The one thread that works only looks what there is to tell; every hook has a bounded queue and a task of its
own. What a hook does not take is tried again, later and later, and given up in the end; both are counted.

Source: DESIGN section 12; THREATS A37.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.delivery.pulse import Pulse, heard
from gateway.delivery.schedule import delay_s
from gateway.errors import GatewayError
from gateway.flow.review.notices import Look, Mark, Notice, look
from gateway.observe import counters, incident, log
from gateway.worker.hooks import Hook, Outcome
from gateway.worker.worker import Worker

EVERY_S: Final = 60.0
"""How often what comes with time alone is looked for."""
PAUSE_S: Final = 1.0
"""The shortest time between two looks, however much happens."""
QUEUED_MAX: Final = 1_024
TRIES_MAX: Final = 10
"""How often a notice is told that a hook does not take: over some four minutes."""


class Notifying:
    """Looks for what is to be told, and has the hooks told; `run` until cancelled."""

    def __init__(self, worker: Worker, hooks: Sequence[Hook]) -> None:
        self._worker = worker
        self._lines = [Line(hook) for hook in hooks]

    async def run(self) -> None:
        """Look whenever something happened, and every minute."""
        async with asyncio.TaskGroup() as group:
            for line in self._lines:
                group.create_task(line.run())
            await self._look()

    async def _look(self) -> None:
        mark: Mark | None = None
        while True:
            ticket = self._worker.pulse.ticket()
            try:
                found = await self._found(mark)
            except Exception as exc:
                # Tried again from the same mark; whatever is wrong, the gateway goes on.
                error = exc if isinstance(exc, GatewayError) else incident("notifying", exc)
                counters["notices.failures"] += 1
                log().warning("notices.not-found", code=error.code)
            else:
                mark = found.mark
                for line in self._lines if found.notices else ():
                    line.put(found.notices)
                if not found.whole:
                    continue
            await asyncio.sleep(PAUSE_S)
            await heard(ticket, EVERY_S)

    async def _found(self, since: Mark | None) -> Look:
        return await self._worker.run(lambda gateway, now: look(gateway, since, now), own=True)


@dataclass(slots=True, eq=False)
class _Waiting:
    notice: Notice
    failures: int = 0
    not_before: float = 0.0


class Line:
    """What one hook is still to be told."""

    def __init__(self, hook: Hook) -> None:
        self._hook = hook
        self._queue: deque[_Waiting] = deque()
        self._pulse = Pulse()

    def put(self, notices: Iterable[Notice]) -> None:
        """Queue notices. Where there is no room the oldest is dropped: the newest say most."""
        for notice in notices:
            self._append(_Waiting(notice))
        self._pulse.beat()

    async def run(self) -> None:
        """Tell one after the other; what the hook did not take makes room for the others."""
        one: _Waiting | None = None
        try:
            while True:
                ticket = self._pulse.ticket()
                one = self._next()
                if one is None:
                    await heard(ticket, self._rest_s())
                else:
                    await self._tell(one)
        finally:
            if left := len(self._queue) + (one is not None):
                log().warning("notices.untold", method=self._hook.name, count=left)

    def _append(self, one: _Waiting) -> None:
        if len(self._queue) >= QUEUED_MAX:
            self._queue.popleft()
            counters["notices.dropped"] += 1
        self._queue.append(one)

    def _next(self) -> _Waiting | None:
        now = time.monotonic()
        for one in self._queue:
            if one.not_before <= now:
                self._queue.remove(one)
                return one
        return None

    def _rest_s(self) -> float | None:
        if not self._queue:
            return None
        return max(0.01, min(one.not_before for one in self._queue) - time.monotonic())

    async def _tell(self, one: _Waiting) -> None:
        outcome = await self._outcome(one.notice)
        if outcome.done:
            counters["notices.told"] += 1
            return
        one.failures += 1
        log().warning(
            "notice.not-told",
            method=self._hook.name,
            exchange=one.notice.exchange,
            code=outcome.code,
            status=outcome.status,
            count=one.failures,
        )
        if one.failures >= TRIES_MAX:
            counters["notices.given_up"] += 1
            return
        one.not_before = time.monotonic() + delay_s(one.failures, random.random())  # noqa: S311  jitter
        self._append(one)

    async def _outcome(self, notice: Notice) -> Outcome:
        try:
            return await self._hook.tell(notice.encode())
        except Exception as exc:
            # Whatever a hook does, the gateway goes on.
            incident("notifying", exc)
            return Outcome(done=False, code="internal")
