"""The case of the demonstration: invented, valid for as long as it is kept, and with everyone it promises."""

from __future__ import annotations

import re
from datetime import date
from importlib import resources

import pytest

from gateway.record.json_form import from_json
from gateway.record.naming import matcher_of
from gateway.record.protection import subjects
from gateway.record.ties import ties_of
from gateway.record.validation import read_record
from gateway.v1 import record_pb2

_FIRST_DAY, _LAST_DAY = date(2026, 6, 1), date(2031, 12, 31)


def _text() -> str:
    return resources.files("gateway.cli").joinpath("case.json").read_text(encoding="utf-8")


def _case(today: date = _FIRST_DAY) -> record_pb2.Record:
    return read_record(from_json(_text()), today=today)


@pytest.mark.parametrize("today", [_FIRST_DAY, _LAST_DAY])
def test_case_is_valid_and_its_minor_a_minor_until_the_last_day(today: date) -> None:
    case = _case(today)

    told = subjects(case, on=today)

    assert case.header.retain_until == _LAST_DAY.isoformat()
    assert told["minor"].age.token == "minor"
    assert told["adult"].age.token == "adult"


def test_case_holds_two_victims_and_two_suspects() -> None:
    roles = [record_pb2.Role.Name(person.role) for person in _case().persons]

    assert roles == ["ROLE_VICTIM", "ROLE_VICTIM", "ROLE_SUSPECT", "ROLE_SUSPECT"]


def test_narrative_names_the_minor_and_the_summary_nobody() -> None:
    case = _case()
    matcher = matcher_of(case, subjects(case, on=_FIRST_DAY), ties_of(case))
    assert matcher is not None

    hits = [{hit.person for hit in matcher.hits(text, about="", parts=True)} for text in case.narratives]

    assert hits == [{"minor"}, set()]


def test_consent_of_the_adult_covers_protection_by_the_shelter_and_nothing_else() -> None:
    told = subjects(_case(), on=_FIRST_DAY)["adult"]

    assert [(list(one.recipients), len(one.purposes)) for one in _case().persons[1].consents] == [
        (["shelter.ngo"], 1)
    ]
    assert told.protected


def test_shelter_is_known_as_one_by_its_place_and_by_its_person() -> None:
    case = _case()

    assert subjects(case)["shelter"].shelter
    assert case.persons[1].shelter.place == case.locations[0].site


def test_case_cannot_be_mistaken_for_a_real_one() -> None:
    text = _text()
    phones = re.findall(r'"(\+[0-9]+)"', text)
    hosts = re.findall(r"https?://([^/\"]+)|@([^\"]+)\"", text)

    assert _case().header.exercise
    assert phones and all(phone.startswith("+999") for phone in phones)
    assert hosts and all("".join(host).endswith("example.invalid") for host in hosts)
