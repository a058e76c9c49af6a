"""The forms a document may have, what is refused of it, and that nothing else than a refusal comes of any."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.adapter import View
from adapters.document import MAX_DOCUMENT_BYTES
from adapters.loss import Effect
from adapters.stix.format import Stix21
from gateway.errors import Malformed, NotFound, Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.stix.samples import bundle, lost, parse, read, thing, uuid_of
from tests.adapters.views import TODAY, lost_paths
from tests.reference import reference

_SAMPLES = {
    "stix21/oasis-examples/indicator-for-c2-ip-address.json": 0,
    "stix21/oasis-examples/indicator-to-campaign-relationship.json": 0,
    "stix21/oasis-examples/infrastructure.json": 1,
    "stix21/oasis-examples/interop-objectmarking-test.json": 0,
    "stix21/oasis-examples/malicious-email-indicator-with-attachment.json": 0,
    "stix21/invented-trafficking-bundle.json": 13,
    "stix21/tlp-2.0-markings.json": 0,
}


def _read(data: bytes) -> pb.Record:
    (draft,) = Stix21().parse(data, today=TODAY, exercise=True)
    return draft.record


@pytest.mark.parametrize(("path", "entities"), _SAMPLES.items())
def test_sample_is_read_and_what_has_no_equal_is_declared(path: str, entities: int) -> None:
    data = reference(path).read_bytes()

    (draft,) = Stix21().parse(data, today=TODAY, exercise=True)

    counts = [len(held) for field, held in draft.record.ListFields() if field.is_repeated]
    assert sum(counts) == entities
    held = json.loads(data)
    for number, one in enumerate(held.get("objects", [])):
        if one["type"] in ("campaign", "indicator", "infrastructure", "malware", "attack-pattern"):
            assert f"objects[{number}]" in {loss.path for loss in draft.losses}


def test_reference_bundle_says_who_did_what_where() -> None:
    record = _read(reference("stix21/invented-trafficking-bundle.json").read_bytes())

    assert [person.role for person in record.persons] == [pb.ROLE_VICTIM, pb.ROLE_SUSPECT]
    assert record.persons[1].aliases[0].full == "The Courier"
    (site,) = [location.site for location in record.locations]
    assert (site.latitude_e6, site.longitude_e6, site.precision_m) == (12_500_000, -45_250_000, 500)
    (content,) = record.online_contents
    assert content.content.url == "https://ads.example.invalid/post/4471"
    assert list(record.header.provenance) == ["National Unit XA (fictional)"]
    kinds = [one.link.kind for one in record.relationships]
    assert kinds == [pb.RELATION_KIND_VICTIM_OF, 0, 0, pb.RELATION_KIND_LOCATED_AT, 0]


_A = thing("identity", name="A")


@pytest.mark.parametrize(
    ("document", "code", "field"),
    [
        (b"", "empty-document", "document"),
        (b" \n", "empty-document", "document"),
        (b"[]", "bad-type", "document"),
        (b"7", "bad-type", "document"),
        (b"{}", "empty-document", "objects"),
        (b'{"type": "bundle", "objects": []}', "empty-document", "objects"),
        (b'{"type": "bundle", "objects": {}}', "bad-type", "objects"),
        (b'{"type": "bundle", "objects": [7]}', "bad-type", "objects[0]"),
        (b'{"type": 7}', "bad-type", "object.type"),
        (b'{"type": "identity", "name": "A"}', "bad-id", "object.id"),
        (b'{"type": "bundle", "type": "bundle"}', "duplicate-field", "type"),
        (b'{"type": "bundle", "objects": [', "not-json", "document"),
        (b"\xff\xfe{\x00}\x00", "bad-encoding", "document"),
        (b'{"type": "\xe9"}', "bad-encoding", "document"),
        (b'{"a": ' * 5000 + b"1" + b"}" * 5000, "too-deep", "document"),
        (b'{"a": NaN}', "bad-number", "document"),
        (b" " * (MAX_DOCUMENT_BYTES + 1), "too-large", "document"),
        (bundle({**_A, "id": "identity--7"}), "bad-id", "objects[0].id"),
        (bundle({**_A, "id": f"note--{uuid_of(1)}"}), "bad-id", "objects[0].id"),
        (bundle({**_A, "name": ["A"]}), "bad-type", "objects[0].name"),
        (bundle({**_A, "name": "a" * 65_537}), "too-long", "objects[0].name"),
        (bundle({**_A, "roles": "victim"}), "bad-type", "objects[0].roles"),
        (bundle({**_A, "roles": [7]}), "bad-type", "objects[0].roles[0]"),
        (bundle({**_A, "object_marking_refs": ["x"]}), "bad-id", "objects[0].object_marking_refs[0]"),
        (bundle({**_A, "granular_markings": ["x"]}), "bad-type", "objects[0].granular_markings[0]"),
        (bundle({**_A, "extensions": 7}), "bad-type", "objects[0].extensions"),
        (bundle(_A, {**_A, "name": "B"}), "duplicate-id", "objects[1].id"),
        (bundle(thing("location", latitude=91, longitude=1)), "bad-number", "objects[0].latitude"),
        (bundle(thing("location", latitude="x", longitude=1)), "bad-number", "objects[0].latitude"),
        (bundle(thing("location", latitude=True, longitude=1)), "bad-number", "objects[0].latitude"),
        (bundle(thing("report", name="A", confidence=101)), "bad-number", "objects[0].confidence"),
        (bundle(thing("file", name="A", size=-1)), "bad-number", "objects[0].size"),
        (bundle(thing("file", name="A", size=1.5)), "bad-number", "objects[0].size"),
        (bundle(thing("file", name="A", hashes=[])), "bad-type", "objects[0].hashes"),
        (bundle(thing("file", name="A", ctime="2031-02-04")), "bad-date", "objects[0].ctime"),
        (bundle(thing("file", name="A", ctime="2031-13-04T00:00:00Z")), "bad-date", "objects[0].ctime"),
        (bundle(thing("file", name="A", ctime="1988")), "bad-date", "objects[0].ctime"),
        (bundle(thing("file", name="A", ctime="1988-00-00")), "bad-date", "objects[0].ctime"),
    ],
)
def test_bad_document_is_refused_with_its_place(document: bytes, code: str, field: str) -> None:
    with pytest.raises(Malformed) as refusal:
        _read(document)

    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(Malformed) as refusal:
        _read(json.dumps({**_A, "name": "\ud83d"}).encode())

    assert (refusal.value.code, refusal.value.field) == ("bad-encoding", "object.name")


def test_byte_order_mark_is_accepted() -> None:
    assert _read(b"\xef\xbb\xbf" + bundle(_A)) == _read(bundle(_A))


def test_bundle_envelope_and_single_object_give_the_same_record() -> None:
    envelope = json.dumps({"more": False, "objects": [_A]}).encode()

    assert _read(bundle(_A)) == _read(envelope) == _read(json.dumps(_A).encode())


@pytest.mark.parametrize("absent", ["", "-99", "0", "00", None, []])
def test_what_is_not_recorded_is_no_value(absent: object) -> None:
    texts = {"name": absent} if not isinstance(absent, list) else {"roles": absent}

    (person,) = read({**_A, **texts}).persons

    assert not person.HasField("role")
    assert [name.full for name in person.names] == (["A"] if isinstance(absent, list) else [])


def test_instant_that_stands_for_no_time_is_none() -> None:
    observed: dict[str, Any] = {
        "first_observed": "1970-01-01T00:00:00Z",
        "last_observed": "1970-01-01T00:00:00.000Z",
    }
    url = thing("url", value="https://example.invalid")
    record = read(url, thing("observed-data", number_observed=1, object_refs=[url["id"]], **observed))

    assert not record.online_contents[0].content.HasField("captured")


def test_names_in_other_scripts_are_kept_composed_and_without_unseen_characters() -> None:
    arabic, decomposed = "مثال \u200f", unicodedata.normalize("NFD", "Łódźé")
    objects = [
        thing("identity", number, name=name) for number, name in enumerate([arabic, decomposed, "a\x07b"])
    ]

    names = [person.names[0].full for person in read(*objects).persons]

    assert names == ["مثال", "Łódźé", "ab"]
    assert lost(*objects)["objects[2].name"] is Effect.GENERALISED


@pytest.mark.parametrize(
    ("one", "path", "effect"),
    [
        (thing("identity", name="A", x_colour="red"), "x_colour", Effect.DROPPED),
        (thing("identity", name="A", labels=["x"]), "labels", Effect.DROPPED),
        (thing("location", region="europe"), "region", Effect.KEPT_AS_EXTENSION),
        (thing("location", country="Atlantis"), "country", Effect.KEPT_AS_EXTENSION),
        (thing("location", country="XA", latitude=1), "latitude", Effect.DROPPED),
        (thing("location", latitude=1, longitude=1, precision=1.5), "precision", Effect.GENERALISED),
        (thing("location", latitude=1, longitude=1, precision=-1), "precision", Effect.DROPPED),
        (thing("incident", name="A"), "name", Effect.KEPT_AS_EXTENSION),
        (thing("file", name="A", hashes={"WHIRLPOOL": "00"}), "hashes.WHIRLPOOL", Effect.DROPPED),
        (thing("file", name="A", hashes={"MD5": "00"}), "hashes.MD5", Effect.DROPPED),
        (thing("file", name="A", ctime="2031-02-04T08:15:00.0001Z"), "ctime", Effect.GENERALISED),
        (thing("report", name="Record", external_references=[{"url": "x:y"}]), "external_references[0].url",
         Effect.DROPPED),
        (thing("identity", name="A", revoked=True), "", Effect.DROPPED),
        (thing("malware", name="A"), "", Effect.DROPPED),
    ],
)  # fmt: skip
def test_what_has_no_equal_is_declared(one: dict[str, object], path: str, effect: Effect) -> None:
    assert lost(one)[f"objects[0].{path}".rstrip(".")] is effect


def test_losses_hold_no_text_of_the_document() -> None:
    objects = [
        thing("identity", name="A", roles=["Hypnosis"], sectors=["Hypnosis"], x_y="Hypnosis"),
        thing("location", 2, country="Hypnosis", region="Hypnosis"),
        thing("report", 3, name="Hypnosis", object_refs=[]),
    ]

    (draft,) = parse(*objects)

    assert "Hypnosis" not in " ".join(loss.path + loss.why for loss in draft.losses)


def test_unknown_form_and_nothing_to_render_are_refused() -> None:
    with pytest.raises(NotFound):
        Stix21().render([], form="xml")
    for shown in ([], [View(record=pb.Record())]):
        with pytest.raises(Refused) as refusal:
            Stix21().render(shown, form="json")
        assert refusal.value.code == "nothing-to-render"


def test_bundle_larger_than_a_reader_takes_is_not_written() -> None:
    record = pb.Record()
    for number in range(140):
        record.narratives.add(id=f"narrative/aaaaa{number:05}".translate(_LETTERS), text="é" * 32_000)

    with pytest.raises(Malformed) as refusal:
        Stix21().render([View(record=record)], form="json")

    assert refusal.value.code == "too-large"


_LETTERS = str.maketrans("0189", "bcde")


@given(data=st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    _survive(data)


@cache
def _seed() -> bytes:
    record = pb.Record()
    person = record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_SUSPECT)
    person.names.add(family="Exemplu", kind=pb.NAME_KIND_PRIMARY)
    record.vehicles.add(id="vehicle/aaaaaaaaaa").identity.plate = "XA 1"
    account = record.accounts.add(id="account/aaaaaaaaaa", holder=person.id)
    account.identity.value = "+999 1"
    record.header.source_handling.codes.append("H1")
    record.header.source_handling.traffic_light = "TLP:AMBER"
    return Stix21().render([View(record=record)], form="json").data


@given(data=st.data())
def test_any_change_of_a_document_is_read_or_refused(data: st.DataObject) -> None:
    document = bytearray(_seed())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(document) - 1))
        document[at : at + data.draw(st.integers(0, 8))] = data.draw(
            st.sampled_from([b"", b"null", b"[]", b"{}", b"7", b'"x"', b"\x00", b"\xff", b'":"', b","])
        )
    _survive(bytes(document))


@given(data=st.data())
def test_any_value_in_any_place_is_read_or_refused(data: st.DataObject) -> None:
    held = json.loads(_seed())
    places = list(_places(held))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(places))
        holder[key] = data.draw(_ANYTHING)
    _survive(json.dumps(held).encode())


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8) | st.sampled_from(["1988", "-99", "\ud83d", "H1", "2031-02-04T00:00:00Z"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip


def _places(held: Any) -> Iterator[tuple[Any, Any]]:
    pairs = held.items() if isinstance(held, dict) else enumerate(held) if isinstance(held, list) else ()
    for key, value in pairs:
        yield held, key
        yield from _places(value)


def _survive(data: bytes) -> None:
    try:
        drafts = Stix21().parse(data, today=TODAY, exercise=False)
    except Malformed as refusal:
        assert refusal.field
        assert refusal.code
        return

    assert drafts
    assert all(lost_paths(draft.losses) for draft in drafts)
