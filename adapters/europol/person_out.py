"""A person of a view, written as an element."""

from __future__ import annotations

from lxml import etree

from adapters.europol.codes import AGE_BANDS, AGE_STATUS, NAME_KINDS, ROLES, SEXES
from adapters.europol.leaves import Leaf, write_leaf
from adapters.europol.tables import PERSON_LINES
from adapters.europol.writing import Writing, add, umf
from adapters.values import token, write_date
from adapters.xml import Element, xml_text
from gateway.v1 import record_pb2 as pb

_TOLD_IN_A_LINE = (pb.ROLE_PRESUMED_VICTIM, pb.ROLE_FAMILY_OF_VICTIM)
"""Roles that share their code with another one."""


def write_person(writing: Writing, person: pb.Person, path: str) -> None:
    """Add a person, in every code of the role; nobody's code says more than the role does."""
    lines = [line for line in PERSON_LINES if line.path != "role" or person.role in _TOLD_IN_A_LINE]
    element = writing.begin("Person", person, path, lines)
    for code in ROLES.get(person.role, ROLES[pb.ROLE_UNKNOWN]):
        add(element, "Role", code)
    for name in person.names:
        _name(element, name, NAME_KINDS.get(name.kind, ""))
    for alias in person.aliases:
        _name(element, alias, NAME_KINDS.get(alias.kind, "ALIAS"))
    add(element, "BirthDate", write_date(person.birth))
    add(element, "AgeBand", _age_band(person))
    _several(element, person, Leaf("BirthPlace", "birth_place.town"))
    if person.birth_place.country:
        add(element, "BirthCountry", person.birth_place.country)
    add(element, "Sex", SEXES.get(person.sex, ""))
    for nationality in person.nationalities:
        add(element, "Nationality", nationality.country)
    add(element, "Pseudonym", person.foreign_pseudonym)
    if person.safety.HasField("anonymity_guaranteed"):
        add(element, "AnonymityGuaranteed", "true" if person.safety.anonymity_guaranteed else "false")
    for biometric in person.biometrics:
        one = etree.SubElement(element, umf("BiometricReference"))
        one.set("kind", token(biometric, "kind").upper().replace("-", "_"))
        one.set("reference", xml_text(biometric.reference))
    _several(element, person, Leaf("Feature", "description.marks"))


def _several(element: Element, person: pb.Person, leaf: Leaf) -> None:
    for text in write_leaf(person, leaf):
        add(element, leaf.name, text)


def _name(element: Element, name: pb.Name, kind: str) -> None:
    parts = (("FamilyName", name.family), ("GivenName", name.given), ("FullName", name.full))
    if not any(text for _, text in parts):
        return
    one = etree.SubElement(element, umf("Name"))
    if kind:
        one.set("kind", kind)
    if name.script:
        one.set("script", xml_text(name.script))
    for tag, text in parts:
        add(one, tag, text)


def _age_band(person: pb.Person) -> str:
    """Return the band of a person; without one, what a coarser birth date or an age status comes to."""
    band = AGE_BANDS.get(person.age_band or person.birth.age_band, "")
    return band or ("" if person.birth.year else AGE_STATUS.get(person.age_status, ""))
