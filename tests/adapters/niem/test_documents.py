"""Documents as others write them, the code lists, and what is refused before anything is believed."""

from __future__ import annotations

import csv
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.adapter import View
from adapters.caveats import Caveat
from adapters.loss import Effect
from adapters.niem.codes import EXACT_INDUSTRIES, INDUSTRY, OFFENCES, PURPOSES, VENUES
from adapters.niem.elements import NAMESPACES
from adapters.niem.format import NiemHumanTrafficking
from gateway.errors import Malformed, NotFound, Refused
from gateway.record.validation import read_record
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb
from tests.adapters.niem.samples import ANA, document, losses, parse, read, render, written
from tests.adapters.views import TODAY
from tests.reference import reference


def _submit(record: pb.Record) -> pb.Record:
    header = pb.RecordHeader(
        marking=marking_pb2.Marking(policy_id="comity/1", level=marking_pb2.LEVEL_RESTRICTED),
        retain_until="2031-12-31",
    )
    record.header.MergeFrom(header)
    return read_record(record.SerializeToString(deterministic=True), today=TODAY)


def _codes(name: str) -> set[str]:
    with reference("niem/hs-human-trafficking-codes.csv").open(encoding="utf-8") as lines:
        return {row["value"] for row in csv.DictReader(lines) if row["type"] == name}


def test_every_industry_of_the_standard_has_a_section_and_no_other_is_written() -> None:
    standard = _codes("hs:ExploitationIndustryCodeType")

    assert all(INDUSTRY.find(code) for code in standard)
    assert set(EXACT_INDUSTRIES.values()) <= standard
    assert set(INDUSTRY.spellings.values()) <= standard


def test_venues_and_offences_are_those_of_the_standard() -> None:
    schema = etree.parse(reference("niem/ucr-codes-6.0.xsd"))
    offences = {one.get("value") for one in schema.iter("{http://www.w3.org/2001/XMLSchema}enumeration")}

    assert _codes("hs:TraffickedVenueCodeType") == VENUES
    assert set(OFFENCES.values()) == set(PURPOSES) <= offences


def test_elements_of_the_human_services_domain_are_those_of_the_model() -> None:
    with reference("niem/hs-human-trafficking-model.csv").open(encoding="utf-8") as lines:
        known = {row["name"] for row in csv.DictReader(lines) if row["kind"] == "element"}
    record = pb.Record()
    for number, role in enumerate((pb.ROLE_VICTIM, pb.ROLE_PRESUMED_VICTIM)):
        record.persons.add(id=f"person/{'ab'[number] * 10}", role=role)
    record.incidents.add(id="incident/aaaaaaaaaa", sectors=pb.Sector.values()[1:])

    used = {one.tag for one in written(record).iter() if one.tag.startswith(f"{{{NAMESPACES['hs']}}}")}
    assert {f"hs:{tag.rpartition('}')[2]}" for tag in used} <= known
    assert len(used) == 8


@pytest.mark.parametrize(
    ("element", "status", "role"),
    [
        ("nc:Person", "", pb.ROLE_UNKNOWN),
        ("j:Subject", "", pb.ROLE_SUSPECT),
        ("j:Witness", "", pb.ROLE_WITNESS),
        ("j:Victim", "", pb.ROLE_VICTIM),
        ("hs:HumanTraffickingVictim", "", pb.ROLE_VICTIM),
        (
            "hs:HumanTraffickingVictim",
            "<hs:ProspectiveVictimStatus><hs:ProspectiveVictimIndicator>true</hs:ProspectiveVictimIndicator>"
            "</hs:ProspectiveVictimStatus>",
            pb.ROLE_PRESUMED_VICTIM,
        ),
    ],
)
def test_role_is_given_by_the_element(element: str, status: str, role: int) -> None:
    assert read(f"<{element}>{ANA}{status}</{element}>").persons[0].role == role


@pytest.mark.parametrize("first", ["j:Subject", "hs:HumanTraffickingVictim"])
def test_one_person_in_two_roles_stays_a_victim(first: str) -> None:
    second = {"j:Subject": "hs:HumanTraffickingVictim"}.get(first, "j:Subject")
    uri = 'structures:uri="#p1"'

    (person,) = read(f"<{first} {uri}>{ANA}</{first}>", f"<{second} {uri}/>").persons

    assert person.role == pb.ROLE_VICTIM_AND_SUSPECT


