"""One courier per peer: what waits is carried there, its receipts back, for as long as anything waits.

One stream, a few batches on the way at a time. What a peer does not answer for good stays queued and rests;
what it refuses in band again and again is given up, so that it blocks nothing.

Source: DESIGN section 10; THREATS A26, A46, F15, F19, F22.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Sequence
from typing import Final, NamedTuple

import grpc

from gateway.delivery.channel import Stream
from gateway.delivery.pulse import Pulse, heard
from gateway.delivery.schedule import CAP_S, SHORTEST_S, delay_s
from gateway.errors import GatewayError, Refused, Unreachable
from gateway.flow.acknowledge import Acknowledged, acknowledge
from gateway.flow.gateway import Gateway
from gateway.flow.stop import give_up
from gateway.observe import counters, incident, log
from gateway.wire.problem import error_of
from gateway.worker.load import CLOSED, FOR_WHAT_IT_IS, Load, codes_of, take_load
from gateway.worker.peers import Peers
from gateway.worker.worker import Worker

WINDOW: Final = 4
"""Batches on the way to one peer at a time."""
TRIES_MAX: Final = 5
"""How often an envelope is sent that the peer refuses in band for what it is."""
ANSWER_S: Final = 60.0
"""How long a batch may go unanswered before its stream is given up."""
IDLE_S: Final = 60.0
"""How long a stream stays open with nothing to carry."""
FORGOTTEN_S: Final = 2 * CAP_S
"""How long after its rest an envelope's failures still count."""


class _Rest(NamedTuple):
    until: float
    failures: int


