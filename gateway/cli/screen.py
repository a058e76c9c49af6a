"""The one way text reaches a terminal: untrusted characters are shown, never obeyed."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, NoReturn, TypeVar

from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn, track
from rich.table import Table
from rich.text import Text

from gateway.record.visible import visible

EXIT_REFUSED: Final = 1
EXIT_CANNOT_TELL: Final = 2
EXIT_UNREACHABLE: Final = 3

Item = TypeVar("Item")
Row = Sequence[str]

_GAP = 2
_LABEL_CELLS = 22
_NARROWEST_CELLS = 14
_WIDEST_CELLS = 40


def cut(text: str, cells: int) -> str:
    """Return a text that takes at most this many cells of a terminal; what is cut is shown as cut."""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, cells - 1).rstrip() + "…"


class _Console(Console):
    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError


def _console(*, stderr: bool) -> Console:
    return _Console(stderr=stderr, highlight=False, markup=False, emoji=False, soft_wrap=True)


class Screen:
    """Where a command says what it did: one JSON object, or lines and tables for a person."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        self._out = _console(stderr=False)
        self._err = _console(stderr=True)
        self._warned: set[str] = set()

    def result(self, value: Mapping[str, Any], lines: Iterable[str] = ()) -> None:
        """Print the object with --json, else the lines."""
        if self.as_json:
            # ASCII only, and DEL, which JSON leaves as it is: no byte here can steer a terminal.
            text = json.dumps(value, ensure_ascii=True, sort_keys=True).replace("\x7f", "\\u007f")
            sys.stdout.write(text + "\n")
            return
        for line in lines:
            self.say(line)

    @property
    def cells(self) -> int:
        """How wide the window is, in cells of a terminal."""
        return self._out.width

    def flush(self) -> None:
        """Let whoever reads see at once what was printed so far."""
        sys.stdout.flush()

    def say(self, line: str, style: str = "") -> None:
        """Print one line for a person, however long; nothing with --json."""
        if not self.as_json:
            self._put(visible(line), style)

    def tell(self, text: str, *, indent: int = 0, lead: str = "", style: str = "") -> None:
        """Print a paragraph for a person; `lead` stands before it and hangs out.

        It is wrapped to a window, but stays on one line in a pipe, where another program searches it.
        """
        if self.as_json:
            return
        before = f"{'':{indent}}{visible(lead)} " if lead else " " * indent
        room = max(self._out.width - cell_len(before), _NARROWEST_CELLS)
        wraps = self._out.is_terminal or "COLUMNS" in os.environ
        # A line break in the text stays one: what follows hangs below, and cannot pose as another field.
        for paragraph in text.split("\n"):
            told = Text(visible(paragraph))
            for line in told.wrap(self._out, room) if wraps else [told]:
                self._put(before + line.plain.rstrip(), style)
                before = " " * cell_len(before)

    def aside(self, line: str, style: str = "dim") -> None:
        """Print progress or a warning to standard error, so that output stays clean."""
        self._err.print(Text(visible(line), style=style))

    def warn(self, text: str) -> None:
        """Print a warning to standard error, once however many say the same."""
        if text not in self._warned:
            self._warned.add(text)
            self.aside(f"warning: {text}", style="yellow")

    def progress(self, items: Sequence[Item], title: str) -> Iterator[Item]:
        """Yield the items, with a bar on standard error while a person waits for several."""
        if self.as_json or len(items) < 2:
            yield from items
            return
        yield from track(items, escape(visible(title)), console=self._err, transient=True)

    @contextmanager
    def counting(self, title: str, total: int, done: int = 0) -> Iterator[Callable[[int], None]]:
        """Show on standard error how much of a long task is done, while a person watches; what is given is
        how much that is by now.

        Nothing else may be printed until the block ends.
        """
        if self.as_json or not self._err.is_terminal:
            yield lambda _: None
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=self._err, transient=True) as shown:
            task = shown.add_task(escape(visible(title)), total=total, completed=done)
            yield lambda by_now: shown.update(task, completed=by_now)

    @contextmanager
    def waiting(self, title: str) -> Iterator[Callable[[str], None]]:
        """Show on standard error what is waited for, while a person watches; what is given changes it.

        Nothing else may be printed until the block ends.
        """
        if self.as_json or not self._err.is_terminal:
            yield lambda _: None
            return
        with self._err.status(Text(visible(title), style="dim")) as status:
            yield lambda words: status.update(Text(visible(words), style="dim"))

    def table(self, title: str, columns: Row, rows: Iterable[Row]) -> None:
        """Print a table for a person; nothing with --json."""
        if self.as_json:
            return
        drawn = Table(title=Text(visible(title)), title_justify="left", header_style="bold", pad_edge=False)
        for column in columns:
            drawn.add_column(Text(visible(column)), overflow="fold")
        for row in rows:
            drawn.add_row(*(Text(visible(cell)) for cell in row))
        self._out.print(drawn)

    def compare(
        self, columns: Row, groups: Iterable[tuple[str, Sequence[Row]]], *, whole: bool = False
    ) -> None:
        """Print rows under headings: a label and a value per column, on one line where the window allows.

        Values are cut to their column; with `whole` none is ever cut, and a row that is too wide for that has
        a line for every value, as all have in a window too narrow for columns.
        """
        if self.as_json:
            return
        held = [(heading, list(rows)) for heading, rows in groups]
        label_cells = max((cell_len(visible(row[0])) for _, rows in held for row in rows), default=0)
        label_cells = min(label_cells, _LABEL_CELLS)
        cells = (self._out.width - _GAP - label_cells) // len(columns) - _GAP
        beside, cells = cells >= _NARROWEST_CELLS, min(cells, _WIDEST_CELLS)
        if beside:
            self._put(" " * (label_cells + 2 * _GAP) + _aligned(columns, cells), "bold")
        for heading, rows in held:
            self.say(heading, "bold cyan")
            for label, *values in rows:
                fits = not whole or all(cell_len(visible(value)) <= cells for value in values)
                if beside and fits:
                    shown = _fill(visible(label), label_cells)
                    self._put(f"{'':{_GAP}}{shown}{'':{_GAP}}{_aligned(values, cells)}")
                else:
                    self._stack(label, columns, values)

    def _put(self, shown: str, style: str = "") -> None:
        self._out.print(Text(shown, style=style))

    def _stack(self, label: str, columns: Row, values: Row) -> None:
        self.say(f"{'':{_GAP}}{label}")
        for column, value in zip(columns, values, strict=True):
            self.tell(value, indent=2 * _GAP, lead=f"{column}:")


def _aligned(values: Iterable[str], cells: int) -> str:
    return (" " * _GAP).join(_fill(visible(value), cells) for value in values).rstrip()


def _fill(text: str, cells: int) -> str:
    return set_cell_size(cut(text, cells), cells)
