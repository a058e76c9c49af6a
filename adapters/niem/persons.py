"""Persons: victims of trafficking, subjects and witnesses by their element, anybody else as a person.

In NIEM 6.0 a role is an element of its own that extends the person; the same person in two roles bears the
same `structures:uri`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.countries import alpha2
from adapters.loss import Effect
from adapters.niem.codes import SEX
from adapters.niem.contacts import read_contact, write_contact
from adapters.niem.elements import Part, add, add_date, add_text, prune
from adapters.values import number_of, token
from adapters.xml import Element
from gateway.v1 import record_pb2 as pb

VICTIM: Final = "hs:HumanTraffickingVictim"
SUBJECT: Final = "j:Subject"
WITNESS: Final = "j:Witness"
PERSON: Final = "nc:Person"
PERSONS: Final = (VICTIM, "j:Victim", SUBJECT, WITNESS, PERSON)

_ROLES: Final[Mapping[str, int]] = MappingProxyType(
    {
        VICTIM: pb.ROLE_VICTIM,
        "j:Victim": pb.ROLE_VICTIM,
        SUBJECT: pb.ROLE_SUSPECT,
        WITNESS: pb.ROLE_WITNESS,
        PERSON: pb.ROLE_UNKNOWN,
    }
)
_NAME_PARTS: Final = (
    ("nc:PersonNamePrefixText", "title"),
    ("nc:PersonGivenName", "given"),
    ("nc:PersonMiddleName", "middle"),
    ("nc:PersonSurName", "family"),
    ("nc:PersonFullName", "full"),
)
_CATEGORY: Final = "nc:PersonNameCategoryText"
_PROSPECTIVE: Final = ("hs:ProspectiveVictimStatus", "hs:ProspectiveVictimIndicator")
_IDENTIFIED: Final = ("hs:IdentifiedAsVictimStatus", "hs:IdentifiedAsVictimIndicator")
_AGE: Final = "nc:PersonAgeDescriptionText"
_BY_BIRTH: Final = " by date of birth"
_PSEUDONYM: Final = "pseudonym"
_BIOMETRIC: Final = "biometric "
_CITIZENSHIP: Final = "nc:PersonCitizenshipISO3166Alpha2Code"


def element_of(person: pb.Person) -> str:
    """Return the element of a person's role; who is a victim and a suspect stands as a victim."""
    if person.role in (pb.ROLE_VICTIM, pb.ROLE_PRESUMED_VICTIM, pb.ROLE_VICTIM_AND_SUSPECT):
        return VICTIM
    return {pb.ROLE_SUSPECT: SUBJECT, pb.ROLE_WITNESS: WITNESS}.get(person.role, PERSON)


def read_person(part: Part, person: pb.Person) -> None:
    """Read a person; without an element that says so nobody is a suspect.

    Raises:
        Malformed: code `bad-date`, `bad-type`.
    """
    person.role = pb.Role.ValueType(_ROLES[part.name])
    prospective, identified = _says(part, _PROSPECTIVE), _says(part, _IDENTIFIED)
    if prospective and not identified and person.role == pb.ROLE_VICTIM:
        person.role = pb.ROLE_PRESUMED_VICTIM
    for element, names in (("nc:PersonName", person.names), ("nc:PersonAlternateName", person.aliases)):
        found = [_read_name(told) for told in part.parts(element)]
        names.extend(one for one in found if one.given or one.family or one.middle or one.full)
    _read_age(part, person)
    _read_sex(part, person)
    _read_citizenship(part, person)
    for told in part.parts("nc:PersonPrimaryContactInformation", "nc:PersonContactInformation"):
        contact = read_contact(told, pb.Contact())
        if contact.ByteSize():
            person.contacts.append(contact)


def _says(part: Part, names: tuple[str, str]) -> bool:
    status, indicator = names
    return any(one.text(indicator).lower() in ("true", "1") for one in part.parts(status))


def _read_age(part: Part, person: pb.Person) -> None:
    born = part.day("nc:PersonBirthDate")
    if born is not None:
        for known, value in born.ListFields():
            setattr(person.birth, known.name, value)
    band = part.text(_AGE)
    number = number_of(person, "age_band", band.removesuffix(_BY_BIRTH)) if band else None
    if number and band.endswith(_BY_BIRTH) and born is None:
        person.birth.age_band = pb.AgeBand.ValueType(number)
    elif number:
        person.age_band = pb.AgeBand.ValueType(number)
    elif band:
        part.lose(_AGE, Effect.DROPPED, "is no age band of a record")


def _read_name(part: Part) -> pb.Name:
    name = pb.Name()
    for element, known in _NAME_PARTS:
        if text := part.joined(element, part.texts(element), separator=" "):
            setattr(name, known, text)
    if script := part.script():
        name.script = script
    word = part.text(_CATEGORY, "nc:PersonNameCategoryCode")
    kind = number_of(name, "kind", word) if word else None
    if kind:
        name.kind = pb.NameKind.ValueType(kind)
    elif word:
        part.lose(_CATEGORY, Effect.DROPPED, "is no kind of name of a record")
    return name