class Courier:
    """Carries to one peer; `run` until cancelled."""

    def __init__(self, peer: str, worker: Worker, peers: Peers) -> None:
        self.peer = peer
        self._worker = worker
        self._peers = peers
        self._failures = 0
        self._on_the_way: deque[Load] = deque()
        self._asked_at = 0.0
        self._looked_at = 0.0
        self._resting: dict[str, _Rest] = {}
        self._refused: Counter[str] = Counter()
        self._room = Pulse()

    async def run(self) -> None:
        """Carry whatever waits, now and later."""
        while True:
            ticket = self._worker.pulse.ticket()
            if await self._waits():
                await self._visit()
            else:
                await heard(ticket, self._until_rested())

    async def _waits(self) -> bool:
        peer, but = self.peer, self._left_out()
        return await self._worker.run(lambda gateway, _: gateway.read.anything_queued(peer, but), own=True)

    async def _visit(self) -> None:
        """Open a stream and carry; after a failure rest, until the peer is heard from at the longest."""
        standing = self._peers.standing(self.peer)
        ticket = self._peers.pulse(self.peer).ticket()
        try:
            channel = self._peers.channel(self.peer)
            try:
                await self._carry(channel.deliver())
            finally:
                await channel.close()
            standing.state = "idle"
        except Exception as exc:
            error = exc if isinstance(exc, GatewayError) else incident("courier", exc)
            self._failures += 1
            standing.state, standing.code = "retrying", error.code
            counters["delivery.failures"] += 1
            log().info("peer.unreachable", peer=self.peer, code=error.code, count=self._failures)
            rest_s = delay_s(self._failures, random.random())  # noqa: S311  jitter is no secret
            # Whoever calls again and again is not visited as often.
            await asyncio.sleep(SHORTEST_S)
            if await heard(ticket, rest_s - SHORTEST_S):
                # It is back, if perhaps not ready yet: what failed while it was away counts no more.
                self._failures = 0
        finally:
            self._on_the_way.clear()

    async def _carry(self, stream: Stream) -> None:
        """Send until nothing has waited for a minute; the answers are read beside.

        Raises:
            GatewayError: the stream broke, or the peer answered what cannot be an answer.
        """
        answers = asyncio.create_task(self._read(stream))
        sending = asyncio.create_task(self._send(stream))
        try:
            done, _ = await asyncio.wait({answers, sending}, return_when=asyncio.FIRST_COMPLETED)
            if answers in done:
                answers.result()
                raise Unreachable("the peer closed the stream", code="stream-closed")
            sending.result()
            await stream.done_writing()
            await answers
        except grpc.aio.AioRpcError as exc:
            raise error_of(exc) from exc
        except asyncio.InvalidStateError as exc:
            raise Unreachable("the stream broke", code="stream-closed") from exc
        finally:
            stream.cancel()
            for task in (answers, sending):
                task.cancel()
            await asyncio.gather(answers, sending, return_exceptions=True)

    async def _send(self, stream: Stream) -> None:
        idle_since = time.monotonic()
        while True:
            room, news = self._room.ticket(), self._worker.pulse.ticket()
            if len(self._on_the_way) >= WINDOW:
                await heard(room)
                continue
            load = await self._load()
            if load.data is None:
                if not self._on_the_way and time.monotonic() - idle_since > IDLE_S:
                    return
                await heard(news, min(IDLE_S, self._until_rested() or IDLE_S))
                continue
            if not self._on_the_way:
                self._asked_at = time.monotonic()
            self._on_the_way.append(load)
            await stream.write(load.data)
            idle_since = time.monotonic()

    async def _load(self) -> Load:
        peer, but = self.peer, self._left_out()
        return await self._worker.run(lambda gateway, now: take_load(gateway, peer, but, now), own=True)

    async def _read(self, stream: Stream) -> None:
        while True:
            data = await self._next(stream)
            if data is None:
                return
            if not self._on_the_way:
                raise Refused("the peer answers what was not asked", code="not-an-answer")
            self._peers.answered(self.peer)
            done: list[Acknowledged] = []
            try:
                done = await self._acknowledge(data)
            finally:
                # Whatever the answer was worth, what it did not close stays queued, and rests.
                progress = await self._settle(self._on_the_way[0], done)
                self._on_the_way.popleft()
                self._asked_at = time.monotonic()
                self._room.beat()
            if not progress:
                raise Refused("the peer answers and receipts nothing", code="no-receipts")

    async def _acknowledge(self, data: bytes) -> list[Acknowledged]:
        peer = self.peer
        return await self._worker.run(
            lambda gateway, now: acknowledge(gateway, data, peer, now), beats=True, own=True
        )

    async def _next(self, stream: Stream) -> bytes | None:
        """Return the next answer, None at the end of the stream."""
        reading = asyncio.ensure_future(stream.read())
        # One that fails while nobody waits for it any more is not worth a word.
        reading.add_done_callback(lambda task: task.cancelled() or task.exception())
        try:
            # A slow peer has a minute for each batch; with nothing on the way there is no hurry.
            while not (await asyncio.wait({reading}, timeout=self._until_silent()))[0]:
                if self._until_silent() <= 0:
                    raise Unreachable("the peer does not answer", code="no-answer")
            data = reading.result()
        except grpc.aio.AioRpcError as exc:
            raise error_of(exc) from exc
        finally:
            reading.cancel()
        return data if isinstance(data, bytes) else None

    async def _settle(self, load: Load, done: Sequence[Acknowledged]) -> bool:
        """Note what an answer closed and what it left; return whether to go on sending at once."""
        closed = {one.exchange_id for one in done if one.outcome in CLOSED}.intersection(load.exchanges)
        codes = codes_of(load, done)
        fresh = any(message not in self._resting for message in load.messages)
        counters["delivery.closed"] += len(closed)
        for message, exchange in zip(load.messages, load.exchanges, strict=True):
            if exchange in closed:
                self._resting.pop(message, None)
                self._refused.pop(message, None)
                continue
            code = codes.get(exchange, "")
            self._refused[message] += code in FOR_WHAT_IT_IS
            counters["delivery.not_accepted"] += 1
            if self._refused[message] >= TRIES_MAX:
                await self._give_up(message, code)
                continue
            failures = self._resting[message].failures + 1 if message in self._resting else 1
            rest_s = delay_s(failures, random.random())  # noqa: S311  jitter is no secret
            self._resting[message] = _Rest(time.monotonic() + rest_s, failures)
        if closed:
            self._failures = 0
        # What is refused again and again rests by itself. The peer rests where it takes nothing of what is
        # new to it, or does not answer what it was asked.
        return bool(closed or FOR_WHAT_IT_IS.intersection(codes.values()) or (codes and not fresh))

    async def _give_up(self, message: str, code: str) -> None:
        log().warning("envelope.given-up", peer=self.peer, code=code)

        def close(gateway: Gateway, _: object) -> None:
            give_up(gateway, message, code)

        await self._worker.run(close, beats=True, own=True)
        self._resting.pop(message, None)
        self._refused.pop(message, None)

    def _until_silent(self) -> float:
        """Return for how many seconds more an answer may be waited for."""
        return self._asked_at + ANSWER_S - time.monotonic() if self._on_the_way else ANSWER_S

    def _left_out(self) -> frozenset[str]:
        self._looked_at = now = time.monotonic()
        # What has waited for long since it rested was closed by other ways, or the peer is away.
        self._resting = {of: rest for of, rest in self._resting.items() if rest.until > now - FORGOTTEN_S}
        resting = {message for message, rest in self._resting.items() if rest.until > now}
        return frozenset(resting.union(*(load.messages for load in self._on_the_way)))

    def _until_rested(self) -> float | None:
        """Return in how many seconds something left out for its rest may be tried again; None if nothing."""
        left_out = [rest.until for rest in self._resting.values() if rest.until > self._looked_at]
        return max(0.01, min(left_out) - time.monotonic()) if left_out else None
