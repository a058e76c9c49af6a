"""Canonical JSON (RFC 8785) for the closed subset the ledger uses.

The subset: objects with ASCII names, arrays, strings, booleans, and integers from 0 below 2^53. No null, no
fraction, no negative number: what cannot be written cannot be written in two ways.

Source: RFC 8785; PROTOCOL section 8.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final, NoReturn

from gateway.errors import Malformed

Json = str | int | bool | Sequence["Json"] | Mapping[str, "Json"]

BYTES_MAX: Final = 8192
"""The most that `decode_canonical` takes: one ledger entry."""

INTEGER_LIMIT: Final = 2**53

# Names are ASCII, so sorting by code point equals RFC 8785's sorting by UTF-16 unit.
_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, check_circular=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)


def encode(value: Json) -> bytes:
    """Return the canonical bytes of a value of the subset.

    Raises:
        Malformed: a value outside the subset, or text that is no Unicode (a lone surrogate).
    """
    _check(value)
    return encode_checked(value)


def encode_checked(value: Json) -> bytes:
    """Return the canonical bytes of a value that the caller knows to be of the subset."""
    try:
        return _ENCODER.encode(value).encode()
    except UnicodeEncodeError as exc:
        raise Malformed("holds a lone surrogate", field="json") from exc


def decode_canonical(data: bytes, limit: int = BYTES_MAX) -> dict[str, Json]:
    """Return the object that `data` is the canonical form of.

    Raises:
        Malformed: longer than `limit` bytes, no JSON object, a value outside the subset, a repeated member,
            or bytes that differ from the canonical form.
    """
    if len(data) > limit:
        raise Malformed(f"is longer than {limit} bytes", field="json", code="too-large")
    value = _load(data, _STRICT)
    if encode(value) != data:
        raise Malformed("is not in canonical form", field="json", code="not-canonical")
    return value


def decode_unchecked(data: bytes) -> dict[str, Json]:
    """Return the JSON object in at most 8,192 bytes, whatever its spelling.

    For a caller that rebuilds the bytes from what it understood and compares: only then are repeated members,
    fractions and other spellings refused.

    Raises:
        Malformed: too long, or no JSON object.
    """
    if len(data) > BYTES_MAX:
        raise Malformed(f"is longer than {BYTES_MAX} bytes", field="json", code="too-large")
    return _load(data, _LOOSE)


def _load(data: bytes, decoder: json.JSONDecoder) -> dict[str, Json]:
    try:
        value = decoder.decode(data.decode())
    except (ValueError, RecursionError) as exc:
        raise Malformed("is not JSON", field="json") from exc
    if not isinstance(value, dict):
        raise Malformed("is not an object", field="json")
    return value


def _check(value: object) -> None:
    if isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if not 0 <= value < INTEGER_LIMIT:
            raise Malformed("is not an integer from 0 below 2^53", field="json")
    elif isinstance(value, dict):
        for name, member in value.items():
            if not (isinstance(name, str) and name.isascii()):
                raise Malformed("has a member name that is not ASCII", field="json")
            _check(member)
    elif isinstance(value, list | tuple):
        for item in value:
            _check(item)
    else:
        raise Malformed(f"holds a value of type {type(value).__name__}", field="json")


def _distinct(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Malformed("repeats a member", field="json", code="duplicate-member")
    return members


def _refuse_number(text: str) -> NoReturn:
    raise Malformed("holds a number that is no integer", field="json", code="not-an-integer")


_LOOSE: Final = json.JSONDecoder()
_STRICT: Final = json.JSONDecoder(
    object_pairs_hook=_distinct, parse_float=_refuse_number, parse_constant=_refuse_number
)
