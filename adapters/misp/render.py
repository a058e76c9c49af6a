"""Writes MISP events from what a disclosure shows, and tells what they do not say as it does."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence, Set
from datetime import date
from typing import Final

from adapters.adapter import Draft, Rendered, View
from adapters.caveats import Caveat, require_caveats
from adapters.document import Json
from adapters.identifiers import uuid5
from adapters.misp.header_written import NAMESPACE, event
from adapters.misp.losses import losses_of
from adapters.misp.persons_written import place_persons
from adapters.misp.thing import Sheet
from adapters.misp.things_written import place_things
from adapters.misp.ties_written import place_ties
from gateway.errors import NotFound, Refused

JSON: Final = "json"
FORMS: Final = (JSON,)

Reader = Callable[[bytes, date], list[Draft]]
"""Reads a document on a day; the losses are what it makes of ours."""


def render(views: Sequence[View], *, form: str, allowed: Set[Caveat], read: Reader) -> Rendered:
    """Return one document of the views, an event each, and what it does not say as they do.

    Raises:
        NotFound: code `unknown-form`.
        Refused: code `nothing-to-render`: there is no view, or one of which MISP can say nothing;
            code `caveat-lost`.
        Malformed: code `too-large`: the document is larger than the reader takes.
    """
    if form not in FORMS:
        raise NotFound(f"is none of: {', '.join(FORMS)}", field="form", code="unknown-form")
    sheets = _sheets(views)
    silent = next((number for number, sheet in enumerate(sheets) if not sheet.things), None)
    if not sheets or silent is not None:
        where = f"views[{silent}]" if sheets else "views"
        raise Refused("shows nothing that MISP could say", field=where, code="nothing-to-render")
    events: list[Json] = [{"Event": event(sheet)} for sheet in sheets]
    document: Json = events[0] if len(events) == 1 else {"response": events}
    data = f"{json.dumps(document, ensure_ascii=False, separators=(',', ':'))}\n".encode()
    # On the last day of the calendar no birth lies ahead; what a day decides is no part of the document.
    drafts = read(data, date.max)
    losses = tuple(losses_of(sheet, draft.record) for sheet, draft in zip(sheets, drafts, strict=True))
    for number, (view, lost) in enumerate(zip(views, losses, strict=True)):
        require_caveats(view.record, lost, where=f"views[{number}]", allowed=allowed)
    return Rendered(data=data, losses=losses, names=tuple(sheet.names for sheet in sheets))


def _sheets(views: Sequence[View]) -> list[Sheet]:
    """Return the sheets of the views; one that stands there twice is another event the second time."""
    sheets: list[Sheet] = []
    taken: set[str] = set()
    for number, view in enumerate(views):
        digest = hashlib.sha256(view.record.SerializeToString(deterministic=True)).hexdigest()
        uuid = uuid5(NAMESPACE, digest)
        if uuid in taken:
            uuid = uuid5(uuid, str(number))
        taken.add(uuid)
        sheets.append(_lay_out(view, uuid))
    return sheets


def _lay_out(view: View, uuid: str) -> Sheet:
    sheet = Sheet(record=view.record, uuid=uuid)
    place_persons(sheet)
    place_things(sheet)
    place_ties(sheet)
    return sheet