@pytest.mark.parametrize(
    ("date", "known"),
    [
        ("<nc:Date>1988-05-06</nc:Date>", (1988, 5, 6)),
        ("<nc:YearMonthDate>1988-05</nc:YearMonthDate>", (1988, 5, 0)),
        ("<nc:YearDate>1988</nc:YearDate>", (1988, 0, 0)),
        ("<nc:Year>1988</nc:Year>", (1988, 0, 0)),
        ("<nc:Date>1988-00-00</nc:Date>", (1988, 0, 0)),
        ("<nc:Date>0000-00-00</nc:Date>", (0, 0, 0)),
        ("<nc:DateTime>1988-05-06T12:00:00Z</nc:DateTime>", (1988, 5, 6)),
    ],
)
def test_birth_date_is_read_as_far_as_it_is_known(date: str, known: tuple[int, int, int]) -> None:
    born = f"<nc:PersonBirthDate>{date}</nc:PersonBirthDate>"

    birth = read(f"<nc:Person>{ANA}{born}</nc:Person>").persons[0].birth
    assert (birth.year, birth.month, birth.day) == known


def test_partial_birth_date_is_written_as_partial_as_it_is() -> None:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_VICTIM, birth=pb.BirthDate(year=1988, month=5))

    (born,) = written(record).iter(f"{{{NAMESPACES['nc']}}}PersonBirthDate")
    assert [(one.tag.rpartition("}")[2], one.text) for one in born] == [("YearMonthDate", "1988-05")]


def test_events_within_a_victim_are_hers_and_codes_are_kept_in_words() -> None:
    record = read(
        "<hs:HumanTraffickingVictim>"
        f"{ANA}<hs:TraffickingEvent>"
        "<hs:PastExploitationIndustryCode>Strip Clubs</hs:PastExploitationIndustryCode>"
        "<hs:CurrentTraffickedVenueCode>Dance/Strip Clubs</hs:CurrentTraffickedVenueCode>"
        "<j:Offense><j:OffenseUCRCode>HUMAN_TRAFFICKING-COMMERCIAL_SEX_ACTS</j:OffenseUCRCode></j:Offense>"
        "</hs:TraffickingEvent></hs:HumanTraffickingVictim>"
    )

    (incident,) = record.incidents
    (tie,) = record.relationships
    assert list(incident.sectors) == [pb.SECTOR_SEXUAL_SERVICES]
    assert list(incident.purposes) == [pb.EXPLOITATION_PURPOSE_SEXUAL_EXPLOITATION]
    assert incident.description == "Industry as written: Strip Clubs\nVenue as written: Dance/Strip Clubs"
    assert (tie.link.kind, tie.link.to) == (pb.RELATION_KIND_VICTIM_IN, incident.id)


def test_earlier_versions_and_other_prefixes_are_understood() -> None:
    data = (
        '<m xmlns="urn:other" xmlns:a="http://release.niem.gov/niem/niem-core/5.0/" '
        'xmlns:b="http://release.niem.gov/niem/domains/jxdm/7.0/">'
        "<wrapper><b:Subject><a:PersonName><a:PersonSurName>Vântu</a:PersonSurName></a:PersonName></b:Subject>"
        "</wrapper><note>x</note></m>"
    )

    (draft,) = parse(data.encode())
    assert draft.record.persons[0].role == pb.ROLE_SUSPECT
    assert draft.record.persons[0].names[0].family == "Vântu"
    assert [loss.effect for loss in draft.losses] == [Effect.DROPPED]


def test_handling_is_read_and_nothing_of_it_passed_over() -> None:
    record = read(
        f"<nc:Person>{ANA}</nc:Person><cui:DocumentMarkingMetadata>"
        "<nc:DistributionText>REL TO XA, XB</nc:DistributionText><nc:CaveatText>H1</nc:CaveatText>"
        "<nc:SensitivityText>TLP:PINK</nc:SensitivityText><nc:SensitivityText>XA SECRET</nc:SensitivityText>"
        "<cui:Unheard><cui:Of>NOFORN</cui:Of></cui:Unheard><nc:CommentText>Ask.</nc:CommentText>"
        "<nc:ReliabilityText>5x5x5:B2</nc:ReliabilityText></cui:DocumentMarkingMetadata>"
    )

    handling = record.header.source_handling
    assert sorted(handling.codes) == ["H1", "NOFORN", "REL TO XA, XB", "TLP:PINK"]
    assert (handling.text, handling.classification, handling.traffic_light) == (
        "Ask.",
        "XA SECRET",
        "TLP:RED",
    )
    assert (record.header.evaluation.source, record.header.evaluation.information) == ("B", "2")


