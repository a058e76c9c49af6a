"""Documents of the directory are read strictly, and what is refused is named."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed
from keys.document import Document, check_moment, read_document, write_blob, write_document, write_moment


class Colour(StrEnum):
    RED = "red"


def _one(text: str) -> Document:
    return read_document(f'{{"x": {text}}}'.encode(), "document")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b'"x"',
        b"{",
        b'{"x": 1}{',
        b'\xef\xbb\xbf{"x": 1}',
        b'{"x": 1, "x": 1}',
        b'{"x": 1.5}',
        b'{"x": 1e3}',
        b'{"x": NaN}',
        b'{"x": Infinity}',
        b'{"x": "\xff"}',
        b'{"a": ' * 17 + b"1" + b"}" * 17,
        b'{"a": ' + b"[" * 5000 + b"]" * 5000 + b"}",
        b'{"x": "' + b"a" * 1_048_576 + b'"}',
        b'{"x": ' + b"9" * 5000 + b"}",
    ],
    ids=range(16),
)
def test_what_is_not_one_strict_object_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        read_document(data, "document")

    assert refused.value.field == "document"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("1", Document.text),
        ('""', Document.text),
        ("null", Document.text),
        ('"e\\u0301"', Document.text),
        ('"a\\u202eb"', Document.text),
        ('"a\\u0000b"', Document.text),
        ('"\\ud800"', Document.text),
        ('"a"', Document.texts),
        ('["a", "a"]', Document.texts),
        ('["a", 1]', Document.texts),
        ("1", Document.flag),
        ('"true"', Document.flag),
        ("true", Document.integer),
        ("-1", Document.integer),
        ("9007199254740992", Document.integer),
        ('"2026-02-30"', Document.day),
        ('"2026-1-01"', Document.day),
        ('"2026-01-01T00:00:00"', Document.moment),
        ('"2026-01-01T00:00:00+00:00"', Document.moment),
        ('"2026-01-01T00:00:00.5Z"', Document.moment),
        ('"2026-01-01T24:00:01Z"', Document.moment),
        ('"YQ"', Document.blob),
        ('"YR=="', Document.blob),
        ('"Y Q=="', Document.blob),
        ('"_-=="', Document.blob),
        ('["YQ==", "YQ=="]', Document.blobs),
        ("[]", Document.object),
        ("{}", Document.objects),
        ("[1]", Document.objects),
    ],
)
def test_a_member_off_its_form_is_refused_by_name(text: str, read: Callable[[Document, str], object]) -> None:
    with pytest.raises(Malformed) as refused:
        read(_one(text), "x")

    assert refused.value.field.startswith("x")


def test_members_of_the_right_form_are_taken() -> None:
    document = read_document(
        b'{"t": "a", "l": ["a", "b"], "f": false, "i": 0, "d": "2026-01-02", "m": "2026-01-02T03:04:05Z",'
        b' "b": "YQ==", "o": {"x": 1}, "c": "red"}',
        "document",
    )

    assert document.text("t") == "a"
    assert document.texts("l") == ("a", "b")
    assert document.flag("f") is False
    assert document.integer("i") == 0
    assert document.day("d").isoformat() == "2026-01-02"
    assert document.moment("m") == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert document.blob("b") == b"a"
    assert document.object("o").integer("x") == 1
    assert document.choice("c", Colour) is Colour.RED
    document.close()


def test_a_missing_member_is_refused_by_name() -> None:
    with pytest.raises(Malformed) as refused:
        read_document(b"{}", "document").text("x")

    assert (refused.value.field, refused.value.code) == ("x", "missing")


def test_a_member_nobody_took_is_refused_by_its_path() -> None:
    inner = _one('{"known": 1, "other": 2}').object("x")
    inner.integer("known")

    with pytest.raises(Malformed) as refused:
        inner.close()

    assert (refused.value.field, refused.value.code) == ("x.other", "unknown-member")


def test_a_value_outside_a_closed_list_is_refused_with_the_list() -> None:
    with pytest.raises(Malformed, match="red"):
        _one('"blue"').choice("x", Colour)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_document_or_malformed(data: bytes) -> None:
    try:
        read_document(data, "document")
    except Malformed as refused:
        assert refused.field == "document"


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda moment: moment.year >= 1000))
def test_a_time_is_read_as_it_was_written(moment: datetime) -> None:
    whole = moment.replace(microsecond=0)

    assert _one(f'"{write_moment(whole)}"').moment("x") == whole


@given(st.binary(min_size=1, max_size=100))
def test_bytes_are_read_as_they_were_written(raw: bytes) -> None:
    assert read_document(write_document({"x": write_blob(raw)}), "document").blob("x") == raw


@pytest.mark.parametrize(
    "moment",
    [datetime(2026, 1, 1, tzinfo=UTC).replace(tzinfo=None), datetime(2026, 1, 1, microsecond=1, tzinfo=UTC)],
    ids=["naive", "fraction"],
)
def test_a_time_that_would_not_survive_writing_is_refused(moment: datetime) -> None:
    with pytest.raises(Malformed):
        check_moment(moment, "x")
