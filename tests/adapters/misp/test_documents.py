"""The shapes an event comes in, and what is refused before anything is believed."""

from __future__ import annotations

import json
from copy import deepcopy
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.document import MAX_DOCUMENT_BYTES
from adapters.misp.format import Misp
from gateway.errors import GatewayError, Malformed
from tests.adapters.misp.samples import TODAY, UUIDS, event, parse, read, thing

_CAR = event(thing("vehicle", make="Kestrel"))
_DEEP = '{"Event": ' * 40 + "1" + "}" * 40


@pytest.mark.parametrize(
    "document",
    [
        _CAR,
        [_CAR],
        {"response": [_CAR]},
        {"response": _CAR},
        {"events": [_CAR]},
        _CAR["Event"],
        [_CAR["Event"]],
        b"\xef\xbb\xbf" + json.dumps(_CAR).encode(),
    ],
)
def test_event_is_read_however_it_is_wrapped(document: object) -> None:
    assert read(document).vehicles[0].identity.make == "Kestrel"


def test_every_event_is_a_draft_of_its_own_in_their_order() -> None:
    drafts = parse({"response": [event(thing("vehicle", make=make)) for make in ("One", "Two")]})

    assert [draft.record.vehicles[0].identity.make for draft in drafts] == ["One", "Two"]


def test_event_among_others_that_says_nothing_read_here_is_an_empty_draft() -> None:
    empty = {"Event": {"info": "", "Attribute": [{"type": "yara", "value": "rule x"}]}}

    drafts = parse({"response": [_CAR, empty]})

    assert [len(draft.record.vehicles) for draft in drafts] == [1, 0]
    assert [loss.path for loss in drafts[1].losses] == ["response[1].Event.Attribute[0].value"]


