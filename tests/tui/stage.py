"""A full screen for tests: officers at a stopped home of this process, a window of 80 by 24, keys pressed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime

from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import DataTable, OptionList

from gateway.cli.review_desk import HomeReview
from gateway.ledger.entry import EntryKind
from gateway.tui.app import ReviewApp
from gateway.tui.session import Session
from tests.flow.federation import NL, Homes
from tests.flow.review import Person, kinds_of

SIZE = (80, 24)

Play = Callable[["Stage"], Awaitable[None]]


class Stage:
    """One officer before the screen; `text` is what the window shows, line by line."""

    def __init__(self, app: ReviewApp, pilot: Pilot[None]) -> None:
        self.app = app
        self.pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys, and wait until what they began has ended."""
        for key in keys:
            await self.pilot.press(key)
            await self.settle()

    async def settle(self) -> None:
        """Wait until nothing is on its way but what waits for the officer."""
        await self.pilot.pause()
        while any(not worker.is_finished for worker in self.app.workers) and not self._asks():
            await asyncio.sleep(0)
            await self.pilot.pause()
        await self.pilot.pause()

    def _asks(self) -> bool:
        return self.app.screen.is_modal

    async def type(self, words: str) -> None:
        """Type into what has the focus."""
        await self.pilot.press(*("space" if one == " " else one for one in words))
        await self.pilot.pause()

    async def choose(self, path: str) -> None:
        """Put the cursor on a field of the open hold."""
        fields = self.app.screen.query_one("#fields", OptionList)
        rows = [index for index, text in enumerate(self.rows()) if path in text]
        fields.highlighted = rows[0]
        await self.pilot.pause()

    def rows(self) -> list[str]:
        """Return the rows of the open hold's first page, each as one text."""
        fields = self.app.screen.query_one("#fields", OptionList)
        return [rendered(self.app, option.prompt) for option in fields.options]

    def queue(self) -> list[list[str]]:
        """Return the rows of the queue."""
        table = self.app.screen.query_one(DataTable)
        return [[str(cell) for cell in table.get_row_at(row)] for row in range(table.row_count)]

    @property
    def text(self) -> str:
        """The window as it stands."""
        return window(self.app, self.app.screen)


def rendered(app: ReviewApp, content: object) -> str:
    """Return what a renderable shows in a window of 78 cells."""
    options = app.console.options.update_width(78)
    return "".join(segment.text for segment in app.console.render(content, options))  # type: ignore[arg-type]


def window(app: ReviewApp, screen: Screen[object]) -> str:
    """Return the characters of a screen, line by line."""
    width, height = app.size
    strips = screen._compositor.render_strips()
    return "\n".join(strip.text[:width].rstrip() for strip in strips[:height])


def session_of(homes: Homes, who: Person, *, agency: str = NL, clock: datetime | None = None) -> Session:
    """Return the session of an officer at a stopped home."""
    desk = HomeReview(homes[agency])
    return Session(desk, who.signer, lambda: clock or homes.now, live=False)


def play(session: Session, scene: Play, size: tuple[int, int] = SIZE) -> None:
    """Play a scene before a full screen, then leave it."""

    async def played() -> None:
        app = ReviewApp(session)
        async with app.run_test(size=size) as pilot:
            stage = Stage(app, pilot)
            await stage.settle()
            await scene(stage)

    try:
        asyncio.run(played())
    finally:
        session.close()


SIGNED = {EntryKind.APPROVED, EntryKind.REJECTED, EntryKind.HOLD_PLACED}


def signed(homes: Homes, exchange: str) -> list[int]:
    """Return the kinds of the entries that words on an exchange have left."""
    return [kind for kind in kinds_of(homes[NL], exchange) if kind in SIGNED]


def state(homes: Homes, exchange: str) -> str:
    """Return how an exchange stands."""
    row = homes[NL].read.exchange(exchange)
    assert row is not None
    return row.state


async def approve(stage: Stage, typed: str = "police.ro") -> None:
    """Ask to approve the open hold, and type something out."""
    await stage.press("a")
    await stage.type(typed)
    await stage.press("enter")
