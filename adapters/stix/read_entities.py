"""Persons, organisations, places, events and texts read from the objects that STIX has for them."""

from __future__ import annotations

from typing import Final

from adapters.countries import alpha2
from adapters.loss import Effect
from adapters.stix.entities import COUNTRY, NOWHERE, OTHER_NAME, PSEUDONYM, REGISTRATION
from adapters.stix.handling import is_anonymous
from adapters.stix.names import stands_for_nothing
from adapters.stix.reading import Reading, labels_of
from adapters.stix.thing import Thing
from adapters.stix.vocabulary import (
    FUNCTIONS,
    GROUPS,
    INCIDENTS,
    LOCATIONS,
    NEAR_SECTORS,
    ORGANISATIONS,
    ROLES,
    SECTORS,
)
from adapters.values import read_degrees
from gateway.v1 import record_pb2 as pb

ROLE_TITLE: Final = "Role as written"
_PSEUDONYMS: Final = {PSEUDONYM: 1}
_MOST_METRES: Final = 2**32 - 1
_VICTIMS: Final = frozenset({pb.ROLE_VICTIM, pb.ROLE_PRESUMED_VICTIM})
_PROTECTED_FIRST: Final = (
    *(pb.ROLE_VICTIM, pb.ROLE_PRESUMED_VICTIM, pb.ROLE_VICTIM_AND_SUSPECT, pb.ROLE_FAMILY_OF_VICTIM),
    *(pb.ROLE_WITNESS, pb.ROLE_UNKNOWN, pb.ROLE_THIRD_PARTY, pb.ROLE_SUSPECT),
)
_UNITS: Final = frozenset({"organization", "group", "class", "system"})


def is_unit(thing: Thing) -> bool:
    """Tell whether an identity is an organisation rather than a person; one that does not say is a person,
    who is protected.
    """
    stated = thing.values.get("identity_class")
    return stated in _UNITS or (stated in (None, "unknown") and bool(thing.values.get("sectors")))


def read_identity(reading: Reading, thing: Thing) -> None:
    """Read a person or an organisation."""
    if is_unit(thing):
        read_organisation(reading, thing)
    else:
        person = reading.add("person", thing)
        _read_name(thing, person)
        _read_roles(reading, thing, person)
        _read_person(reading, thing, person)


def read_actor(reading: Reading, thing: Thing) -> None:
    """Read a threat actor: a suspect, together with the identity it is attributed to; or a group."""
    types = thing.texts("threat_actor_types")
    if GROUPS.intersection(types):
        _read_group(reading, thing, types)
        return
    other = reading.things.get(reading.actors.get(thing.id, ""))
    person = reading.add("person", thing, *([other] if other else []))
    person.role = pb.ROLE_SUSPECT
    if other is not None:
        _read_name(other, person)
        _read_roles(reading, other, person)
        _read_person(reading, other, person)
        own = thing.text("name")
        if own != other.text("name") and own and not stands_for_nothing(own):
            person.aliases.add(full=own)
        labels_of(thing, _PSEUDONYMS)
    else:
        _read_name(thing, person)
    _read_roles(reading, thing, person)
    for alias in thing.texts("aliases"):
        person.aliases.add(full=alias)
    _read_person(reading, thing, person)
    words = [word for word in types if word != "criminal"]
    if words:
        reading.keep(thing, "threat_actor_types", "", "; ".join(words))


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
    activity = "\n".join(part for part in (*said, "; ".join(foreign + sectors)) if part)
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
        incident.description = "\n".join(text for text in said if text)


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


def _read_name(thing: Thing, person: pb.Person) -> None:
    name = thing.text("name")
    (pseudonym,) = labels_of(thing, _PSEUDONYMS)
    if not name or stands_for_nothing(name):
        return
    if pseudonym is not None:
        person.foreign_pseudonym = name
    else:
        person.names.add(full=name)


def _read_roles(reading: Reading, thing: Thing, person: pb.Person) -> None:
    """Set the role and the functions; of several roles the most protected one, so that nobody who is said to
    be a victim stands there as a suspect alone.
    """
    words = thing.texts("roles")
    roles = [role for role in map(ROLES.find, words) if role is not None]
    stated = {person.role, *roles} - {pb.ROLE_UNSPECIFIED}
    if pb.ROLE_SUSPECT in stated and stated & _VICTIMS:
        chosen: int = pb.ROLE_VICTIM_AND_SUSPECT
    else:
        chosen = next((role for role in _PROTECTED_FIRST if role in stated), pb.ROLE_UNSPECIFIED)
    if chosen:
        person.role = pb.Role.ValueType(chosen)
    foreign = []
    for word in words:
        function = FUNCTIONS.find(word)
        if function is not None:
            person.functions.append(pb.PersonFunction.ValueType(function))
        elif ROLES.find(word) != chosen:
            foreign.append(word)
    if foreign:
        reading.keep(thing, "roles", ROLE_TITLE, "; ".join(foreign))


def _read_person(reading: Reading, thing: Thing, person: pb.Person) -> None:
    if is_anonymous(thing):
        person.safety.anonymity_guaranteed = True
    thing.seen.add("identity_class")
    contact = thing.text("contact_information")
    if contact:
        person.contacts.add(value=contact)
    description = thing.text("description")
    if description:
        reading.keep(thing, "description", "", description)


def _read_group(reading: Reading, thing: Thing, types: list[str]) -> None:
    organisation = reading.add("organisation", thing)
    if "crime-syndicate" in types:
        organisation.kind = pb.ORGANISATION_KIND_CRIMINAL_GROUP
    labels_of(thing)
    names = [thing.text("name"), *thing.texts("aliases")]
    organisation.identity.names.extend(name for name in names if name and not stands_for_nothing(name))
    if not organisation.identity.names:
        organisation.ClearField("identity")
    words = [word for word in types if word != "crime-syndicate"]
    said = [thing.text("description"), "; ".join([*words, *thing.texts("roles")])]
    if any(said):
        organisation.activity = "\n".join(text for text in said if text)
    if said[1]:
        thing.lose("threat_actor_types", Effect.KEPT_AS_EXTENSION, "the words are kept in what it does")


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
        site.original = "; ".join(text for _, text in words)


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
