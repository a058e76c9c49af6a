"""Group commit: units from many callers share one transaction, because one fsync costs as much as many rows.

A batch is what queued while the one before was being committed. Nobody waits for a batch to fill.

Source: DESIGN sections 11 and 15.
"""

from __future__ import annotations

import contextlib
import threading
from collections import deque
from concurrent.futures import Future
from types import TracebackType
from typing import Final, NamedTuple, Self

from gateway.errors import GatewayError, Refused
from gateway.store.sequence import Committed
from gateway.store.unit import Unit
from gateway.store.writer import Writer

BATCH_UNITS: Final = 64
BATCH_BYTES: Final = 1024 * 1024
"""About 10 ms of writing. Counted in bytes, not time: on a slow disk a shorter batch would only be slower."""

QUEUED_UNITS: Final = 1_024


class _Waiting(NamedTuple):
    unit: Unit
    size_bytes: int
    future: Future[Committed]


class GroupWriter:
    """A thread that commits what callers submit; a context manager that drains and stops.

    Callbacks of its futures run on that thread: they must neither block nor wait for another unit.
    """

    def __init__(
        self,
        writer: Writer,
        *,
        batch_units: int = BATCH_UNITS,
        batch_bytes: int = BATCH_BYTES,
        queued_units: int = QUEUED_UNITS,
    ) -> None:
        self._writer = writer
        self._batch_units = batch_units
        self._batch_bytes = batch_bytes
        self._queued_units = queued_units
        self._queue: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="store-writer", daemon=True)
        self._thread.start()

    def submit(self, unit: Unit, *, wait_s: float = 0.0) -> Future[Committed]:
        """Queue a unit; the future resolves after its COMMIT, or fails with the unit's `GatewayError`.

        `wait_s` is how long to wait for a place in a full queue. A future cancelled before its batch begins
        is not committed.

        Raises:
            Refused: code `busy`: the queue stayed full; code `stopping`.
        """
        waiting = _Waiting(unit, _size_bytes(unit), Future())
        with self._changed:
            free = self._changed.wait_for(
                lambda: self._stopping or len(self._queue) < self._queued_units, wait_s
            )
            if self._stopping:
                raise Refused("the writer is stopping", code="stopping", field="store")
            if not free:
                raise Refused("the writer's queue is full", code="busy", field="store")
            self._queue.append(waiting)
            self._changed.notify_all()
        return waiting.future

    def stop(self) -> None:
        """Commit what is queued, refuse the rest, and end the thread. Safe to call twice."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        while batch := self._collect():
            self._commit(batch)

    def _collect(self) -> list[_Waiting]:
        """Return the next batch; empty once stopped and drained."""
        batch: list[_Waiting] = []
        with self._changed:
            while not batch:
                self._changed.wait_for(lambda: self._stopping or self._queue)
                if not self._queue:
                    return []
                room_bytes = self._batch_bytes
                while self._queue and len(batch) < self._batch_units:
                    if batch and self._queue[0].size_bytes > room_bytes:
                        break
                    waiting = self._queue.popleft()
                    room_bytes -= waiting.size_bytes
                    if waiting.future.set_running_or_notify_cancel():
                        batch.append(waiting)
                self._changed.notify_all()
        return batch

    def _commit(self, batch: list[_Waiting]) -> None:
        try:
            outcomes = self._writer.commit([waiting.unit for waiting in batch])
        except BaseException as exc:
            # Whatever it was, the callers must hear of it: a future that never resolves hides the failure.
            for waiting in batch:
                waiting.future.set_exception(exc)
            return
        for waiting, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, GatewayError):
                waiting.future.set_exception(outcome)
            else:
                waiting.future.set_result(outcome)
        # After the callers were answered: copying the log into the database is not theirs to wait for. A
        # failure comes back at the next commit, which tidies first, and is told to its callers.
        with contextlib.suppress(GatewayError):
            self._writer.tidy()


def _size_bytes(unit: Unit) -> int:
    return sum(len(value) for row in unit.rows for value in row if type(value) is bytes)
