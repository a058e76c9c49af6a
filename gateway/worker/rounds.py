"""Rounds: what a gateway does by itself as time passes, again and again while it runs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from gateway.errors import GatewayError


async def again_and_again(
    round_: Callable[[], Awaitable[float]], failed: Callable[[GatewayError], None], every_s: float
) -> None:
    """Run rounds until cancelled, resting as many seconds as each returns, `every_s` after a failed one."""
    while True:
        try:
            wait_s = await round_()
        except GatewayError as exc:
            failed(exc)
            wait_s = every_s
        await asyncio.sleep(wait_s)
