"""Writes HTCDS 2.0 from what a disclosure shows, as JSON or CSV, with the spellings of the field sheet."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from datetime import date
from types import MappingProxyType

from adapters.adapter import Draft, Rendered, View
from adapters.caveats import Caveat, require_caveats
from adapters.htcds.case_cells import (
    place_case,
    place_comments,
    place_organisations,
    place_referrals,
    place_support,
)
from adapters.htcds.incident_cells import place_incidents
from adapters.htcds.losses import losses_of
from adapters.htcds.sheet import Sheet, write_csv, write_json
from adapters.htcds.standing import complete_victims, place_perpetrators, place_protected
from gateway.errors import NotFound, Refused

CSV = "csv"
JSON = "json"
_WRITERS: Mapping[str, Callable[[Sequence[Sheet]], str]] = MappingProxyType(
    {CSV: write_csv, JSON: write_json}
)
FORMS = tuple(_WRITERS)

Reader = Callable[[bytes, date], list[Draft]]
"""Reads a document on a day; the losses are what it makes of ours."""


def render(views: Sequence[View], *, form: str, allowed: Set[Caveat], read: Reader) -> Rendered:
    """Return one document of the views, a case each, and what it does not say as they do.

    Raises:
        NotFound: code `unknown-form`.
        Refused: code `nothing-to-render`: there is no view, or one of which HTCDS can say nothing;
            code `caveat-lost`.
        Malformed: code `too-large`: the document is larger than the reader takes.
    """
    if form not in _WRITERS:
        raise NotFound(f"is none of: {', '.join(FORMS)}", field="form", code="unknown-form")
    sheets = [lay_out(view, flat=form == CSV) for view in views]
    silent = next((number for number, sheet in enumerate(sheets) if not sheet.speaks()), None)
    if not sheets or silent is not None:
        where = f"views[{silent}]" if sheets else "views"
        raise Refused("shows nothing that HTCDS could say", field=where, code="nothing-to-render")
    data = _WRITERS[form](sheets).encode()
    # On the last day of the calendar no birth lies ahead; what a day decides is no part of the document.
    drafts = read(data, date.max)
    losses = tuple(losses_of(sheet, draft.record) for sheet, draft in zip(sheets, drafts, strict=True))
    for number, (view, lost) in enumerate(zip(views, losses, strict=True)):
        require_caveats(view.record, lost, where=f"views[{number}]", allowed=allowed)
    return Rendered(data=data, losses=losses, names=tuple(sheet.names for sheet in sheets))


def lay_out(view: View, *, flat: bool) -> Sheet:
    """Return the rows of one view, at most one a table where `flat` says so."""
    sheet = Sheet(record=view.record, flat=flat)
    place_organisations(sheet)
    place_protected(sheet)
    place_incidents(sheet)
    complete_victims(sheet)
    place_perpetrators(sheet)
    place_case(sheet)
    place_referrals(sheet)
    place_support(sheet)
    place_comments(sheet)
    return sheet
