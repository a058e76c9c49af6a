"""A draft is a whole record but for what only the submitter can state: its marking and its last day."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.adapter import View
from adapters.misp.format import Misp
from gateway.errors import Malformed, Refused
from gateway.record.findings import InvalidRecord
from gateway.record.validation import read_record
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb
from tests.adapters.misp.samples import TODAY, UUIDS, event, parse, thing
from tests.adapters.views import EVERY, check_round_trip, view_of, views
from tests.record.samples import case
from tests.reference import reference


def _submit(record: pb.Record) -> pb.Record:
    header = pb.RecordHeader(
        marking=marking_pb2.Marking(policy_id="comity/1", level=marking_pb2.LEVEL_RESTRICTED),
        retain_until="2039-12-31",
    )
    record.header.MergeFrom(header)
    return read_record(record.SerializeToString(deterministic=True), today=TODAY)


def test_the_reference_event_is_valid_once_marked() -> None:
    (draft,) = parse(reference("misp/invented-event.json").read_bytes())

    assert len(_submit(draft.record).persons) == 2
    assert draft.record.header.exercise


def test_unmarked_draft_is_refused() -> None:
    (draft,) = parse(event(thing("person", first_name="Ana")))

    with pytest.raises(InvalidRecord) as refusal:
        read_record(draft.record.SerializeToString(deterministic=True), today=TODAY)

    assert {"header.marking", "header.retain_until"} <= {finding.path for finding in refusal.value.findings}


def test_a_whole_case_is_valid_when_it_is_read_again() -> None:
    data = Misp().render([view_of(case())], form="json", allowed=EVERY).data

    (draft,) = Misp().parse(data, today=TODAY, exercise=True)

    assert _submit(draft.record).persons


_CODES = st.sampled_from(
    ["XA", "XX", "suspect", "adult", "minor", "15-17", "48-plus", "1988", "2031-02-30", "yes", "70", "x", ""]
)
_PREDICATES = (
    "role age-status age-band gender functions birth birth-age-band region name name-kind parts script place "
    "current since until country contact-kind seen comment workplace portrait status issuing-country expires "
    "entity shown identity-kind identity-country identity-plate-country stand-in kind acts means language "
    "content-text-digest detail-on departed route-month relation confidence header handling evaluation"
)
_PREDICATE = st.sampled_from(_PREDICATES.split())
_TAGS = st.builds(lambda predicate, code: {"name": f'comity:{predicate}="{code}"'}, _PREDICATE, _CODES)
_VALUES = st.one_of(
    st.sampled_from(["Ana", "1988", "1988-05-06", "2021-02-03T04:05:06Z", "XA", "Sampleton, XA", "12.5"]),
    st.sampled_from(["Victim", "Suspect", "Male", "+999 1", "a@example.invalid", "5 EUR", "van", "0" * 32]),
    st.text(max_size=10),
)
_RELATIONS = {
    "person": "alias first-name title role date-of-birth gender nationality passport-number address handle "
    "passport-country passport-expiration portrait place-of-birth occupation e-mail full-name text",
    "organization": "name alias address type-of-organization sector description e-mail",
    "vehicle": "make type license-plate-number",
    "geolocation": "city countrycode latitude longitude accuracy-radius text",
    "user-account": "username email account-type user-id",
    "bank-account": "iban account",
    "phone-number": "phone-number country-code",
    "url": "url host text last-seen",
    "file": "md5 filename size-in-bytes creation-time ssdeep",
    "phone": "imei brand",
    "transaction": "amount date transmode-code",
    "cryptocurrency-transaction": "value symbol time",
    "transport-ticket": "origin destination date-of-departure type-of-transport",
    "annotation": "text",
    "report": "title summary case-number",
    "victim": "name",
}


@st.composite
def _objects(draw: st.DrawFn) -> list[dict[str, Any]]:
    found = []
    for number in range(draw(st.integers(1, 5))):
        name = draw(st.sampled_from(sorted(_RELATIONS)))
        attributes = [
            {
                "object_relation": draw(st.sampled_from(_RELATIONS[name].split())),
                "type": "text",
                "value": draw(_VALUES),
                "Tag": draw(st.lists(_TAGS, max_size=2)),
            }
            for _ in range(draw(st.integers(1, 5)))
        ]
        names = ["uses", "registered-to", "picture-of", "describes", "part-of", "mentions", "located-at", "x"]
        ties = [
            {
                "referenced_uuid": draw(st.sampled_from(UUIDS[:5])),
                "relationship_type": draw(st.sampled_from(names)),
                "comment": draw(st.sampled_from(["", "x", 'comity:relation="suspect-in"\nx', 'comity:x="'])),
            }
            for _ in range(draw(st.integers(0, 3)))
        ]
        found.append({"uuid": UUIDS[number], "name": name, "Attribute": attributes, "ObjectReference": ties})
    return found


@given(objects=_objects(), tags=st.lists(_TAGS, max_size=3))
@settings(max_examples=50, deadline=None)
def test_any_event_is_refused_or_gives_a_valid_record(
    objects: list[dict[str, Any]], tags: list[dict[str, str]]
) -> None:
    document = event(*objects, Tag=tags)
    try:
        drafts = parse(deepcopy(document))
    except Malformed as refusal:
        assert refusal.field
        return

    for draft in drafts:
        assert all(person.role for person in _submit(draft.record).persons)
        check_round_trip(Misp(), view_of(draft.record), "json")


@given(view=views())
@settings(max_examples=50, deadline=None)
def test_what_was_written_is_the_same_when_it_is_read_and_written_again(view: View) -> None:
    try:
        data = Misp().render([view], form="json", allowed=EVERY).data
    except Refused:
        return
    (draft,) = Misp().parse(data, today=TODAY.replace(year=9999), exercise=False)

    try:
        again = view_of(_marked(draft.record))
    except Malformed:
        return  # a view may show less than a record must state
    check_round_trip(Misp(), again, "json")
    assert json.loads(data)["Event"]["Object"]


def _marked(record: pb.Record) -> pb.Record:
    record.header.marking.policy_id = "comity/1"
    return record
