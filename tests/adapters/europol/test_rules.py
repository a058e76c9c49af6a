"""What a SIENA-like message may not say, each refusal beside its permission."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lxml import etree

from adapters.adapter import View
from adapters.europol.rules import CATEGORIES
from adapters.europol.siena import EuropolSiena
from adapters.europol.umf import EuropolUmf
from gateway.errors import Malformed, Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.europol.samples import HANDLING, PARTIES, read, read_siena, siena, umf
from tests.adapters.views import EVERY, Format
from tests.reference import reference

_BOTH = pytest.mark.parametrize("message", [EuropolUmf(), EuropolSiena()], ids=lambda one: str(one.name))


def _view(role: pb.Role.ValueType, purpose: str = "18.2.a", **fields: Any) -> View:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=role, **fields)
    record.header.purposes_in_words.append(purpose)
    return View(record=record)


def _code(message: Format, view: View) -> str:
    with pytest.raises(Refused) as refusal:
        message.render([view], form="xml", allowed=EVERY)
    return refusal.value.code


_ADULT: dict[str, Any] = {"age_status": pb.AGE_STATUS_ADULT}


@_BOTH
@pytest.mark.parametrize("role", [pb.ROLE_SUSPECT, pb.ROLE_VICTIM_AND_SUSPECT])
def test_suspect_of_full_age_may_be_cross_checked(message: Format, role: pb.Role.ValueType) -> None:
    assert message.render([_view(role, **_ADULT)], form="xml", allowed=EVERY).data


@_BOTH
@pytest.mark.parametrize(
    "role",
    [
        *(pb.ROLE_VICTIM, pb.ROLE_PRESUMED_VICTIM, pb.ROLE_WITNESS, pb.ROLE_FAMILY_OF_VICTIM),
        *(pb.ROLE_THIRD_PARTY, pb.ROLE_UNKNOWN, pb.ROLE_UNSPECIFIED),
    ],
)
def test_nobody_but_a_suspect_may_be_cross_checked(message: Format, role: pb.Role.ValueType) -> None:
    assert _code(message, _view(role, **_ADULT)) == "purpose-not-allowed"
    assert message.render([_view(role, "18.2.d", **_ADULT)], form="xml", allowed=EVERY).data


@_BOTH
@pytest.mark.parametrize(
    "age",
    [
        {"age_status": pb.AGE_STATUS_MINOR},
        {"age_status": pb.AGE_STATUS_UNKNOWN},
        {"age_band": pb.AGE_BAND_15_17},
        {"age_band": pb.AGE_BAND_0_17, **_ADULT},
        {"birth": pb.BirthDate(age_band=pb.AGE_BAND_9_14)},
        {"birth": pb.BirthDate(year=2014)},
        {},
    ],
)
def test_suspect_who_is_not_proved_to_be_an_adult_may_not_be_cross_checked(
    message: Format, age: dict[str, Any]
) -> None:
    assert _code(message, _view(pb.ROLE_SUSPECT, **age)) == "purpose-not-allowed"


@_BOTH
@pytest.mark.parametrize(
    "age",
    [
        {"age_band": pb.AGE_BAND_18_20},
        {"birth": pb.BirthDate(age_band=pb.AGE_BAND_18_PLUS)},
        {"birth": pb.BirthDate(year=1979)},
    ],
)
def test_suspect_whose_age_is_proved_may_be_cross_checked(message: Format, age: dict[str, Any]) -> None:
    assert message.render([_view(pb.ROLE_SUSPECT, **age)], form="xml", allowed=EVERY).data


@_BOTH
@pytest.mark.parametrize("purpose", ["18.2.a: all", " 18.2.a ", "18.2.a cross-checking"])
def test_cross_checking_is_known_however_it_is_worded(message: Format, purpose: str) -> None:
    assert _code(message, _view(pb.ROLE_VICTIM, purpose)) == "purpose-not-allowed"


@pytest.mark.parametrize("role", ["VICTIM", "WITNESS", "CONTACT", "ASSOCIATE", "INFORMANT", "OTHER"])
def test_message_that_cross_checks_somebody_else_is_not_read(role: str) -> None:
    person = f"<Person id='p1'><Role>{role}</Role></Person>"
    for parse, data in (
        (read_siena, siena(person, purposes="<Purpose code='18.2.a'/>")),
        (read, umf(person, head=f"{PARTIES}<Purpose>18.2.a</Purpose>{HANDLING}")),
    ):
        with pytest.raises(Malformed) as refusal:
            parse(data)
        assert (refusal.value.code, refusal.value.field) == ("purpose-not-allowed", "Entities.Person[1]")
    assert read_siena(siena(person, purposes="<Purpose code='18.2.b'/>")).record.persons


@pytest.mark.parametrize("role", ["SUSPECT", "CONVICTED", "POTENTIAL_OFFENDER"])
def test_message_that_cross_checks_an_offender_is_read_unless_it_is_a_minor(role: str) -> None:
    purpose = "<Purpose code='18.2.a'/>"
    grown = f"<Person id='p1'><Role>{role}</Role><BirthDate>1979</BirthDate></Person>"
    young = grown.replace("1979", "2020")
    band = f"<Person id='p1'><Role>{role}</Role><AgeBand>15-17</AgeBand></Person>"

    assert list(read_siena(siena(grown, purposes=purpose)).record.header.purposes_in_words) == ["18.2.a"]
    for person in (young, band):
        with pytest.raises(Malformed) as refusal:
            read_siena(siena(person, purposes=purpose))
        assert refusal.value.code == "purpose-not-allowed"


def test_operational_analysis_names_its_project() -> None:
    record = _view(pb.ROLE_SUSPECT, "18.2.c: AP Made-up")
    root = etree.fromstring(EuropolSiena().render([record], form="xml", allowed=EVERY).data)

    purpose: Any = root.find(".//{*}Purpose")
    assert {**purpose.attrib} == {"code": "18.2.c", "analysisProject": "AP Made-up"}
    assert _code(EuropolSiena(), _view(pb.ROLE_SUSPECT, "18.2.c")) == "incomplete"


def test_operational_analysis_without_its_project_is_not_read() -> None:
    named = "<Purpose code='18.2.c' analysisProject='AP Made-up'>why</Purpose>"

    assert list(read_siena(siena(purposes=named)).record.header.purposes_in_words) == [
        "18.2.c: AP Made-up",
        "why",
    ]
    with pytest.raises(Malformed) as refusal:
        read_siena(siena(purposes="<Purpose code='18.2.c'/>"))
    assert (refusal.value.code, refusal.value.field) == ("incomplete", "Message.Header.Purpose")


@pytest.mark.parametrize(
    ("codes", "text", "code"),
    [
        (("H0",), "", ""),
        (("H1", "H2"), "", ""),
        (("H1", "H2", "H3"), "Ask.", ""),
        (("H0", "H1"), "", "contradiction"),
        (("H0", "H3"), "Ask.", "contradiction"),
        (("H3",), "", "incomplete"),
        (("H3",), "  ", "incomplete"),
    ],
)
def test_h0_stands_alone_and_h3_needs_a_text(codes: tuple[str, ...], text: str, code: str) -> None:
    handling = "".join(f"<u:Code>{one}</u:Code>" for one in codes)
    handling += f"<u:Text>{text}</u:Text>" if text else ""
    inner = f"<Handling>{handling.replace('u:', '')}</Handling>"
    person = f"<Person id='p1'>{inner}<Role>SUSPECT</Role></Person>"
    for data in (siena(handling=handling), siena(person)):
        if not code:
            assert read_siena(data).record.header.source_handling.codes
            continue
        with pytest.raises(Malformed) as refusal:
            read_siena(data)
        assert refusal.value.code == code


def _subjects(category: str, person: str = "p1") -> str:
    return f"<DataSubjects><DataSubject person='{person}' category='{category}'/></DataSubjects>"


def test_categories_are_those_of_the_regulation() -> None:
    table = json.loads(reference("europol-like/data-subject-categories.json").read_text())

    assert set(CATEGORIES) == set(table["categories"])
    assert {*table["cross_checking_only"]} == {"suspect_or_convicted", "potential_offender"}


@pytest.mark.parametrize(("category", "roles"), CATEGORIES.items())
def test_category_agrees_with_a_role(category: str, roles: frozenset[str]) -> None:
    every = {role for one in CATEGORIES.values() for role in one} | {"OTHER"}
    for role in sorted(every):
        data = siena(f"<Person id='p1'><Role>{role}</Role></Person>", body=_subjects(category))
        if role in roles:
            assert read_siena(data).record.persons
            continue
        with pytest.raises(Malformed) as refusal:
            read_siena(data)
        assert refusal.value.code == "contradiction"


def test_category_of_nobody_is_refused() -> None:
    with pytest.raises(Malformed) as refusal:
        read_siena(siena(body=_subjects("victim", "p9")))

    assert refusal.value.code == "dangling-reference"


@pytest.mark.parametrize(
    ("role", "categories"),
    [
        (pb.ROLE_VICTIM, ["victim"]),
        (pb.ROLE_PRESUMED_VICTIM, ["victim"]),
        (pb.ROLE_WITNESS, ["witness"]),
        (pb.ROLE_SUSPECT, ["suspect_or_convicted"]),
        (pb.ROLE_VICTIM_AND_SUSPECT, ["suspect_or_convicted", "victim"]),
        (pb.ROLE_THIRD_PARTY, ["contact_or_associate"]),
        (pb.ROLE_UNKNOWN, []),
        (pb.ROLE_UNSPECIFIED, []),
    ],
)
def test_every_person_whose_role_is_known_has_a_category(
    role: pb.Role.ValueType, categories: list[str]
) -> None:
    data = EuropolSiena().render([_view(role, "18.2.d")], form="xml", allowed=EVERY).data

    found = etree.fromstring(data).iterfind(".//{*}DataSubject")
    assert sorted(str(one.get("category")) for one in found) == sorted(categories)
