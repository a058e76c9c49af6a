"""Requests, replies and notices: what they must say and by when, each refusal beside its permission."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.adapter import View
from adapters.europol.deadlines import deadline
from adapters.europol.siena import EuropolSiena
from gateway.errors import Malformed, Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.europol.samples import read_siena, siena, texts
from tests.adapters.views import EVERY, check_round_trip, reading
from tests.reference import reference

_REQUEST = {
    "Information sought": "Keeper of plate XB-TEST-77",
    "Facts": "An adult is held at an address that is not known.",
    "Offence": "trafficking in human beings for sexual exploitation",
    "Reasons for addressing": "The vehicle carries XB plates.",
    "Link to person or entity": "The keeper is believed to transport victims.",
}


def _request(*, urgent: bool = True, lines: tuple[str, ...] = (), without: str = "") -> pb.Record:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_SUSPECT)
    record.vehicles.add(id="vehicle/aaaaaaaaaa").identity.plate = "XB-TEST-77"
    told = {**_REQUEST, "Reason for urgency": "imminent_threat_to_life: held against her will"}
    if not urgent:
        del told["Reason for urgency"]
    for at, (title, text) in enumerate(told.items()):
        if title != without:
            record.narratives.add(id=f"narrative/{'abcdefg'[at] * 10}", title=title, text=text)
    record.narratives[0].language = "en"
    record.narratives[0].subjects.append("vehicle/aaaaaaaaaa")
    record.header.provenance.extend([*(["Urgent."] if urgent else []), *lines])
    record.header.purposes_in_words.append("Restriction on use: not as evidence")
    return record


def _element(record: pb.Record) -> Any:
    data = EuropolSiena().render([View(record=record)], form="xml", allowed=EVERY).data
    return etree.fromstring(data)


def test_request_says_what_a_request_must_and_loses_nothing_of_it() -> None:
    record = _request(lines=("Access: direct", "Patrol report"))
    view = View(record=record)

    rendered = check_round_trip(EuropolSiena(), view, "xml")

    assert rendered is not None
    back = reading(EuropolSiena(), view, rendered)
    assert {one.title: one.text for one in back.narratives} == {
        one.title: one.text for one in record.narratives
    }
    assert sorted(back.header.provenance) == sorted(record.header.provenance)
    assert "Restriction on use: not as evidence" in back.header.purposes_in_words
    assert back.narratives[0].language == "en"
    assert list(back.narratives[0].subjects) == ["vehicle/aaaaaaaaaa"]
    root = _element(record)
    assert root.find("{*}Header").get("type") == "REQUEST"
    assert root.find("{*}Header").get("urgent") == "true"
    assert root.find(".//{*}Urgency").get("ground") == "imminent_threat_to_life"
    assert texts(root, "Request/Restriction") == ["not as evidence"]


@pytest.mark.parametrize("missing", ["Facts", "Offence", "Reasons for addressing", "Reason for urgency"])
def test_request_without_a_part_it_must_have_is_refused(missing: str) -> None:
    with pytest.raises(Refused) as refusal:
        EuropolSiena().render([View(record=_request(without=missing))], form="xml", allowed=EVERY)

    assert refusal.value.code == "incomplete"


def test_request_without_a_link_or_urgency_is_one() -> None:
    root = _element(_request(urgent=False, without="Link to person or entity"))

    assert root.find("{*}Header").get("type") == "REQUEST"


def test_record_that_seeks_nothing_is_no_request() -> None:
    root = _element(_request(without="Information sought"))

    assert root.find("{*}Header").get("type") == "SPONTANEOUS"
    assert root.find("{*}Request") is None


@pytest.mark.parametrize(
    ("urgent", "access", "due"),
    [
        (True, "direct", "2031-02-04T16:15:00Z"),
        (True, "", "2031-02-04T16:15:00Z"),
        (True, "indirect", "2031-02-07T08:15:00Z"),
        (False, "direct", "2031-02-11T08:15:00Z"),
        (False, "indirect", "2031-02-11T08:15:00Z"),
    ],
)
def test_deadline_is_counted_from_receipt(urgent: bool, access: str, due: str) -> None:
    lines = ("Received at: 2031-02-04T08:15:00Z", *([f"Access: {access}"] if access else []))

    request = _element(_request(urgent=urgent, lines=lines)).find("{*}Request")

    assert request.get("receivedAt") == "2031-02-04T08:15:00Z"
    assert request.get("deadline") == due


def test_limits_are_those_of_the_directive() -> None:
    table = json.loads(reference("europol-like/directive-2023-977.json").read_text())["time_limits"]
    spans = {"PT8H": timedelta(hours=8), "P3D": timedelta(days=3), "P7D": timedelta(days=7)}
    received = datetime(2031, 2, 4, 8, 15, tzinfo=UTC)

    for row in table:
        for access in ("direct", "indirect") if row["access"] == "any" else (row["access"],):
            due = deadline(received, urgent=row["urgent"], access=access)
            assert due - received == spans[row["limit"]]


@given(st.integers(0, 10**11))
def test_urgent_is_never_later_than_what_is_not(seconds: int) -> None:
    received = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    direct, indirect, other = (
        deadline(received, urgent=True, access="direct"),
        deadline(received, urgent=True, access="indirect"),
        deadline(received, urgent=False, access="direct"),
    )

    assert received < direct < indirect < other


def _asked(attributes: str = "", *, urgent: str = "true", pending: str = "", urgency: bool = True) -> bytes:
    words = "".join(
        f"<{tag} id='{tag}'>{tag}</{tag}>" for tag in ("InformationSought", "Facts", "Offence", "Reasons")
    )
    reason = "<Urgency id='u1' ground='imminent_threat_to_life'/>" if urgency else ""
    body = f"<Request {attributes}>{words}{reason}{pending}</Request>"
    return siena(body=body, attributes=f"type='REQUEST' urgent='{urgent}'")


_RECEIVED = "receivedAt='2031-02-04T09:15:00+01:00' access='direct'"
_PENDING = "<AuthorisationPending id='a1'>A judge decides on the seventh.</AuthorisationPending>"


def test_request_is_read_into_narratives_under_titles() -> None:
    record = read_siena(_asked(f"{_RECEIVED} deadline='2031-02-04T16:15:00Z'")).record

    assert {one.title: one.text for one in record.narratives} == {
        "Information sought": "InformationSought",
        "Facts": "Facts",
        "Offence": "Offence",
        "Reasons for addressing": "Reasons",
        "Reason for urgency": "imminent_threat_to_life",
    }
    assert {"Urgent.", "Access: direct", "Received at: 2031-02-04T08:15:00Z"} <= {*record.header.provenance}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (_asked(f"{_RECEIVED} deadline='2031-02-04T16:15:01Z'"), "contradiction"),
        (_asked(f"{_RECEIVED} deadline='2031-02-04T15:15:00Z'", pending=_PENDING), "contradiction"),
        (_asked(urgency=False), "incomplete"),
        (_asked(f"{_RECEIVED} deadline='2031-02-04T16:15:00'"), "bad-date"),
        (siena(attributes="type='REQUEST'"), "incomplete"),
        (_asked().replace(b"'REQUEST'", b"'REPLY'"), "incomplete"),
        (_asked().replace(b"<Facts id='Facts'>Facts</Facts>", b""), "breaks-schema"),
        (_asked().replace(b"<Facts ", b"<Facts about='p9' "), "dangling-reference"),
    ],
)
def test_request_that_breaks_a_rule_is_not_read(data: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read_siena(data)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    "data",
    [
        _asked(),
        _asked(_RECEIVED),
        _asked(f"{_RECEIVED} deadline='2031-02-04T16:15:00Z'"),
        _asked(f"{_RECEIVED} deadline='2031-02-09T16:15:00Z'", pending=_PENDING),
        _asked("deadline='2031-02-09T16:15:00Z'"),
        _asked(urgent="false", urgency=False),
    ],
)
def test_request_that_keeps_the_rules_is_read(data: bytes) -> None:
    assert len(read_siena(data).record.narratives) >= 4


def test_reference_request_fits_into_a_message() -> None:
    sample = json.loads(reference("europol-like/request-sample.json").read_text())
    record = _request()
    for narrative in record.narratives:
        if narrative.title == "Information sought":
            narrative.text, narrative.language = sample["information_sought"], sample["language"]
    header = record.header
    header.crime_areas.append(sample["crime_area"])
    header.source_handling.codes.extend(sample["handling"])
    header.source_handling.classification = sample["classification"]
    header.audience.append(sample["receiver"]["authority"])
    header.provenance.append(f"Received at: {sample['sent_at']}")
    header.purposes_in_words.append(f"Legal basis: {sample['legal_basis']}")

    root = _element(record)

    assert root.find("{*}Request").get("deadline") == sample["deadline"]
    assert texts(root, "Header/LegalBasis") == [sample["legal_basis"]]
    assert texts(root, "Handling/Code") == sample["handling"]
    assert texts(root, "Request/InformationSought") == [sample["information_sought"]]


def test_reply_names_what_it_replies_to() -> None:
    record = _request(without="Information sought", lines=("Message type: REPLY", "In reply to: XA-1"))

    root = _element(record)

    assert root.find("{*}Header").get("type") == "REPLY"
    assert texts(root, "InReplyTo") == ["XA-1"]
    assert check_round_trip(EuropolSiena(), View(record=record), "xml")


@pytest.mark.parametrize(
    ("kind", "word"), [(pb.RECORD_TYPE_NOTICE, "NOTICE"), (pb.RECORD_TYPE_CASE, "CONTRIBUTION")]
)
def test_notice_and_case_have_types_of_their_own(kind: pb.RecordType.ValueType, word: str) -> None:
    record = pb.Record()
    record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_SUSPECT)
    record.header.type = kind

    assert _element(record).find("{*}Header").get("type") == word
