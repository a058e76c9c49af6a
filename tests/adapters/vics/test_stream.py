"""Long lists are read piece by piece: bounded, resumable, one bad entry at a time."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.stream import Piece
from adapters.vics import lists
from adapters.vics.format import Vics
from adapters.vics.packing import MOST_BYTES, MOST_ENTITIES
from adapters.vics.scanner import CHUNK_BYTES, Scanner
from gateway.errors import Malformed
from gateway.record.validation import DEFAULT_RECORD_LIMITS
from tests.adapters.vics.samples import (
    ADDRESS,
    HEADER,
    artefacts,
    cases,
    export,
    hash_set,
    media,
    parse,
    stream,
)
from tests.adapters.views import TODAY

_MIB = 1024 * 1024


class Trickle(io.BytesIO):
    """A source that gives a few bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        return super().read(3 if size == CHUNK_BYTES else size)


class Once(io.BytesIO):
    """A source that can be read once, as a pipe."""

    def seekable(self) -> bool:
        return False


def _list(amount: int) -> io.BytesIO:
    source = io.BytesIO()
    source.write(f'{{"@odata.context": "{ADDRESS.format("US", "Media")}", "value": ['.encode())
    for number in range(amount):
        entry = media(number, Category=number % 5, MediaSize=number + 1, PhotoDNA=f"{number:0288x}")
        source.write((", " if number else "").encode() + json.dumps(entry).encode())
    source.write(b"]}")
    source.seek(0)
    return source


def _table(amount: int) -> io.BytesIO:
    rows = (f"{number:032x};;;{number};Yes;No;No;SERIES;1;Yes;Image;Yes\r\n" for number in range(amount))
    return io.BytesIO((HEADER + "\r\n" + "".join(rows)).encode())


def _pieces(source: io.BytesIO, after: int = 0) -> Iterator[Piece]:
    return Vics().stream(source, today=TODAY, exercise=True, after=after)


@pytest.mark.parametrize("source", [_list, _table])
def test_many_media_make_few_records_within_their_limits(source: object) -> None:
    assert callable(source)
    pieces = list(_pieces(source(2_000)))

    assert [piece.position for piece in pieces] == [512, 1_024, 1_536, 2_000]
    assert len(artefacts(pieces)) == 2_000
    assert DEFAULT_RECORD_LIMITS.entities == MOST_ENTITIES
    assert DEFAULT_RECORD_LIMITS.size_bytes > MOST_BYTES


@pytest.mark.parametrize("source", [_list, _table])
def test_long_list_is_read_in_bounded_memory(source: object) -> None:
    assert callable(source)
    document = source(8_000)

    tracemalloc.start()
    amount = sum(len(piece.draft.record.artefacts) for piece in _pieces(document) if piece.draft)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert amount == 8_000
    assert peak < 2 * _MIB


@pytest.mark.deep
@pytest.mark.parametrize("source", [_list, _table])
def test_list_of_a_hundred_thousand_is_read_in_bounded_memory(source: object) -> None:
    assert callable(source)
    document = source(100_000)

    tracemalloc.start()
    amount = sum(len(piece.draft.record.artefacts) for piece in _pieces(document) if piece.draft)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert amount == 100_000
    assert peak < 32 * _MIB


def test_bad_entry_is_turned_down_and_the_rest_goes_on() -> None:
    bad = media(2, SHA1="short")

    pieces = stream(hash_set(media(1), bad, "text", media(3)))

    rejects = [piece.reject for piece in pieces if piece.reject]
    assert [(one.where, one.field, one.code) for one in rejects] == [
        ("value[1]", "SHA1", "bad-hash"),
        ("value[2]", "", "bad-type"),
    ]
    assert json.loads(rejects[0].row) == bad
    assert [one.id for one in artefacts(pieces)] == ["media-1", "media-3"]


def test_bad_row_is_turned_down_and_the_rest_goes_on() -> None:
    good = "0" * 32 + ";;;1" + ";" * 8

    pieces = stream(export(good, "too;short", good))

    rejects = [piece.reject for piece in pieces if piece.reject]
    assert [(one.where, one.code, one.row) for one in rejects] == [
        ("row[3]", "ragged-row", "too;short\r\n"),
        ("row[4]", "duplicate-id", f"{good}\r\n"),
    ]
    assert len(artefacts(pieces)) == 1


def test_message_of_a_reject_holds_no_value() -> None:
    pieces = stream(hash_set(media(1, SHA1="Ilinca"), media(2, MediaFiles=[{"Created": "Ilinca"}])))

    rejects = [piece.reject for piece in pieces if piece.reject]
    assert [(one.code, "Ilinca" in one.message) for one in rejects] == [
        ("bad-hash", False),
        ("bad-date", False),
    ]


def test_run_goes_on_where_one_was_broken_off() -> None:
    entries = [media(number, **({"SHA1": "short"} if number % 100 == 99 else {})) for number in range(1_200)]
    data = hash_set(*entries)
    whole = stream(data)

    for at, piece in enumerate(whole):
        if piece.draft:
            rest = stream(data, after=piece.position)
            assert artefacts(rest) == artefacts(whole[at + 1 :])
            assert [one.reject for one in rest if one.reject] == [
                one.reject for one in whole[at + 1 :] if one.reject
            ]


