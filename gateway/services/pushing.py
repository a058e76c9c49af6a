"""One stream of pushes: items in as they come, answers out as they are ready, a bounded number in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Final

from gateway.errors import Busy, GatewayError, Malformed
from gateway.flow.repeat import PushAnswer
from gateway.flow.submit import PushItem
from gateway.services.desk import Desk
from gateway.services.translate import answer_message, item_of
from gateway.v1 import submission_pb2 as pb
from gateway.wire.limits import PUSH_ITEMS_MAX, PUSH_UNANSWERED_MAX

_BUSY_S: Final = 0.05


class Pushing:
    """One stream; `answers` may be called once."""

    def __init__(self, desk: Desk, actor: str) -> None:
        self._desk = desk
        self._actor = actor
        self._taken = 0
        self._unanswered = 0
        self._ready: list[pb.PushAnswer] = []
        self._changed = asyncio.Event()
        self._room = asyncio.Event()

    async def answers(self, requests: AsyncIterator[pb.PushRequest]) -> AsyncIterator[pb.PushResponse]:
        """Yield answers until every item of every message has one.

        Raises:
            Malformed: a message that is none; what was taken before it is done all the same.
            Forbidden: the caller lost its access; the same holds.
            Busy: code `stopping`; the same holds.
        """
        reading = asyncio.create_task(self._read(requests))
        reading.add_done_callback(self._read_to_the_end)
        try:
            while not reading.done() or self._unanswered or self._ready:
                await self._changed.wait()
                self._changed.clear()
                if self._ready:
                    ready, self._ready = self._ready, []
                    self._room.set()
                    for start in range(0, len(ready), PUSH_ITEMS_MAX):
                        yield pb.PushResponse(answers=ready[start : start + PUSH_ITEMS_MAX])
            reading.result()
        finally:
            reading.cancel()

    def _read_to_the_end(self, reading: asyncio.Task[None]) -> None:
        # Looked at here, because whoever waits for it may have left: a loop prints what nobody looked at.
        if not reading.cancelled():
            reading.exception()
        self._changed.set()

    async def _read(self, requests: AsyncIterator[pb.PushRequest]) -> None:
        async for request in requests:
            if len(request.items) > PUSH_ITEMS_MAX:
                raise Malformed(f"holds more than {PUSH_ITEMS_MAX}", field="items", code="too-many")
            while self._unanswered + len(request.items) > PUSH_UNANSWERED_MAX:
                self._room.clear()
                await self._room.wait()
            await self._queue(request)

    async def _queue(self, request: pb.PushRequest) -> None:
        """Hand the items of one message on, and answer those that cannot be read at once."""
        queued: list[tuple[PushItem, Callable[[PushAnswer | GatewayError], None]]] = []
        for message in request.items:
            told = self._teller(self._taken, message.key)
            self._taken += 1
            self._unanswered += 1
            try:
                queued.append((item_of(message, self._actor, keyed=True), told))
            except GatewayError as exc:
                told(exc)
        while queued:
            try:
                self._desk.push(queued)
                return
            except Busy as exc:
                if exc.code == "stopping":
                    # They stay without an answer: whoever pushes does so again, under the same keys.
                    self._unanswered -= len(queued)
                    raise
                # Nothing is read meanwhile, so the transport holds the client back.
                await asyncio.sleep(_BUSY_S)

    def _teller(self, ordinal: int, key: str) -> Callable[[PushAnswer | GatewayError], None]:
        def told(answer: PushAnswer | GatewayError) -> None:
            self._ready.append(answer_message(ordinal, key, answer))
            self._unanswered -= 1
            self._changed.set()

        return told
