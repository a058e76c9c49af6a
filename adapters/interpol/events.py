"""What a notice says happened, read: charges, a disappearance, where a body was found, a modus operandi."""

from __future__ import annotations

from typing import Final

from adapters.countries import alpha2
from adapters.interpol.words import keep, texts
from adapters.loss import Effect
from adapters.row import Row
from adapters.values import number_of
from gateway.v1 import record_pb2 as pb

TOLD: Final = ("acts", "means", "purposes", "sexual_kinds", "recruitment_methods", "sectors")
"""Members of an incident that hold tokens of the record's vocabularies; each has the name of its field."""

_NO_EVENT: Final = "has no field of its own in a notice of this colour"
_NO_COUNTRY: Final = "is no country known here; the code is kept as it is written"


def draw_charges(row: Row, name: str, person: pb.Person, record: pb.Record) -> None:
    """Add the charges, or the warrants, to the offences of their person."""
    for charge in row.rows(name):
        offence = pb.Offence()
        for member, field in (
            ("charge", "description"),
            ("law", "law"),
            ("warrant_reference", "warrant_reference"),
            ("maximum_penalty", "penalty"),
        ):
            if text := charge.text(member):
                setattr(offence, field, text)
        if on := charge.day("date_of_offence"):
            offence.on.CopyFrom(on)
        issuing = charge.text("issuing_country_id")
        if issuing and (country := alpha2(issuing)):
            offence.country = country
        elif issuing:
            keep(charge, "issuing_country_id", [issuing], record, person.id)
        if translation := charge.text("charge_translation"):
            keep(charge, "charge_translation", [translation], record, person.id)
        if offence.ByteSize():
            person.offences.append(offence)
        charge.finish(_NO_EVENT)


def draw_disappearance(row: Row, number: int, person: pb.Person, record: pb.Record) -> None:
    """Add the event from which somebody is missing, tied to the person, if anything is said of it."""
    occurred = _place_time(row)
    if not occurred.ByteSize():
        return
    incident = record.incidents.add(id=f"incident-{number}", kind=pb.INCIDENT_KIND_DISAPPEARANCE)
    incident.occurred.CopyFrom(occurred)
    link = record.relationships.add(id=f"relationship-{number}").link
    setattr(link, "from", person.id)  # `from` is a keyword of the language
    # The notice does not say what was done to the person, so the tie says no more either.
    link.to, link.kind = incident.id, pb.RELATION_KIND_OTHER


def draw_position(row: Row, person: pb.Person) -> None:
    """Write where and when somebody was last seen, or a body was found."""
    occurred = _place_time(row)
    if occurred.HasField("place"):
        person.last_known_position.place.CopyFrom(occurred.place)
    if occurred.start.HasField("date"):
        person.last_known_position.since.CopyFrom(occurred.start.date)


def draw_incidents(row: Row, number: int, record: pb.Record) -> None:
    """Add the incidents of a notice that is about no person; the words that are no token are kept."""
    for place, told in enumerate(row.rows("incidents"), 1):
        incident = pb.Incident()
        unequal = _draw_tokens(told, incident)
        incident.platforms.extend(texts(told, "platforms"))
        if description := told.text("description"):
            incident.description = description
        occurred = _place_time(told)
        if occurred.ByteSize():
            incident.occurred.CopyFrom(occurred)
        told.finish(_NO_EVENT)
        if incident.ByteSize() or unequal:
            incident.id = f"incident-{number}-{place}"
            record.incidents.append(incident)
            for field, words in unequal.items():
                keep(told, field, words, record, incident.id)


def _draw_tokens(row: Row, incident: pb.Incident) -> dict[str, list[str]]:
    """Write the tokens; return, by member, the words that are none."""
    unequal: dict[str, list[str]] = {}
    if word := row.text("kind"):
        kind = number_of(incident, "kind", word)
        if kind is None:
            unequal["kind"] = [word]
        else:
            incident.kind = pb.IncidentKind.ValueType(kind)
    for field in TOLD:
        for word in texts(row, field):
            member = number_of(incident, field, word)
            if member is None:
                unequal.setdefault(field, []).append(word)
            else:
                getattr(incident, field).append(member)
    return unequal


def draw_place(row: Row, town: str, country: str) -> pb.Place:
    """Return a place by the members of its town and country; a code of no known country stays as written."""
    place = pb.Place()
    if name := row.text(town):
        place.town = name
    code = row.text(country)
    if code and (known := alpha2(code)):
        place.country = known
    elif code:
        place.original = code
        row.lose(country, Effect.KEPT_AS_EXTENSION, _NO_COUNTRY)
    return place


def _place_time(row: Row) -> pb.PlaceTime:
    found = pb.PlaceTime()
    place = draw_place(row, "place", "country")
    if place.ByteSize():
        found.place.CopyFrom(place)
    if day := row.day("date_of_event"):
        found.start.date.CopyFrom(day)
    return found
