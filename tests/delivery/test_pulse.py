"""Whoever waits on the pulse hears the next beat, and can be told to stop at any moment."""

from __future__ import annotations

import asyncio

import pytest

from gateway.delivery.pulse import Pulse, heard


def test_beat_between_looking_and_waiting_is_heard() -> None:
    async def play() -> bool:
        pulse = Pulse()
        ticket = pulse.ticket()
        pulse.beat()
        return await heard(ticket)

    assert asyncio.run(play())


@pytest.mark.parametrize("timeout_s", [-1.0, 0.0, 0.01])
def test_without_a_beat_waiting_ends_by_itself(timeout_s: float) -> None:
    async def play() -> bool:
        return await heard(Pulse().ticket(), timeout_s)

    assert not asyncio.run(play())


@pytest.mark.parametrize("steps", range(4))
@pytest.mark.parametrize("timeout_s", [None, 60.0])
def test_who_is_cancelled_as_the_beat_comes_has_stopped(steps: int, timeout_s: float | None) -> None:
    """Swallowed once, a cancellation does not come again: a gateway that stops would wait for ever."""

    async def play() -> tuple[bool, bool]:
        pulse = Pulse()
        waiting = asyncio.create_task(heard(pulse.ticket(), timeout_s))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        pulse.beat()
        for _ in range(steps):
            await asyncio.sleep(0)
        asked = waiting.cancel()
        await asyncio.wait([waiting])
        return asked, waiting.cancelled()

    asked, stopped = asyncio.run(play())

    assert asked == stopped