def _read_sex(part: Part, person: pb.Person) -> None:
    code = part.text("nc:PersonSexCode", "nc:PersonSexText").upper()
    sex = next((one for one, word in SEX.items() if word == code), 0)
    if sex:
        person.sex = pb.Sex.ValueType(sex)
    elif code:
        part.lose("nc:PersonSexCode", Effect.DROPPED, "the code has no equal")


def _read_citizenship(part: Part, person: pb.Person) -> None:
    for text in part.texts(_CITIZENSHIP, "nc:PersonCitizenshipISO3166Alpha3Code", "nc:PersonCitizenshipText"):
        country = alpha2(text)
        if country:
            person.nationalities.add(country=country)
        else:
            part.lose(_CITIZENSHIP, Effect.DROPPED, "is no country known here")


def write_person(parent: Element, person: pb.Person) -> Element:
    """Write a person as the element of the role, and return it."""
    node = add(parent, element_of(person))
    for name in person.names:
        _write_name(node, "nc:PersonName", name)
    for name in person.aliases:
        _write_name(node, "nc:PersonAlternateName", name)
    add_date(node, "nc:PersonBirthDate", person.birth)
    _write_stand_in(node, person)
    add_text(node, "nc:PersonSexCode", SEX.get(person.sex, ""))
    for nationality in person.nationalities:
        if alpha2(nationality.country) == nationality.country:
            add_text(node, _CITIZENSHIP, nationality.country)
    for biometric in person.biometrics:
        _write_biometric(node, biometric)
    for contact in person.contacts:
        told = add(node, "nc:PersonPrimaryContactInformation")
        write_contact(told, contact)
        prune(told)
    if person.role == pb.ROLE_PRESUMED_VICTIM:
        add(add(node, _PROSPECTIVE[0]), _PROSPECTIVE[1], "true")
    elif element_of(person) == VICTIM:
        add(add(node, _IDENTIFIED[0]), _IDENTIFIED[1], "true")
    return node


def _write_stand_in(node: Element, person: pb.Person) -> None:
    """Write what stands for a person whose name and date of birth were taken out."""
    if person.age_band:
        add_text(node, _AGE, token(person, "age_band"))
    elif person.birth.age_band:
        add_text(node, _AGE, f"{token(person.birth, 'age_band')}{_BY_BIRTH}")
    if person.foreign_pseudonym:
        told = add(node, "nc:PersonOtherIdentification")
        add_text(told, "nc:IdentificationID", person.foreign_pseudonym)
        add_text(told, "nc:IdentificationCategoryText", _PSEUDONYM)


def _write_name(parent: Element, element: str, name: pb.Name) -> None:
    if not (name.given or name.family or name.middle or name.full):
        return
    node = add(parent, element, lang=f"und-{name.script}" if name.script else "")
    for known, held in _NAME_PARTS:
        add_text(node, known, getattr(name, held))
    add_text(node, _CATEGORY, token(name, "kind"))


def read_identification(part: Part, person: pb.Person) -> bool:
    """Read an identification as a pseudonym or a biometric reference; return whether it is either."""
    category = part.text("nc:IdentificationCategoryText")
    if category == _PSEUDONYM and not person.foreign_pseudonym:
        person.foreign_pseudonym = part.text("nc:IdentificationID")
        if not person.foreign_pseudonym:
            person.ClearField("foreign_pseudonym")
        return True
    if not category.startswith(_BIOMETRIC):
        return False
    found = pb.BiometricReference()
    kind = number_of(found, "kind", category.removeprefix(_BIOMETRIC))
    if kind:
        found.kind = pb.BiometricKind.ValueType(kind)
    if reference := part.text("nc:IdentificationID"):
        found.reference = reference
    if system := part.text("nc:IdentificationSourceText"):
        found.system = system
    if found.ByteSize():
        person.biometrics.append(found)
    return True


def _write_biometric(parent: Element, biometric: pb.BiometricReference) -> None:
    node = add(parent, "nc:PersonOtherIdentification")
    add_text(node, "nc:IdentificationID", biometric.reference)
    add_text(node, "nc:IdentificationCategoryText", f"{_BIOMETRIC}{token(biometric, 'kind') or 'sample'}")
    add_text(node, "nc:IdentificationSourceText", biometric.system)


def merge_role(part: Part, person: pb.Person) -> None:
    """Give a person who stands in two elements the role that both say; the one that protects more is kept."""
    found, before = _ROLES[part.name], person.role
    victims = (pb.ROLE_VICTIM, pb.ROLE_PRESUMED_VICTIM, pb.ROLE_VICTIM_AND_SUSPECT)
    if pb.ROLE_SUSPECT in (found, before) and (found in victims or before in victims):
        person.role = pb.ROLE_VICTIM_AND_SUSPECT
    elif before in (pb.ROLE_UNKNOWN, pb.ROLE_SUSPECT) and found != pb.ROLE_UNKNOWN:
        person.role = pb.Role.ValueType(found)
