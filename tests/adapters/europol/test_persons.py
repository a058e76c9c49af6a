"""Persons: nobody becomes a suspect by being written and read, and nothing becomes more precise."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given, settings

from adapters.adapter import View
from adapters.europol.codes import AGE_BANDS, ROLES
from adapters.europol.siena import EuropolSiena
from adapters.europol.umf import EuropolUmf
from adapters.loss import Effect
from gateway.errors import Malformed, Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.europol.samples import effects, lost, read, texts, umf, written
from tests.adapters.europol.views import views
from tests.adapters.views import EVERY, Format, reading

_ACCUSED = (pb.ROLE_SUSPECT, pb.ROLE_VICTIM_AND_SUSPECT)
_UNPROTECTED = (pb.ROLE_SUSPECT, pb.ROLE_THIRD_PARTY)
_CODES = ("SUSPECT", "CONVICTED", "POTENTIAL_OFFENDER", "VICTIM", "WITNESS", "CONTACT", "ASSOCIATE")


def _person(inner: str, *, roles: str = "<Role>VICTIM</Role>", remark: str = "") -> pb.Person:
    note = f"<Remark>{remark}</Remark>" if remark else ""
    return read(umf(f"<Person id='p1'>{note}{roles}{inner}</Person>")).record.persons[0]


def _roles(*codes: str, remark: str = "") -> pb.Role.ValueType:
    return _person("", roles="".join(f"<Role>{code}</Role>" for code in codes), remark=remark).role


@pytest.mark.parametrize("message", [EuropolUmf(), EuropolSiena()], ids=lambda one: str(one.name))
@given(view=views())
@settings(max_examples=50, deadline=None)
def test_nobody_becomes_a_suspect_or_loses_protection(message: Format, view: View) -> None:
    try:
        rendered = message.render([view], form="xml", allowed=EVERY)
    except Refused:
        return

    read_as = {person.id: person.role for person in reading(message, view, rendered).persons}
    for person in view.record.persons:
        role = read_as[person.id]
        assert role == (person.role or pb.ROLE_UNKNOWN)
        assert (role in _ACCUSED) is (person.role in _ACCUSED)
        assert (role in _UNPROTECTED) is (person.role in _UNPROTECTED)


@pytest.mark.parametrize(("role", "codes"), ROLES.items())
def test_every_role_has_codes_and_comes_back(role: pb.Role.ValueType, codes: tuple[str, ...]) -> None:
    record = pb.Record()
    person = record.persons.add(id="person/aaaaaaaaaa")
    if role:
        person.role = role

    assert texts(written(record), "Person/Role") == list(codes)
    expected = {} if role else {"persons[0].role": Effect.INVENTED}
    told = role in (pb.ROLE_PRESUMED_VICTIM, pb.ROLE_FAMILY_OF_VICTIM)
    assert lost(record) == ({"persons[0].role": Effect.KEPT_AS_EXTENSION} if told else expected)


@pytest.mark.parametrize("several", [*combinations(_CODES, 1), *combinations(_CODES, 2)])
def test_what_protects_goes_before_what_accuses(several: tuple[str, ...]) -> None:
    role = _roles(*several)

    if "VICTIM" in several:
        both = {"SUSPECT", "CONVICTED"} & {*several}
        assert role == (pb.ROLE_VICTIM_AND_SUSPECT if both else pb.ROLE_VICTIM)
    elif "WITNESS" in several:
        assert role == pb.ROLE_WITNESS
    assert role not in _ACCUSED or {"SUSPECT", "CONVICTED"} & {*several}


@pytest.mark.parametrize("code", ["POTENTIAL_OFFENDER", "INFORMANT", "CONTACT", "CONVICTED"])
def test_role_that_is_read_as_less_is_kept_as_a_word(code: str) -> None:
    draft = read(umf(f"<Person id='p1'><Role>{code}</Role></Person>"))

    assert draft.record.narratives[0].text == f"Role as written: {code}"
    assert list(draft.record.narratives[0].subjects) == ["p1"]
    assert effects(draft) == {"Entities.Person[1].Role": Effect.KEPT_AS_EXTENSION}


@pytest.mark.parametrize("remark", ["Role: suspect", "Role: victim-and-suspect", "Role: third-party"])
@pytest.mark.parametrize("code", ["VICTIM", "OTHER", "CONTACT"])
def test_remark_makes_nobody_a_suspect(code: str, remark: str) -> None:
    assert _roles(code, remark=remark) not in _UNPROTECTED
    assert _roles(code, remark=remark) not in _ACCUSED


@pytest.mark.parametrize(
    ("role", "codes"),
    [(pb.ROLE_THIRD_PARTY, ["ASSOCIATE"]), (pb.ROLE_SUSPECT, ["SUSPECT"]), (pb.ROLE_UNKNOWN, ["OTHER"])],
)
def test_buyer_and_facilitator_are_what_their_role_says(role: pb.Role.ValueType, codes: list[str]) -> None:
    record = pb.Record()
    functions = [pb.PERSON_FUNCTION_BUYER, pb.PERSON_FUNCTION_FACILITATOR]
    record.persons.add(id="person/aaaaaaaaaa", role=role, functions=functions)

    root = written(record)

    assert texts(root, "Person/Role") == codes
    assert texts(root, "Person/Remark") == ["Function: buyer\nFunction: facilitator"]
    assert lost(record) == {"persons[0].functions": Effect.KEPT_AS_EXTENSION}


def test_names_and_aliases_are_told_apart_by_their_kind() -> None:
    person = _person(
        "<Name kind='PRIMARY' script='Cyrl'><FamilyName>Петрова</FamilyName></Name>"
        "<Name kind='BIRTH'><FullName>Bra\u0306ila</FullName></Name><Name><GivenName>شيماء</GivenName></Name>"
        "<Name kind='ALIAS'><FullName>La Rubia</FullName></Name>"
        "<Name kind='FALSE'><FullName>X</FullName></Name><Name/>"
    )

    assert [(one.family or one.given or one.full, one.script) for one in person.names] == [
        ("Петрова", "Cyrl"),
        ("Br\u0103ila", ""),
        ("شيماء", ""),
    ]
    assert [one.kind for one in person.aliases] == [pb.NAME_KIND_ALIAS, pb.NAME_KIND_FALSE]


def test_characters_nobody_sees_are_left_out_and_declared() -> None:
    draft = read(
        umf("<Person id='p1'><Role>VICTIM</Role><Name><FullName>A\u202ena</FullName></Name></Person>")
    )

    assert draft.record.persons[0].names[0].full == "Ana"
    assert effects(draft) == {"Entities.Person[1].Name.FullName": Effect.GENERALISED}


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("1988", pb.BirthDate(year=1988)),
        ("1988-05", pb.BirthDate(year=1988, month=5)),
        ("1988-05-06", pb.BirthDate(year=1988, month=5, day=6)),
        ("1988-00-00", pb.BirthDate(year=1988)),
        ("0000", pb.BirthDate()),
    ],
)
def test_birth_date_is_as_full_as_it_is_written(text: str, birth: pb.BirthDate) -> None:
    assert _person(f"<BirthDate>{text}</BirthDate>").birth == birth


@pytest.mark.parametrize("text", ["1988-13-01", "1988-02-30", "2031-03-02", "2032"])
def test_birth_date_that_cannot_be_is_refused(text: str) -> None:
    with pytest.raises(Malformed) as refusal:
        _person(f"<BirthDate>{text}</BirthDate>")

    assert (refusal.value.code, refusal.value.field) == ("bad-date", "Entities.Person[1].BirthDate")


@pytest.mark.parametrize(("band", "text"), AGE_BANDS.items())
def test_every_age_band_is_written_as_a_span_and_comes_back(band: pb.AgeBand.ValueType, text: str) -> None:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_VICTIM, age_band=band)

    assert texts(written(record), "AgeBand") == [text]
    assert _person(f"<AgeBand>{text}</AgeBand>").age_band == band


@pytest.mark.parametrize(
    ("text", "band"),
    [
        ("19-20", pb.AGE_BAND_18_20),
        ("19-30", pb.AGE_BAND_18_PLUS),
        ("10-16", pb.AGE_BAND_9_17),
        ("5-16", pb.AGE_BAND_0_17),
        ("60+", pb.AGE_BAND_48_PLUS),
    ],
)
def test_other_span_is_read_as_the_narrowest_band_that_holds_it(
    text: str, band: pb.AgeBand.ValueType
) -> None:
    draft = read(umf(f"<Person id='p1'><Role>VICTIM</Role><AgeBand>{text}</AgeBand></Person>"))

    assert draft.record.persons[0].age_band == band
    assert effects(draft) == {"Entities.Person[1].AgeBand": Effect.GENERALISED}


@pytest.mark.parametrize("text", ["16-20", "young", "-5", "20-10"])
def test_span_that_no_band_holds_is_kept_as_a_word(text: str) -> None:
    draft = read(umf(f"<Person id='p1'><Role>VICTIM</Role><AgeBand>{text}</AgeBand></Person>"))

    assert not draft.record.persons[0].age_band
    assert draft.record.narratives[0].text == f"AgeBand as written: {text}"


def test_age_band_that_contradicts_the_birth_date_is_refused() -> None:
    with pytest.raises(Malformed) as refusal:
        _person("<BirthDate>1988</BirthDate><AgeBand>15-17</AgeBand>")

    assert refusal.value.code == "contradiction"


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"birth": pb.BirthDate(age_band=pb.AGE_BAND_15_17)}, "15-17"),
        ({"age_status": pb.AGE_STATUS_MINOR}, "0-17"),
        ({"age_status": pb.AGE_STATUS_ADULT}, "18+"),
    ],
)
def test_age_that_is_no_date_is_told_as_a_band_and_declared(fields: dict[str, object], text: str) -> None:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_VICTIM, **fields)

    assert texts(written(record), "AgeBand") == [text]
    assert lost(record)["persons[0].age_band"] is Effect.INVENTED


def test_unknown_status_of_age_is_no_band() -> None:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_VICTIM, age_status=pb.AGE_STATUS_UNKNOWN)

    assert texts(written(record), "AgeBand") == []


def test_promise_of_anonymity_comes_along() -> None:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_WITNESS).safety.anonymity_guaranteed = True

    assert texts(written(record), "AnonymityGuaranteed") == ["true"]
    assert lost(record) == {}


@pytest.mark.parametrize("text", ["-99", "00", "0"])
def test_words_for_not_recorded_are_nothing(text: str) -> None:
    draft = read(umf(f"<Person id='p1'><Role>VICTIM</Role><Pseudonym>{text}</Pseudonym></Person>"))

    assert not draft.record.persons[0].foreign_pseudonym


def test_country_that_nobody_uses_is_kept_as_a_word() -> None:
    draft = read(umf("<Person id='p1'><Role>VICTIM</Role><Nationality>ZZ</Nationality></Person>"))

    assert not draft.record.persons[0].nationalities
    assert draft.record.narratives[0].text == "Nationality as written: ZZ"
