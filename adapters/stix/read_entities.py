"""Organisations, places, events and texts read from the objects that STIX has for them."""

from __future__ import annotations

from typing import Final

from adapters.countries import alpha2
from adapters.loss import Effect
from adapters.stix.entities import COUNTRY, NOWHERE, OTHER_NAME, REGISTRATION
from adapters.stix.names import stands_for_nothing
from adapters.stix.reading import Reading, joined, labels_of
from adapters.stix.thing import Thing
from adapters.stix.vocabulary import (
    INCIDENTS,
    LOCATIONS,
    NEAR_SECTORS,
    ORGANISATIONS,
    SECTORS,
)
from adapters.values import read_degrees
from gateway.v1 import record_pb2 as pb

_MOST_METRES: Final = 2**32 - 1
_UNITS: Final = frozenset({"organization", "group", "class", "system"})


def is_unit(thing: Thing) -> bool:
    """Tell whether an identity is an organisation rather than a person; one that does not say is a person,
    who is protected.
    """
    stated = thing.values.get("identity_class", "unknown")
    if not isinstance(stated, str):
        return False
    return stated in _UNITS or (stated == "unknown" and bool(thing.values.get("sectors")))


def read_organisation(reading: Reading, thing: Thing) -> None:
    """Read an organisation."""
    organisation = reading.add("organisation", thing)
    if thing.text("identity_class") != "organization":
        thing.lose("identity_class", Effect.GENERALISED, "is read as an organisation")
    name = thing.text("name")
    if name and not stands_for_nothing(name):
        organisation.identity.names.append(name)
    labels_of(thing)
    said = [thing.text("description")]
    foreign = []
    for word in thing.texts("roles"):
        kind = ORGANISATIONS.find(word)
        if kind is not None and not organisation.kind:
            organisation.kind = kind
        else:
            foreign.append(word)
    if foreign:
        thing.lose("roles", Effect.KEPT_AS_EXTENSION, "the word is kept in what the organisation does")
    sectors = _read_sectors(thing, organisation)
    activity = joined(thing, "description", [*said, "; ".join(foreign + sectors)])
    if activity:
        organisation.activity = activity
    contact = thing.text("contact_information")
    if contact:
        organisation.identity.contacts.add(value=contact)
    _read_references(thing, organisation)


def read_location(reading: Reading, thing: Thing) -> None:
    """Read a place."""
    location = reading.add("location", thing)
    (kind,) = labels_of(thing, LOCATIONS.numbers)
    if kind is not None:
        location.kind = kind
    site = location.site
    for name, own in _SITE.items():
        text = thing.text(name)
        if text:
            setattr(site, own, text)
    description = thing.text("description")
    if description:
        location.description = description
    _read_area(thing, site)
    _read_coordinates(thing, site)
    if not site.ListFields():
        location.ClearField("site")


def read_incident(reading: Reading, thing: Thing) -> None:
    """Read an incident, whose name is kept in its description."""
    incident = reading.add("incident", thing)
    (kind,) = labels_of(thing, INCIDENTS.numbers)
    if kind is not None:
        incident.kind = kind
    name = thing.text("name")
    said = [thing.text("description")]
    if name and not stands_for_nothing(name):
        said.insert(0, name)
        thing.lose("name", Effect.KEPT_AS_EXTENSION, "a record's incident has no name; it is in its text")
    if any(said):
        incident.description = joined(thing, "description", said)


def read_note(reading: Reading, thing: Thing) -> None:
    """Read a note as a narrative about what it refers to."""
    narrative = reading.add("narrative", thing)
    for name, own in (("abstract", "title"), ("content", "text"), ("lang", "language")):
        text = thing.text(name)
        if text:
            setattr(narrative, own, text)
    labels_of(thing)
    for one in thing.references("object_refs"):
        if one.partition("--")[0] not in ("report", "grouping"):
            narrative.subjects.append(one)


_SITE: Final = {
    "name": "name",
    "street_address": "street",
    "postal_code": "postal_code",
    "city": "town",
    "administrative_area": "region",
}


def _read_sectors(thing: Thing, organisation: pb.Organisation) -> list[str]:
    """Set the sector and return the words that are no exact equal of it."""
    foreign = []
    for word in thing.texts("sectors"):
        exact = SECTORS.find(word)
        near = NEAR_SECTORS.get(word)
        if exact is not None and not organisation.sector:
            organisation.sector = pb.Sector.ValueType(exact)
            continue
        foreign.append(word)
        if near is not None and not organisation.sector:
            organisation.sector = pb.Sector.ValueType(near)
    if foreign:
        thing.lose("sectors", Effect.KEPT_AS_EXTENSION, "the word is kept in what the organisation does")
    return foreign


def _read_references(thing: Thing, organisation: pb.Organisation) -> None:
    for place, held in thing.objects("external_references"):
        source, value = held.get("source_name"), held.get("external_id")
        inner = Thing(id="", type="", path=f"{thing.path}.{place}", values=held, losses=thing.losses)
        text = inner.text("external_id") if value is not None else ""
        inner.text("source_name")
        code = alpha2(text)
        if source == OTHER_NAME and text:
            organisation.identity.names.append(text)
        elif source == REGISTRATION and text and not organisation.identity.registration_number:
            organisation.identity.registration_number = text
        elif source == COUNTRY and code and not organisation.identity.country:
            organisation.identity.country = code
        else:
            inner.seen.clear()
        inner.finish()


def _read_area(thing: Thing, site: pb.Place) -> None:
    words = []
    country, region = thing.text("country"), thing.text("region")
    code = alpha2(country)
    if code:
        site.country = code
    elif country:
        words.append(("country", country))
    if region and region != NOWHERE:
        words.append(("region", region))
    for name, _ in words:
        thing.lose(name, Effect.KEPT_AS_EXTENSION, "has no equal, and is kept as it was written")
    if words:
        site.original = joined(thing, "region", [text for _, text in words], "; ")


def _read_coordinates(thing: Thing, site: pb.Place) -> None:
    values = [thing.number(name) for name in ("latitude", "longitude")]
    precision = thing.number("precision")
    if values[0] is None or values[1] is None:
        for name, value in zip(("latitude", "longitude"), values, strict=True):
            if value is not None:
                thing.lose(name, Effect.DROPPED, "half of a pair of coordinates is no place")
        if precision is not None:
            thing.lose("precision", Effect.DROPPED, "there are no coordinates that it could be of")
        return
    site.latitude_e6 = read_degrees(values[0], f"{thing.path}.latitude", most=90)
    site.longitude_e6 = read_degrees(values[1], f"{thing.path}.longitude", most=180)
    if precision is None:
        return
    whole = round(precision)
    if not 0 <= whole <= _MOST_METRES:
        thing.lose("precision", Effect.DROPPED, "is no precision in metres")
        return
    site.precision_m = whole
    if whole != precision:
        thing.lose("precision", Effect.GENERALISED, "a record tells precision in whole metres")
