"""The three pages of a hold, one at a time: fields, reasons, and what surrounds it."""

from __future__ import annotations

from typing import Final

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widgets import ContentSwitcher, Static

from gateway.flow.review.history import History
from gateway.flow.review.showing import HoldView
from gateway.tui.fields import Fields
from gateway.tui.painting import FieldRow
from gateway.tui.telling import reasons, surroundings

_PAGES: Final = ("fields", "why", "around")
_TITLES: Final = ("1 Fields", "2 Reasons", "3 Before, duties, history")
COUNT: Final = len(_PAGES)
AROUND: Final = _PAGES.index("around")


class Pages(Vertical):
    """Shows one page, names the others, and gives the page that is shown the focus."""

    def __init__(self) -> None:
        super().__init__()
        self.fields = Fields()
        self._number = 0

    def compose(self) -> ComposeResult:
        yield Static(id="pages", markup=False)
        yield Static(id="columns", markup=False)
        with ContentSwitcher(initial=_PAGES[0], id="body"):
            yield self.fields
            with VerticalScroll(id="why"):
                yield Static(id="why-text", markup=False)
            with VerticalScroll(id="around"):
                yield Static(id="around-text", markup=False)

    @property
    def on_fields(self) -> bool:
        """Whether the fields are shown, and the cursor among them."""
        return self._number == 0

    def show(self, view: HoldView, history: History | None) -> None:
        """Write all pages but the list of fields, which is filled once for each reading of a hold."""
        sees = f"{view.recipient} sees"
        columns = FieldRow(mark="", label="field", record="as recorded", leaves=sees, style="bold")
        self.query_one("#columns", Static).update(columns)
        self.query_one("#why-text", Static).update(reasons(view))
        self.query_one("#around-text", Static).update(surroundings(view, history))
        self._draw_tabs()

    def turn(self, number: int) -> None:
        """Turn to a page."""
        self._number = number % COUNT
        self.query_one(ContentSwitcher).current = _PAGES[self._number]
        self.query_one(f"#{_PAGES[self._number]}").focus()
        self._draw_tabs()

    def turn_on(self) -> None:
        """Turn to the next page."""
        self.turn(self._number + 1)

    def _draw_tabs(self) -> None:
        self.query_one("#columns").display = self.on_fields
        tabs = [
            Text(f" {title} ", style="reverse" if number == self._number else "")
            for number, title in enumerate(_TITLES)
        ]
        self.query_one("#pages", Static).update(Text("  ").join(tabs))
