"""What the servicers ask of the running gateway: to work in turn, and to hear when something changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from gateway.delivery.pulse import Pulse
from gateway.errors import GatewayError
from gateway.flow.gateway import Gateway
from gateway.flow.repeat import PushAnswer
from gateway.flow.submit import PushItem

T = TypeVar("T")


class Desk(Protocol):
    """The worker as its servicers see it."""

    gateway: Gateway
    pulse: Pulse

    async def run(self, job: Callable[[Gateway, datetime], T], *, beats: bool = False) -> T:
        """Return what a job returns, done in its turn; with `beats` the pulse beats afterwards."""
        ...

    def push(self, items: Sequence[tuple[PushItem, Callable[[PushAnswer | GatewayError], None]]]) -> None:
        """Queue items to be pushed; each is told its answer on the event loop."""
        ...
