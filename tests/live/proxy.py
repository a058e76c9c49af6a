"""A network that misbehaves: a TCP proxy before one gateway, on a thread of its own.

What it carries is TLS, so it cannot tell one message from another: a test says when to hold what comes back,
and looks at the stores to know when to cut.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum


class Mode(Enum):
    """What becomes of bytes."""

    PASS = "pass"
    HOLD_ANSWERS = "hold answers"
    BLACK_HOLE = "black hole"


class Proxy:
    """Carries connections to `target`, a port of loopback, as its `mode` says now."""

    def __init__(self, port: int, target: int) -> None:
        self.mode = Mode.PASS
        self.opened = 0
        self.held = 0
        self._port = port
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """Break every connection; what was held is lost. From now on bytes pass."""

        async def now() -> None:
            self.mode = Mode.PASS
            for writer in self._writers:
                writer.transport.abort()

        asyncio.run_coroutine_threadsafe(now(), self._loop).result(10)

    def serve(self, ready: threading.Event) -> None:
        """Run until `stop`."""
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._carry, "127.0.0.1", self._port))
        ready.set()
        self._loop.run_forever()
        server.close()
        for task in self._tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*self._tasks, return_exceptions=True))
        self._loop.close()

    def stop(self) -> None:
        """End it."""
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.opened += 1
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        for source, sink, answers in ((reader, back, False), (there, writer, True)):
            task = asyncio.create_task(self._pump(source, sink, answers=answers))
            self._tasks.add(task)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answers: bool) -> None:
        try:
            while data := await source.read(64 * 1024):
                if self.mode is Mode.BLACK_HOLE or (self.mode is Mode.HOLD_ANSWERS and answers):
                    self.held += len(data)
                    continue
                sink.write(data)
                await sink.drain()
        except OSError:
            pass
        finally:
            if self.mode is not Mode.BLACK_HOLE:
                sink.transport.abort()


@contextmanager
def proxied(port: int, target: int) -> Iterator[Proxy]:
    """Run a proxy on a port."""
    proxy, ready = Proxy(port, target), threading.Event()
    thread = threading.Thread(target=proxy.serve, args=(ready,), name="proxy", daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield proxy
    finally:
        proxy.stop()
        thread.join(10)