@pytest.mark.parametrize(
    ("document", "code", "field"),
    [
        (b"", "empty-document", "document"),
        (b" \n", "empty-document", "document"),
        (b"[]", "empty-document", "document"),
        (b'{"response": []}', "empty-document", "document"),
        (b'{"Event": {"info": ""}}', "empty-document", "document"),
        (b"{}", "bad-type", "document"),
        (b"null", "bad-type", "document"),
        (b'"Event"', "bad-type", "document"),
        (b"[[[]]]", "bad-type", "[0][0]"),
        (b"[1]", "bad-type", "[0]"),
        (b'{"Event": []}', "bad-type", "document"),
        (b'{"response": 5}', "bad-type", "response"),
        (b'{"response": [{"name": "x"}]}', "bad-type", "response[0]"),
        (b'{"Event": {"info": "x"', "not-json", "document"),
        (b"<Event/>", "not-json", "document"),
        (b'{"Event": {"info": "x", "info": "y"}}', "duplicate-field", "info"),
        (b'{"Event": {"info": NaN}}', "bad-number", "document"),
        (_DEEP.encode(), "too-deep", "document"),
        ('{"Event": {}}'.encode("utf-16"), "bad-encoding", "document"),
        (b"\xff\xfe\xfd", "bad-encoding", "document"),
        (b" " * (MAX_DOCUMENT_BYTES + 1), "too-large", "document"),
        (event(info=["x"]), "bad-type", "Event.info"),
        (event(info="\ud83d"), "bad-encoding", "Event.info"),
        (event(date="04/02/2031"), "bad-date", "Event.date"),
        (event(date="2031-02-30"), "bad-date", "Event.date"),
        (event(Orgc="x"), "bad-type", "Event.Orgc"),
        (event(Tag={"name": "tlp:red"}), "bad-type", "Event.Tag"),
        (event(Tag=["tlp:red"]), "bad-type", "Event.Tag[0]"),
        ({"Event": {"info": "x", "Object": {}}}, "bad-type", "Event.Object"),
        (event({"name": "vehicle", "Attribute": 1}), "bad-type", "Event.Object[0].Attribute"),
        (event(thing("vehicle", make={"a": 1})), "bad-type", "Event.Object[0].Attribute[0].value"),
        (event(thing("vehicle", make=True)), "bad-type", "Event.Object[0].Attribute[0].value"),
        (event(thing("vehicle", make="a" * 65_537)), "too-long", "Event.Object[0].Attribute[0].value"),
        (event({"uuid": 5, "name": "vehicle"}), "bad-type", "Event.Object[0].uuid"),
        (
            event(thing("person", date_of_birth="6.5.1988")),
            "bad-date",
            "Event.Object[0].Attribute[0].value",
        ),
        (event(thing("person", date_of_birth="2032-06-02")), "bad-date", "Event.Object[0].Attribute[0]"),
        (event(thing("geolocation", latitude="91", longitude="1")), "bad-number", None),
        (event(thing("geolocation", latitude="1e99", longitude="1")), "bad-number", None),
        (event(thing("geolocation", latitude="1", longitude="north")), "bad-number", None),
        (event(thing("geolocation", city="x", accuracy_radius="-5")), "bad-number", None),
        (event(thing("file", md5="xyz")), "bad-number", "Event.Object[0].Attribute[0].value"),
        (event(thing("file", sha256="00ff")), "bad-number", "Event.Object[0].Attribute[0].value"),
        (event(thing("file", size_in_bytes="1.5")), "bad-number", None),
        (event(thing("transaction", date="yesterday")), "bad-date", None),
        (event(thing("vehicle", 1), thing("vehicle", 1)), "duplicate-id", "Event.Object[1]"),
    ],
)
def test_document_is_refused_with_a_sentence_that_says_where(
    document: object, code: str, field: str | None
) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(document)

    assert refusal.value.code == code
    assert field is None or refusal.value.field == field


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["1988", "person"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["Event", "Object", "Attribute", "Tag", "name", "value", "uuid", "type", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_refused_and_nothing_else_happens(data: bytes) -> None:
    try:
        Misp().parse(data, today=TODAY, exercise=False)
    except GatewayError as exc:
        assert isinstance(exc, Malformed)
        assert exc.field


@given(_JSON)
def test_arbitrary_json_is_refused_or_read(document: object) -> None:
    try:
        parse(document)
    except Malformed as exc:
        assert exc.field


_WHOLE = event(
    {
        **thing("person", 1, first_name="Ana", role=["Victim"], date_of_birth="2001-05-06", alias="A"),
        "ObjectReference": [{"uuid": UUIDS[8], "referenced_uuid": UUIDS[1], "relationship_type": "drives"}],
    },
    thing("vehicle", 2, make="Kestrel", type="van"),
    thing("geolocation", 3, latitude="1.5", longitude="2", city="Sampleton", accuracy_radius="1.5"),
    thing("file", 4, md5="0" * 32, size_in_bytes="5", creation_time="2031-02-03T04:05:06Z"),
    thing("transaction", 5, amount="5 EUR", date="2031-02-03T04:05:06.000Z", transmode_code="cash"),
    thing("transport-ticket", 6, origin="Sampleton, XA", date_of_departure="2031-02-03"),
    Attribute=[{"type": "phone-number", "value": "+99900000001", "uuid": UUIDS[6]}],
    Tag=[{"name": "tlp:amber"}, {"name": 'admiralty-scale:source-reliability="b"'}],
    Orgc={"name": "Unit XA"},
)
_NOISE: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", [], {}, 0, -1, True, "x", "1988", "\u202eX", "\ud800", "a" * 300, [None], [{}], "tlp:x"]
)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Return every member of every object and list within a document."""
    found = []
    for key, held in list(value.items() if isinstance(value, dict) else enumerate(value)):
        found.append((value, key))
        if isinstance(held, dict | list):
            found += _places(held)
    return found


@given(st.data())
def test_altered_event_is_refused_or_read(data: st.DataObject) -> None:
    document = json.loads(json.dumps(_WHOLE))
    for _ in range(data.draw(st.integers(1, 3))):
        holder, key = data.draw(st.sampled_from(_places(document)))
        holder[key] = deepcopy(data.draw(_NOISE))

    try:
        parse(document)
    except Malformed as exc:
        assert exc.field
        assert exc.code


@given(st.integers(0, 2**31), st.binary(min_size=1, max_size=3))
def test_event_with_altered_bytes_is_refused_or_read(place: int, noise: bytes) -> None:
    data = bytearray(json.dumps(_WHOLE).encode())
    place %= len(data)
    data[place : place + len(noise)] = noise

    try:
        Misp().parse(bytes(data), today=TODAY, exercise=False)
    except GatewayError as exc:
        assert isinstance(exc, Malformed)


@pytest.mark.parametrize(
    "objects",
    [
        [thing("person", 1, role=["Lookout"] * 40_000, first_name="Eva")],
        [{"name": "transport-ticket", "Attribute": [{"object_relation": "origin", "value": "X"}]}] * 20_000,
        [{"name": "url", "Attribute": [{"object_relation": "url", "value": "x"}]}] * 20_000,
    ],
)
def test_work_grows_with_the_document_and_not_with_its_square(objects: list[dict[str, Any]]) -> None:
    begun = process_time()

    parse(event(*objects))

    # Under a second; with every part sought among all others it is half a minute and more.
    assert process_time() - begun < 10
