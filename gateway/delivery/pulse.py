"""The pulse of a gateway: whoever waits for something to have changed hears it beat, and looks for itself."""

from __future__ import annotations

import asyncio


class Pulse:
    """Lives on one event loop. Take a ticket, look, then wait on the ticket: no beat in between is missed.

    `ended` is set once the gateway stops.
    """

    def __init__(self) -> None:
        self._next = asyncio.Event()
        self.ended = asyncio.Event()

    def ticket(self) -> asyncio.Event:
        """Return what the next beat sets."""
        return self._next

    def beat(self) -> None:
        """Wake everybody who waits."""
        self._next.set()
        self._next = asyncio.Event()

    def end(self) -> None:
        """Wake everybody who waits, to leave: the gateway is stopping. `ended` stays set."""
        self.ended.set()
        self.beat()


async def heard(ticket: asyncio.Event, timeout_s: float | None = None) -> bool:
    """Wait for a ticket's beat; return whether it came in time."""
    if timeout_s is not None and timeout_s <= 0:
        return ticket.is_set()
    try:
        # Not `wait_for`: cancelled as the beat comes it would go on, and a gateway that stops wait for ever.
        async with asyncio.timeout(timeout_s):
            await ticket.wait()
    except TimeoutError:
        return False
    return True
