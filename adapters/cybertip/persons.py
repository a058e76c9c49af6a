"""The persons of a report: who was reported, for whom it was meant, whom it harmed, and who reports.

A provider's report accuses nobody. It says which account was reported, and a child may hold it, or somebody
who broke into it. So the reported person is a suspect only where the report states that they were an adult
and nothing in it speaks against that; else their role is not known, which is protected. What the report says
of each stands in the tie to the incident, so that the three are never mixed up.

Source: `reference/formats.md` sections 9 and 12.2 (row "person.role").
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from adapters.cybertip.codes import ADULT_YEARS, age_band
from adapters.cybertip.contacts import draw_contact, place_of
from adapters.cybertip.drawing import Drawing
from adapters.cybertip.node import Node
from adapters.cybertip.users import draw_user
from adapters.loss import Effect
from adapters.values import read_date
from gateway.errors import Malformed
from gateway.record.age import proven_age
from gateway.record.vocabulary import AgeClass
from gateway.v1 import record_pb2 as pb

REPORTED: Final = "reported"
RECIPIENT: Final = "intended recipient"
NAMED: Final = "address that the report names"

_WITH_ZONE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})")
_MOST_YEARS: Final = 130


def draw_reported(node: Node, drawing: Drawing, incident: str, *, doubted: bool, on: date) -> None:
    """Draw the person or user who was reported. `doubted` says that the report itself speaks of minors, or
    informs only; `on` is the day on which an adult must have been one.
    """
    person = drawing.add("person", "persons")
    adult = _draw_person(node.node("personOrUserReportedPerson"), person, drawing, on=on)
    compromised = node.flag("compromisedAccount")
    suspect = adult and not doubted and not compromised
    person.role = pb.ROLE_SUSPECT if suspect else pb.ROLE_UNKNOWN
    kind = pb.RELATION_KIND_SUSPECT_IN if suspect else pb.RELATION_KIND_OTHER
    words = f"{REPORTED}; the account is said to be compromised" if compromised else REPORTED
    drawing.tie(person.id, incident, kind, words)
    draw_user(node, person, drawing, as_contacts=False)
    if description := node.text("vehicleDescription"):
        vehicle = drawing.add("vehicle", "vehicles")
        vehicle.identity.description = description
        drawing.tie(person.id, vehicle.id, pb.RELATION_KIND_USES)


def draw_recipient(node: Node, drawing: Drawing, incident: str, *, on: date) -> None:
    """Draw somebody for whom the content was meant: a child or an accomplice, which nobody states."""
    person = drawing.add("person", "persons")
    person.role = pb.ROLE_UNKNOWN
    _draw_person(node.node("intendedRecipientPerson"), person, drawing, on=on)
    drawing.tie(person.id, incident, pb.RELATION_KIND_OTHER, RECIPIENT)
    draw_user(node, person, drawing, as_contacts=True)


def draw_victim(node: Node, drawing: Drawing, incident: str, *, on: date) -> None:
    """Draw a victim, presumed to be one; of no stated age, which counts as a minor's."""
    person = drawing.add("person", "persons")
    person.role = pb.ROLE_PRESUMED_VICTIM
    _draw_person(node.node("victimPerson"), person, drawing, on=on)
    drawing.tie(person.id, incident, pb.RELATION_KIND_VICTIM_IN)
    draw_user(node, person, drawing, as_contacts=True)
    for school in node.texts("schoolName"):
        person.workplaces.add(kind=pb.WORKPLACE_KIND_SCHOOL, name=school)


def draw_somebody(kind: pb.ContactKind.ValueType, node: Node, drawing: Drawing, incident: str) -> None:
    """Draw whoever has an address that a report names without saying whose it is: an unknown person, so that
    it is protected as one.
    """
    if not node.text():
        return
    person = drawing.add("person", "persons")
    person.role = pb.ROLE_UNKNOWN
    draw_contact(person, kind, node)
    node.lose(Effect.INVENTED, "an address is somebody's, whose role nobody states")
    drawing.tie(person.id, incident, pb.RELATION_KIND_OTHER, NAMED)


