"""A draft is a whole record but for what only the submitter can state, whatever a document holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.loss import Effect
from adapters.stix.format import Stix21
from adapters.stix.layout import RECORD_EXTENSION
from gateway.errors import Malformed
from gateway.record.validation import read_record
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb
from tests.adapters.stix.samples import lost, parse, read, thing, uuid_of
from tests.adapters.views import TODAY
from tests.reference import reference


def _submit(record: pb.Record) -> pb.Record:
    header = pb.RecordHeader(
        marking=marking_pb2.Marking(policy_id="comity/1", level=marking_pb2.LEVEL_RESTRICTED),
        retain_until="2031-12-31",
    )
    record.header.MergeFrom(header)
    return read_record(record.SerializeToString(deterministic=True), today=TODAY)


def _entities(record: pb.Record) -> int:
    return sum(len(held) for field, held in record.ListFields() if field.is_repeated)


def test_the_reference_bundle_is_valid_once_marked() -> None:
    data = reference("stix21/invented-trafficking-bundle.json").read_bytes()

    (draft,) = Stix21().parse(data, today=TODAY, exercise=True)

    assert _submit(draft.record).persons


_TYPES = (
    *("identity", "identity", "threat-actor", "location", "incident", "note", "report", "observed-data"),
    *("url", "email-addr", "user-account", "file", "ipv4-addr", "relationship", "relationship", "malware"),
    *("comity-vehicle", "comity-journey", "comity-relationship"),
)
_IDS = st.sampled_from([f"{type_}--{uuid_of(number)}" for type_ in set(_TYPES) for number in range(2)])
_WORDS = st.sampled_from(
    [*("A", "", "-99", "victim", "suspect", "recruiter", "individual", "organization", "attributed-to"),
     *("targets", "related-to", "RO", "XX", "Atlantis", "Bra\u0306\u200f", "account", "phone", "ngo"),
     "text/plain"]
)  # fmt: skip
_TEXTS: tuple[str, ...] = (
    "name",
    "description",
    "identity_class",
    "country",
    "city",
    "region",
    "abstract",
    "content",
    "value",
)
_TEXTS += ("user_id", "account_type", "display_name", "mime_type", "relationship_type", "contact_information")
_LISTS = ("roles", "sectors", "aliases", "labels", "threat_actor_types")
_INSTANTS = ("first_observed", "last_observed", "ctime", "start_time", "stop_time")
_WHEN = st.sampled_from(["2031-02-03T10:15:00Z", "0001-01-01T00:00:00Z", "2031-02-03T23:59:59.999+14:00"])
_PATHS = st.sampled_from(
    [*("names", "birth.year", "identity", "identity.country", "link.kind", "route", "vehicle", "role", "id"),
     *("marking", "source_handling", "travellers", "site", "evaluation", "x.y", "link.from", "description")]
)  # fmt: skip
_VALUES: st.SearchStrategy[Any] = st.sampled_from(
    [
        None,
        7,
        "A",
        "ROLE_VICTIM",
        ["x"],
        [{"full": "A"}],
        [{}],
        {"country": "XX"},
        {"country": "RO"},
        {},
        True,
    ]
)
_ENTRIES = st.lists(
    st.builds(lambda path, value: {"path": path, "value": value}, _PATHS, _VALUES), min_size=1, max_size=3
)


@st.composite
def _things(draw: st.DrawFn) -> dict[str, Any]:
    one = thing(draw(st.sampled_from(_TYPES)), draw(st.integers(0, 1)))
    for name in draw(st.sets(st.sampled_from(_TEXTS), max_size=5)):
        one[name] = draw(_WORDS)
    for name in draw(st.sets(st.sampled_from(_LISTS), max_size=2)):
        one[name] = draw(st.lists(_WORDS, max_size=3))
    for name in draw(st.sets(st.sampled_from(_INSTANTS), max_size=2)):
        one[name] = draw(_WHEN)
    if one["type"] == "relationship":
        one |= {"source_ref": draw(_IDS), "target_ref": draw(_IDS)}
        one["confidence"] = draw(st.integers(0, 100))
    if one["type"] in ("note", "report", "observed-data"):
        one["object_refs"] = draw(st.lists(_IDS, max_size=4))
    if one["type"] == "location" and draw(st.booleans()):
        one |= {"latitude": draw(st.floats(-90, 90)), "longitude": 1.25, "precision": draw(st.integers(0, 9))}
    if one["type"] == "file":
        one["hashes"] = draw(st.sampled_from([{"MD5": "00" * 16, "tlsh": "x"}, {"sha256": "AB" * 32}, {}]))
    if one["type"].startswith("comity-"):
        one |= {"extensions": {RECORD_EXTENSION: {"extension_type": "new-sdo"}}, "values": draw(_ENTRIES)}
    elif draw(st.integers(0, 5)) == 0:
        said = {"extension_type": "property-extension", "values": draw(_ENTRIES)}
        one["extensions"] = {RECORD_EXTENSION: said}
    return one


@given(st.lists(_things(), min_size=1, max_size=8, unique_by=lambda one: one["id"]))
def test_any_document_is_refused_as_malformed_or_gives_a_valid_record(objects: list[dict[str, Any]]) -> None:
    try:
        drafts = parse(*objects)
    except Malformed as refusal:
        assert refusal.field.startswith("objects[")
        return

    for draft in drafts:
        if _entities(draft.record):
            _submit(draft.record)


def _extended(type_: str, *entries: Any) -> dict[str, Any]:
    said = {"extension_type": "property-extension", "values": list(entries)}
    return thing(type_, name="A", identity_class="individual", extensions={RECORD_EXTENSION: said})


@pytest.mark.parametrize("path", ["id", "marking", "id.x", "marking.level", "source_handling.text", "x"])
def test_extension_states_no_name_no_marking_and_no_field_it_does_not_know(path: str) -> None:
    one = _extended("identity", {"path": path, "value": "x"})

    (person,) = read(one).persons

    assert person.id == one["id"]
    assert not person.HasField("marking")
    assert lost(one)["objects[0].values"] is Effect.DROPPED


@pytest.mark.parametrize("path", ["own_reference", "marking", "retain_until", "exercise", "legal_basis"])
def test_extension_of_a_report_states_content_alone(path: str) -> None:
    (draft,) = parse(_extended("report", {"path": path, "value": "2031-01-01"}))

    header = draft.record.header
    assert [field.name for field, _ in header.ListFields()] == ["exercise"]
    assert header.exercise


@pytest.mark.parametrize(
    ("entry", "code"),
    [
        ({"path": "names", "value": 7}, "bad-type"),
        ({"path": "names", "value": [7]}, "bad-type"),
        ({"path": "names", "value": [{"full": 7}]}, "bad-type"),
        ({"path": "names", "value": [{}]}, "empty"),
        ({"path": "birth.year", "value": "many"}, "bad-number"),
        ({"path": "birth.year", "value": -1}, "bad-number"),
        ({"path": "birth", "value": {"year": 2031, "month": 13}}, "bad-date"),
        ({"path": "safety.anonymity_guaranteed", "value": "yes"}, "bad-type"),
        ({"path": "nationalities", "value": [{"country": "Atlantis"}]}, "bad-country"),
        ({"path": "therapy_notes", "value": ["x" * 65_537]}, "too-long"),
        ({"path": "therapy_notes", "value": ["\ud83d"]}, "bad-encoding"),
        ({"path": "images", "value": [{"hashes": [{"value": "?"}]}]}, "bad-encoding"),
        ({"path": 7}, "bad-type"),
        (7, "bad-type"),
    ],
)
def test_value_of_the_extension_that_is_not_of_its_form_is_refused(entry: Any, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(_extended("identity", entry))

    assert refusal.value.code == code
    assert refusal.value.field.startswith("objects[0].values")


def test_code_that_a_later_version_brings_is_dropped_and_declared() -> None:
    one = _extended("identity", {"path": "role", "value": "ROLE_ONLOOKER"})

    assert not read(one).persons[0].HasField("role")
    assert lost(one)["objects[0].role"] is Effect.DROPPED


def test_reference_of_the_extension_to_no_entity_is_dropped_and_declared() -> None:
    own: dict[str, Any] = {"extensions": {RECORD_EXTENSION: {"extension_type": "new-sdo"}}}
    payer = {"path": "payer", "value": f"identity--{uuid_of(7)}"}
    one = thing("comity-transaction", values=[payer], **own)

    assert not read(one).transactions[0].HasField("payer")
    assert lost(one)["objects[0].payer"] is Effect.DROPPED


def test_tie_between_ties_goes_with_the_tie_it_ends_at() -> None:
    own = {RECORD_EXTENSION: {"extension_type": "new-sdo"}}

    def tie(number: int, source: str, target: str) -> dict[str, Any]:
        entries = [{"path": "link.from", "value": source}, {"path": "link.to", "value": target}]
        return thing("comity-relationship", number, values=entries, extensions=own)

    person, place = thing("identity", name="A"), thing("location", country="XA")
    first = tie(1, person["id"], place["id"])
    second = tie(2, first["id"], f"identity--{uuid_of(7)}")
    third = tie(3, second["id"], person["id"])

    record = read(third, second, first, person, place)

    assert [one.id for one in record.relationships] == [first["id"]]
    assert {"objects[0].link", "objects[1].link"} <= set(lost(third, second, first, person, place))