def test_handling_and_grading_come_through_and_a_promise_of_anonymity_does_not() -> None:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_VICTIM)
    record.header.source_handling.codes.extend(["H1", "REL TO police.xa, police.xb"])
    record.header.evaluation.original = "B2"
    assert render(record).losses == ((),)

    record.persons[0].safety.anonymity_guaranteed = True
    with pytest.raises(Refused) as refusal:
        NiemHumanTrafficking().render([View(record=record)], form="xml")
    assert refusal.value.code == "caveat-lost"
    allowed = {Caveat.ANONYMITY}
    assert NiemHumanTrafficking().render([View(record=record)], form="xml", allowed=allowed).data


def test_withheld_means_and_purposes_without_a_code_are_told_as_lost() -> None:
    record = pb.Record()
    incident = record.incidents.add(id="incident/aaaaaaaaaa", means=[pb.MEANS_DEBT_BONDAGE])
    incident.purposes.extend([pb.EXPLOITATION_PURPOSE_FORCED_LABOUR, pb.EXPLOITATION_PURPOSE_ORGAN_REMOVAL])

    assert {(loss.path, loss.effect) for loss in render(record).losses[0]} == {
        ("incidents[0].means", Effect.DROPPED),
        ("incidents[0].purposes[0]", Effect.GENERALISED),
        ("incidents[0].purposes[1]", Effect.DROPPED),
    }


def test_elements_that_a_record_does_not_keep_are_noted() -> None:
    found = losses(
        f"<nc:Person>{ANA}<nc:PersonHairColorText>red</nc:PersonHairColorText></nc:Person><nc:Weapon/>"
    )

    assert found == {
        "nc:Person[0].nc:PersonHairColorText": Effect.DROPPED,
        "nc:Weapon": Effect.DROPPED,
    }


@pytest.mark.parametrize("end", ["nobody", "p1", ""])
def test_association_that_ties_less_than_two_things_is_noted(end: str) -> None:
    second = f'<nc:Person structures:ref="{end}"/>' if end else ""
    elements = (
        f'<nc:Person structures:id="p1">{ANA}</nc:Person>'
        f'<nc:Association><nc:Person structures:ref="p1"/>{second}</nc:Association>'
    )

    assert not read(elements).relationships
    assert set(losses(elements).values()) == {Effect.DROPPED}


_DTD = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]><x>&e;</x>'
_BOMB = b'<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><x>&b;</x>'
_DEEP = b"<a>" * 40 + b"</a>" * 40
_BORN = "<nc:Person><nc:PersonBirthDate><nc:Date>{}</nc:Date></nc:PersonBirthDate></nc:Person>"
_POINT = (
    "<nc:Location><nc:Location2DGeospatialCoordinate><nc:GeographicCoordinateLatitude>"
    "<nc:LatitudeDegreeValue>91</nc:LatitudeDegreeValue></nc:GeographicCoordinateLatitude>"
    "</nc:Location2DGeospatialCoordinate></nc:Location>"
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-document"),
        (b"<a/>", "empty-document"),
        (document(), "empty-document"),
        (document("<exchange:Case/>"), "empty-document"),
        (document(root="nc:Person"), "empty-document"),
        (document("<nc:Person>")[:-20], "not-xml"),
        (_DTD, "doctype"),
        (_BOMB, "doctype"),
        (_DEEP, "too-deep"),
        ("<a/>".encode("utf-16"), "bad-encoding"),
        (b'<?xml version="1.0" encoding="UTF-16"?><a/>', "bad-encoding"),
        (document(_BORN.format("06.05.1988")), "bad-date"),
        (document(_BORN.format("1988-02-30")), "bad-date"),
        (document(_POINT), "bad-number"),
        (document('<nc:Person structures:id="a"/><nc:Vehicle structures:id="a"/>'), "duplicate-id"),
        (document("<nc:Person><nc:PersonSexCode><nc:A/></nc:PersonSexCode></nc:Person>"), "bad-type"),
        (
            document(f"<nc:Location><nc:LocationName>{'a' * 65_537}</nc:LocationName></nc:Location>"),
            "too-long",
        ),
    ],
)
def test_bad_document_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(data)

    assert refusal.value.code == code
    assert refusal.value.field


