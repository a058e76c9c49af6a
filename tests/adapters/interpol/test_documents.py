"""The forms a document may have, and what is refused before anything is believed."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapters.document import MAX_DOCUMENT_BYTES
from adapters.interpol.format import InterpolNotice
from gateway.errors import Malformed
from tests.adapters.interpol.notices import TODAY, parse, read

_LARK: dict[str, Any] = {"entity_id": "2031/1", "name": "LARK"}
_FULL: dict[str, Any] = {
    **_LARK,
    "forename": "MINA",
    "date_of_birth": "2016/07/02",
    "country_of_birth_id": "XA",
    "sex_id": "F",
    "nationalities": ["XA"],
    "languages_spoken_ids": ["ENG"],
    "height": 1.38,
    "eyes_colors_id": ["BLU"],
    "date_of_event": "2031/01/09",
    "country": "XB",
    "confidentiality": "RESTRICTED",
    "comity": {"case": 1, "handling": {"codes": ["H1"]}},
    "_embedded": {"images": [{"picture_id": "1"}]},
    "_links": {"self": {"href": "/notices/v1/yellow/2031-1"}},
}
_RED: dict[str, Any] = {**_LARK, "arrest_warrants": [{"issuing_country_id": "XB", "charge": "Theft"}]}
_UN: dict[str, Any] = {**_LARK, "un_reference": "Q", "purposes": ["a"], "aliases": ["b"], "adresses": ["c"]}
_ORANGE: dict[str, Any] = {"notice_type": "orange", "incidents": [{"kind": "other", "acts": ["transfer"]}]}
_LIST: dict[str, Any] = {
    "total": 2,
    "query": {"page": 1},
    "_embedded": {"notices": [_FULL, _RED]},
    "_links": {},
}


def test_byte_order_mark_does_not_matter() -> None:
    assert read(b"\xef\xbb\xbf" + json.dumps(_LARK).encode()) == read(_LARK)


def test_notice_array_and_list_hold_one_record_a_notice() -> None:
    alone = read(_LARK)

    assert [draft.record for draft in parse([_LARK, _LARK])] == [alone, alone]
    assert [draft.record for draft in parse({"_embedded": {"notices": [_LARK]}})] == [alone]


def test_notices_that_say_that_they_are_one_case_are_one_record() -> None:
    together = {"comity": {"case": 4}}

    drafts = parse([{**_LARK, **together}, _LARK, {**_RED, **together, "name": "WREN"}])

    assert [[one.names[0].family for one in draft.record.persons] for draft in drafts] == [
        ["LARK", "WREN"],
        ["LARK"],
    ]


def test_page_of_a_longer_list_says_so() -> None:
    (draft,) = parse({"total": 7, "_embedded": {"notices": [_LARK]}})

    assert [loss.path for loss in draft.losses] == ["total"]


@pytest.mark.parametrize(
    ("document", "code", "field"),
    [
        (b"", "empty-document", "document"),
        (b" \n", "empty-document", "document"),
        (b"{}", "empty-document", "document"),
        (b"[]", "empty-document", "document"),
        (b'{"prs_FirstName": "Ana"}', "empty-document", "document"),
        (b'{"notice_type": "red", "_links": {}, "comity": {"case": 1}}', "empty-document", "document"),
        (b'{"_embedded": {"notices": []}}', "empty-document", "document"),
        (b'{"_embedded": {"notices": null}}', "empty-document", "document"),
        (
            b'{"notice_type": "purple", "entity_id": "2031/1", "incidents": [{}]}',
            "empty-document",
            "document",
        ),
        (b'[{"name": "A"}, {}]', "empty-document", "[1]"),
        (b'"LARK"', "bad-type", "document"),
        (b"7", "bad-type", "document"),
        (b"null", "bad-type", "document"),
        (b'[{"name": "A"}, 7]', "bad-type", "[1]"),
        (b'{"_embedded": {"notices": [7]}}', "bad-type", "_embedded.notices[0]"),
        (b'{"_embedded": {"notices": {}}}', "bad-type", "_embedded.notices"),
        (b'{"_embedded": []}', "bad-type", "_embedded"),
        (b'{"name": "LARK"', "not-json", "document"),
        (b"<notice/>", "not-json", "document"),
        (b'{"height": NaN}', "bad-number", "document"),
        ('{"name": "LARK"}'.encode("utf-16"), "bad-encoding", "document"),
        (b'{"name": "\xff"}', "bad-encoding", "document"),
        (b'{"name": "\\ud800"}', "bad-encoding", "name"),
        (b'{"name": "A", "name": "B"}', "duplicate-field", "name"),
        (b"[" * 33 + b"]" * 33, "too-deep", "document"),
        (b'{"a": ' * 5000 + b"1" + b"}" * 5000, "too-deep", "document"),
        (b'{"name": "' + b"a" * 65_537 + b'"}', "too-long", "name"),
        (b'{"name": ["A", "B"]}', "bad-type", "name"),
        (b'{"name": {"a": 1}}', "bad-type", "name"),
        (b'{"name": true}', "bad-type", "name"),
        (b'{"name": "A", "nationalities": [["XA"]]}', "bad-type", "nationalities[0]"),
        (b'{"name": "A", "nationalities": true}', "bad-type", "nationalities[0]"),
        (b'{"name": "A", "height": "tall"}', "bad-number", "height"),
        (b'{"name": "A", "height": 181}', "bad-number", "height"),
        (b'{"name": "A", "height": -1}', "bad-number", "height"),
        (b'{"name": "A", "height": [1.8]}', "bad-number", "height"),
        (b'{"name": "A", "height": 1e999}', "bad-number", "height"),
        (b'{"name": "A", "weight": 1001}', "bad-number", "weight"),
        (b'{"name": "A", "weight": true}', "bad-number", "weight"),
        (b'{"name": "A", "date_of_birth": "02/07/2016"}', "bad-date", "date_of_birth"),
        (b'{"name": "A", "date_of_birth": "2016/02/30"}', "bad-date", "date_of_birth"),
        (b'{"name": "A", "date_of_birth": "2031/02/02"}', "bad-date", "date_of_birth"),
        (b'{"name": "A", "arrest_warrants": ["Theft"]}', "bad-type", "arrest_warrants[0]"),
        (b'{"name": "A", "arrest_warrants": "Theft"}', "bad-type", "arrest_warrants"),
        (b'{"name": "A", "comity": []}', "bad-type", "comity"),
        (b'{"name": "A", "comity": {"case": -1}}', "bad-number", "comity.case"),
        (b'{"name": "A", "comity": {"handling": "H1"}}', "bad-type", "comity.handling"),
        (b'{"name": "A", "_links": []}', "bad-type", "_links"),
        (b'{"name": "A", "notice_type": "silver"}', "unknown-value", "notice_type"),
        (
            b'{"name": "A", "_links": {"self": {"href": "/notices/v1/silver/2031-1"}}}',
            "unknown-value",
            "_links.self.href",
        ),
        (
            b'{"name": "A", "notice_type": "red", "_links": {"self": {"href": "/notices/v1/yellow/2031-1"}}}',
            "contradiction",
            "notice_type",
        ),
        (
            b'{"name": "A", "notice_type": "yellow", "arrest_warrants": [{"charge": "Theft"}]}',
            "contradiction",
            "arrest_warrants",
        ),
    ],
)
def test_bad_document_is_refused_with_its_place(document: bytes, code: str, field: str) -> None:
    with pytest.raises(Malformed) as refusal:
        parse(document)

    assert (refusal.value.code, refusal.value.field) == (code, field)


def test_document_of_the_largest_size_is_read_and_one_byte_more_refused() -> None:
    padded = json.dumps(_LARK).encode().ljust(MAX_DOCUMENT_BYTES)

    assert read(padded) == read(_LARK)
    with pytest.raises(Malformed) as refusal:
        parse(padded + b" ")
    assert refusal.value.code == "too-large"


@pytest.mark.parametrize(
    "many",
    [
        {**_LARK, "nationalities": ["Q1"] * 500_000},
        {**_LARK, "un_reference": "Q", "purposes": [f"p{number}" for number in range(200_000)]},
        {**_LARK, "comity": {"handling": {"codes": [f"c{number}" for number in range(200_000)]}}},
    ],
)
def test_long_lists_cost_no_more_than_their_length(many: dict[str, Any]) -> None:
    started = time.process_time()

    assert read(many).persons

    assert time.process_time() - started < 20


def test_nothing_of_the_process_makes_two_readings_differ() -> None:
    assert parse([_FULL, _RED]) == parse([_FULL, _RED])


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_as_malformed(data: bytes) -> None:
    _read_or_refuse(data)


_SCALARS = st.sampled_from(
    [
        None,
        True,
        False,
        0,
        -1,
        1.5,
        10**30,
        "",
        "0",
        "U",
        "1988",
        "2031/13",
        "XX",
        "\u202e",
        "\x00",
        "red",
        "H0",
    ]
)
_VALUES = st.recursive(
    st.one_of(_SCALARS, st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(sorted(_FULL)) | st.text(max_size=4), inner),
    ),
    max_leaves=6,
)


@given(document=st.sampled_from([_FULL, _RED, _UN, _ORANGE, _LIST]), data=st.data())
def test_any_change_to_a_document_is_read_or_refused_as_malformed(
    document: dict[str, Any], data: st.DataObject
) -> None:
    changed = json.loads(json.dumps(document))
    for _ in range(data.draw(st.integers(1, 4))):
        places = list(_places(changed))
        holder, key = data.draw(st.sampled_from(places))
        holder[key] = data.draw(_VALUES)

    _read_or_refuse(json.dumps(changed).encode())


@given(st.integers(0, 700), st.binary(max_size=3))
@example(0, b"")
def test_any_cut_or_altered_bytes_are_read_or_refused_as_malformed(at: int, noise: bytes) -> None:
    whole = json.dumps(_FULL).encode()

    _read_or_refuse(whole[:at])
    _read_or_refuse(whole[:at] + noise + whole[at + len(noise) :])


def _places(value: Any) -> list[tuple[Any, Any]]:
    found: list[tuple[Any, Any]] = []
    items = list(
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    )
    for key, inner in items:
        found += [(value, key), *_places(inner)]
    return found


def _read_or_refuse(data: bytes) -> None:
    try:
        drafts = InterpolNotice().parse(data, today=TODAY, exercise=False)
    except Malformed as refusal:
        assert refusal.field
        assert refusal.code
    else:
        assert drafts
