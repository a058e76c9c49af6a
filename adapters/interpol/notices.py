"""A document opened as notices, by the case they tell: a single one, an array, or a page of a list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from adapters.document import Json, read_json
from adapters.interpol.colours import Colour, colour_of, colour_of_address, is_organisation
from adapters.loss import Effect, Loss
from adapters.row import Row
from gateway.errors import Malformed

_SEARCH: Final = "says what was searched for, and nothing of a notice"
_PAGE: Final = "the list is one page of a longer one"
_MOST_CASES: Final = 1_000_000
_FRAME: Final = frozenset({"_links", "_embedded", "comity", "notice_type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One notice: its members, its colour where anything tells it, and whether it is about an entity."""

    row: Row
    extension: Row
    colour: Colour | None
    is_organisation: bool


@dataclass(frozen=True, slots=True)
class Case:
    """The notices of one record, and what reading them lost."""

    notices: list[Notice]
    losses: list[Loss]


def open_cases(text: str) -> list[Case]:
    """Return the cases of a document, in the order of their first notices.

    Every notice is a case of its own, save those that say by a number in our extension that they tell one
    record together: a page of a public list holds persons who have nothing to do with each other.

    Raises:
        Malformed: from `read_json`; `bad-type` where another value stands in place of an object or a list;
            `empty-document` where there is no notice.
    """
    cases: list[Case] = []
    numbered: dict[int, Case] = {}
    for row, listed, losses in _rows(read_json(text)):
        number = row.row("comity").count("case", most=_MOST_CASES, zero=True)
        case = numbered.get(number) if number else None
        if case is None:
            case = Case([], [*losses])
            cases.append(case)
            if number:
                numbered[number] = case
        case.notices.append(_notice(row, case.losses, listed))
    if not cases:
        raise Malformed("holds no notice", field="document", code="empty-document")
    return cases


def check_speaks(row: Row) -> None:
    """Refuse an object that states no member of a notice: not every JSON object speaks of somebody.

    Raises:
        Malformed: code `empty-document`.
    """
    told = row.seen - _FRAME
    if not any(value not in (None, "", [], {}) for name, value in row.values.items() if name in told):
        raise Malformed("states no member of a notice", field=row.path or "document", code="empty-document")


def _notice(found: Row, losses: list[Loss], listed: Colour | None) -> Notice:
    row = Row(values=found.values, path=found.path, losses=losses)
    colour = colour_of(row, listed)
    extension = row.row("comity")
    extension.seen.add("case")
    return Notice(row=row, extension=extension, colour=colour, is_organisation=is_organisation(row, colour))


def _rows(document: Json) -> Iterator[tuple[Row, Colour | None, list[Loss]]]:
    """Yield the notices of a document, with the colour of the list they stand in and what that list lost."""
    if isinstance(document, list):
        for number, one in enumerate(document):
            yield _row(one, f"[{number}]"), None, []
        return
    row = _row(document, "")
    embedded = row.row("_embedded")
    if "notices" not in embedded.values:
        yield row, None, []
        return
    colour = colour_of_address(row)
    notices = embedded.rows("notices")
    total = row.count("total", most=10**9, zero=True)
    if row.row("query"):
        row.lose("query", Effect.DROPPED, _SEARCH)
    if total is not None and total > len(notices):
        row.lose("total", Effect.GENERALISED, _PAGE)
    embedded.finish("is not published for a list")
    row.finish("is not published for a list")
    for notice in notices:
        yield notice, colour, row.losses


def _row(value: Json, path: str) -> Row:
    if not isinstance(value, dict):
        raise Malformed("is not an object", field=path or "document", code="bad-type")
    return Row(values=value, path=path, losses=[])
