"""A gateway asked for more than it can do goes on with its own work, and refuses only those who ask."""

from __future__ import annotations

import asyncio
import signal
import threading

import pytest

from gateway.errors import Busy
from gateway.serve import Running
from gateway.worker import worker
from tests.live.houses import NL, TO_RO, House, Push, case

ROOM = 8


def test_gateway_whose_queue_is_full_goes_on_carrying_and_being_witnessed(
    pair: dict[str, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "raise_signal", lambda _: None)  # what a task that ended would do to this run
    monkeypatch.setattr(worker, "QUEUED_MAX", ROOM)
    for house in pair.values():
        house.begin()

    ended = pair[NL].on_loop(_crowd)
    answer = pair[NL].client().push_one(Push(record=case(), to=[TO_RO]))
    states = [seen.state for seen in pair[NL].client().watch(answer.exchanges[0].exchange_id, timeout_s=30)]

    assert ended == []
    assert states[-1] == "delivered"


async def _crowd(running: Running) -> list[str]:
    """Fill the queue while the worker stands still, wake every task, and return those that ended of it."""
    gate, at_work = threading.Event(), running._worker

    standing = asyncio.create_task(at_work.run(lambda *_: gate.wait()))
    waiting = [asyncio.create_task(at_work.run(lambda *_: None, own=True)) for _ in range(ROOM)]
    await asyncio.sleep(0)
    try:
        with pytest.raises(Busy):
            await at_work.run(lambda *_: None)
        at_work.pulse.beat()
        for _ in range(10):
            await asyncio.sleep(0)
    finally:
        gate.set()
    await asyncio.gather(standing, *waiting)
    return [name for name, task in running._tasks.items() if task.done()]
