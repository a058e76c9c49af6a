"""Reports are read whole, with every text kept or declared lost, or refused with the place and the reason."""

from __future__ import annotations

import json
import re

import pytest
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from adapters.adapter import Renderer
from adapters.cybertip.codes import INCIDENT_TYPES, INTERNET_DETAILS
from adapters.cybertip.format import UNGRADED, Cybertip
from adapters.loss import Effect
from gateway.errors import Malformed
from gateway.record.validation import read_record
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb
from tests.adapters.cybertip.samples import (
    REPORTER,
    SUMMARY,
    file_details,
    lost,
    parse,
    read,
    report,
    reported,
    victim,
)
from tests.adapters.views import TODAY
from tests.reference import reference


def _submit(record: pb.Record) -> pb.Record:
    header = pb.RecordHeader(
        marking=marking_pb2.Marking(policy_id="comity/1", level=marking_pb2.LEVEL_RESTRICTED),
        retain_until="2031-12-31",
    )
    record.header.MergeFrom(header)
    return read_record(record.SerializeToString(deterministic=True), today=TODAY)


@pytest.mark.parametrize("name", ["sample-report.xml", "sample-file-details.xml"])
def test_samples_are_valid_once_marked(name: str) -> None:
    assert _submit(read(reference(f"ncmec-like/{name}").read_bytes())).ByteSize()


def test_format_is_read_and_not_written() -> None:
    assert not isinstance(Cybertip(), Renderer)


def test_codes_are_those_of_the_reference() -> None:
    codes = json.loads(reference("ncmec-like/codes.json").read_text())

    assert set(INCIDENT_TYPES) == set(codes["incidentType"])
    assert set(INTERNET_DETAILS) == set(codes["internetDetails"])


def test_report_is_not_graded_and_says_so() -> None:
    draft = parse(report())

    evaluation = draft.record.header.evaluation
    assert (evaluation.source, evaluation.information, evaluation.original) == ("X", "4", UNGRADED)
    assert draft.record.header.source == marking_pb2.PROVENANCE_PRIVATE
    assert [(loss.path, loss.effect) for loss in draft.losses] == [("report", Effect.INVENTED)]


@pytest.mark.parametrize("words", sorted(INCIDENT_TYPES))
def test_words_of_the_type_are_kept(words: str) -> None:
    (incident,) = read(report(summary=SUMMARY.replace("Child Sex Trafficking", words))).incidents

    assert incident.offences[0].description == words
    assert incident.kind == INCIDENT_TYPES[words].kind


def test_unknown_type_is_kept_verbatim_and_declared() -> None:
    data = report(summary=SUMMARY.replace("Child Sex Trafficking", "Something else"))

    (incident,) = read(data).incidents

    assert (incident.kind, incident.offences[0].description) == (pb.INCIDENT_KIND_OTHER, "Something else")
    assert lost(data) == {"report.incidentSummary.incidentType": Effect.GENERALISED}


@pytest.mark.parametrize(
    ("written", "at", "day"),
    [
        ("2026-02-03T23:15:00-07:00", 1_770_185_700_000, 3),
        ("2026-02-03T10:15:00", None, 3),
        ("2026-02-03", None, 3),
        ("2026-02", None, 0),
        ("2026", None, 0),
    ],
)
def test_time_keeps_its_own_day_and_nothing_becomes_more_precise(
    written: str, at: int | None, day: int
) -> None:
    data = report(summary=SUMMARY.replace("2026-02-03T10:15:00Z", written))

    start = read(data).incidents[0].occurred.start

    assert (start.at if start.HasField("at") else None, start.date.day) == (at, day)


