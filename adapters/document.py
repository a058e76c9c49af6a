"""Foreign documents opened safely: size, encoding, depth and duplicates are settled before any meaning."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn, TypeAlias

from adapters.spreadsheet import restore
from gateway.errors import Malformed
from gateway.record.text import check_text

MAX_DOCUMENT_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 32
MAX_TEXT_BYTES = 64 * 1024
"""Longest text a record carries (DESIGN 14)."""

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | Decimal | bool | None"

# Everything up to the next bracket at once; strings are skipped whole, so that a bracket inside one does not
# count, and one that never closes runs to the end, where nothing is read twice.
_NESTING = re.compile(r'(?:[^"\[\]{}]++|"[^"\\]*+(?:\\.[^"\\]*+)*+"?)*+([\[{\]}])?', re.DOTALL)
_DELIMITERS = (",", ";", "\t")
_UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn"})
_ALLOWED_UNSEEN = frozenset({"\n", "\t", "\u200c", "\u200d"})


def decode(data: bytes) -> str:
    """Return the text of a UTF-8 document of at most 8 MiB, without its byte order mark.

    Raises:
        Malformed: code `too-large`, `empty-document` or `bad-encoding`.
    """
    if len(data) > MAX_DOCUMENT_BYTES:
        raise Malformed("is larger than 8 MiB", field="document", code="too-large")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise Malformed(
            f"is not UTF-8 text (byte {exc.start})", field="document", code="bad-encoding"
        ) from exc
    if not text.strip():
        raise Malformed("is empty", field="document", code="empty-document")
    return text


def read_json(text: str) -> Json:
    """Return the JSON value; numbers with a fraction are `Decimal`, never binary floats.

    Raises:
        Malformed: code `too-deep` (over 32 levels), `duplicate-field`, `bad-number` or `not-json`.
    """
    _check_depth(text)
    try:
        value: Json = json.loads(
            text, object_pairs_hook=_object, parse_float=_decimal, parse_constant=_refuse_constant
        )
    except json.JSONDecodeError as exc:
        raise Malformed(
            f"is not JSON: {exc.msg} (line {exc.lineno}, column {exc.colno})",
            field="document",
            code="not-json",
        ) from exc
    except ValueError as exc:  # an integer of thousands of digits
        raise Malformed("holds a number too long to read", field="document", code="bad-number") from exc
    return value


def read_table(text: str) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Return the header of a CSV document, and its rows with their numbers as a spreadsheet counts them.

    The delimiter (comma, semicolon or tab) is the one that splits the header furthest. Blank rows are
    left out; every other row has exactly as many cells as the header. The apostrophe that keeps a
    spreadsheet from computing a cell is taken off again.

    Raises:
        Malformed: code `not-csv` or `ragged-row`; `field` names the row.
    """
    first_line = next(line for line in text.splitlines() if line.strip())
    delimiter = max(_DELIMITERS, key=first_line.count)
    header: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    number = 0
    try:
        for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            number += 1
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [cell.strip() for cell in cells]
                continue
            if len(cells) != len(header):
                raise Malformed(
                    f"has {len(cells)} cells where the header has {len(header)}",
                    field=f"row[{number}]",
                    code="ragged-row",
                )
            rows.append((number, [restore(cell) for cell in cells]))
    except csv.Error as exc:
        raise Malformed(f"is not CSV: {exc}", field=f"row[{number + 1}]", code="not-csv") from exc
    return header, rows


def clean_text(value: str, field: str) -> tuple[str, bool]:
    """Return the text as a record may hold it, and whether unseen characters were taken out of it.

    Line ends become newlines, Unicode becomes normal form C, surrounding space goes: none of these is a
    loss. Control, direction and unassigned characters go too, which the caller must declare.

    Raises:
        Malformed: code `bad-encoding` for half a surrogate pair, `too-long` over 64 KiB.
    """
    if value.isascii() and value.isprintable():
        cleaned, changed = value, False
    else:
        plain = value.replace("\r\n", "\n").replace("\r", "\n")
        if any("\ud800" <= character <= "\udfff" for character in plain):
            raise Malformed("holds half a surrogate pair", field=field, code="bad-encoding")
        kept = "".join(
            character
            for character in plain
            if character in _ALLOWED_UNSEEN or unicodedata.category(character) not in _UNSEEN
        )
        cleaned, changed = unicodedata.normalize("NFC", kept), kept != plain
    cleaned = cleaned.strip()
    if len(cleaned.encode()) > MAX_TEXT_BYTES:
        raise Malformed("is longer than 64 KiB", field=field, code="too-long")
    return check_text(cleaned, field), changed


def _check_depth(text: str) -> None:
    depth = 0
    for match in _NESTING.finditer(text):
        token = match[1]
        if token in ("[", "{"):
            depth += 1
            if depth > MAX_DEPTH:
                raise Malformed(f"is nested deeper than {MAX_DEPTH}", field="document", code="too-deep")
        elif token:
            depth -= 1


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for place, name in enumerate(names) if name in names[:place])
        raise Malformed("stands twice in one object", field=twice[:64], code="duplicate-field")
    return members


def _decimal(digits: str) -> Decimal:
    try:
        return Decimal(digits)
    except InvalidOperation as exc:
        raise Malformed("holds a number out of range", field="document", code="bad-number") from exc


def _refuse_constant(name: str) -> NoReturn:
    raise Malformed(f"holds {name}, which is not JSON", field="document", code="bad-number")
