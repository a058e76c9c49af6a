"""Foreign bytes are examined before they are parsed: one meaning has one encoding, and work is bounded."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed
from gateway.record import scan as scanning
from gateway.record.closed_codec import closed_message
from gateway.record.scan import UNKNOWN_FIELD, scan, scan_value
from gateway.record.schema import KINDS
from gateway.record.wire_bytes import Limits, Walk, encode_varint, split_fields
from gateway.v1 import disclosure_pb2
from gateway.v1 import record_pb2 as pb
from tests.record.samples import case
from tests.record.strategies import records

RECORD = pb.Record.DESCRIPTOR
PERSON = KINDS["person"]


def walked(data: bytes) -> str:
    """Return the walk's verdict alone: the code of its refusal, or nothing."""
    try:
        scanning._walk_message(Walk(data, Limits(), ""), 0, len(data), RECORD, 1)
    except Malformed as exc:
        return exc.code
    return ""


def by_codec(data: bytes) -> bool:
    return scanning._codec_agrees(data, closed_message(RECORD)) is not None


@given(records())
def test_what_the_official_encoder_writes_passes_both_ways(record: pb.Record) -> None:
    data = record.SerializeToString(deterministic=True)

    assert by_codec(data)
    assert walked(data) == ""


@given(records(most=2), st.data())
def test_both_ways_agree_about_mutated_bytes(record: pb.Record, choose: st.DataObject) -> None:
    data = bytearray(record.SerializeToString(deterministic=True))
    for _ in range(choose.draw(st.integers(1, 3))):
        at = choose.draw(st.integers(0, len(data) - 1))
        match choose.draw(st.sampled_from(["flip", "insert", "remove", "double"])):
            case "flip":
                data[at] ^= 1 << choose.draw(st.integers(0, 7))
            case "insert":
                data[at:at] = choose.draw(st.binary(min_size=1, max_size=3))
            case "remove" if len(data) > 1:
                del data[at]
            case _:
                data[at:at] = data[at : at + choose.draw(st.integers(1, 9))]

    assert by_codec(bytes(data)) == (walked(bytes(data)) == "")


@given(records(most=2))
def test_bytes_that_pass_are_what_decoding_and_encoding_gives(record: pb.Record) -> None:
    data = record.SerializeToString(deterministic=True)

    scan(data, RECORD)

    assert pb.Record.FromString(data).SerializeToString(deterministic=True) == data


def _person(inner: bytes) -> bytes:
    return b"\x12" + encode_varint(len(inner)) + inner


EQUIVALENT: dict[str, tuple[bytes, str]] = {
    "singular field twice": (_person(b"\x38\x01\x38\x01"), "not-canonical"),
    "singular message twice": (_person(b"\x2a\x02\x08\x05\x2a\x02\x10\x03"), "not-canonical"),
    "overlong value": (_person(b"\x38\x81\x00"), "not-canonical"),
    "overlong tag": (_person(b"\xb8\x00\x01"), "not-canonical"),
    "overlong length": (b"\x12\x82\x00\x38\x01", "not-canonical"),
    "reordered": (_person(b"\x50\x01\x38\x01"), "not-canonical"),
    "unpacked repeated enum": (_person(b"\xa0\x02\x01\xa0\x02\x02"), "malformed"),
    "packed in two pieces": (_person(b"\xa2\x02\x01\x01\xa2\x02\x01\x02"), "not-canonical"),
    "empty packed field": (_person(b"\xa2\x02\x00"), "not-canonical"),
    "boolean two": (_person(b"\x80\x02\x02"), "not-canonical"),
    "number beyond 32 bits": (_person(b"\x48\x80\x80\x80\x80\x10"), "not-canonical"),
    "unknown field": (_person(b"\xa2\x3e\x00"), "unknown-field"),
    "unknown enum value": (_person(b"\x38\x63"), "unknown-value"),
    "unknown packed enum value": (_person(b"\xa2\x02\x02\x01\x63"), "unknown-value"),
    "negative enum value": (_person(b"\x38" + b"\xff" * 9 + b"\x01"), "unknown-value"),
    "text that is not UTF-8": (_person(b"\x0a\x01\xff"), "not-utf8"),
    "surrogate in UTF-8": (_person(b"\x0a\x03\xed\xa0\x80"), "not-utf8"),
    "varint of eleven bytes": (_person(b"\x38" + b"\xff" * 10 + b"\x01"), "malformed"),
    "varint beyond 64 bits": (_person(b"\x38" + b"\xff" * 9 + b"\x7f"), "malformed"),
    "group": (b"\x13\x14", "malformed"),
    "wrong wire type": (b"\x10\x01", "malformed"),
    "field nought": (b"\x02\x00", "unknown-field"),
    "length beyond the end": (b"\x12\x05\x38\x01", "malformed"),
    "length beyond its message": (_person(b"\x2a\x05\x08\x05"), "malformed"),
    "tag without a value": (_person(b"\x38"), "malformed"),
}


@pytest.mark.parametrize(("data", "code"), EQUIVALENT.values(), ids=EQUIVALENT.keys())
def test_the_same_meaning_in_other_bytes_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        scan(data, RECORD)

    assert refusal.value.code == code == walked(data)