def test_file_is_told_by_hashes_name_class_and_exif() -> None:
    data = file_details(
        "<reportId>1</reportId><fileId>f1</fileId><originalFileName>a.jpg</originalFileName>"
        "<locationOfFile>https://files.example.invalid/a</locationOfFile>"
        f"<originalFileHash hashType='SHA1'>{'0' * 40}</originalFileHash>"
        "<industryClassification>A1</industryClassification>"
        "<fileAnnotations><possibleSelfProduction/></fileAnnotations>"
        "<details><nameValuePair type='EXIF'><name>Make</name><value>Acme</value></nameValuePair>"
        f"<nameValuePair type='HASH'><name>MD5</name><value>{'1' * 32}</value></nameValuePair></details>"
        "<additionalInfo>seen once</additionalInfo>"
    )

    record = read(data)

    (artefact,) = record.artefacts
    assert [one.algorithm for one in artefact.hashes] == [pb.HASH_ALGORITHM_SHA1, pb.HASH_ALGORITHM_MD5]
    assert artefact.metadata == pb.ArtefactMetadata(
        file_name="a.jpg", path="https://files.example.invalid/a", exif=["Make=Acme"]
    )
    assert [(one.scheme, one.number) for one in artefact.classifications] == [("industry/A", 1)]
    assert [(one.title, one.text) for one in record.narratives] == [
        ("Annotations", "possibleSelfProduction"),
        ("Additional information", "seen once"),
    ]
    assert (record.header.case_references[0].number, list(artefact.exhibits)) == ("1", ["f1"])
    assert lost(data) == {}


def test_place_phone_and_authority_are_kept() -> None:
    record = read(
        report(
            before="<internetDetails><cellPhoneIncident>"
            "<phoneNumber countryCallingCode='+999'>00000001</phoneNumber>"
            "<latitude>1.5</latitude><longitude>-2.25</longitude></cellPhoneIncident></internetDetails>"
            "<lawEnforcement><agencyName>Unit A</agencyName><caseNumber>XA-1</caseNumber>"
            "<officerContact><lastName>Desk</lastName><email>desk@example.invalid</email></officerContact>"
            "</lawEnforcement>"
        )
    )

    assert (record.locations[0].site.latitude_e6, record.locations[0].site.longitude_e6) == (
        1_500_000,
        -2_250_000,
    )
    assert record.persons[1].contacts[0].value == "+999 00000001"
    assert (record.header.case_references[0].number, record.header.case_references[0].authority) == (
        "XA-1",
        "Unit A",
    )
    assert record.organisations[1].kind == pb.ORGANISATION_KIND_LAW_ENFORCEMENT


@pytest.mark.parametrize("word", ["Bra\u0306ila", "مريم", "Іваненко", "a\u202eb"])
def test_names_are_kept_in_every_script(word: str) -> None:
    record = read(report(victim(person=f"<firstName>{word}</firstName>")))

    expected = {"Bra\u0306ila": "Br\u0103ila", "a\u202eb": "ab"}
    assert record.persons[1].names[0].given == expected.get(word, word)


