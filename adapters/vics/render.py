"""Writes hash lists from what disclosures show."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from adapters.adapter import Draft, Rendered, View
from adapters.caveats import Caveat, require_caveats
from adapters.identifiers import uuid5
from adapters.vics.context import MEMBERS, V13, address_13, address_20
from adapters.vics.entries import cells_of, members_of, remark, scheme_of
from adapters.vics.icse import COLUMNS
from adapters.vics.losses import losses_of
from adapters.vics.media import REMARKS
from adapters.vics.minors import refuse_minors
from gateway.errors import Malformed, NotFound, Refused
from gateway.v1 import record_pb2 as pb

V2_FORM: Final = "vics-2.0"
V1_FORM: Final = "vics-1.3"
ICSE_FORM: Final = "icse-csv"
FORMS: Final = (V2_FORM, V1_FORM, ICSE_FORM)

# Namespace of the CaseID of our documents, which has to be a UUID and must not be random.
_CASES: Final = "e52c2b0e-5c0f-5d3c-9f6f-3a1b7f0f8a21"

Reader = Callable[[bytes], list[Draft]]
"""Reads a document; the losses are what it makes of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """The entries of one view, and which of its entities a reader's id means."""

    record: pb.Record
    entries: list[dict[str, Any]] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    def has_case(self) -> bool:
        """Tell whether the view shows the number of its case, or whose it is."""
        return any(_head(self.record))


def render(views: Sequence[View], *, form: str, allowed: Set[Caveat], read: Reader) -> Rendered:
    """Return one list of the views, and what it does not say as they do.

    Raises:
        NotFound: code `unknown-form`.
        Refused: code `nothing-to-render`, `one-view`, `minor-shown` or `caveat-lost`.
        Malformed: code `too-large`: the document is larger than the reader takes.
    """
    if form not in FORMS:
        raise NotFound(f"is none of: {', '.join(FORMS)}", field="form", code="unknown-form")
    if not views:
        raise Refused("shows nothing", field="views", code="nothing-to-render")
    if form == ICSE_FORM and len(views) > 1:
        raise Refused(
            "an ICSE export is one list; write one for each disclosure", field="views", code="one-view"
        )
    for number, view in enumerate(views):
        refuse_minors(view.record, f"views[{number}]")
    listings, data = _written(views, form)
    drafts = read(data)
    if len(drafts) != len(views):
        raise Malformed("is larger than one record may be", field="views", code="too-large")
    pairs = zip(listings, drafts, strict=True)
    losses = tuple(losses_of(one.record, draft.record, one.names) for one, draft in pairs)
    for number, (view, lost) in enumerate(zip(views, losses, strict=True)):
        require_caveats(view.record, lost, where=f"views[{number}]", allowed=allowed)
    return Rendered(data=data, losses=losses, names=tuple(MappingProxyType(one.names) for one in listings))


def _written(views: Sequence[View], form: str) -> tuple[list[Listing], bytes]:
    scheme = scheme_of(view.record for view in views) if form == V2_FORM else V13
    listings: list[Listing] = []
    number = 1
    for place, view in enumerate(views):
        listing = Listing(record=view.record)
        _list_artefacts(listing, form, scheme, number)
        if not listing.entries:
            raise Refused(
                "shows no hash and no file of which a list could tell",
                field=f"views[{place}]",
                code="nothing-to-render",
            )
        number += len(listing.entries)
        listings.append(listing)
    return listings, _table(listings[0]) if form == ICSE_FORM else _document(listings, form, scheme)


def _list_artefacts(listing: Listing, form: str, scheme: str, first: int) -> None:
    remarks = _remarks(listing.record) if form != ICSE_FORM else {}
    for artefact in listing.record.artefacts:
        number = first + len(listing.entries)
        entry: dict[str, Any] = cells_of(artefact) if form == ICSE_FORM else members_of(artefact, scheme)
        for member, narrative in remarks.get(artefact.id, {}).items():
            entry[member] = narrative.text
            listing.names[f"media-{number}-{REMARKS[member]}"] = narrative.id
        if not entry:
            continue
        listing.names[f"media-{number}"] = artefact.id
        own = {"Image ID": str(number)} if form == ICSE_FORM else {"MediaID": number}
        listing.entries.append(own | entry)


def _remarks(record: pb.Record) -> Mapping[str, Mapping[str, pb.Narrative]]:
    """Return the narratives that a media can hold, by artefact and member: those about one media alone."""
    found: dict[str, dict[str, pb.Narrative]] = {one.id: {} for one in record.artefacts}
    for narrative in record.narratives:
        member, about = narrative.title, list(narrative.subjects)
        if member not in REMARKS or len(about) != 1 or about[0] not in found:
            continue
        if member not in found[about[0]] and remark(member, narrative.text):
            found[about[0]][member] = narrative
    return found


def _document(listings: Sequence[Listing], form: str, scheme: str) -> bytes:
    cases = len(listings) > 1 or listings[0].has_case()
    address = address_20(scheme, cases=cases) if form == V2_FORM else address_13(cases=cases)
    value = [_case(one, place) for place, one in enumerate(listings)] if cases else listings[0].entries
    if form == V1_FORM:
        value = _worded(value)
    document = {MEMBERS[form == V1_FORM]: address, "value": value}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def _case(listing: Listing, place: int) -> dict[str, Any]:
    number, authority = _head(listing.record)
    head = {"CaseID": uuid5(_CASES, f"{place}\n{number}"), "CaseNumber": number}
    head |= {"ContactOrganization": authority} if authority else {}
    return head | {"Media": listing.entries}


def _head(record: pb.Record) -> tuple[str, str]:
    """Return number and authority of the first case reference, as a document may hold them."""
    for one in record.header.case_references[:1]:
        return remark("CaseNumber", one.number), remark("ContactOrganization", one.authority)
    return "", ""


def _worded(value: Any) -> Any:
    """Return a document with its numbers as text, as VICS 1.3 writes them."""
    match value:
        case dict():
            return {name: _worded(held) for name, held in value.items()}
        case list():
            return [_worded(held) for held in value]
        case bool():
            return value
        case int():
            return str(value)
        case _:
            return value


def _table(listing: Listing) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", delimiter=";", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(listing.entries)
    return text.getvalue().encode()
