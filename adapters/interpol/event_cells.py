"""What a notice says happened, written: charges, a disappearance, a place and a day, a modus operandi."""

from __future__ import annotations

from adapters.interpol.cells import Cells
from adapters.interpol.colours import Colour
from adapters.interpol.events import TOLD
from adapters.interpol.subjects import bears_warrant, charges_of
from gateway.v1 import record_pb2 as pb

_REFUGES = (pb.LOCATION_KIND_SHELTER, pb.LOCATION_KIND_SAFE_HOUSE)


def write_charges(cells: Cells, record: pb.Record, person: pb.Person, *, warrants: bool) -> None:
    """Write what a person is charged with; as `warrants` only what one was issued for."""
    written = []
    for charge in charges_of(record, person):
        if warrants and not bears_warrant(charge):
            continue
        one = Cells()
        if warrants:
            # The public extract has both members in every warrant; the reader passes over an empty one.
            one.values["issuing_country_id"] = ""
        one.country("issuing_country_id", charge.country)
        one.text("charge", charge.description)
        one.text("law", charge.law)
        one.text("maximum_penalty", charge.penalty)
        one.text("warrant_reference", charge.warrant_reference)
        one.day("date_of_offence", charge.on)
        if one:
            written.append(one.values)
    if written:
        cells.values["arrest_warrants" if warrants else "charges"] = [*written]


def write_disappearance(cells: Cells, record: pb.Record, incident: pb.Incident | None) -> None:
    """Write from where and since when somebody is missing."""
    if incident is not None:
        _write_place(cells, record, incident)
        cells.day("date_of_event", incident.occurred.start.date)


def write_position(cells: Cells, position: pb.Whereabouts) -> None:
    """Write where and when somebody was last seen, or a body was found."""
    cells.place("place", "country", position.place)
    cells.day("date_of_event", position.since)


def write_incidents(cells: Cells, record: pb.Record, colour: Colour) -> list[str]:
    """Write the incidents of which there is something to say; return their ids, in the order of the notice.

    A warning of a threat says where and when; a modus operandi is what others could recognise anywhere.
    """
    written, ids = [], []
    for incident in record.incidents:
        one = Cells()
        one.token(incident, "kind")
        for field in TOLD:
            one.tokens(incident, field)
        one.texts("platforms", incident.platforms)
        one.text("description", incident.description)
        if colour is Colour.ORANGE:
            _write_place(one, record, incident)
            one.day("date_of_event", incident.occurred.start.date)
        if one:
            written.append(one.values)
            ids.append(incident.id)
    if written:
        cells.values["incidents"] = [*written]
    return ids


def _write_place(cells: Cells, record: pb.Record, incident: pb.Incident) -> None:
    """Write where an incident was, by its own words or else by the location it points at."""
    cells.place("place", "country", incident.occurred.place)
    if "place" in cells.values or "country" in cells.values:
        return
    for location in record.locations:
        if location.id == incident.location and location.kind not in _REFUGES:
            cells.place("place", "country", location.site)
