"""A record enters whole or not at all, and every fault is named at once with its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from hypothesis import given

from gateway.record.findings import MOST_FINDINGS, InvalidRecord
from gateway.record.validation import RecordLimits, read_record
from gateway.v1 import record_pb2 as pb
from tests.record.samples import TODAY, case, link, marked
from tests.record.strategies import records


def faults(record: pb.Record, **limits: int) -> list[tuple[str, str]]:
    """Return path and rule of every finding, nothing for a valid record."""
    data = record.SerializeToString(deterministic=True)
    try:
        read_record(data, today=TODAY, limits=RecordLimits(**limits))
    except InvalidRecord as refusal:
        return [(finding.path, finding.rule) for finding in refusal.findings]
    return []


def person(**fields: Any) -> pb.Record:
    record = marked(pb.Record())
    record.persons.add(id="p", **fields)
    return record


def test_a_full_case_is_accepted_as_it_is() -> None:
    record = case()

    assert read_record(record.SerializeToString(deterministic=True), today=TODAY) == record


@given(records())
def test_any_generated_record_is_accepted(record: pb.Record) -> None:
    assert faults(record) == []


def _change(record: pb.Record, change: Callable[[pb.Record], object]) -> pb.Record:
    change(record)
    return record


HEADER: dict[str, tuple[Callable[[pb.Record], object], list[tuple[str, str]]]] = {
    "no header": (lambda r: r.ClearField("header"), [("header", "required")]),
    "no marking": (lambda r: r.header.ClearField("marking"), [("header.marking", "required")]),
    "no last day": (lambda r: r.header.ClearField("retain_until"), [("header.retain_until", "required")]),
    "last day has passed": (
        lambda r: setattr(r.header, "retain_until", "2026-11-19"),
        [("header.retain_until", "expired-retention")],
    ),
    "last day is no date": (
        lambda r: setattr(r.header, "retain_until", "2029-02-30"),
        [("header.retain_until", "bad-date")],
    ),
    "marking above the ceiling": (
        lambda r: setattr(r.header.marking, "level", 5),
        [("header.marking.level", "above-ceiling")],
    ),
    "marking of an unknown policy": (
        lambda r: setattr(r.header.marking, "policy_id", "other/9"),
        [("header.marking.policy_id", "unknown-policy")],
    ),
    "no entity": (lambda r: r.ClearField("persons"), [("", "empty")]),
    "purpose that says nothing": (
        lambda r: setattr(r.header, "purpose", 0),
        [("header.purpose", "unknown-value")],
    ),
}


@pytest.mark.parametrize(("change", "expected"), HEADER.values(), ids=HEADER.keys())
def test_a_faulty_header_is_refused(
    change: Callable[[pb.Record], object], expected: list[tuple[str, str]]
) -> None:
    assert faults(person()) == []

    assert faults(_change(person(), change)) == expected


def test_a_record_may_be_kept_until_today() -> None:
    record = person()
    record.header.retain_until = TODAY.isoformat()

    assert faults(record) == []


ID_FAULTS = ["", ".hidden", "a b", "a/b", 'a"b', "a::b", "é", "a" * 65, "a\n", "-a"]


@pytest.mark.parametrize("identifier", ID_FAULTS)
def test_an_id_outside_its_grammar_is_refused(identifier: str) -> None:
    record = person()
    record.persons[0].id = identifier

    assert ("persons[0].id", "bad-id") in faults(record)


def test_an_entity_without_an_id_is_refused() -> None:
    record = person()
    record.locations.add(kind=pb.LOCATION_KIND_VENUE)

    assert faults(record) == [("locations[0].id", "required")]


def test_an_id_used_twice_is_refused_across_kinds() -> None:
    record = person()
    record.vehicles.add(id="p")

    assert faults(record) == [("vehicles[0].id", "duplicate-id")]


def test_references_must_lead_to_an_entity_of_this_record() -> None:
    record = person()
    record.accounts.add(id="a", holder="nobody")
    record.journeys.add(id="j", travellers=["p", "ghost"])
    link(record, "r", "p", "ghost", pb.RELATION_KIND_USES)

    assert faults(record) == [
        ("accounts[0].holder", "dangling-reference"),
        ("journeys[0].travellers[1]", "dangling-reference"),
        ("relationships[0].link.to", "dangling-reference"),
    ]


def test_references_of_one_kind_must_lead_to_that_kind() -> None:
    record = person()
    record.vehicles.add(id="v")
    record.journeys.add(id="j", vehicle="p")
    record.documents.add(id="d", holder="v")
    record.incidents.add(id="i", location="v")

    assert faults(record) == [
        ("journeys[0].vehicle", "wrong-kind"),
        ("incidents[0].location", "wrong-kind"),
        ("documents[0].holder", "wrong-kind"),
    ]


def test_a_relationship_needs_two_different_ends() -> None:
    record = person()
    record.relationships.add(id="none")
    link(record, "self", "p", "p", pb.RELATION_KIND_SAME_AS)

    assert faults(record) == [
        ("relationships[0].link.from", "required"),
        ("relationships[0].link.to", "required"),
        ("relationships[0].link", "contradiction"),
        ("relationships[1].link", "contradiction"),
    ]


PERSONS: dict[str, tuple[dict[str, Any], str, str]] = {
    "name without parts": ({"names": [pb.Name(kind=pb.NAME_KIND_BIRTH)]}, "names[0]", "empty"),
    "empty message": ({"names": [pb.Name()]}, "names[0]", "empty"),
    "empty text": ({"therapy_notes": [""]}, "therapy_notes[0]", "empty"),
    "not composed": ({"names": [pb.Name(given="e\u0301")]}, "names[0].given", "not-nfc"),
    "text turned around": ({"names": [pb.Name(given="a\u202eb")]}, "names[0].given", "unseen-character"),
    "null character": ({"therapy_notes": ["a\x00"]}, "therapy_notes[0]", "unseen-character"),
    "stated role nought": ({"role": 0}, "role", "unknown-value"),
    "stated function nought": ({"functions": [1, 0]}, "functions[1]", "unknown-value"),
    "month without year": ({"birth": pb.BirthDate(month=3)}, "birth", "bad-date"),
    "day without month": ({"birth": pb.BirthDate(year=1990, day=3)}, "birth", "bad-date"),
    "year nought": ({"birth": pb.BirthDate(year=0)}, "birth.year", "bad-date"),
    "month thirteen": ({"birth": pb.BirthDate(year=1990, month=13)}, "birth.month", "bad-date"),
    "no leap year": ({"birth": pb.BirthDate(year=1990, month=2, day=29)}, "birth.day", "bad-date"),
    "born tomorrow": ({"birth": pb.BirthDate(year=2026, month=11, day=21)}, "birth", "bad-date"),
    "band beside a year": (
        {"birth": pb.BirthDate(year=1990, age_band=pb.AGE_BAND_30_38)},
        "birth",
        "bad-date",
    ),
    "adult born lately": (
        {"birth": pb.BirthDate(year=2012), "age_status": pb.AGE_STATUS_ADULT},
        "age_status",
        "contradiction",
    ),
    "minor born long ago": (
        {"birth": pb.BirthDate(year=1980), "age_status": pb.AGE_STATUS_MINOR},
        "age_status",
        "contradiction",
    ),
    "adult in a minor's band": (
        {"age_band": pb.AGE_BAND_15_17, "age_status": pb.AGE_STATUS_ADULT},
        "age_status",
        "contradiction",
    ),
    "unknown country": (
        {"nationalities": [pb.Nationality(country="QA"), pb.Nationality(country="UK")]},
        "nationalities[1].country",
        "bad-country",
    ),
    "lower-case country": (
        {"nationalities": [pb.Nationality(country="nl")]},
        "nationalities[0].country",
        "bad-country",
    ),
    "region beside country": (
        {"nationalities": [pb.Nationality(country="NL", region=pb.REGION_WESTERN_EUROPE)]},
        "nationalities[0]",
        "contradiction",
    ),
    "latitude alone": (
        {"birth_place": pb.Place(latitude_e6=1)},
        "birth_place",
        "incomplete",
    ),
    "latitude beyond a pole": (
        {"birth_place": pb.Place(latitude_e6=90_000_001, longitude_e6=0)},
        "birth_place.latitude_e6",
        "out-of-range",
    ),
    "longitude too far": (
        {"birth_place": pb.Place(latitude_e6=0, longitude_e6=-180_000_001)},
        "birth_place.longitude_e6",
        "out-of-range",
    ),
    "unsafe country of no use": (
        {"safety": pb.Safety(unsafe_countries=["RO", "ro"])},
        "safety.unsafe_countries[1]",
        "bad-country",
    ),
    "consent for a hostile agency": (
        {"consents": [pb.ConsentRecord(recipients=["police.nl", "x"])]},
        "consents[0].recipients[1]",
        "bad-agency-id",
    ),
    "consent without end of day": (
        {"consents": [pb.ConsentRecord(expires="tomorrow")]},
        "consents[0].expires",
        "bad-date",
    ),
    "language in words": ({"languages": ["Dutch"]}, "languages[0]", "bad-language"),
    "script in words": ({"names": [pb.Name(given="A", script="Latin")]}, "names[0].script", "bad-script"),
    "age of a century and a half": ({"age_at_exploitation": 150}, "age_at_exploitation", "out-of-range"),
    "instant without a date": (
        {"contacts": [pb.Contact(value="x", seen=pb.Moment(at=1))]},
        "contacts[0].seen.at",
        "bad-date",
    ),
    "instant of another day": (
        {
            "contacts": [
                pb.Contact(value="x", seen=pb.Moment(date=pb.PartialDate(year=2020, month=1, day=9), at=1))
            ]
        },
        "contacts[0].seen.at",
        "contradiction",
    ),
    "hash without algorithm": (
        {"images": [pb.Image(hashes=[pb.Hash(value=bytes(16))])]},
        "images[0].hashes[0]",
        "incomplete",
    ),
    "hash of the wrong length": (
        {"images": [pb.Image(hashes=[pb.Hash(algorithm=pb.HASH_ALGORITHM_SHA256, value=bytes(16))])]},
        "images[0].hashes[0].value",
        "out-of-range",
    ),
}


@pytest.mark.parametrize(("fields", "path", "rule"), PERSONS.values(), ids=PERSONS.keys())
def test_a_faulty_value_is_refused_with_its_path(fields: dict[str, Any], path: str, rule: str) -> None:
    assert faults(person(**fields)) == [(f"persons[0].{path}", rule)]


def test_values_at_their_bounds_are_accepted() -> None:
    record = person(
        birth=pb.BirthDate(year=2024, month=2, day=29),
        age_status=pb.AGE_STATUS_MINOR,
        languages=["ro", "zh-Hant"],
        birth_place=pb.Place(latitude_e6=-90_000_000, longitude_e6=180_000_000),
        nationalities=[pb.Nationality(country="XK"), pb.Nationality(region=pb.REGION_OCEANIA)],
        names=[pb.Name(given="नूर\u200dजहाँ", script="Deva")],
    )

    assert faults(record) == []


def test_money_is_a_decimal_number_in_a_currency() -> None:
    for amount, currency, expected in [
        ("12.50", "EUR", []),
        ("-0.00000001", "RON", []),
        ("1e3", "EUR", [("transactions[0].detail.amount", "bad-decimal")]),
        ("012", "EUR", [("transactions[0].detail.amount", "bad-decimal")]),
        (
            "1,5",
            "€",
            [
                ("transactions[0].detail.amount", "bad-decimal"),
                ("transactions[0].detail.currency", "bad-currency"),
            ],
        ),
    ]:
        record = person()
        record.transactions.add(id="t", detail=pb.TransactionDetail(amount=amount, currency=currency))
        assert faults(record) == expected


def test_all_faults_are_found_at_once() -> None:
    record = person(names=[pb.Name(given="e\u0301")], birth=pb.BirthDate(month=3))
    record.header.ClearField("retain_until")
    record.vehicles.add(id="p")

    assert {rule for _, rule in faults(record)} == {"not-nfc", "bad-date", "required", "duplicate-id"}


def test_words_of_a_finding_never_repeat_the_content() -> None:
    record = person(names=[pb.Name(given="SECRETNAME\u202e")], languages=["SECRETLANGUAGE"])

    with pytest.raises(InvalidRecord) as refusal:
        read_record(record.SerializeToString(), today=TODAY)

    assert "SECRET" not in " ".join(str(finding) for finding in refusal.value.findings) + str(refusal.value)


def test_the_number_of_findings_is_bounded() -> None:
    assert len(faults(person(therapy_notes=[""] * 2_000))) == MOST_FINDINGS


def test_a_record_over_a_limit_is_refused() -> None:
    two = person()
    two.vehicles.add(id="v").identity.plate = "AB"
    narrative = person()
    narrative.narratives.add(id="n", text="é" * 40)

    assert faults(two, entities=2) == []
    assert faults(two, entities=1) == [("", "too-many-entities")]
    assert faults(two, portions=3) == []
    assert faults(two, portions=2) == [("", "too-many-portions")]
    assert faults(narrative, string_bytes=80) == []
    assert faults(narrative, string_bytes=79) == [("narratives[0].text", "too-long")]
    assert faults(narrative, size_bytes=80) == [("", "too-large")]


def test_the_stated_limits_are_the_defaults() -> None:
    limits = RecordLimits()

    assert (limits.size_bytes, limits.entities, limits.portions) == (1_048_576, 512, 4_096)
    assert (limits.string_bytes, limits.depth) == (65_536, 16)


def test_bytes_that_are_no_record_give_one_finding() -> None:
    for data, code in [
        (b"\xff", "malformed"),
        (b"\xa2\x3e\x00", "unknown-field"),
        (b"\x12\x02\x38\x63", "unknown-value"),
    ]:
        with pytest.raises(InvalidRecord) as refusal:
            read_record(data, today=TODAY)
        assert [finding.rule for finding in refusal.value.findings] == [code]
        assert refusal.value.code == code


def test_an_entity_may_carry_its_own_marking_and_a_faulty_one_is_refused() -> None:
    record = person()
    record.persons[0].marking.CopyFrom(record.header.marking)
    assert faults(record) == []

    record.persons[0].marking.rel.append("NOT AN AGENCY")

    assert faults(record) == [("persons[0].marking.rel", "bad-agency-id")]


def test_the_day_is_the_one_given_and_no_clock_is_read() -> None:
    data = person(birth=pb.BirthDate(year=2028)).SerializeToString()

    read_record(data, today=date(2028, 6, 1))

    with pytest.raises(InvalidRecord):
        read_record(data, today=TODAY)
