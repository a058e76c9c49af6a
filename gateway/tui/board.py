"""The queue: what waits, most urgent first, with who must act and how long is left; Enter opens a hold."""

from __future__ import annotations

import time
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Input, Static

from gateway.errors import GatewayError
from gateway.flow.review.listing import HoldLine, ReviewLine, Waiting
from gateway.officer.wording import left_in_words, until_in_words
from gateway.record.lookalike import named
from gateway.record.vocabulary import Duty, Lane
from gateway.tui.asking import Page
from gateway.tui.guide import BOARD, guide
from gateway.tui.hold import HoldScreen
from gateway.tui.painting import cut, lost, plain
from gateway.tui.session import Session
from gateway.tui.watching import Heard

ROWS_MOST: Final = 500
"""How many rows are drawn; that there are more is said."""

_LOOK_EVERY_S: Final = 30.0
_SOON_S: Final = 2 * 60 * 60
_FIXED: Final = {"left": 11, "lane": 15, "to": 13, "for": 18, "must act": 13}
_TO_SHARE: Final = 0.4


class Queue(DataTable[Text]):
    """The list; its one key stands in the footer."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select_cursor", "Open", key_display="Enter")]


class BoardScreen(Screen[None]):
    """What waits for officers; the cursor stays on its hold when the list changes under it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "mine", "Mine/all"),
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("o", "only", "This recipient"),
        Binding("r", "refresh", "Refresh"),
        Binding("question_mark", "help", "Help", key_display="?"),
        Binding("q", "app.quit", "Quit"),
        Binding("escape", "clear", "Clear", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._found: Waiting | None = None
        self._found_at = time.monotonic()
        self._mine = True
        self._wanted = ""
        self._lost = False

    def compose(self) -> ComposeResult:
        yield Static(id="title", markup=False)
        yield Static("asking what waits ...", id="counts", markup=False)
        yield Queue(id="queue", cursor_type="row", cell_padding=0)
        yield Input(
            id="filter", placeholder="recipient, purpose, lane, id of exchange or record", compact=True
        )
        yield Static(id="said", markup=False)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Draw the frame and ask for the list."""
        session = self._session
        where = f"Comity review: {session.agency}" + (" (EXERCISE)" if session.exercise else "")
        who = f"{named(session.name, session.key_id)} {' '.join(session.duties)}"
        self.query_one("#title", Static).update(plain(f"{where}    {who}", "bold"))
        self.query_one("#filter", Input).display = False
        self.query_one(Queue).focus()
        self.set_interval(_LOOK_EVERY_S, self._draw if session.live else self.action_refresh)
        self.action_refresh()

    def on_resize(self) -> None:
        """Give the columns their new room."""
        self._draw()

    def on_screen_resume(self) -> None:
        """Look again after a hold was looked at."""
        if self._found is not None:
            self.action_refresh()

    def action_refresh(self) -> None:
        """Ask what waits."""
        self.run_worker(self._refresh(), group="list", exclusive=True)

    async def _refresh(self) -> None:
        try:
            news: Waiting | GatewayError = await self._session.ask(lambda desk: desk.waiting())
        except GatewayError as exc:
            news = exc
        self.app.post_message(Heard(news))

    def heard(self, news: Waiting | GatewayError) -> None:
        """Take what waits now, or what went wrong with asking."""
        if isinstance(news, GatewayError):
            self._lost = True
            again = "; it is tried again" if self._session.live else ""
            self._say(f"{lost(news)}{again}. What is shown is from before.", "bold red")
            return
        if self._lost:
            self._lost = False
            self._say("Connected again.")
        self._found, self._found_at = news, time.monotonic()
        self._draw()

    def _say(self, words: str, style: str = "") -> None:
        self.query_one("#said", Static).update(plain(words, style))

    def _draw(self) -> None:
        """Draw the list anew; the cursor stays on what it stood on."""
        if self._found is None:
            return
        table = self.query_one(Queue)
        before = self._key()
        table.clear(columns=True)
        cells = _columns(self.size.width)
        for name, width in cells.items():
            table.add_column(Text(name), width=width)
        keys = []
        for review in self._reviews(self._found):
            keys.append(review.exchange)
            table.add_row(*_fitted(_review_cells(review), cells), key=review.exchange)
        holds = self._holds(self._found)
        for one in holds[:ROWS_MOST]:
            if one.exchange not in keys:
                keys.append(one.exchange)
                table.add_row(*_fitted(self._hold_cells(one), cells), key=one.exchange)
        if before in keys:
            table.move_cursor(row=keys.index(before), animate=False)
        self.query_one("#counts", Static).update(plain(self._counts(len(holds), len(self._found.holds))))

    def _counts(self, shown: int, waiting: int) -> str:
        duties = " ".join(self._session.duties) or "none now"
        whose = f"for your duties ({duties})" if self._mine else "for anybody"
        wanted = f', with "{self._wanted}"' if self._wanted else ""
        more = f"; the {ROWS_MOST} most urgent are drawn" if shown > ROWS_MOST else ""
        return f"{shown} of {waiting} waiting: {whose}{wanted}{more}"

    def _reviews(self, found: Waiting) -> list[ReviewLine]:
        if self._mine and Duty.DPO.token not in self._session.duties:
            return []
        return [one for one in found.reviews if self._is_wanted(one.recipient, one.exchange, "review")]

    def _holds(self, found: Waiting) -> list[HoldLine]:
        return [
            one
            for one in found.holds
            if (not self._mine or self._is_mine(one))
            and self._is_wanted(one.recipient, one.purpose, one.lane, one.exchange, one.record)
        ]

    def _is_mine(self, one: HoldLine) -> bool:
        needed = {token.partition(":")[0] for token in one.missing}
        return bool(needed & set(self._session.duties)) and not self._has_spoken(one)

    def _has_spoken(self, one: HoldLine) -> bool:
        return any(key_id == self._session.key_id for _, _, key_id in one.given)

    def _is_wanted(self, *texts: str) -> bool:
        return any(self._wanted in text.casefold() for text in texts)

    def _hold_cells(self, one: HoldLine) -> list[tuple[str, str]]:
        left_s = one.left_s - int(time.monotonic() - self._found_at)
        return [
            (left_in_words(left_s), "bold red" if left_s < _SOON_S else ""),
            (one.lane, "bold red" if one.lane == Lane.THREAT_TO_LIFE.token else ""),
            (one.recipient, "bold"),
            (one.purpose if one.subject == "release" else f"consent: {one.purpose}", ""),
            (" ".join(one.missing) or "nobody", ""),
            ("you have spoken" if self._has_spoken(one) else one.claimed_by, ""),
        ]

    def _key(self) -> str:
        table = self.query_one(Queue)
        if not table.row_count:
            return ""
        return table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value or ""

    @on(DataTable.RowSelected)
    def _selected(self, event: DataTable.RowSelected) -> None:
        exchange = event.row_key.value or ""
        reviews = () if self._found is None else self._found.reviews
        review = any(one.exchange == exchange for one in reviews)
        self.app.push_screen(HoldScreen(self._session, exchange, review=review))

    def action_mine(self) -> None:
        """Show what waits for the own duties, or all that waits."""
        self._mine = not self._mine
        self._draw()

    def action_only(self) -> None:
        """Show only what goes to the recipient that the cursor stands on, or all again."""
        found = self._found.holds if self._found is not None else ()
        recipient = next((one.recipient for one in found if one.exchange == self._key()), "")
        self._want("" if self._wanted else recipient)

    def action_filter(self) -> None:
        """Take words to look for."""
        field = self.query_one("#filter", Input)
        field.display = True
        field.value = self._wanted
        field.focus()

    def action_clear(self) -> None:
        """Look for nothing any more."""
        self._want("")
        self._leave_filter()

    @on(Input.Changed, "#filter")
    def _changed(self, event: Input.Changed) -> None:
        self._want(event.value)

    @on(Input.Submitted, "#filter")
    def _leave_filter(self) -> None:
        self.query_one("#filter", Input).display = False
        self.query_one(Queue).focus()

    def _want(self, words: str) -> None:
        self._wanted = words.casefold().strip()
        self._draw()

    def action_help(self) -> None:
        """Say what the keys do."""
        self.app.push_screen(Page("Keys of the queue", guide(BOARD)))


def _columns(width: int) -> dict[str, int]:
    """Return the columns with their widths: what a wider window gives goes to recipient and claim."""
    rest = max(width - sum(_FIXED.values()) - 1, 0)
    more = int(max(rest - 10, 0) * _TO_SHARE)
    return {**_FIXED, "to": _FIXED["to"] + more, "at work": rest - more}


def _fitted(row: list[tuple[str, str]], cells: dict[str, int]) -> list[Text]:
    fitted = []
    for (text, style), width in zip(row, cells.values(), strict=True):
        cell = cut(text, width - 1)
        cell.stylize(style)
        fitted.append(cell)
    return fitted


def _review_cells(review: ReviewLine) -> list[tuple[str, str]]:
    due = "OVERDUE" if review.overdue else "due"
    return [
        (due, "bold red"),
        ("REVIEW", "bold red" if review.overdue else "bold"),
        (review.recipient, "bold"),
        ("emergency release", ""),
        (f"{Duty.DPO.token}:1", ""),
        (until_in_words(review.due_at), ""),
    ]
