"""Persons and their identity documents on their way into MISP objects."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from adapters.misp import shapes
from adapters.misp.machine_tags import AGE_BAND, NOT_STATED, STAND_IN
from adapters.misp.parts import write_name, write_place
from adapters.misp.paths import codes_of, path
from adapters.misp.thing import Sheet, Tag, Thing, readable
from adapters.values import is_whole, token, write_date, write_instant
from gateway.record.json_form import enum_token
from gateway.v1 import record_pb2 as pb

ROLES: Final = {
    pb.ROLE_VICTIM: ("Victim",),
    pb.ROLE_PRESUMED_VICTIM: ("Victim",),
    pb.ROLE_WITNESS: ("Witness",),
    pb.ROLE_SUSPECT: ("Suspect",),
    pb.ROLE_VICTIM_AND_SUSPECT: ("Victim", "Suspect"),
}
"""The words of MISP for our roles. A presumed victim is told from a victim by a tag."""

_EXACT: Final = frozenset(ROLES) - {pb.ROLE_PRESUMED_VICTIM}
_MAY_BE_ACCOMPLICES: Final = frozenset({pb.ROLE_SUSPECT, pb.ROLE_THIRD_PARTY})
_ACCOMPLICES: Final = frozenset({pb.PERSON_FUNCTION_FACILITATOR, pb.PERSON_FUNCTION_BUYER})
PARTS: Final = {
    "first-name": "given",
    "middle-name": "middle",
    "last-name": "family",
    "full-name": "full",
    "title": "title",
}
_NUMBER: Final = re.compile(r"[+(]?[0-9][0-9 ()./-]*")
_PROPER: Final = (pb.NAME_KIND_PRIMARY, pb.NAME_KIND_UNSPECIFIED)
_ADDRESS: Final = re.compile(r"[0-9A-Fa-f]*[:.][0-9A-Fa-f:.]+")


def place_persons(sheet: Sheet) -> None:
    """Add an object for every person, with what it has of identity documents."""
    for number, person in enumerate(sheet.record.persons):
        thing = sheet.begin("person", person, f"persons[{number}]")
        _write_names(thing, person)
        _write_role(thing, person)
        _write_birth(thing, person)
        if person.sex in shapes.GENDER.spellings:
            thing.add("gender", shapes.GENDER.spellings[person.sex])
        _write_nationalities(thing, person)
        _write_reach(thing, person)
        _write_documents(sheet, thing, person)
        _write_age(thing, person)
        thing.tag_paths(shapes.PERSON_TAGS)
        thing.complete(f"person: {NOT_STATED}")


def _write_names(thing: Thing, person: pb.Person) -> None:
    """Write the name somebody goes by in its parts; an alias or a false name must not pass for it."""
    taken = _write_proper_name(thing, person)
    for number, name in enumerate(person.names):
        if number != taken:
            _write_alias(thing, name, f"names[{number}]", [("name", "other")])
    for number, name in enumerate(person.aliases):
        _write_alias(thing, name, f"aliases[{number}]", [])
    if person.foreign_pseudonym:
        thing.add("alias", person.foreign_pseudonym, tags=[("name", "pseudonym")])


def _write_proper_name(thing: Thing, person: pb.Person) -> int | None:
    """Write the primary name, or one of no stated kind, in its parts; return its place if there is one."""
    places = [number for number, one in enumerate(person.names) if one.kind in _PROPER]
    places.sort(key=lambda number: person.names[number].kind != pb.NAME_KIND_PRIMARY)
    for number in places:
        name = person.names[number]
        written = [thing.add(relation, getattr(name, part)) for relation, part in PARTS.items()]
        if not any(written[:4]):
            thing.attributes.clear()  # a title alone names nobody
            continue
        if name.script.isascii() and name.script.isalpha():
            thing.tag("name-script", name.script)
            thing.keep(f"names[{number}].script")
        if not name.kind:
            thing.tag("proper-kind", "unstated")
        return number
    return None


def _write_alias(thing: Thing, name: pb.Name, where: str, tags: list[Tag]) -> None:
    line, parts = write_name(name)
    tags = [*tags, *parts]
    if name.kind != pb.NAME_KIND_ALIAS:
        tags.append(("name-kind", token(name, "kind") or "unstated"))
    if name.script.isascii() and name.script.isalpha():
        tags.append(("script", name.script))
    if thing.add("alias", line, tags=tags) and tags:
        thing.keep(where)


def _write_role(thing: Thing, person: pb.Person) -> None:
    for word in ROLES.get(person.role, ()):
        thing.add("role", word)
    if person.role in _MAY_BE_ACCOMPLICES and not _ACCOMPLICES.isdisjoint(person.functions):
        thing.add("role", "Accomplice")
    if person.role and (person.role not in _EXACT or (thing.has("role") and "Accomplice" in _roles(thing))):
        thing.tag("role", token(person, "role"))
        if person.role not in _EXACT and person.role != pb.ROLE_UNKNOWN:
            thing.keep("role")


def _roles(thing: Thing) -> list[Any]:
    return [one["value"] for one in thing.attributes if one["object_relation"] == "role"]


def _write_birth(thing: Thing, person: pb.Person) -> None:
    """Write a full date; a partial one goes into a tag, because MISP has full dates alone."""
    if is_whole(person.birth):
        thing.add("date-of-birth", write_date(person.birth))
    elif person.birth.year:
        thing.tag("birth", write_date(person.birth))
        thing.keep("birth")
    if person.HasField("birth_place"):
        line, tags = write_place(person.birth_place)
        if thing.add("place-of-birth", line, tags=tags) and tags:
            thing.keep("birth_place")


def _write_nationalities(thing: Thing, person: pb.Person) -> None:
    for number, nationality in enumerate(person.nationalities):
        if nationality.country:
            thing.add("nationality", nationality.country)
        elif nationality.region:
            thing.tag("region", token(nationality, "region"))
            thing.keep(f"nationalities[{number}]")


def _write_reach(thing: Thing, person: pb.Person) -> None:
    for number, contact in enumerate(person.contacts):
        _write_contact(thing, contact, f"contacts[{number}]")
    for number, address in enumerate(person.addresses):
        _write_address(thing, address, f"addresses[{number}]")
    for number, workplace in enumerate(person.workplaces):
        kind = token(workplace, "kind")
        tags = [("workplace", kind)] if kind else []
        if thing.add("occupation", workplace.occupation, tags=tags) and tags:
            thing.keep(f"workplaces[{number}].kind")
    _write_portraits(thing, person)


def _write_portraits(thing: Thing, person: pb.Person) -> None:
    """Write the references of images and faces as portraits: neither bytes nor templates travel."""
    for image in person.images:
        thing.add("portrait", image.reference, comment=readable(image.caption))
    for number, biometric in enumerate(person.biometrics):
        if biometric.kind == pb.BIOMETRIC_KIND_FACE:
            comment = readable(biometric.system)
            if thing.add("portrait", biometric.reference, tags=[("portrait", "face")], comment=comment):
                thing.keep(f"biometrics[{number}]")


def _write_address(thing: Thing, address: pb.Whereabouts, where: str) -> None:
    line, tags = write_place(address.place)
    for name in ("current", "since", "until"):
        tags += [(name, code) for code in codes_of(address, path(name))]
    if thing.add("address", line, tags=tags) and tags:
        thing.keep(where)


def _write_contact(thing: Thing, contact: pb.Contact, where: str) -> None:
    relation, value = "handle", readable(contact.value)
    if contact.kind == pb.CONTACT_KIND_PHONE and _NUMBER.fullmatch(value):
        relation = "phone-number"
    elif contact.kind == pb.CONTACT_KIND_EMAIL and "@" in value:
        relation = "e-mail"
    elif contact.kind == pb.CONTACT_KIND_IP and _ADDRESS.fullmatch(value):
        relation = "ip-src"
    tags: list[Tag] = []
    if relation == "handle" and contact.kind != pb.CONTACT_KIND_SOCIAL_HANDLE:
        tags.append(("contact-kind", token(contact, "kind") or "unstated"))
    if contact.country:
        tags.append(("country", contact.country))
    seen = write_instant(contact.seen)
    if seen[:10] != write_date(contact.seen.date):
        tags.append(("seen", write_date(contact.seen.date)))
    provider = readable(contact.provider)
    if provider:
        tags.append(("comment", "provider"))
    if thing.add(relation, value, tags=tags, comment=provider, seen=seen) and tags:
        thing.keep(where)


_DOCUMENTS: Final = {
    pb.DOCUMENT_KIND_PASSPORT: "passport-number",
    pb.DOCUMENT_KIND_IDENTITY_CARD: "identity-card-number",
    pb.DOCUMENT_KIND_BIRTH_CERTIFICATE: "birth-certificate-number",
}


def _write_documents(sheet: Sheet, thing: Thing, person: pb.Person) -> None:
    """Write one document of each kind that a person of MISP has; an object of their own they have not."""
    taken: set[int] = set()
    for number, document in enumerate(sheet.record.documents):
        details = document.details
        relation = _DOCUMENTS.get(details.kind)
        if relation is None or document.holder != person.id or details.kind in taken:
            continue
        tags, kept = _tags_of_document(details)
        written = thing.add(relation, details.number, tags=tags)
        if details.kind == pb.DOCUMENT_KIND_PASSPORT:
            written |= thing.add("passport-country", details.issuing_country)
            if is_whole(details.expires):
                written |= thing.add("passport-expiration", write_date(details.expires))
        if written:
            taken.add(details.kind)
            sheet.names[f"{thing.uuid}.{enum_token(pb.DocumentKind.DESCRIPTOR, details.kind)}"] = document.id
            thing.kept.update(f"documents[{number}].details.{name}" for name in kept)


def _tags_of_document(details: pb.DocumentDetails) -> tuple[list[Tag], Iterable[str]]:
    tags: list[Tag] = []
    if details.status:
        tags.append(("status", token(details, "status")))
    if details.issuing_country and details.kind != pb.DOCUMENT_KIND_PASSPORT:
        tags.append(("issuing-country", details.issuing_country))
    if details.expires.year and not (is_whole(details.expires) and details.kind == pb.DOCUMENT_KIND_PASSPORT):
        tags.append(("expires", write_date(details.expires)))
    if details.issued.year:
        tags.append(("issued", write_date(details.issued)))
    return tags, [predicate.replace("-", "_") for predicate, _ in tags]


def _write_age(thing: Thing, person: pb.Person) -> None:
    """Write an age band in words too, since a foreign reader passes over our tags."""
    band = token(person, "age_band") or token(person.birth, "age_band")
    if band:
        thing.add("text", f"{AGE_BAND}{band}", tags=[(STAND_IN, "yes")])
