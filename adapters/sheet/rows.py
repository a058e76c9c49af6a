"""The rows of a CSV document, one at a time: UTF-8, a bounded row, and the delimiter of its own header."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO, Final

from adapters.document import MAX_DOCUMENT_BYTES
from adapters.sheet.column import fold_heading
from adapters.sheet.column_map import REJECT_HEADINGS, named
from adapters.spreadsheet import restore
from gateway.errors import Malformed

MAX_ROW_BYTES: Final = MAX_DOCUMENT_BYTES // 2
MAX_COLUMNS: Final = 1_000

_DELIMITERS: Final = (",", ";", "\t")
_MARK: Final = b"\xef\xbb\xbf"
_WORKBOOK: Final = b"PK\x03\x04"
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_ADVICE: Final = 'save it again as "CSV UTF-8" (in LibreOffice: character set Unicode UTF-8)'

Row = tuple[int, list[str]]
"""A row's number, as a spreadsheet counts, and its cells as they were before they were made harmless."""


class Table:
    """An open CSV document: its header, then its rows.

    Raises:
        Malformed: code `bad-encoding`, `not-csv`, `too-large` (a row over 4 MiB), `too-many` (columns),
            `empty-document`, or `duplicate-field` for a heading that stands twice.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._lines = _Lines(source)
        first = self._lines.first()
        reader = csv.reader(self._lines, delimiter=_delimiter(first), strict=True)
        self._rows = _numbered(reader, self._lines)
        number, header = next(self._rows, (0, []))
        if not number:
            raise Malformed("is empty", field="document", code="empty-document")
        if len(header) > MAX_COLUMNS:
            raise Malformed(f"has more than {MAX_COLUMNS} columns", field=f"row[{number}]", code="too-many")
        self._kept = len(header)
        self.header = [cell.strip() for cell in header]
        if tuple(self.header[-len(REJECT_HEADINGS) :]) == REJECT_HEADINGS:
            self._kept -= len(REJECT_HEADINGS)
            self.header = self.header[: self._kept]
        self.width = len(header)
        _check_headings(self.header)

    def rows(self) -> Iterator[Row]:
        """Yield the rows that hold anything; those of a mended reject file without what it says of them."""
        for number, cells in self._rows:
            yield number, cells if len(cells) != self.width else cells[: self._kept]

    def is_ragged(self, cells: list[str]) -> bool:
        """Tell whether a row has not as many cells as the header."""
        return len(cells) != len(self.header)


class _Lines:
    """The lines of a document, decoded, and how much of the row that is being read they have brought."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._number = 0
        self._again: list[str] = []
        self.row = 1
        self.size_bytes = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        if self._again:
            return self._again.pop()
        line = self._source.readline(MAX_ROW_BYTES + 1)
        if not line:
            raise StopIteration
        self.size_bytes += len(line)
        if self.size_bytes > MAX_ROW_BYTES:
            raise Malformed(
                "is larger than 4 MiB; a quotation mark that is never closed makes one row of many",
                field=f"row[{self.row}]",
                code="too-large",
            )
        if not self._number:
            if line.startswith(_WORKBOOK):
                raise Malformed(
                    f"is a workbook such as .xlsx or .ods, not CSV: {_ADVICE}",
                    field="document",
                    code="not-csv",
                )
            if line.startswith(_UTF16_MARKS) or b"\x00" in line[:64]:
                raise Malformed(f"is UTF-16, not UTF-8: {_ADVICE}", field="document", code="bad-encoding")
            line = line.removeprefix(_MARK)
        self._number += 1
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError as exc:
            raise Malformed(
                f"is not UTF-8 text, but Windows-1252 or another old encoding: {_ADVICE}",
                field=f"row[{self.row}]",
                code="bad-encoding",
            ) from exc

    def first(self) -> str:
        """Return the first line that is not blank, which comes once more; the blank ones count as rows."""
        for line in self:
            if line.strip():
                self._again.append(line)
                return line
            self.row += 1
            self.size_bytes = 0
        return ""


def _numbered(reader: Iterator[list[str]], lines: _Lines) -> Iterator[Row]:
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as exc:
            raise Malformed(f"is not CSV: {exc}", field=f"row[{lines.row}]", code="not-csv") from exc
        if cells is None:
            return
        number = lines.row
        lines.row += 1
        lines.size_bytes = 0
        if any(cell.strip() for cell in cells):
            yield number, [restore(cell) for cell in cells]


def _delimiter(line: str) -> str:
    """Return the delimiter that splits the header furthest; what stands between quotation marks is text."""
    plain = "".join(line.split('"')[::2])
    return max(_DELIMITERS, key=plain.count)


def _check_headings(header: list[str]) -> None:
    seen: set[str] = set()
    for heading in map(fold_heading, header):
        if heading in seen:
            raise Malformed("stands twice in the header", field=named(heading), code="duplicate-field")
        if heading:
            seen.add(heading)
