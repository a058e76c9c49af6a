"""A person of a message, read into a record; nobody becomes a suspect who is not called one."""

from __future__ import annotations

import re
from datetime import date
from typing import Final

from adapters.europol.codes import (
    ALIASES,
    NAME_KINDS,
    ROLES,
    SEXES,
    number_of_code,
    read_age_band,
    read_role,
)
from adapters.europol.leaves import Form, Leaf
from adapters.europol.leaves_in import read_leaf
from adapters.europol.nodes import Node
from adapters.europol.reading import Reading
from adapters.europol.remark import read_lines
from adapters.europol.tables import PERSON_LINES
from adapters.loss import Effect
from adapters.values import number_of
from gateway.errors import Malformed
from gateway.record.age import proven_age
from gateway.record.vocabulary import AgeClass
from gateway.v1 import record_pb2 as pb

_SCRIPT: Final = re.compile("[A-Z][a-z]{3}")


def read_person(reading: Reading, node: Node, person: pb.Person) -> str:
    """Read a person, and return what the remark says beside its lines.

    Raises:
        Malformed: code `contradiction`: the birth date and the age band cannot both be; `bad-date`.
    """
    rest = read_lines(node, person, PERSON_LINES, node.raw("Remark"))
    _role(node, person)
    for one in node.nodes("Name"):
        _name(one, person)
    _birth(node, person, reading.today)
    read_leaf(node, person, Leaf("BirthPlace", "birth_place.town"), node.texts("BirthPlace"))
    read_leaf(
        node, person, Leaf("BirthCountry", "birth_place.country", Form.COUNTRY), node.texts("BirthCountry")
    )
    if sex := number_of_code(SEXES, node.text("Sex")):
        person.sex = pb.Sex.ValueType(sex)
    for text in node.texts("Nationality"):
        nationality = pb.Nationality()
        read_leaf(node, nationality, Leaf("Nationality", "country", Form.COUNTRY), [text])
        if nationality.country:
            person.nationalities.append(nationality)
    read_leaf(node, person, Leaf("Pseudonym", "foreign_pseudonym"), node.texts("Pseudonym"))
    anonymity = Leaf("AnonymityGuaranteed", "safety.anonymity_guaranteed", Form.FLAG)
    read_leaf(node, person, anonymity, node.texts("AnonymityGuaranteed"))
    for one in node.nodes("BiometricReference"):
        _biometric(one, person)
    read_leaf(node, person, Leaf("Feature", "description.marks"), node.texts("Feature"))
    return rest


def _role(node: Node, person: pb.Person) -> None:
    codes = node.texts("Role")
    role, exact = read_role(codes)
    # A line may only say more exactly what the codes say already.
    told = person.role
    if told and ROLES.get(told) == tuple(dict.fromkeys(codes)):
        role, exact = told, True
    person.role = role
    if not exact:
        for code in codes:
            node.words.append(("Role", code))
        node.lose(
            "Role", Effect.KEPT_AS_EXTENSION, "is read as a role that says less; its word is kept in a text"
        )


def _name(node: Node, person: pb.Person) -> None:
    kind = node.attribute("kind")
    name = pb.Name()
    for tag, part in (("FamilyName", "family"), ("GivenName", "given"), ("FullName", "full")):
        read_leaf(node, name, Leaf(tag, part), node.texts(tag))
    if not name.ByteSize():
        return
    if number := number_of_code(NAME_KINDS, kind):
        name.kind = pb.NameKind.ValueType(number)
    script = node.attribute("script")
    if _SCRIPT.fullmatch(script):
        name.script = script
    elif script:
        node.keep("script", script)
    (person.aliases if kind in ALIASES else person.names).append(name)


def _birth(node: Node, person: pb.Person, today: date | None) -> None:
    read_leaf(node, person, Leaf("BirthDate", "birth", Form.DATE), node.texts("BirthDate"))
    born = person.birth
    if today and (born.year, born.month or 1, born.day or 1) > (today.year, today.month, today.day):
        raise Malformed("lies ahead", field=node.where("BirthDate"), code="bad-date")
    text = node.text("AgeBand")
    if not text:
        return
    found = read_age_band(text)
    if found is None:
        node.keep("AgeBand", text)
        return
    band, exact = found
    person.age_band = pb.AgeBand.ValueType(band)
    if not exact:
        node.lose("AgeBand", Effect.GENERALISED, "is read as the narrowest band of ours that holds it")
    if today is None:
        return
    ages = {proven_age(born, today), proven_age(pb.BirthDate(age_band=person.age_band), today)}
    if {AgeClass.MINOR, AgeClass.ADULT} <= ages:
        raise Malformed("contradicts the birth date", field=node.where("AgeBand"), code="contradiction")


def _biometric(node: Node, person: pb.Person) -> None:
    biometric = pb.BiometricReference()
    kind, reference = node.attribute("kind"), node.attribute("reference")
    if kind:
        number = number_of(biometric, "kind", kind)
        if number is None:
            node.keep("kind", kind)
        biometric.kind = pb.BiometricKind.ValueType(number or pb.BIOMETRIC_KIND_OTHER)
    if reference:
        biometric.reference = reference
    if biometric.ByteSize():
        person.biometrics.append(biometric)