def test_reject_among_media_that_wait_comes_before_their_record_with_the_position_before_them() -> None:
    data = hash_set(media(1), media(2, SHA1="short"), media(3))

    assert [(piece.position, piece.reject is None) for piece in stream(data)] == [(0, False), (3, True)]
    assert len(stream(data, after=0)) == 2


def test_positions_never_fall() -> None:
    entries = [media(number, **({"SHA1": "x"} if number % 7 == 3 else {})) for number in range(1_100)]

    positions = [piece.position for piece in stream(hash_set(*entries))]

    assert positions == sorted(positions)
    assert positions[-1] == 1_100


def test_everything_turned_down_is_no_record() -> None:
    pieces = stream(hash_set(media(1, SHA1="x"), media(2, SHA1="x")))

    assert [(piece.position, piece.draft) for piece in pieces] == [(1, None), (2, None)]


def test_broken_document_gives_nothing_at_all() -> None:
    data = hash_set(*map(media, range(2_000)))[:-2]

    with pytest.raises(Malformed) as refusal:
        next(_pieces(io.BytesIO(data)))

    assert refusal.value.code == "not-json"


def test_broken_json_within_an_entry_breaks_the_document() -> None:
    data = hash_set(media(1)).replace(b'"MediaID": 1', b'"MediaID": nul')

    with pytest.raises(Malformed) as refusal:
        stream(data)

    assert refusal.value.code == "not-json"


def test_entry_too_long_for_any_record_is_turned_down_without_being_kept() -> None:
    text = "x y " * (4 * lists.MAX_MEDIA)
    data = hash_set(media(1), media(2, Comments=text), media(3))

    tracemalloc.start()
    pieces = stream(data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    (reject,) = (piece.reject for piece in pieces if piece.reject)
    assert (reject.code, reject.row) == ("too-large", "")
    assert len(artefacts(pieces)) == 2
    assert peak < 8 * _MIB < len(data)


def test_endless_string_is_not_kept() -> None:
    data = hash_set(media(1))[:-3] + b', "Comments": "' + b"x" * (16 * _MIB)

    tracemalloc.start()
    with pytest.raises(Malformed):
        next(_pieces(io.BytesIO(data)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak < 4 * _MIB


@pytest.mark.parametrize(
    ("row", "code"),
    [("x" * (2 * _MIB), "too-large"), ('"' + "x\n" * _MIB, "not-csv"), ('"x\n";' * (_MIB // 4), "too-large")],
)
def test_endless_row_is_refused(row: str, code: str) -> None:
    with pytest.raises(Malformed) as refusal:
        stream(export(row))

    assert refusal.value.code == code


def test_source_that_can_be_read_once_is_refused() -> None:
    with pytest.raises(Malformed) as refusal:
        next(_pieces(Once(hash_set(media(1)))))

    assert refusal.value.code == "not-seekable"


def test_source_is_read_from_where_it_stands() -> None:
    source = io.BytesIO(b"something before " + hash_set(media(1)))
    source.seek(17)

    assert len(artefacts(_pieces(source))) == 1


def test_record_that_is_full_by_its_bytes_is_closed() -> None:
    entries = [media(number, Comments=f"{number} " + "é x " * 12_000) for number in range(20)]

    pieces = stream(hash_set(*entries))

    assert len(artefacts(pieces)) == 20
    assert len(pieces) > 1
    assert all(piece.draft and piece.draft.record.ByteSize() <= MOST_BYTES for piece in pieces)


def test_cases_do_not_share_a_record() -> None:
    data = cases(
        {"CaseNumber": "1", "Media": [media(1), media(2)]},
        {"Media": []},
        {"CaseNumber": "3", "Media": [media(1)]},
    )

    pieces = stream(data)

    assert [piece.position for piece in pieces] == [2, 3]
    assert [piece.draft.record.header.case_references[0].number for piece in pieces if piece.draft] == [
        "1",
        "3",
    ]
    assert artefacts(stream(data, after=2)) == artefacts(pieces[1:])


@given(st.lists(st.text(max_size=8), max_size=6), st.booleans())
def test_a_list_in_small_bits_reads_as_one_at_once(texts: list[str], escaped: bool) -> None:
    entries = [media(number, Comments=f"about {text}") for number, text in enumerate(texts, 1)]
    document = {"@odata.context": ADDRESS.format("US", "Media"), "value": entries or [media(1)]}
    try:
        data = json.dumps(document, ensure_ascii=escaped).encode()
        whole = parse(data)
    except (Malformed, UnicodeEncodeError):
        return

    assert [piece.draft for piece in _pieces(Trickle(data))] == whole


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@given(_JSON, st.sampled_from([None, 0, 1]), st.booleans())
def test_scanner_finds_the_end_of_any_value(value: object, indent: int | None, escaped: bool) -> None:
    text = json.dumps([value, value], indent=indent, ensure_ascii=escaped)
    try:
        source = Trickle(text.encode())
    except UnicodeEncodeError:
        return

    scanner = Scanner(source)
    found = []
    for _ in scanner.elements():
        found.append(scanner.value(1_000_000))
    scanner.end()

    assert [json.loads(one or "") for one in found] == [value, value]
