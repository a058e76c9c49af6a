"""Persons and their identity documents, read from MISP objects.

Nobody is taken for a suspect who is also called something that has to be protected, unless it is a victim who
is both; whoever has no role that is known here is of unknown role, and protected.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Final

from adapters.countries import alpha2
from adapters.loss import Effect
from adapters.misp import shapes
from adapters.misp.documents_read import draw_documents
from adapters.misp.drawing import draw_own, draw_tags, draw_word, observed, read_date_of, read_day
from adapters.misp.found import Found, FoundObject
from adapters.misp.parts import NAME, PLACE, read_name, read_place
from adapters.misp.paths import path, put_code
from adapters.misp.persons_written import PARTS, ROLES
from adapters.values import is_whole, number_of
from gateway.errors import Malformed
from gateway.record.age import proven_age
from gateway.record.vocabulary import AgeClass
from gateway.v1 import record_pb2 as pb

_ACCUSING: Final = frozenset({"suspect", "accused", "defendent", "defendant", "culprit", "accomplice"})
_EXACT: Final = frozenset({"suspect", "victim", "witness"})
_ACCOMPLICE: Final = "accomplice"
_CONTACTS: Final[Mapping[str, pb.ContactKind.ValueType]] = MappingProxyType(
    {
        "phone-number": pb.CONTACT_KIND_PHONE,
        "fax-number": pb.CONTACT_KIND_PHONE,
        "e-mail": pb.CONTACT_KIND_EMAIL,
        "handle": pb.CONTACT_KIND_SOCIAL_HANDLE,
        "ip-src": pb.CONTACT_KIND_IP,
    }
)
_NOTICE: Final = MappingProxyType(
    {
        "present-family-name": "last-name",
        "forename": "first-name",
        "sex": "gender",
    }
)


def draw_person(found: FoundObject, record: pb.Record, today: date) -> pb.Person:
    """Add a person, and the identity documents that stand in the object.

    Raises:
        Malformed: code `bad-date` for a date that is none, or for a birth after `today`.
    """
    person = record.persons.add(id=found.uuid)
    name = pb.Name()
    for relation, part in PARTS.items():
        # A title alone names nobody; it stands last.
        if (relation != "title" or name.ByteSize()) and (text := found.text(relation)):
            setattr(name, part, text)
    if name.ByteSize():
        if not found.code("proper-kind"):
            name.kind = pb.NAME_KIND_PRIMARY
        _draw_script(name, found.code("name-script"))
        person.names.append(name)
    _draw_role(found, person)
    _draw_birth(found, person, today)
    draw_word(found, "gender", shapes.GENDER, person, path("sex"))
    draw_tags(found, shapes.PERSON_TAGS, person)
    _settle_age(found, person, today)
    for one in found.attributes:
        if not one.taken:
            _draw_one(found, one, person)
    for code in found.own.get("region", ()):
        nationality = pb.Nationality()
        if put_code(nationality, path("region"), code):
            person.nationalities.append(nationality)
        else:
            found.lose(f"{found.path}.Tag", Effect.DROPPED, "is no region")
    draw_documents(found, person, record)
    return person


def draw_notice(found: FoundObject, record: pb.Record, today: date) -> pb.Person:
    """Add the person that a notice speaks of. Its colour says why somebody is sought, and gives no role."""
    renamed = [replace(one, relation=_NOTICE.get(one.relation, one.relation)) for one in found.attributes]
    found = replace(found, attributes=renamed)
    while one := found.first("charges"):
        found.lose(f"{one.path}.value", Effect.DROPPED, "a charge in a notice is no offence of the record")
    return draw_person(found, record, today)


def _draw_role(found: FoundObject, person: pb.Person) -> None:
    words: dict[str, Found] = {}
    while one := found.first("role"):
        words[one.value.casefold()] = one
    if found.code("role"):
        stated = number_of(person, "role", found.code("role"))
        # A tag makes nobody a suspect whom the words beside it call something else.
        said = {word.casefold() for word in ROLES.get(pb.Role.ValueType(stated or 0), ())}
        if stated is not None and words.keys() - {_ACCOMPLICE} == said:
            person.role = pb.Role.ValueType(stated)
            return
        found.lose(f"{found.path}.Tag", Effect.DROPPED, "the role of the tag is not that of the words")
    accused = not _ACCUSING.isdisjoint(words)
    others = words.keys() - _ACCUSING
    if "victim" in others:
        person.role = pb.ROLE_VICTIM_AND_SUSPECT if accused else pb.ROLE_VICTIM
    elif accused:
        person.role = pb.ROLE_UNKNOWN if others else pb.ROLE_SUSPECT
    else:
        person.role = pb.ROLE_WITNESS if "witness" in others else pb.ROLE_UNKNOWN
    settled = person.role != pb.ROLE_UNKNOWN
    for word, role in words.items():
        if not (settled and word in _EXACT) or (word == "witness" and person.role != pb.ROLE_WITNESS):
            effect = Effect.GENERALISED if settled and word in _ACCUSING else Effect.DROPPED
            found.lose(f"{role.path}.value", effect, "the word has no equal among the roles of a person")


def _draw_birth(found: FoundObject, person: pb.Person, today: date) -> None:
    one = found.first("date-of-birth")
    born = read_date_of(found, one) if one else None
    if born is None and not found.code("birth-age-band"):
        born = read_day(found.code("birth")) if found.code("birth") else None
    if born is None:
        return
    if one and not is_whole(born):
        found.lose(f"{one.path}.value", Effect.GENERALISED, "the date is kept as far as it is known")
    if (born.year, born.month or 1, born.day or 1) > (today.year, today.month, today.day):
        raise Malformed("lies in the future", field=one.path if one else found.path, code="bad-date")
    for name in ("year", "month", "day"):
        if born.HasField(name):
            setattr(person.birth, name, getattr(born, name))


def _settle_age(found: FoundObject, person: pb.Person, today: date) -> None:
    """Leave out what our tags say of an age where the birth date says otherwise: then nothing is proved."""
    if person.birth.HasField("age_band") and person.birth.HasField("year"):
        person.birth.ClearField("age_band")
    band = proven_age(pb.BirthDate(age_band=person.age_band), today) if person.age_band else AgeClass.UNKNOWN
    status = {pb.AGE_STATUS_MINOR: AgeClass.MINOR, pb.AGE_STATUS_ADULT: AgeClass.ADULT}.get(person.age_status)
    if {AgeClass.MINOR, AgeClass.ADULT} <= {proven_age(person.birth, today), band, status}:
        person.ClearField("age_status")
        person.ClearField("age_band")
        found.lose(f"{found.path}.Tag", Effect.DROPPED, "an age that contradicts the birth date is left out")


def _draw_one(found: FoundObject, one: Found, person: pb.Person) -> None:
    """Set what a person may have several of, in the order in which it stands."""
    one.taken = True
    if one.relation == "alias":
        _draw_alias(found, one, person)
    elif one.relation == "nationality":
        country = alpha2(one.value)
        if country is None:
            found.lose(f"{one.path}.value", Effect.DROPPED, "is no country known here")
        else:
            person.nationalities.add(country=country)
    elif one.relation == "place-of-birth" and not person.HasField("birth_place"):
        read_place(one.value, one.own.get(PLACE, ""), person.birth_place)
    elif one.relation == "address":
        _draw_address(found, one, person)
    elif one.relation in _CONTACTS:
        _draw_contact(found, one, person)
    elif one.relation == "occupation":
        workplace = person.workplaces.add(occupation=one.value)
        draw_own(found, one, "workplace", workplace, "kind")
    elif one.relation == "portrait":
        _draw_portrait(one, person)
    else:
        one.taken = False


def _draw_alias(found: FoundObject, one: Found, person: pb.Person) -> None:
    if one.own.get("name") == "pseudonym" and not person.foreign_pseudonym:
        person.foreign_pseudonym = one.value
        return
    name = (person.names if one.own.get("name") == "other" else person.aliases).add()
    read_name(one.value, one.own.get(NAME, ""), name)
    if "name-kind" in one.own:
        draw_own(found, one, "name-kind", name, "kind")
    else:
        name.kind = pb.NAME_KIND_ALIAS
    _draw_script(name, one.own.get("script", ""))


def _draw_script(name: pb.Name, script: str) -> None:
    if len(script) == 4 and script.isascii() and script.isalpha() and script == script.title():
        name.script = script


def _draw_address(found: FoundObject, one: Found, person: pb.Person) -> None:
    address = person.addresses.add()
    read_place(one.value, one.own.get(PLACE, ""), address.place)
    for name in ("current", "since", "until"):
        draw_own(found, one, name, address, name)


def _draw_contact(found: FoundObject, one: Found, person: pb.Person) -> None:
    contact = person.contacts.add(kind=_CONTACTS[one.relation], value=one.value)
    if "contact-kind" in one.own:
        contact.ClearField("kind")
        draw_own(found, one, "contact-kind", contact, "kind")
    draw_own(found, one, "country", contact, "country")
    if one.own.get("comment") == "provider":
        contact.provider = one.comment
    seen = observed(one, found)
    if code := one.own.get("seen"):
        stated = read_day(code)
        if stated is not None and seen is None:
            contact.seen.date.CopyFrom(stated)
    if seen is not None:
        contact.seen.CopyFrom(seen)


def _draw_portrait(one: Found, person: pb.Person) -> None:
    if one.own.get("portrait") == "face":
        biometric = person.biometrics.add(kind=pb.BIOMETRIC_KIND_FACE, reference=one.value)
        if one.comment:
            biometric.system = one.comment
    else:
        image = person.images.add(reference=one.value)
        if one.comment:
            image.caption = one.comment
    one.own["comment"] = "caption"  # taken along
