"""Canonical JSON: one spelling for each value, and every other spelling refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed
from gateway.ledger.jcs import BYTES_MAX, Json, decode_canonical, encode

NAMES = st.text(alphabet=st.characters(min_codepoint=1, max_codepoint=127), max_size=8)
SCALARS = st.booleans() | st.integers(0, 2**53 - 1) | st.text(st.characters(codec="utf-8"), max_size=9)
VALUES = st.recursive(
    SCALARS, lambda v: st.lists(v, max_size=4) | st.dictionaries(NAMES, v, max_size=4), max_leaves=9
)


@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_what_is_encoded_decodes_to_itself(value: dict[str, Json]) -> None:
    assert decode_canonical(encode(value)) == value


@given(st.dictionaries(NAMES, VALUES, min_size=1, max_size=5), st.sampled_from(["indent", "order", "ascii"]))
def test_another_spelling_of_the_same_value_is_refused(value: dict[str, Json], how: str) -> None:
    canonical = encode(value)
    other = {
        "indent": json.dumps(value, indent=1, ensure_ascii=False),
        "order": json.dumps(
            dict(sorted(value.items(), reverse=True)), ensure_ascii=False, separators=(",", ":")
        ),
        "ascii": json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":")),
    }[how].encode()
    if other != canonical:
        with pytest.raises(Malformed):
            decode_canonical(other)


def test_text_is_written_as_rfc_8785_writes_it() -> None:
    text = '€$\u000f\u000aA\'B"\\\\"/\u007f'
    assert encode({"text": text}) == b'{"text":"\xe2\x82\xac$\\u000f\\nA\'B\\"\\\\\\\\\\"/\x7f"}'


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"null",
        b"1",
        b'{"a":null}',
        b'{"a":1.0}',
        b'{"a":1e3}',
        b'{"a":-1}',
        b'{"a":-0}',
        b'{"a":9007199254740992}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"b":1,"a":2}',
        b'{"a": 1}',
        b' {"a":1}',
        b'{"a":1}\n',
        b'{"a":01}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\xff"}',
        b"\xef\xbb\xbf{}",
        b'{"\xc3\xa9":1}',
        b'{"a":' + b"[" * 4000 + b"]" * 4000 + b"}",
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":"' + b"x" * BYTES_MAX + b'"}',
    ],
)
def test_bytes_outside_the_form_are_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        decode_canonical(data)


@pytest.mark.parametrize(
    "value", [None, 1.5, -1, 2**53, b"x", {"é": 1}, {1: 2}, {"a": [None]}, {"a": "\ud800"}]
)
def test_values_outside_the_subset_are_not_encoded(value: Json) -> None:
    with pytest.raises(Malformed):
        encode(value)