_ENTITY = '<!DOCTYPE report [<!ENTITY x "y">]>'
_BOMB = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
_FOREIGN = '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty-document"),
        (b"   ", "empty-document"),
        (b"text", "not-xml"),
        (report()[:-4], "not-xml"),
        (report().replace(b"<report>", b"<rapport>").replace(b"</report>", b"</rapport>"), "wrong-document"),
        (report().decode().encode("utf-16"), "bad-encoding"),
        (b'<?xml version="1.0" encoding="latin-1"?>' + report(), "bad-encoding"),
        (_ENTITY.encode() + report(), "doctype"),
        (_BOMB.encode() + report("<additionalInfo>&b;</additionalInfo>"), "doctype"),
        (_FOREIGN.encode() + report("<additionalInfo>&x;</additionalInfo>"), "doctype"),
        (report("<additionalInfo>&x;</additionalInfo>"), "not-xml"),
        (report("<a>" * 40 + "</a>" * 40), "too-deep"),
        (report("<a/>" * 100_001), "too-many-elements"),
        (report(summary=""), "required"),
        (report(reporter=""), "required"),
        (report(summary="<incidentSummary/>"), "required"),
        (report(summary=SUMMARY * 2), "bad-type"),
        (report(victim(person="<firstName>a</firstName><firstName>b</firstName>")), "bad-type"),
        (report(victim(person="<dateOfBirth>04/02/2010</dateOfBirth>")), "bad-date"),
        (report(victim(person="<dateOfBirth>2010-02-30</dateOfBirth>")), "bad-date"),
        (report(victim(person="<dateOfBirth>2030-02-03</dateOfBirth>")), "bad-date"),
        (report(victim(person="<age>-99</age>")), "bad-number"),
        (report(victim(person="<age>fifteen</age>")), "bad-number"),
        (report(victim(person="<age>131</age>")), "bad-number"),
        (report(summary=SUMMARY.replace("10:15:00Z", "25:15:00Z")), "bad-date"),
        (report("<additionalInfo>" + "x" * 65_537 + "</additionalInfo>"), "too-long"),
        (report("<additionalInfo>/9j/4AAQSkZJRgABAQ</additionalInfo>"), "media-bytes"),
        (file_details("<originalFileHash hashType='MD5'>00</originalFileHash>"), "bad-hash"),
        (report("<victim/>" * 300), "too-many-entities"),
        (report(reported("<additionalInfo>" + "é" * 30_000 + "</additionalInfo>") * 20), "too-large"),
        (
            report(
                before="<internetDetails><cellPhoneIncident><latitude>91</latitude><longitude>0</longitude>"
                "</cellPhoneIncident></internetDetails>"
            ),
            "bad-number",
        ),
        (b" " * (8 * 1024 * 1024 + 1), "too-large"),
    ],
)
def test_bad_document_is_refused_with_its_reason(data: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(data)

    assert refusal.value.code == code
    assert refusal.value.field


@pytest.mark.parametrize("written", ["1988", "1988-00-00", "1988-05", "1988-05-06Z", "0000-00-00"])
def test_birth_dates_stay_as_they_are_known(written: str) -> None:
    person = read(report(victim(person=f"<dateOfBirth>{written}</dateOfBirth>"))).persons[1]

    assert (person.birth.year, person.birth.day) == {
        "1988-05-06Z": (1988, 6),
        "0000-00-00": (0, 0),
    }.get(written, (1988, 0))


def test_byte_order_mark_is_accepted() -> None:
    assert parse(b"\xef\xbb\xbf" + report()) == parse(report())


def test_foreign_names_of_elements_do_not_reach_the_losses() -> None:
    data = report('<x:Ilinca-Petrova xmlns:x="urn:x">text</x:Ilinca-Petrova>')

    assert lost(data) == {"report.?": Effect.DROPPED}


def test_losses_hold_no_text_of_the_report() -> None:
    draft = parse(report(victim("<schoolName>Ilinca</schoolName><unheard>Ilinca</unheard>")))

    assert "Ilinca" not in " ".join(loss.path + loss.why for loss in draft.losses)


_TEXTS = (
    *("firstName", "middleName", "lastName", "screenName", "espIdentifier", "espService", "displayName"),
    *("profileUrl", "profileBio", "schoolName", "groupIdentifier", "additionalInfo", "vehicleDescription"),
    *(
        "phone",
        "email",
        "platform",
        "url",
        "content",
        "chatRoomName",
        "gameName",
        "unheard",
        "companyTemplate",
    ),
    *("termsOfService", "legalURL", "agencyName", "caseNumber", "priorCTReports", "ipAddress", "idType"),
    *("idValue", "eventName", "city", "region", "countryCode", "address", "zipCode", "country", "fileId"),
    *("originalFileName", "industryClassification", "originalFileHash", "name", "value", "fileRelevance"),
    *("incidentDateTimeDescription", "escalateToHighPriority", "locationName", "emailAddress", "ipAddress"),
    *("possibleProxy", "port", "batchedReport", "client", "fileNames", "phoneNumber", "nonUsaState", "state"),
)
_GROUPS = (
    *("victimPerson", "personOrUserReportedPerson", "intendedRecipientPerson", "ipCaptureEvent", "deviceId"),
    *("estimatedLocation", "associatedAccount", "address", "details", "nameValuePair", "reportingPerson"),
    *("officerContact", "webPageIncident", "chatImIncident", "emailIncident", "peer2peerIncident", "unheard"),
    *("cellPhoneIncident", "nonInternetIncident", "incidentAddress", "accountTemporarilyDisabled"),
)
_TOP = (
    *("victim", "personOrUserReported", "intendedRecipient", "internetDetails", "lawEnforcement", "unheard"),
    *("reporter", "incidentSummary", "additionalInfo"),
)


class _Marks:
    """Words that stand once each, so that each is found again."""

    def __init__(self) -> None:
        self.count = 0

    def word(self) -> str:
        self.count += 1
        return f"mark{self.count}q"


@st.composite
def _documents(draw: st.DrawFn) -> tuple[str, int]:
    marks = _Marks()

    def leaf() -> str:
        name = draw(st.sampled_from(_TEXTS))
        attribute = f' type="{marks.word()}"' if draw(st.integers(0, 5)) == 0 else ""
        return f"<{name}{attribute}>{marks.word()}</{name}>"

    def group(depth: int) -> str:
        name = draw(st.sampled_from(_GROUPS))
        return f"<{name}>{inner(depth + 1)}</{name}>"

    def inner(depth: int) -> str:
        parts = [
            group(depth) if depth < 3 and draw(st.integers(0, 2)) == 0 else leaf()
            for _ in range(draw(st.integers(1, 4)))
        ]
        return "".join(parts)

    if draw(st.integers(0, 4)) == 0:
        return f"<fileDetails>{inner(0)}</fileDetails>", marks.count
    tops = draw(st.lists(st.sampled_from(_TOP[:6]), max_size=5))
    rest = "".join(f"<{name}>{inner(0)}</{name}>" for name in tops)
    summary = SUMMARY.replace("</incidentSummary>", f"{leaf()}</incidentSummary>")
    reporter = REPORTER.replace("</reporter>", f"{leaf()}{group(1)}</reporter>")
    return f"<report>{summary}{reporter}{rest}</report>", marks.count


@given(_documents())
def test_every_text_of_a_report_is_kept_or_declared_lost(document: tuple[str, int]) -> None:
    data, amount = document
    try:
        draft = parse(data.encode())
    except Malformed as refusal:
        assert refusal.field
        return

    _submit(draft.record)
    kept = set(re.findall(r"mark\d+q", " ".join(_strings(draft.record)), re.IGNORECASE))
    declared = len([loss for loss in draft.losses if loss.effect is not Effect.GENERALISED])
    assert amount - len(kept) <= declared


@given(st.binary(max_size=200), st.sampled_from([b"", b"<report>", b"<fileDetails>"]))
def test_any_bytes_are_refused_as_malformed(data: bytes, before: bytes) -> None:
    try:
        parse(before + data)
    except Malformed as refusal:
        assert refusal.field


@given(
    st.lists(
        st.tuples(st.integers(0, 900), st.integers(0, 3), st.sampled_from("<>/&;\"'=ax0\n\x00")), max_size=4
    )
)
def test_changed_reports_are_refused_as_malformed_or_read(changes: list[tuple[int, int, str]]) -> None:
    data = report(
        reported("<ipCaptureEvent><ipAddress>192.0.2.1</ipAddress></ipCaptureEvent>", "<age>30</age>")
        + victim("<schoolName>School</schoolName>", "<dateOfBirth>2012-01-02</dateOfBirth>")
    )
    for place, width, character in changes:
        data = data[:place] + character.encode() + data[place + width :]

    try:
        draft = parse(data)
    except Malformed as refusal:
        assert refusal.field
        return

    assert draft.record.persons


def _strings(message: Message) -> list[str]:
    found: list[str] = []
    for descriptor, held in message.ListFields():
        for value in held if descriptor.is_repeated else [held]:
            if isinstance(value, Message):
                found += _strings(value)
            elif isinstance(value, str):
                found.append(value)
    return found
