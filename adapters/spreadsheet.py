"""CSV cells that a spreadsheet shows and never computes, and the way back to what they were.

A cell that starts like a formula is run by the program that opens it, with the rights of the officer at the
desk. An apostrophe before it makes it text. Programs that split at another delimiter than the comma would
find a start inside a cell, so every such place counts.

Source: OWASP, CSV Injection; RFC 4180.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence

# Half-width and full-width: programs take both for the beginning of a formula.
_FORMULA = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
# After a separator only spaces are passed over: separators among them would make long runs slow.
_START = r"""(^\s*|[\t\n\r,;|"] *)"""
_LIVE = re.compile(rf"{_START}('*{_FORMULA})")
_NEUTRAL = re.compile(rf"{_START}'('*{_FORMULA})")
# A negative coordinate computes nothing, and stays a number for whoever draws a map.
_NUMBER = re.compile(r"-\d+(\.\d+)?")


def neutralise(cell: str) -> str:
    """Return the cell with an apostrophe before whatever a program might take for a formula."""
    return cell if _NUMBER.fullmatch(cell) else _LIVE.sub(r"\1'\2", cell)


def restore(cell: str) -> str:
    """Return what `neutralise` was given; a cell that it would not have written stays as it is."""
    return _NEUTRAL.sub(r"\1\2", cell)


def write_line(cells: Iterable[str]) -> str:
    """Return one line of such a document, without its end."""
    line = io.StringIO(newline="")
    writer = csv.writer(line, quoting=csv.QUOTE_ALL, lineterminator="")
    writer.writerow([neutralise(cell) for cell in cells])
    return line.getvalue()


def write_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a CSV document: commas, every cell quoted and neutralised, lines ended as RFC 4180 says."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([neutralise(cell) for cell in row] for row in rows)
    return text.getvalue()
