"""The forms a document may have, and what is refused before anything is believed."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.case_uco.context import PREFIXES
from adapters.document import MAX_DOCUMENT_BYTES
from adapters.loss import Effect
from gateway.errors import Malformed
from gateway.record.validation import read_record
from gateway.v1 import marking_pb2, record_pb2
from tests.adapters.case_uco.samples import (
    ANA,
    PHONE,
    documents,
    facet,
    graph,
    losses,
    parse,
    person,
    read,
    thing,
    time,
)
from tests.adapters.views import TODAY
from tests.reference import reference

_REFERENCES = (
    *("accounts", "analysis", "call_log", "cell_site", "device", "event", "file", "location", "message"),
    *("mobile_device_and_sim_card", "raw_data", "sms_and_contacts"),
)
_IDENTITY = PREFIXES["uco-identity"]


def _submit(record: record_pb2.Record) -> record_pb2.Record:
    header = record_pb2.RecordHeader(
        marking=marking_pb2.Marking(policy_id="comity/1", level=marking_pb2.LEVEL_RESTRICTED),
        retain_until="2031-12-31",
    )
    record.header.MergeFrom(header)
    return read_record(record.SerializeToString(deterministic=True), today=TODAY)


@pytest.mark.parametrize("name", _REFERENCES)
def test_every_reference_example_is_read_and_valid_once_marked(name: str) -> None:
    (draft,) = parse(reference(f"case-uco/{name}.json").read_bytes())

    assert _submit(draft.record).HasField("header")


def test_no_reference_example_is_passed_over() -> None:
    found = {path.stem for path in reference("case-uco").glob("*.json")}

    assert found == set(_REFERENCES)


@given(document=documents())
def test_any_document_gives_a_valid_record_in_which_nobody_is_without_a_role(document: Any) -> None:
    (draft,) = parse(document)

    record = _submit(draft.record)
    assert all(one.role != record_pb2.ROLE_UNSPECIFIED for one in record.persons)


_ANA_EXPANDED = {
    "@id": "urn:x:1",
    "@type": [f"{_IDENTITY}Person"],
    f"{PREFIXES['uco-core']}hasFacet": [
        {"@type": [f"{_IDENTITY}SimpleNameFacet"], f"{_IDENTITY}givenName": [{"@value": "Ana"}]}
    ],
}


@pytest.mark.parametrize(
    "document",
    [
        graph(person()),
        [_ANA_EXPANDED],
        _ANA_EXPANDED,
        {"@graph": _ANA_EXPANDED},
        {"@context": [None, dict(PREFIXES)], "@graph": [person()]},
        {"@context": {"id": "@id", "type": "@type", "@vocab": PREFIXES["uco-identity"]}}
        | {"id": "urn:x:1", "type": "Person", f"{PREFIXES['uco-core']}hasFacet": {"@list": [
            {"type": "SimpleNameFacet", "givenName": {"@value": "Ana", "@language": "ro"}}]}},
        {
            "@context": {
                "u": "https://ontology.unifiedcyberontology.org/uco/",
                "i": "u:identity/",
                "Person": {"@id": "i:Person"},
                "facet": {"@id": "u:core/hasFacet", "@type": "@id", "@container": "@set"},
            },
            "@graph": [
                {"@id": "urn:x:1", "@type": "Person", "facet": "urn:x:2"},
                {"@id": "urn:x:2", "@type": "i:SimpleNameFacet", "i:givenName": ["Ana"]},
            ],
        },
        {"@context": dict(PREFIXES), "@graph": [
            {"@id": ANA, "@type": "uco-identity:Person"},
            {"@id": ANA, "uco-core:hasFacet": [facet("identity:SimpleNameFacet", givenName="Ana")]}]},
        b"\xef\xbb\xbf" + json.dumps(graph(person())).encode(),
    ],
)  # fmt: skip
def test_same_thing_is_read_however_it_is_written(document: Any) -> None:
    (draft,) = parse(document)

    (ana,) = draft.record.persons
    assert [name.given for name in ana.names] == ["Ana"]
    assert ana.role == record_pb2.ROLE_UNKNOWN


def test_names_that_only_look_like_ours_are_nothing() -> None:
    context = dict(PREFIXES) | {"uco-identity": "https://elsewhere.example.invalid/"}

    with pytest.raises(Malformed) as refusal:
        parse(graph(person(), context=context))

    assert refusal.value.code == "empty-document"


_DEEP = '{"@context": {}, "a": ' + '{"b": ' * 40 + "1" + "}" * 41
_NUMBER = {"@type": "xsd:decimal", "@value": "91"}
_HASH = {"@type": "uco-types:Hash", "uco-types:hashMethod": "MD5", "uco-types:hashValue": "0011"}


@pytest.mark.parametrize(
    ("document", "code", "field"),
    [
        (b"", "empty-document", "document"),
        (b"[]", "empty-document", "document"),
        (b"{}", "empty-document", "document"),
        (b"7", "bad-type", "document"),
        (b'"text"', "bad-type", "document"),
        (b"null", "bad-type", "document"),
        (b'{"@graph": [7]}', "bad-type", "@graph[0]"),
        (b'{"@graph": null}', "bad-type", "@graph[0]"),
        (json.dumps(graph(person())).encode("utf-16"), "bad-encoding", "document"),
        (json.dumps(graph(person())).encode()[:-20], "not-json", "document"),
        (b'{"@graph": [], "@graph": []}', "duplicate-field", "@graph"),
        (_DEEP, "too-deep", "document"),
        (b" " * (MAX_DOCUMENT_BYTES + 1), "too-large", "document"),
        ({"@context": "https://ctx.example.invalid/case.jsonld"}, "remote-context", "@context"),
        ({"@context": [{}, "https://ctx.example.invalid/"]}, "remote-context", "@context"),
        ({"@context": {"@import": "https://ctx.example.invalid/"}}, "remote-context", "@context"),
        ({"@context": 7}, "bad-type", "@context"),
        ({"@context": {"a": 7}}, "bad-type", "@context.a"),
        ({"@context": {"a": {"@reverse": "b"}}}, "bad-type", "@context.a"),
        ({"@context": {"a": {"@id": "b", "@container": "@language"}}}, "bad-type", "@context.a"),
        ({"@context": {"@propagate": False}}, "bad-type", "@context.@propagate"),
        (graph({"@id": 7, "@type": "uco-identity:Person"}), "bad-type", "@graph[0].@id"),
        (graph({"@id": ANA, "@type": 7}), "bad-type", "@graph[0].@type"),
        (graph(person(core__x={"@id": ANA, "@context": {}})), "bad-type", "@graph[0].uco-core:x.@context"),
        (graph(person(core__name=True)), "bad-type", "@graph[0].uco-core:name"),
        (graph(person(core__name="a" * 65_537)), "too-long", "@graph[0].uco-core:name"),
        (graph(person(core__name="\ud83d")), "bad-encoding", "@graph[0].uco-core:name"),
        (graph(person(core__name={"@value": []})), "bad-type", "@graph[0].uco-core:name.@value"),
        (graph(thing(ANA, "uco-identity:Person",
                     facet("identity:BirthInformationFacet", birthdate="06.05.1988"))),
         "bad-date", "@graph[0].uco-core:hasFacet.uco-identity:birthdate"),
        (graph(thing(ANA, "uco-identity:Person",
                     facet("identity:BirthInformationFacet", birthdate="1988-00-00T00:00:00Z"))),
         "bad-date", "@graph[0].uco-core:hasFacet.uco-identity:birthdate"),
        (graph(thing(ANA, "uco-identity:Person",
                     facet("identity:BirthInformationFacet", birthdate="1988-05-06T00:00:00"))),
         "bad-date", "@graph[0].uco-core:hasFacet.uco-identity:birthdate"),
        (graph(thing(ANA, "uco-location:Location",
                     facet("location:LatLongCoordinatesFacet", latitude=_NUMBER, longitude=1))),
         "bad-number", "@graph[0].uco-core:hasFacet.uco-location:latitude"),
        (graph(thing(ANA, "uco-observable:File", facet("observable:FileFacet", sizeInBytes=1.5))),
         "bad-number", "@graph[0].uco-core:hasFacet.uco-observable:sizeInBytes"),
        (graph(thing(ANA, "uco-observable:File", facet("observable:ContentDataFacet", hash=_HASH))),
         "bad-hash", "@graph[0].uco-core:hasFacet.uco-observable:hash.uco-types:hashValue"),
        (graph(thing(ANA, "uco-observable:File",
                     facet("observable:ContentDataFacet", hash=_HASH | {"uco-types:hashValue": "xyz"}))),
         "bad-hash", "@graph[0].uco-core:hasFacet.uco-observable:hash.uco-types:hashValue"),
        (graph(person(), {"@id": "kb:r", "@type": "uco-core:Relationship",
                          "uco-core:source": [{"@id": f"kb:{n}"} for n in range(40)],
                          "uco-core:target": [{"@id": f"kb:{n}"} for n in range(40)]}),
         "too-many", "@graph[1]"),
    ],
)  # fmt: skip
def test_bad_document_is_refused_with_its_place(document: Any, code: str, field: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(document)

    assert (refusal.value.code, refusal.value.field) == (code, field)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("1988", (1988, 0, 0)),
        ("1988-05", (1988, 5, 0)),
        ("1988-00-00", (1988, 0, 0)),
        ("1988-05-06", (1988, 5, 6)),
        ("1988-05-06T00:00:00Z", (1988, 5, 6)),
        ("0000-00-00", None),
    ],
)
def test_birth_date_is_read_as_far_as_it_is_known(text: str, known: tuple[int, int, int] | None) -> None:
    record = read(thing(ANA, "uco-identity:Person", facet("identity:BirthInformationFacet", birthdate=text)))

    birth = record.persons[0].birth
    assert record.persons[0].HasField("birth") == (known is not None)
    assert (birth.year, birth.month, birth.day) == (known or (0, 0, 0))


@pytest.mark.parametrize("value", ["", "-99", "0", "00", [], None, [None, ""]])
def test_what_stands_for_not_recorded_is_absent(value: Any) -> None:
    record = read(person(core__name=value, core__description=value))

    assert [name.full for name in record.persons[0].names] == [""]


def test_unknown_numbers_are_absent_and_nought_bytes_are_a_size() -> None:
    record = read(
        thing(ANA, "uco-observable:File", facet("observable:FileFacet", fileName="a", sizeInBytes=-99)),
        thing(PHONE, "uco-observable:File", facet("observable:FileFacet", fileName="b", sizeInBytes=0)),
    )

    assert [one.metadata.HasField("size_bytes") for one in record.artefacts] == [False, True]


def test_names_of_any_script_are_read_in_composed_form_without_unseen_characters() -> None:
    given_name = "Bra\u0306ila\u202e\u0000 מרים"
    node = thing(ANA, "uco-identity:Person", facet("identity:SimpleNameFacet", givenName=given_name))

    assert read(node).persons[0].names[0].given == "Brăila מרים"
    assert losses(node) == {"@graph[0].uco-core:hasFacet.uco-identity:givenName": Effect.GENERALISED}


def test_property_and_class_that_a_record_does_not_keep_are_noted() -> None:
    found = losses(
        person(core__createdBy={"@id": PHONE}, made="up"),
        thing("kb:os", "uco-observable:OperatingSystem", core__name="XA-OS"),
        {"@id": "kb:bare", "unheard": "of"},
        {"@id": "kb:\u202e", "@type": "uco-identity:Person", "a\nb": 1},
    )

    assert found == {
        "@graph[0].uco-core:createdBy": Effect.DROPPED,
        "@graph[0].uco-made": Effect.DROPPED,
        "@graph[1]": Effect.DROPPED,
        "@graph[2].unheard": Effect.DROPPED,
        "@graph[3].?": Effect.DROPPED,
    }


def test_ids_that_no_record_may_have_are_replaced_and_stay_unique() -> None:
    record = read(
        thing("https://a.example.invalid/one two", "uco-identity:Person"),
        thing("https://a.example.invalid/x", "uco-identity:Person"),
        thing("https://b.example.invalid/x", "uco-identity:Person"),
        {"@type": "uco-identity:Person"},
    )

    ids = [one.id for one in record.persons]
    assert ids[1] == "x"
    assert len(set(ids)) == 4


def test_nothing_of_the_process_makes_two_readings_differ() -> None:
    document = graph(person(), thing(PHONE, "uco-observable:PhoneAccount"))

    assert parse(document) == parse(document)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ({"@type": "@json", "@value": {"year": 1988, "month": 13}}, "bad-date"),
        ({"@type": "@json", "@value": {"year": "1988"}}, "bad-type"),
        ({"@type": "@json", "@value": {"years": 1988}}, "bad-type"),
        ({"@type": "@json", "@value": [1988]}, "bad-type"),
        ({"@type": "@json", "@value": {}}, "empty"),
        ("1988", "bad-type"),
    ],
)
def test_our_own_facet_is_examined_like_any_record_content(value: Any, code: str) -> None:
    own = {"@type": "comity:Facet", "comity:birth": value}

    with pytest.raises(Malformed) as refusal:
        read(thing(ANA, "uco-identity:Person", own))

    assert refusal.value.code == code


@pytest.mark.parametrize("name", ["marking", "id", "retain_until", "own_reference", "unheard"])
def test_our_own_facet_says_nothing_that_never_travels(name: str) -> None:
    own = {"@type": "comity:Facet", f"comity:{name}": {"@type": "@json", "@value": "x"}}

    assert read(thing(ANA, "uco-identity:Person", own)) == read(thing(ANA, "uco-identity:Person"))
    assert list(losses(thing(ANA, "uco-identity:Person", own))) == [
        f"@graph[0].uco-core:hasFacet.comity:{name}"
    ]


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_as_malformed(data: bytes) -> None:
    try:
        parse(data)
    except Malformed as refusal:
        assert refusal.field


_SCALARS: st.SearchStrategy[Any] = st.sampled_from(
    [None, True, 7, -99, "", "x", "2031-05-06T00:00:00Z", [], {}, [[]], {"@id": ANA}]
)


@given(document=documents(), value=_SCALARS, data=st.data())
def test_any_change_to_a_document_is_read_or_refused_as_malformed(
    document: Any, value: Any, data: st.DataObject
) -> None:
    holder: Any = document
    for _ in range(data.draw(st.integers(1, 6))):
        keys = list(holder) if isinstance(holder, dict) else range(len(holder))
        inner = [key for key in keys if isinstance(holder[key], dict | list) and holder[key]]
        if not inner:
            break
        holder = holder[data.draw(st.sampled_from(inner))]
    keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
    holder[data.draw(st.sampled_from(keys))] = value

    try:
        drafts = parse(document)
    except Malformed as refusal:
        assert refusal.field
        return
    for draft in drafts:
        assert _submit(draft.record).HasField("header")


def test_moments_are_midnights_only_where_no_time_is_said() -> None:
    def when(text: str) -> record_pb2.Moment:
        node = thing("kb:a", "uco-action:Action", action__startTime=time(text))
        return read(person(), node).incidents[0].occurred.start

    assert not when("2031-05-06T00:00:00Z").HasField("at")
    assert when("2031-05-06T00:00:00.000Z").HasField("at")
    assert when("2031-05-06T00:30:00+02:00").date.day == 6