def test_a_refusal_names_the_path() -> None:
    record = case()
    record.persons[1].names[0].kind = 99  # type: ignore[assignment]

    with pytest.raises(Malformed) as refusal:
        scan(record.SerializeToString(), RECORD, field="record")

    assert refusal.value.field == "record.persons[1].names[0].kind"


def test_large_input_is_walked_to_the_same_verdict() -> None:
    record = pb.Record()
    for index in range(400):
        record.narratives.add(id=f"n{index}", text="word " * 100)
    data = record.SerializeToString()
    assert len(data) > Limits().elements

    scan(data, RECORD)

    with pytest.raises(Malformed):
        scan(data + b"\x12\x02\x38\x63", RECORD)


def nested(depth: int, tag: bytes = b"\x12") -> bytes:
    """Return length-delimited fields within each other."""
    lengths, size = [], 0
    for _ in range(depth):
        length = encode_varint(size)
        lengths.append(tag + length)
        size += len(tag) + len(length)
    return b"".join(reversed(lengths))


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a million empty sub-messages": lambda: b"\x12\x00" * 1_000_000,
    "a million and a half varints": lambda: b"\x38\x01" * 1_500_000,
    "four megabytes of packed values": lambda: _person(
        b"\xa2\x02" + encode_varint(4_000_000) + b"\x01" * 4_000_000
    ),
    "nesting of a hundred": lambda: nested(100),
    "nesting of a hundred thousand": lambda: nested(100_000),
    "a million unknown fields": lambda: b"\xa2\x3e\x00" * 1_000_000,
    "one enormous text": lambda: _person(b"\x0a" + encode_varint(4_100_000) + b"x" * 4_100_000),
    "five megabytes": lambda: bytes(5_000_000),
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bulk_is_refused_within_bounded_work(make: Callable[[], bytes]) -> None:
    data = make()

    # Steps, not seconds: what was counted when the walk gave up is the same on every machine.
    with pytest.raises(Malformed):
        scan(data, RECORD, Limits(size_bytes=4_096_000))


@pytest.mark.timed
@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_bulk_is_refused_in_50_ms(make: Callable[[], bytes]) -> None:
    data = make()
    times = []
    for _ in range(5):
        started = perf_counter()
        with pytest.raises(Malformed):
            scan(data, RECORD, Limits(size_bytes=4_096_000))
        times.append(perf_counter() - started)

    assert min(times) < 0.05


@pytest.mark.parametrize("depth", [17, 100, 10_000, 100_000])
def test_an_unknown_field_may_not_nest_too_deeply(depth: int) -> None:
    inner = nested(depth)

    with pytest.raises(Malformed) as refusal:
        scan_value(b"\xa2\x3e" + encode_varint(len(inner)) + inner, PERSON, 996)

    assert refusal.value.code == "too-deep"


def test_an_unknown_field_may_nest_as_deep_as_a_known_one() -> None:
    inner = nested(14)

    assert scan_value(b"\xa2\x3e" + encode_varint(len(inner)) + inner, PERSON, 996) is UNKNOWN_FIELD


def test_an_unknown_field_may_not_hold_too_many_elements() -> None:
    inner = b"\x12\x00" * 100_000

    with pytest.raises(Malformed) as refusal:
        scan_value(b"\xa2\x3e" + encode_varint(len(inner)) + inner, PERSON, 996)

    assert refusal.value.code == "too-many-elements"


def test_an_unknown_field_may_hold_text_of_any_shape() -> None:
    for text in (b"a line\n\nanother\n" * 400, bytes(range(256)) * 30, b"\xff" * 500, b"z" * 5_000):
        value = b"\xa2\x3e" + encode_varint(len(text)) + text

        assert scan_value(value, PERSON, 996) is UNKNOWN_FIELD


def test_a_message_that_may_hold_itself_is_walked_and_bounded() -> None:
    # No message of the contract is recursive; the depth limit holds for one that is shallower too.
    data = case().SerializeToString()

    with pytest.raises(Malformed) as refusal:
        scan(data, RECORD, Limits(depth=2))

    assert refusal.value.code == "too-deep"


def test_a_message_of_another_file_is_examined_alike() -> None:
    portion = disclosure_pb2.Portion(entity="person/k3qabc2345", field=1, rung=disclosure_pb2.RUNG_EXACT)
    data = portion.SerializeToString()

    scan(data, disclosure_pb2.Portion.DESCRIPTOR)

    with pytest.raises(Malformed):
        scan(data[:-1] + b"\x63", disclosure_pb2.Portion.DESCRIPTOR)


@given(records())
def test_splitting_gives_each_field_as_its_own_message(record: pb.Record) -> None:
    for kind in list(KINDS.values())[1:]:
        for entity in getattr(record, kind.record_field):
            data = entity.SerializeToString(deterministic=True)
            pieces = split_fields(data)

            assert b"".join(piece for _, piece in pieces) == data
            for number, piece in pieces:
                (held,) = kind.message.FromString(piece).ListFields()
                assert held[0].number == number
