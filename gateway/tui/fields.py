"""The fields of a hold as a list: the record beside what leaves, what only an approval lets out first."""

from __future__ import annotations

from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from gateway.flow.review.lines import WITHHELD, FieldLine
from gateway.flow.review.showing import HoldView
from gateway.officer.wording import path_of
from gateway.tui.painting import FieldRow
from gateway.tui.telling import groups_of, row_of


class Fields(OptionList):
    """Every field whole up to a few lines; which longer ones were never opened is remembered."""

    def __init__(self) -> None:
        super().__init__(id="fields", markup=False, compact=True)
        self._shown: dict[int, tuple[FieldLine, FieldRow]] = {}
        self._looked_at: set[str] = set()

    def fill(self, view: HoldView) -> None:
        """Show the fields of a view; none of its longer values was looked at yet."""
        self.clear_options()
        self._shown.clear()
        self._looked_at.clear()
        locals_ = {line.name: line.entity for line in view.lines}
        options: list[Option] = []
        for group in groups_of(view):
            heading = Text(f"{group.heading} ({len(group.lines)})", style="bold underline")
            options.append(Option(heading, disabled=True))
            for line in group.lines:
                row = row_of(line, group, locals_)
                self._shown[len(options)] = (line, row)
                options.append(Option(row))
        self.add_options(options)
        self.action_first()

    @property
    def line(self) -> FieldLine | None:
        """The field under the cursor."""
        shown = None if self.highlighted is None else self._shown.get(self.highlighted)
        return None if shown is None else shown[0]

    def look_at(self, line: FieldLine) -> None:
        """Remember that a field was shown whole."""
        self._looked_at.add(path_of(line))

    def unread(self) -> list[str]:
        """Return the fields that leave, do not stand in the list whole, and were never opened."""
        width = self.scrollable_content_region.width
        return [
            path_of(line)
            for line, row in self._shown.values()
            if line.rung != WITHHELD
            and path_of(line) not in self._looked_at
            and row.is_cut(self.app.console, width)
        ]
