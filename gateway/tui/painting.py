"""Text on the full screen: untrusted characters are written out, nothing is markup, nothing is cut unseen.

Source: THREATS A49.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from gateway.errors import GatewayError, Unreachable
from gateway.record.visible import visible

LINES_MOST: Final = 6
"""How many lines of a value a list shows; that there are more is said, and a page shows them all."""

_MORE: Final = "… more: Enter shows all"
_GAP: Final = 2
_LABEL_CELLS: Final = 24
_NARROWEST_CELLS: Final = 14


def plain(text: str, style: str = "") -> Text:
    """Return untrusted text as it may stand on the screen; its line breaks stay."""
    return Text("\n".join(map(visible, text.split("\n"))), style=style, overflow="fold")


def cut(text: str, cells: int) -> Text:
    """Return untrusted text on one line of at most this many cells; what is cut is shown as cut."""
    shown = visible(text)
    if cell_len(shown) > cells:
        shown = set_cell_size(shown, max(cells - 1, 0)).rstrip() + "…"
    return Text(shown, no_wrap=True)


def told(exc: GatewayError) -> str:
    """Return an error as a sentence with its code."""
    return f"{exc} [{exc.code}]"


def lost(exc: GatewayError) -> str:
    """Return why what waits could not be asked."""
    return f"Connection lost: {told(exc)}" if isinstance(exc, Unreachable) else told(exc)


def reads_right_to_left(text: str) -> bool:
    """Tell whether a terminal may move what stands beside this text on its line."""
    return not text.isascii() and any(unicodedata.bidirectional(one) in ("R", "AL") for one in text)


@dataclass(frozen=True, slots=True)
class Sections:
    """Paragraphs under headings. What is wrapped hangs below its beginning: none can pose as a heading."""

    sections: Sequence[tuple[str, Sequence[str]]]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for heading, paragraphs in self.sections:
            if paragraphs:
                yield Text(heading, style="bold underline")
            for paragraph in paragraphs:
                lead = "-"
                for line in _wrapped(console, paragraph, max(options.max_width - _GAP, _NARROWEST_CELLS)):
                    yield Text(f"{lead:{_GAP}}{line}", no_wrap=True)
                    lead = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Values beside what they are; a value hangs in its column, whole."""

    facts: Sequence[tuple[str, str]]
    style: str = ""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        label_cells = max((cell_len(label) for label, _ in self.facts), default=0) + _GAP
        cells = max(options.max_width - label_cells, _NARROWEST_CELLS)
        for label, value in self.facts:
            lead = label
            for line in _wrapped(console, value, cells):
                yield Text.assemble((f"{lead:{label_cells}}", "bold"), line, no_wrap=True)
                lead = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """A field as recorded beside what leaves of it, each whole in its column, up to `LINES_MOST` lines."""

    mark: str
    label: str
    record: str
    leaves: str
    style: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self._lines(console, options.max_width):
            yield Text(line, style=self.style, no_wrap=True)

    def is_cut(self, console: Console, width: int) -> bool:
        """Tell whether a window this wide shows less than all of it."""
        return any(line.rstrip().endswith(_MORE) for line in self._lines(console, width))

    def _lines(self, console: Console, width: int) -> Iterator[str]:
        label_cells = min(_LABEL_CELLS, width // 4)
        cells = (width - label_cells) // 2 - 2 * _GAP
        if cells < _NARROWEST_CELLS or any(map(reads_right_to_left, (self.record, self.leaves))):
            yield from self._stacked(console, width)
            return
        columns = [
            _wrapped(console, self.label, label_cells),
            _cut_short(_wrapped(console, self.record, cells)),
            _cut_short(_wrapped(console, self.leaves, cells)),
        ]
        for number in range(max(map(len, columns))):
            label, record, leaves = (one[number] if number < len(one) else "" for one in columns)
            mark = (self.mark if number == 0 else "") or " "
            gap = " " * _GAP
            yield f"{mark} {_fill(label, label_cells)}{gap}{_fill(record, cells)}{gap}{leaves}"

    def _stacked(self, console: Console, width: int) -> Iterator[str]:
        """Give every value lines of its own: nothing stands where it could be moved to."""
        indent = " " * 2 * _GAP
        yield f"{self.mark} {visible(self.label)}"
        for heading, value in (("as recorded:", self.record), ("leaves:", self.leaves)):
            yield f"{'':{_GAP}}{heading}"
            for line in _cut_short(_wrapped(console, value, max(width - len(indent), _NARROWEST_CELLS))):
                yield indent + line


def _wrapped(console: Console, text: str, cells: int) -> list[str]:
    return [
        line.plain.rstrip()
        for paragraph in text.split("\n")
        for line in Text(visible(paragraph)).wrap(console, cells, overflow="fold")
    ] or [""]


def _cut_short(lines: list[str]) -> list[str]:
    return lines if len(lines) <= LINES_MOST else [*lines[: LINES_MOST - 1], _MORE]


def _fill(text: str, cells: int) -> str:
    return set_cell_size(text, cells)
