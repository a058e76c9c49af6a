"""The one thread that works: everything that blocks or computes, in turn; the event loop only carries bytes.

Pushes that queued while the batch before them was worked on are one batch, bounded by number. Everything
else is a job of its own, in the order it came: no kind of work keeps another waiting for more than a batch.

Source: DESIGN section 15; PERFORMANCE B3.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any, Final, TypeVar

from gateway.delivery.pulse import Pulse
from gateway.errors import Busy, GatewayError
from gateway.flow.gateway import Gateway
from gateway.flow.repeat import PushAnswer
from gateway.flow.submit import PushItem, push
from gateway.observe import incident

T = TypeVar("T")
Job = Callable[[Gateway, datetime], T]
Answered = Callable[[PushAnswer | GatewayError], None]

PUSH_BATCH: Final = 32
QUEUED_MAX: Final = 4_096
QUEUED_BYTES_MAX: Final = 64 * 1024 * 1024


class Worker:
    """Works for one gateway; made and used on one event loop, `stop` drains it.

    `clock()` returns the time, aware UTC, once for each job or batch.
    """

    def __init__(self, gateway: Gateway, clock: Callable[[], datetime]) -> None:
        self.gateway = gateway
        self.pulse = Pulse()
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._turn = threading.Condition()
        self._jobs: deque[tuple[Job[Any], Future[Any]] | None] = deque()
        self._pushes: deque[tuple[PushItem, Answered]] = deque()
        self._pushed_bytes = 0
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)
        self._thread.start()

    async def run(self, job: Job[T], *, beats: bool = False, own: bool = False) -> T:
        """Return what a job returns or raise what it raises; with `beats` the pulse beats when it is done.

        The job of a caller that is cancelled is not begun; one that was begun is done to its end. What the
        gateway asks of itself (`own`) is a few jobs at a time, and taken however much others have queued.

        Raises:
            Busy: code `busy` or `stopping`.
        """
        future: Future[T] = Future()
        with self._turn:
            self._check_room(own=own)
            self._jobs.append((job, future))
            self._turn.notify()
        try:
            return await asyncio.wrap_future(future)
        finally:
            if beats:
                self.pulse.beat()

    def push(self, items: Sequence[tuple[PushItem, Answered]]) -> None:
        """Queue items to be pushed; each answer is told on the event loop.

        Raises:
            Busy: code `busy` or `stopping`; none of them was taken.
        """
        size = sum(len(item.record) for item, _ in items)
        with self._turn:
            self._check_room()
            if self._pushes and self._pushed_bytes + size > QUEUED_BYTES_MAX:
                raise Busy("too much is waiting to be taken in; send more slowly", code="busy")
            if not self._pushes and items:
                self._jobs.append(None)  # one turn for pushes stands in the queue while there are any
            self._pushes.extend(items)
            self._pushed_bytes += size
            self._turn.notify()

    async def stop(self) -> None:
        """Do what is queued, refuse the rest, and end the thread."""
        with self._turn:
            self._stopping = True
            self._turn.notify()
        await asyncio.to_thread(self._thread.join)

    def _check_room(self, *, own: bool = False) -> None:
        if self._stopping:
            raise Busy("the gateway is stopping", code="stopping")
        if not own and len(self._jobs) + len(self._pushes) >= QUEUED_MAX:
            raise Busy("too much is waiting to be done; try again", code="busy")

    def _run(self) -> None:
        while True:
            with self._turn:
                self._turn.wait_for(lambda: self._jobs or self._stopping)
                if not self._jobs:
                    return
                taken = self._jobs.popleft()
            if taken is None:
                self._push_batch()
            else:
                self._do(*taken)

    def _do(self, job: Job[Any], future: Future[Any]) -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            result = job(self.gateway, self._clock())
        except BaseException as exc:
            future.set_exception(exc)
        else:
            future.set_result(result)

    def _push_batch(self) -> None:
        with self._turn:
            batch = [self._pushes.popleft() for _ in range(min(PUSH_BATCH, len(self._pushes)))]
            self._pushed_bytes -= sum(len(item.record) for item, _ in batch)
            if self._pushes:
                self._jobs.append(None)
        answers: Sequence[PushAnswer | GatewayError]
        try:
            answers = push(self.gateway, [item for item, _ in batch], self._clock())
        except GatewayError as exc:
            answers = [exc] * len(batch)
        except Exception as exc:
            answers = [incident("push", exc)] * len(batch)
        self._loop.call_soon_threadsafe(self._answer, batch, answers)

    def _answer(
        self, batch: Sequence[tuple[PushItem, Answered]], answers: Sequence[PushAnswer | GatewayError]
    ) -> None:
        for (_, told), answer in zip(batch, answers, strict=True):
            told(answer)
        self.pulse.beat()
