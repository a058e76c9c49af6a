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

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import Screen
from textual.widgets import ContentSwitcher, Footer, OptionList, Static

from gateway.errors import GatewayError
from gateway.flow.review.history import History
from gateway.flow.review.listing import Waiting
from gateway.flow.review.showing import HoldView
from gateway.tui import acting
from gateway.tui.acting import Outcome
from gateway.tui.asking import Page, Sheet
from gateway.tui.fields import Fields
from gateway.tui.guide import HOLD, guide
from gateway.tui.painting import FieldRow, plain, told
from gateway.tui.session import Session, changed_meanwhile
from gateway.tui.telling import field_page, head, is_open, path_of, reasons, surroundings

_PAGES: Final = ("fields", "why", "around")
_TITLES: Final = ("1 Fields", "2 Reasons", "3 Before, duties, history")
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
        *(Binding(str(number + 1), f"page({number})", show=False) for number in range(len(_PAGES))),
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
        self._fields = Fields()
        self._busy = False
        self._stale, self._stale_why = True, ""

    def compose(self) -> ComposeResult:
        yield Static("opening ...", id="head", markup=False)
        yield Static(id="pages", markup=False)
        yield Static(id="columns", markup=False)
        with ContentSwitcher(initial="fields", id="body"):
            yield self._fields
            with VerticalScroll(id="why"):
                yield Static(id="why-text", markup=False)
            with VerticalScroll(id="around"):
                yield Static(id="around-text", markup=False)
        yield Static(id="said", markup=False)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Ask for the hold."""
        self._fields.focus()
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
        self._fields.fill(view)
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
        if self._view is None:
            return
        current = self.query_one(ContentSwitcher).current
        tabs = [
            Text(f" {title} ", style="reverse" if page == current else "")
            for page, title in zip(_PAGES, _TITLES, strict=True)
        ]
        self.query_one("#pages", Static).update(Text("  ").join(tabs))
        columns = self.query_one("#columns", Static)
        columns.display = current == "fields"
        sees = f"{self._view.recipient} sees"
        columns.update(FieldRow(mark="", label="field", record="as recorded", leaves=sees, style="bold"))
        self.query_one("#why-text", Static).update(reasons(self._view))
        self.query_one("#around-text", Static).update(surroundings(self._view, self._history))
        self.refresh_bindings()

    def heard(self, news: Waiting | GatewayError) -> None:
        """Take what waits now: whether what is shown is still what is held."""
        view = self._view
        if isinstance(news, GatewayError):
            self._say(f"{told(news)}; it is tried again.", failed=True)
        elif view is not None and is_open(view) and not self._stale:
            if why := changed_meanwhile(view, news):
                self._turned_stale(
                    f"{why.capitalize()}: nothing more can be signed; r shows it as it stands."
                )
                return
            line = next(one for one in news.holds if one.exchange == view.exchange)
            standing = (line.state, tuple(line.missing), line.claimed_by)
            if standing != (view.state, tuple(view.missing), view.claimed_by):
                self._view = replace(view, state=line.state, missing=line.missing, claimed_by=line.claimed_by)
                self._draw_head()

    def _turned_stale(self, words: str) -> None:
        self._stale, self._stale_why = True, words
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
        if outcome.said or not self._stale_why:
            said = f"{outcome.said} {self._stale_why}".strip()
            self._say(said, failed=outcome.failed or bool(self._stale_why))
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
            view, unread = self._view, self._fields.unread()
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
        line, view = self._fields.line, self._view
        if line is None or view is None or self.query_one(ContentSwitcher).current != "fields":
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
        line = self._fields.line
        if line is not None and self._view is not None:
            self._fields.look_at(line)
            self.app.push_screen(Page(path_of(line), field_page(line, self._view.recipient)))

    def action_page(self, number: int) -> None:
        """Turn to a page."""
        self.query_one(ContentSwitcher).current = _PAGES[number]
        self.query_one(f"#{_PAGES[number]}").focus()
        self._draw_pages()

    def action_next_page(self) -> None:
        """Turn to the next page."""
        current = self.query_one(ContentSwitcher).current
        self.action_page((_PAGES.index(current or _PAGES[0]) + 1) % len(_PAGES))

    def action_history(self) -> None:
        """Show the history, as the ledger has it."""
        self.action_page(_PAGES.index("around"))
        self._do(self._load_history)

    async def _load_history(self) -> Outcome:
        self._history = await self._session.ask(lambda desk: desk.history(self._exchange))
        self._draw_pages()
        return Outcome(said="")

    def action_help(self) -> None:
        """Say what the keys and marks mean."""
        self.app.push_screen(Page("Keys and marks of a hold", guide(HOLD)))