@pytest.mark.parametrize("value", ["", "-99", "0", "00"])
def test_what_stands_for_not_recorded_is_absent(value: str) -> None:
    name = f"<nc:PersonName><nc:PersonSurName>{value}</nc:PersonSurName></nc:PersonName>"

    assert not read(f"<nc:Person>{name}</nc:Person>").persons[0].names


def test_names_of_any_script_are_read_in_composed_form() -> None:
    given_name = "<nc:PersonGivenName>Bra\u0306ila\u202e מרים</nc:PersonGivenName>"
    name = f"<nc:PersonName xml:lang='und-Hebr'>{given_name}</nc:PersonName>"

    (found,) = read(f"<nc:Person>{name}</nc:Person>").persons[0].names
    assert (found.given, found.script) == ("Brăila מרים", "Hebr")
    assert set(losses(f"<nc:Person>{name}</nc:Person>").values()) == {Effect.GENERALISED}


def test_byte_order_mark_is_no_fault_and_nothing_and_unknown_forms_are() -> None:
    assert parse(b"\xef\xbb\xbf" + document(f"<nc:Person>{ANA}</nc:Person>"))
    with pytest.raises(Refused):
        NiemHumanTrafficking().render([], form="xml")
    with pytest.raises(NotFound):
        NiemHumanTrafficking().render([View(record=pb.Record())], form="json")


_LEAVES = st.sampled_from(
    [
        *("nc:PersonGivenName", "nc:Date", "nc:PersonSexCode", "nc:OrganizationName", "nc:AddressCityName"),
        *("nc:LatitudeDegreeValue", "nc:IdentificationID", "j:OffenseUCRCode", "nc:CaveatText", "nc:Unheard"),
        *("hs:CurrentExploitationIndustryCode", "nc:LocationCountryName", "hs:ProspectiveVictimIndicator"),
        *("nc:IdentificationCategoryText", "nc:ActivityCategoryText", "nc:ContactEmailID", "nc:LocationName"),
    ]
)
_BRANCHES = st.sampled_from(
    [
        *("nc:Person", "hs:HumanTraffickingVictim", "j:Subject", "nc:PersonName", "nc:PersonBirthDate"),
        *("nc:Organization", "nc:Location", "nc:Address", "nc:Vehicle", "nc:ContactInformation"),
        *("hs:TraffickingEvent", "j:Offense", "nc:Association", "j:OffenseVictimAssociation", "nc:Wrapper"),
        *("nc:PersonOtherIdentification", "cui:DocumentMarkingMetadata", "hs:ProspectiveVictimStatus"),
        *("nc:OrganizationLocation", "nc:GeographicCoordinateLatitude", "nc:Location2DGeospatialCoordinate"),
    ]
)
_WORDS = st.sampled_from(
    ["", "Ana", "1988", "1988-00-00", "F", "true", "NL", "-99", "0", "1.5", "other", "TLP:X"]
)
_IDS = st.sampled_from(
    ["", 'structures:id="a"', 'structures:id="1 b"', 'structures:ref="a"', 'structures:uri="#u"']
)
_TREES: st.SearchStrategy[str] = st.recursive(
    st.builds(lambda name, text: f"<{name}>{text}</{name}>", _LEAVES, _WORDS),
    lambda inner: st.builds(
        lambda name, given, held: f"<{name} {given}>{''.join(held)}</{name}>",
        _BRANCHES,
        _IDS,
        st.lists(inner, max_size=4),
    ),
    max_leaves=14,
)


@given(trees=st.lists(_TREES, min_size=1, max_size=4))
def test_any_document_is_refused_as_malformed_or_gives_a_valid_record(trees: Any) -> None:
    try:
        drafts = parse(document(*trees))
    except Malformed as refusal:
        assert refusal.field
        return

    for draft in drafts:
        record = _submit(draft.record)
        assert all(one.role != pb.ROLE_UNSPECIFIED for one in record.persons)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_as_malformed(data: bytes) -> None:
    try:
        parse(data)
    except Malformed as refusal:
        assert refusal.field


def test_pseudonym_and_age_band_stand_for_a_person_whose_name_was_taken_out() -> None:
    record = pb.Record()
    person = record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_VICTIM, foreign_pseudonym="P-1")
    person.birth.age_band = pb.AGE_BAND_9_14

    assert render(record).losses == ((),)
