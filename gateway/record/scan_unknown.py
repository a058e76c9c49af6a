"""Examination of a field that this version does not know: its size, depth and varints, never its meaning."""

from __future__ import annotations

from gateway.errors import Malformed
from gateway.record.wire_bytes import DEFAULT_LIMITS, FIXED32, FIXED64, LENGTH, VARINT, Limits, Walk


def scan_unknown(data: bytes, number: int, limits: Limits = DEFAULT_LIMITS, *, field: str = "value") -> None:
    """Pass bytes that hold one field of this number, once or repeated with one wire type.

    Raises:
        Malformed: code `too-large`, `too-deep`, `too-many-elements`, `not-canonical`, `malformed`, or
            `wrong-field` where another field, or none, stands there.
    """
    if len(data) > limits.size_bytes:
        raise Malformed(f"is larger than {limits.size_bytes} bytes", code="too-large", field=field)
    walk = Walk(data, limits, field)
    if not data:
        raise walk.refuse("does not hold the named field", "wrong-field")
    at, wire_type = 0, None
    while at < len(data):
        walk.count()
        tag, at = walk.varint(at, len(data))
        if tag >> 3 != number or (wire_type is not None and tag & 7 != wire_type):
            raise walk.refuse("does not hold exactly the named field", "wrong-field")
        wire_type = tag & 7
        start, at = _extent(walk, at, len(data), wire_type)
        if wire_type == LENGTH:
            _bound_nesting(walk, start, at, 2)


def _extent(walk: Walk, at: int, end: int, wire_type: int) -> tuple[int, int]:
    """Return where a value's own bytes start and stop."""
    if wire_type == VARINT:
        return at, walk.varint(at, end)[1]
    if wire_type == LENGTH:
        length, at = walk.varint(at, end)
        stop = at + length
    elif wire_type in (FIXED64, FIXED32):
        stop = at + (8 if wire_type == FIXED64 else 4)
    else:
        raise walk.refuse("holds a group", "malformed")
    if stop > end:
        raise walk.refuse("ends too early", "malformed")
    return at, stop


def _bound_nesting(walk: Walk, at: int, end: int, depth: int) -> None:
    """Refuse what would nest too deeply if it were read as messages within messages.

    Whether a length-delimited value is text or a message only a later version knows. Text practically never
    reads as 16 messages within each other; what does not read as a message at all is left alone.
    """
    if depth > walk.limits.depth:
        raise walk.refuse("is nested too deeply", "too-deep")
    while at < end:
        walk.count()
        try:
            tag, at = walk.varint(at, end)
            start, at = _extent(walk, at, end, tag & 7)
        except Malformed:
            return
        if tag >> 3 == 0:
            return
        if tag & 7 == LENGTH:
            _bound_nesting(walk, start, at, depth + 1)
