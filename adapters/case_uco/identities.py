"""Persons and organisations: UCO has names and, of a person, the date of birth; roles stand in `ties`."""

from __future__ import annotations

from typing import Final

from adapters.case_uco.canvas import Canvas, Members, day, fits, put
from adapters.case_uco.case import Case
from adapters.case_uco.classes import CRIMINAL_GROUPS
from adapters.case_uco.node import Node
from adapters.case_uco.places import place_within, write_place
from adapters.loss import Effect
from adapters.values import number_of, token
from gateway.v1 import record_pb2 as pb

_NAME_FACET: Final = "uco-identity:SimpleNameFacet"
_NAME_PARTS: Final = (
    ("uco-identity:givenName", "given"),
    ("uco-identity:familyName", "family"),
    ("uco-identity:honorificPrefix", "title"),
)
_SECTOR: Final = "sector:"
_REGISTER: Final = "registration number"
_PSEUDONYM: Final = "pseudonym"


def read_person(case: Case, node: Node, person: pb.Person) -> None:
    """Read names and the date of birth; the role stays unknown until a relationship gives one.

    Raises:
        Malformed: code `bad-date`.
    """
    person.role = pb.ROLE_UNKNOWN
    if full := node.text("uco-core:name"):
        person.names.add(full=full)
    for facet in case.facets(node, _NAME_FACET):
        _read_name(facet, person)
    for iri in node.references("uco-core:externalReference"):
        pseudonym = _read_identifier(case, iri, _PSEUDONYM)
        if pseudonym and not person.foreign_pseudonym:
            person.foreign_pseudonym = pseudonym
    for facet in case.facets(node, "uco-identity:BirthInformationFacet"):
        born = facet.day("uco-identity:birthdate")
        if born is not None and not person.HasField("birth"):
            for part, value in born.ListFields():
                setattr(person.birth, part.name, value)
    for facet in case.facets(node, "uco-observable:ContactFacet"):
        _read_contact(facet, person)


def _read_name(facet: Node, person: pb.Person) -> None:
    name = pb.Name()
    for property_, part in _NAME_PARTS:
        words = facet.texts(property_)
        if len(words) > 1:
            facet.lose(property_, Effect.GENERALISED, "several are read as one")
        if words:
            said = " ".join(words)
            setattr(name, part, said if fits(said) else words[0])
    if name.given or name.family:
        person.names.append(name)
    elif name.title:
        facet.lose("uco-identity:honorificPrefix", Effect.DROPPED, "stands without a name")


def _read_contact(facet: Node, person: pb.Person) -> None:
    """Read an entry of a phone book, in which somebody is called something by somebody else."""
    name = pb.Name()
    if given := facet.text("uco-observable:firstName"):
        name.given = given
    if family := facet.text("uco-observable:lastName"):
        name.family = family
    if name.ByteSize():
        person.names.append(name)
    if shown := facet.text("uco-observable:displayName"):
        person.aliases.add(full=shown)
    if nickname := facet.text("uco-observable:nickname"):
        person.aliases.add(full=nickname, kind=pb.NAME_KIND_NICKNAME)


def write_person(canvas: Canvas, person: pb.Person) -> None:
    """Write the names by their parts, the first whole one, and a date of birth that is known to the day."""
    node = canvas.draw(person, "uco-identity:Person")
    for name in person.names:
        if name.full and "uco-core:name" not in node:
            put(node, "uco-core:name", name.full)
        if name.given or name.family:
            parts = {property_: getattr(name, part) for property_, part in _NAME_PARTS}
            canvas.facet(node, _NAME_FACET, parts)
    _write_identifier(canvas, node, person.foreign_pseudonym, _PSEUDONYM)
    canvas.facet(node, "uco-identity:BirthInformationFacet", {"uco-identity:birthdate": day(person.birth)})


def read_organisation(case: Case, node: Node, organisation: pb.Organisation) -> None:
    """Read name, register number, country, addresses and activity."""
    if name := node.text("uco-core:name"):
        organisation.identity.names.append(name)
    for iri in node.references("uco-core:externalReference"):
        number = _read_identifier(case, iri, _REGISTER)
        if number and not organisation.identity.registration_number:
            organisation.identity.registration_number = number
    _read_addresses(case, node, organisation)
    if not CRIMINAL_GROUPS.isdisjoint(node.types):
        organisation.kind = pb.ORGANISATION_KIND_CRIMINAL_GROUP
    if activity := node.text("uco-core:description"):
        organisation.activity = activity
    for tag in node.texts("uco-core:tag"):
        sector = (
            number_of(organisation, "sector", tag.removeprefix(_SECTOR)) if tag.startswith(_SECTOR) else None
        )
        if sector and not organisation.sector:
            organisation.sector = pb.Sector.ValueType(sector)
        else:
            node.lose("uco-core:tag", Effect.DROPPED, "is a tag of no meaning to a record")


def _read_addresses(case: Case, node: Node, organisation: pb.Organisation) -> None:
    for facet in case.facets(node, "uco-identity:AddressFacet"):
        place = place_within(case, facet.reference("uco-identity:address"))
        if place is None:
            continue
        alone = [one.name for one, _ in place.ListFields()] == ["country"]
        if alone and not organisation.identity.country:
            organisation.identity.country = place.country
        else:
            organisation.identity.addresses.append(place)


def _read_identifier(case: Case, iri: str, wanted: str) -> str:
    """Return what an external reference calls a thing, if it is of the wanted sort."""
    found = case.part(iri)
    if found is None:
        return ""
    identifier = found.text("uco-core:externalIdentifier")
    context = found.text("uco-core:definingContext")
    if context == wanted:
        return identifier
    if identifier:
        found.lose("uco-core:externalIdentifier", Effect.DROPPED, "is an identifier of another kind")
    return ""


def _write_identifier(canvas: Canvas, node: Members, identifier: str, sort: str) -> None:
    if identifier:
        found = canvas.part(node, "reference", "uco-core:ExternalReference")
        put(found, "uco-core:definingContext", sort)
        put(found, "uco-core:externalIdentifier", identifier)
        put(node, "uco-core:externalReference", found)


def write_organisation(canvas: Canvas, organisation: pb.Organisation) -> None:
    """Write the first name, for UCO has one, the register number, country, addresses and activity."""
    node = canvas.draw(organisation, "uco-identity:Organization")
    identity = organisation.identity
    put(node, "uco-core:name", identity.names[0] if identity.names else "")
    put(node, "uco-core:description", organisation.activity)
    if organisation.sector:
        put(node, "uco-core:tag", f"{_SECTOR}{token(organisation, 'sector')}")
    _write_identifier(canvas, node, identity.registration_number, _REGISTER)
    if identity.country:
        _write_address(canvas, node, pb.Place(country=identity.country), "country")
    for number, place in enumerate(identity.addresses):
        _write_address(canvas, node, place, f"address-{number}")


def _write_address(canvas: Canvas, node: Members, place: pb.Place, what: str) -> None:
    location = canvas.part(node, what, "uco-location:Location")
    write_place(canvas, location, place)
    canvas.facet(node, "uco-identity:AddressFacet", {"uco-identity:address": location})