def draw_reporter(node: Node, drawing: Drawing, *, on: date) -> None:
    """Draw who reports: the provider, and the persons who speak for it."""
    provider = drawing.add("organisation", "organisations")
    provider.kind = pb.ORGANISATION_KIND_BUSINESS
    for name in node.texts("companyTemplate"):
        provider.identity.names.append(name)
    for address in node.texts("legalURL"):
        provider.identity.contacts.add(kind=pb.CONTACT_KIND_URL, value=address)
    for title in ("reportingPerson", "contactPerson"):
        for one in node.nodes(title):
            person = drawing.add("person", "persons")
            person.role = pb.ROLE_UNKNOWN
            _draw_person(one, person, drawing, on=on)
            _make_source(person)
            drawing.tie(person.id, provider.id, pb.RELATION_KIND_MEMBER_OF, title)


def draw_law_enforcement(node: Node, drawing: Drawing) -> None:
    """Draw the authority that was told already, with its case number."""
    authority, number = node.text("agencyName"), node.text("caseNumber")
    if number:
        drawing.record.header.case_references.add(number=number, authority=authority or None)
    contact = node.node("officerContact")
    agency = pb.Organisation(kind=pb.ORGANISATION_KIND_LAW_ENFORCEMENT)
    if authority:
        agency.identity.names.append(authority)
    for kind, member in ((pb.CONTACT_KIND_PHONE, "phone"), (pb.CONTACT_KIND_EMAIL, "email")):
        for one in contact.nodes(member):
            draw_contact(agency.identity, kind, one)
    if agency.HasField("identity"):
        drawing.add("organisation", "organisations").MergeFrom(agency)


def _make_source(person: pb.Person) -> None:
    """Tell name and first address of a person as those of a source, whose identity is kept apart."""
    for name in person.names:
        parts = (name.given, name.middle, name.family)
        person.source.name = " ".join(part for part in parts if part)
    del person.names[:]
    if person.contacts:
        person.source.contact.CopyFrom(person.contacts[0])
        del person.contacts[0]


def _draw_person(node: Node, person: pb.Person, drawing: Drawing, *, on: date) -> bool:
    """Draw what a person element says; return whether it states an adult."""
    members = {"given": "firstName", "middle": "middleName", "family": "lastName"}
    parts = {part: text for part, member in members.items() if (text := node.text(member))}
    if parts:
        person.names.add(**parts)
    for kind, member in ((pb.CONTACT_KIND_PHONE, "phone"), (pb.CONTACT_KIND_EMAIL, "email")):
        for one in node.nodes(member):
            draw_contact(person, kind, one)
    for address in node.nodes("address"):
        place = place_of(address)
        if place.ListFields():
            person.addresses.add().place.CopyFrom(place)
    _draw_birth(node.node("dateOfBirth"), person, drawing.today)
    years = _years(node)
    if years is not None and person.HasField("birth"):
        node.lose(Effect.DROPPED, "an age stands beside a birth date, which says it")
    elif years is not None:
        node.lose(Effect.GENERALISED, "the record has bands of age, and no ages")
        person.age_band = age_band(years)
    born_adult = proven_age(person.birth, on) is AgeClass.ADULT
    if years is None:
        return born_adult
    return years >= ADULT_YEARS and (born_adult or not person.HasField("birth"))


def _draw_birth(node: Node, person: pb.Person, today: date) -> None:
    text = node.text()
    match = _WITH_ZONE.fullmatch(text)
    when = read_date(match[1] if match else text, node.path) if text else None
    if when is None:
        return
    if (when.year, when.month or 1, when.day or 1) > (today.year, today.month, today.day):
        raise Malformed("lies ahead", field=node.path, code="bad-date")
    person.birth.CopyFrom(pb.BirthDate(year=when.year, month=when.month or None, day=when.day or None))


def _years(node: Node) -> int | None:
    """Return the age that an element states; nought stands for unknown."""
    stated = node.node("approximateAge" if node.nodes("approximateAge") else "age")
    text = stated.text()
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 4 and int(text) <= _MOST_YEARS):
        raise Malformed(f"is not an age of up to {_MOST_YEARS} years", field=stated.path, code="bad-number")
    if int(text) == 0:
        stated.lose(Effect.DROPPED, "nought may stand for unknown")
        return None
    return int(text)
