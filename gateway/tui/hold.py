"""One hold: the record beside what the recipient would see, why, what surrounds it, and the keys that act.

What is signed is what is shown. Where the hold changes or closes meanwhile it is said at once, every sheet is
taken away, and nothing can be signed until it was looked at again.

Source: DESIGN section 6; THREATS A19, A20.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static

from gateway.errors import GatewayError, Refused
from gateway.flow.review.history import History
from gateway.flow.review.listing import HoldLine, Waiting
from gateway.flow.review.showing import HoldView
from gateway.officer.wording import path_of
from gateway.tui import acting
from gateway.tui.acting import Outcome
from gateway.tui.asking import Page, Sheet
from gateway.tui.guide import HOLD, guide
from gateway.tui.pages import AROUND, COUNT, Pages
from gateway.tui.painting import lost, plain, told
from gateway.tui.session import Session, line_of
from gateway.tui.telling import field_page, head, is_open

_LOOK_EVERY_S: Final = 20.0
_ACTS: Final = frozenset({"approve", "refuse", "withhold", "generalise", "claim"})


class HoldScreen(Screen[None]):
    """A hold as an officer judges it; `review` says that it is an emergency release that waits for review."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "approve", "Approve"),
        Binding("f", "refuse", "Refuse"),
        Binding("w", "withhold", "Withhold"),
        Binding("g", "generalise", "Generalise"),
        Binding("c", "claim", "Claim"),
        Binding("v", "review", "Review"),
        Binding("h", "history", "History"),
        Binding("r", "again", "Again", show=False),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("q", "app.pop_screen", "Back"),
        Binding("escape", "app.pop_screen", "Back", show=False),
        *(Binding(str(number + 1), f"page({number})", show=False) for number in range(COUNT)),
        Binding("tab", "next_page", show=False, priority=True),
    ]

    def __init__(self, session: Session, exchange: str, *, review: bool = False) -> None:
        super().__init__()
        self._session = session
        self._exchange = exchange
        self._to_review = review
        self._view: HoldView | None = None
        self._shown_at = time.monotonic()
        self._history: History | None = None
        self._pages = Pages()
        self._busy = False
        self._stale, self._stale_why = True, ""
        self._news, self._lost = "", False

    def compose(self) -> ComposeResult:
        yield Static("opening ...", id="head", markup=False)
        yield self._pages
        yield Static(id="said", markup=False)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Ask for the hold."""
        self._pages.fields.focus()
        self.set_interval(_LOOK_EVERY_S, self._draw_head)
        self.action_again()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what can be done to what is shown."""
        if action in _ACTS:
            return self._view is not None and is_open(self._view) and not self._stale
        if action == "review":
            return self._to_review and self._view is not None
        return True

    # What is shown.

    def action_again(self) -> None:
        """Show the hold as it stands now."""
        self._do(self._show)

    async def _show(self) -> Outcome:
        self._stale = True
        view = await self._session.show(self._exchange)
        self._shown_at = time.monotonic()
        self._take(view)
        self._pages.fields.fill(view)
        return Outcome(said="")

    def _take(self, view: HoldView) -> None:
        self._view, self._stale, self._stale_why = view, False, ""
        self._history = None
        self._draw_head()
        self._draw_pages()

    def _draw_head(self) -> None:
        if self._view is not None:
            passed_s = int(time.monotonic() - self._shown_at)
            left_s = (self._view.expires_ms - self._view.now_ms) // 1000 - passed_s
            self.query_one("#head", Static).update(head(self._view, left_s))

    def _draw_pages(self) -> None:
        if self._view is not None:
            self._pages.show(self._view, self._history)
            self.refresh_bindings()

    def heard(self, news: Waiting | GatewayError) -> None:
        """Take what waits now: whether what is shown is still what is held."""
        view = self._view
        if isinstance(news, GatewayError):
            self._lost = True
            self._say(f"{lost(news)}; it is tried again.", failed=True)
            return
        if self._lost:
            self._lost = False
            self._say("Connected again.")
        if view is not None and is_open(view) and not self._stale:
            try:
                line = line_of(view, news)
            except Refused as exc:
                words = f"{exc.message.capitalize()}: nothing more can be signed; r shows it as it stands."
                self._stale, self._stale_why = True, words
                self._interrupted(words)
            else:
                self._moved(view, line)

    def _moved(self, view: HoldView, line: HoldLine) -> None:
        """Show who must still act; where that has changed, what a sheet says would follow is wrong."""
        self._view = replace(view, state=line.state, missing=line.missing, claimed_by=line.claimed_by)
        self._draw_head()
        if (line.state, tuple(line.missing)) != (view.state, tuple(view.missing)):
            self._interrupted("Somebody has spoken on it meanwhile: see what it needs now.")

    def _interrupted(self, words: str) -> None:
        """Say what happened elsewhere, and take away the sheet it was asked on."""
        self._news = words
        self._say(words, failed=True)
        if self.app.screen is not self and isinstance(self.app.screen, Sheet):
            self.app.screen.action_leave()
        self.refresh_bindings()

    def _say(self, words: str, *, failed: bool = False) -> None:
        self.query_one("#said", Static).update(plain(words, "bold red" if failed else "bold"))

    # What is done.

    def _do(self, step: Callable[[], Awaitable[Outcome]]) -> None:
        """Do one thing at a time: what is being signed is never overtaken."""
        if not self._busy:
            self._busy = True
            self.run_worker(self._done(step), group="act")

    async def _done(self, step: Callable[[], Awaitable[Outcome]]) -> None:
        try:
            outcome = await step()
            if outcome.anew:
                outcome = await self._shown_after(outcome)
        except GatewayError as exc:
            outcome = Outcome(said=f"Nothing was done: {told(exc)}", failed=True)
            self._stale = self._stale or exc.code.startswith("hold-")
        finally:
            self._busy = False
        if outcome.view is not None:
            self._take(outcome.view)
        self._stale = self._stale or outcome.unknown
        # What ended a sheet from elsewhere is not overwritten by what came of the sheet.
        news, self._news = self._news or self._stale_why, ""
        if outcome.said or not news:
            self._say(f"{outcome.said} {news}".strip(), failed=outcome.failed or bool(news))
        self.refresh_bindings()

    async def _shown_after(self, outcome: Outcome) -> Outcome:
        try:
            await self._show()
        except GatewayError as exc:
            return replace(outcome, said=f"{outcome.said} It cannot be shown now: {told(exc)}", unknown=True)
        return outcome

    def action_approve(self) -> None:
        """Approve what is shown."""
        if self._view is not None:
            view, unread = self._view, self._pages.fields.unread()
            self._do(lambda: acting.approve(self.app, self._session, view, unread))

    def action_refuse(self) -> None:
        """Refuse what is shown."""
        if self._view is not None:
            view = self._view
            self._do(lambda: acting.refuse(self.app, self._session, view))

    def action_withhold(self) -> None:
        """Withhold the field under the cursor."""
        self._less(withhold=True)

    def action_generalise(self) -> None:
        """Let the field under the cursor leave less precisely."""
        self._less(withhold=False)

    def _less(self, *, withhold: bool) -> None:
        line, view = self._pages.fields.line, self._view
        if line is None or view is None or not self._pages.on_fields:
            self._say("Choose a field on page 1 first.")
            return
        self._do(lambda: acting.give_less(self.app, self._session, view, line, withhold=withhold))

    def action_claim(self) -> None:
        """Claim the hold, or give the claim up."""
        if self._view is not None:
            view = self._view
            self._do(lambda: acting.claim(self._session, view))

    def action_review(self) -> None:
        """Say whether an emergency release was justified."""
        if self._view is not None:
            view = self._view
            self._do(lambda: acting.review(self.app, self._session, view))

    # Where one looks.

    @on(OptionList.OptionSelected, "#fields")
    def _whole(self) -> None:
        line = self._pages.fields.line
        if line is not None and self._view is not None:
            self._pages.fields.look_at(line)
            self.app.push_screen(Page(path_of(line), field_page(line, self._view.recipient)))

    def action_page(self, number: int) -> None:
        """Turn to a page."""
        self._pages.turn(number)

    def action_next_page(self) -> None:
        """Turn to the next page."""
        self._pages.turn_on()

    def action_history(self) -> None:
        """Show the history, as the ledger has it."""
        self._pages.turn(AROUND)
        self._do(self._load_history)

    async def _load_history(self) -> Outcome:
        self._history = await self._session.ask(lambda desk: desk.history(self._exchange))
        self._draw_pages()
        return Outcome(said="")

    def action_help(self) -> None:
        """Say what the keys and marks mean."""
        self.app.push_screen(Page("Keys and marks of a hold", guide(HOLD)))
