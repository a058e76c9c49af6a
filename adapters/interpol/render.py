"""Writes notices from what a disclosure shows, as JSON: one notice, or a list of several."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from adapters.adapter import Draft, Rendered, View
from adapters.caveats import Caveat, require_caveats
from adapters.document import Json
from adapters.interpol.cells import Cells
from adapters.interpol.colours import WRITTEN, Colour, address
from adapters.interpol.event_cells import write_incidents
from adapters.interpol.handling import write_handling
from adapters.interpol.losses import losses_of
from adapters.interpol.person_cells import write_person
from adapters.interpol.subjects import ANOTHER, SILENT, disappearance_of, subjects_of
from gateway.errors import NotFound, Refused
from gateway.v1 import record_pb2 as pb

FORMS: Final = tuple(str(colour) for colour in WRITTEN)
AUTHORITY: Final = "INTERPOL"
"""The authority whose reference a notice bears as its number."""

_NUMBER: Final = re.compile("(?!0000)[0-9]{4}/[0-9]+")
_MOST_A_PAGE: Final = 200
_IMPERSONAL: Final = (Colour.PURPLE, Colour.ORANGE)
_IDENTITY: Final = (
    *("entity_id", "name", "forename", "date_of_birth", "place_of_birth", "country_of_birth_id", "sex_id"),
    *("nationalities", "languages_spoken_ids", "height", "weight", "eyes_colors_id", "hairs_id"),
    "distinguishing_marks",
)
_EVENT: Final = ("date_of_event", "place", "country")
_PARENTS: Final = ("father_name", "father_forename", "mother_name", "mother_forename")
# What the public extracts state even where it is not known.
_PUBLIC: Final[Mapping[Colour, tuple[str, ...]]] = MappingProxyType(
    {
        Colour.RED: (*_IDENTITY, "arrest_warrants"),
        Colour.YELLOW: (*_IDENTITY, "birth_name", *_EVENT, *_PARENTS),
    }
)
_ORDER: Final = (
    "notice_type",
    *_IDENTITY,
    *("birth_name", "clothing", *_EVENT, *_PARENTS, "arrest_warrants", "charges", "incidents"),
    *("confidentiality", "comity", "_embedded", "_links"),
)

Reader = Callable[[bytes, date], list[Draft]]
"""Reads a document on a day; the losses are what it makes of ours."""


@dataclass(frozen=True, slots=True)
class Laid:
    """One notice as it is laid out, and what of it goes into our extension."""

    cells: Cells
    beside: dict[str, Json]


@dataclass(frozen=True, slots=True)
class Page:
    """The notices of one view; `names` says which entity is meant by an id that the reader gives, `left_out`
    why an entity is missing.
    """

    record: pb.Record
    notices: list[Laid] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)


def render(views: Sequence[View], *, form: str, allowed: Set[Caveat], read: Reader) -> Rendered:
    """Return one document of the views, one notice or more each, and what it does not say as they do.

    Raises:
        NotFound: code `unknown-form`.
        Refused: code `nothing-to-render`, `protected-subject`, `unfit-subject`, `above-ceiling` or
            `caveat-lost`.
        Malformed: code `too-large`: the document is larger than the reader takes.
    """
    if form not in FORMS:
        raise NotFound(f"is none of: {', '.join(FORMS)}", field="form", code="unknown-form")
    if not views:
        raise Refused("there is nothing to write a notice of", field="views", code="nothing-to-render")
    colour = Colour(form)
    pages = [lay_out(view, colour, f"views[{number}]") for number, view in enumerate(views)]
    data = _write(pages, colour).encode()
    # On the last day of the calendar no birth lies ahead; what a day decides is no part of the document.
    drafts = read(data, date.max)
    losses = tuple(
        losses_of(page.record, draft.record, names=page.names, left_out=page.left_out)
        for page, draft in zip(pages, drafts, strict=True)
    )
    for number, (view, lost) in enumerate(zip(views, losses, strict=True)):
        require_caveats(view.record, lost, where=f"views[{number}]", allowed=allowed)
    return Rendered(data=data, losses=losses, names=tuple(page.names for page in pages))


def lay_out(view: View, colour: Colour, where: str) -> Page:
    """Return the notices of one view: one about all its incidents, or one about each person who may be its
    subject and of whom it says something.

    Raises:
        Refused: code `nothing-to-render`, `protected-subject`, `unfit-subject` or `above-ceiling`.
    """
    page = Page(view.record)
    if colour in _IMPERSONAL:
        _lay_out_incidents(page, colour)
    else:
        _lay_out_persons(page, colour, where)
    if not page.notices:
        raise Refused("shows nothing that such a notice could say", field=where, code="nothing-to-render")
    handling = view.record.header.source_handling
    for laid in page.notices:
        if said := write_handling(laid.cells, handling, f"{where}.header.source_handling"):
            laid.beside["handling"] = said
    return page


def _lay_out_incidents(page: Page, colour: Colour) -> None:
    cells = Cells()
    for place, identifier in enumerate(write_incidents(cells, page.record, colour), 1):
        page.names[f"incident-1-{place}"] = identifier
    if cells:
        page.notices.append(Laid(cells, {}))


def _lay_out_persons(page: Page, colour: Colour, where: str) -> None:
    record = page.record
    subjects = subjects_of(record, colour, where)
    page.left_out.update((person.id, ANOTHER) for person in record.persons)
    for person in subjects:
        cells = Cells()
        beside = write_person(cells, record, person, colour)
        if not cells:
            page.left_out[person.id] = SILENT
            continue
        page.notices.append(Laid(cells, beside))
        number = len(page.notices)
        page.names[f"person-{number}"] = person.id
        missed = disappearance_of(record, person)
        if colour is Colour.YELLOW and missed is not None:
            page.names[f"incident-{number}"] = missed.id


def _write(pages: Sequence[Page], colour: Colour) -> str:
    notices: list[Json] = []
    for number, page in enumerate(pages, 1):
        for laid in page.notices:
            if len(page.notices) > 1:
                laid.beside["case"] = number
            own = _own_number(page.record) if len(page.notices) == 1 else ""
            # Only the bureau that publishes a notice numbers it; the year 0000 says that nobody has yet.
            notices.append(_finished(laid, colour, own or f"0000/{len(notices) + 1}"))
    document = notices[0] if len(notices) == 1 else _listed(notices, colour)
    return json.dumps(document, ensure_ascii=False, indent=2, default=_number) + "\n"


def _own_number(record: pb.Record) -> str:
    """Return the number that the record knows the notice by: a foreign case number must not pass for it."""
    for reference in record.header.case_references:
        if reference.authority == AUTHORITY and _NUMBER.fullmatch(reference.number):
            return reference.number
    return ""


def _finished(laid: Laid, colour: Colour, entity_id: str) -> Json:
    cells = laid.cells
    cells.values["notice_type"] = str(colour)
    cells.values["entity_id"] = entity_id
    cells.values["_links"] = {"self": {"href": address(colour, entity_id)}}
    if laid.beside:
        cells.values["comity"] = laid.beside
    return dict(cells.in_order(_ORDER, nulls=_PUBLIC.get(colour, ())))


def _listed(notices: list[Json], colour: Colour) -> Json:
    query: dict[str, Json] = {"page": 1}
    if len(notices) <= _MOST_A_PAGE:
        query["resultPerPage"] = len(notices)
    return {
        "total": len(notices),
        "query": query,
        "_embedded": {"notices": notices},
        "_links": {"self": {"href": address(colour)}},
    }


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)  # a height has three digits, which a double holds as they are
    raise TypeError(value)
