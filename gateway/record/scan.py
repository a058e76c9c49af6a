"""Examination of nested foreign bytes before they are parsed: one meaning, one encoding, bounded cost.

Bytes pass only if they are exactly what the official encoder writes for a message it knows: fields in the
order of their numbers, no singular field twice, no unknown field, minimal varints, UTF-8, known enum values.
So nobody can carry the same meaning in other bytes, or hide bytes that a parser skips.

Two ways lead to the same verdict, and a property test holds them together. Short input cannot exceed the
element limit, so the official codec itself may judge it: decode with a closed twin of the descriptor, drop
what is unknown, encode, compare. Everything else, and everything refused, is walked byte by byte, which
bounds the work and finds the words for the refusal.
"""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message

from gateway.errors import Malformed
from gateway.record.closed_codec import closed_message
from gateway.record.scan_unknown import scan_unknown
from gateway.record.schema import EntityKind
from gateway.record.wire_bytes import DEFAULT_LIMITS, LENGTH, VARINT, Limits, Walk


class Content(NamedTuple):
    """What a portion's value turned out to hold: the named field, or a field this version does not know."""

    unknown_field: bool


KNOWN_FIELD: Final = Content(unknown_field=False)
UNKNOWN_FIELD: Final = Content(unknown_field=True)


class _Rule(NamedTuple):
    """What one field number may hold, in the form the walk needs."""

    number: int
    name: str
    wire_type: int
    singular: bool
    packed: bool
    bits: int
    numbers: frozenset[int] | None
    text: bool
    message: Descriptor | None


def scan(data: bytes, descriptor: Descriptor, limits: Limits = DEFAULT_LIMITS, *, field: str = "") -> None:
    """Pass bytes that are exactly one message of this type as the official encoder writes it.

    Args:
        field: path under which a refusal is reported.

    Raises:
        Malformed: code `too-large`, `too-deep`, `too-many-elements`, `not-canonical` (order, duplicates,
            varints, packing), `unknown-field`, `unknown-value`, `not-utf8` or `malformed`.

    Source: PROTOCOL section 1.
    """
    if len(data) > limits.size_bytes:
        raise Malformed(f"is larger than {limits.size_bytes} bytes", code="too-large", field=field)
    # An element takes at least one byte, so input this short cannot exceed the element limit; and the depth
    # of a message that never holds itself is known before it is read.
    closed, depth = _codec(descriptor)
    codec_may_judge = len(data) <= limits.elements and depth <= limits.depth
    if codec_may_judge and _codec_agrees(data, closed) is not None:
        return
    walk = Walk(data, limits, field)
    _walk_message(walk, 0, len(data), descriptor, 1)
    if codec_may_judge:
        # The walk found nothing wrong where the codec did: fail closed, whichever of the two errs.
        raise walk.refuse("is not what the official encoder writes", "not-canonical")


def scan_value(
    data: bytes, kind: EntityKind, number: int, limits: Limits = DEFAULT_LIMITS, *, field: str = "value"
) -> Content:
    """Pass a portion's value: the entity message with exactly the named field set.

    Returns:
        `UNKNOWN_FIELD` where this version does not know the field number; its bytes were then examined for
        size, depth and varints only.

    Raises:
        Malformed: as `scan`; code `wrong-field` where another field is set, or none.
    """
    if number not in kind.fields:
        if number in kind.descriptor.fields_by_number:
            raise Malformed("names a field that is no content", code="wrong-field", field=field)
        scan_unknown(data, number, limits, field=field)
        return UNKNOWN_FIELD
    closed, depth = _codec(kind.descriptor)
    message = None
    if len(data) <= limits.size_bytes and len(data) <= limits.elements and depth <= limits.depth:
        message = _codec_agrees(data, closed)
    if message is None:
        scan(data, kind.descriptor, limits, field=field)
        message = closed.FromString(data)
    message.ClearField(kind.fields[number].name)
    # The bytes are canonical: they held something, and without the named field nothing of it is left.
    if not data or message.ByteSize():
        raise Malformed("does not hold exactly the named field", code="wrong-field", field=field)
    return KNOWN_FIELD


@cache
def _codec(descriptor: Descriptor) -> tuple[type[Message], int]:
    """Return the closed twin of a message type, and how deep it can nest."""
    return closed_message(descriptor), _depth(descriptor)


def _codec_agrees(data: bytes, closed: type[Message]) -> Message | None:
    try:
        message = closed.FromString(data)
    except DecodeError:
        return None
    message.DiscardUnknownFields()
    return message if message.SerializeToString(deterministic=True) == data else None


def _depth(descriptor: Descriptor, above: frozenset[str] = frozenset()) -> int:
    """Return how deep a message of this type can nest; a type that holds itself is deeper than any limit."""
    if descriptor.full_name in above:
        return 1_000_000
    below = above | {descriptor.full_name}
    return 1 + max((_depth(f.message_type, below) for f in descriptor.fields if f.message_type), default=0)


# Bits of each scalar type that content uses; floats, fixed widths and groups have no place in signed bytes.
_BITS = {
    FieldDescriptor.TYPE_BOOL: 1,
    FieldDescriptor.TYPE_ENUM: 32,
    FieldDescriptor.TYPE_UINT32: 32,
    FieldDescriptor.TYPE_UINT64: 64,
    FieldDescriptor.TYPE_INT64: 64,
    FieldDescriptor.TYPE_SINT64: 64,
}
_LENGTH_TYPES = {FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES, FieldDescriptor.TYPE_MESSAGE}


@cache
def _rules(descriptor: Descriptor) -> dict[int, _Rule]:
    """Return the rules of a message by the one tag that each of its fields may have."""
    rules = [_rule(field) for field in descriptor.fields]
    return {rule.number << 3 | rule.wire_type: rule for rule in rules}


def _rule(field: FieldDescriptor) -> _Rule:
    scalar = field.type not in _LENGTH_TYPES
    packed = scalar and field.is_repeated
    return _Rule(
        number=field.number,
        name=field.name,
        wire_type=VARINT if scalar and not packed else LENGTH,
        singular=not field.is_repeated or packed,
        packed=packed,
        bits=_BITS[field.type] if scalar else 0,
        numbers=frozenset(value.number for value in field.enum_type.values) if field.enum_type else None,
        text=field.type == FieldDescriptor.TYPE_STRING,
        message=field.message_type,
    )


# One flat loop, because every call in it would be paid 65,536 times by a hostile sender's input.
def _walk_message(  # noqa: C901, PLR0912
    walk: Walk, at: int, end: int, descriptor: Descriptor, depth: int
) -> None:
    if depth > walk.limits.depth:
        raise walk.refuse("is nested too deeply", "too-deep")
    data, rules = walk.data, _rules(descriptor)
    previous = index = 0
    while at < end:
        walk.elements += 1
        if walk.elements > walk.limits.elements:
            raise walk.refuse("holds too many elements", "too-many-elements")
        # One-byte tags and lengths are nearly all there are.
        tag = data[at]
        if tag < 0x80:
            at += 1
        else:
            tag, at = walk.varint(at, end)
        rule = rules.get(tag)
        if rule is None:
            raise _unfitting_tag(walk, tag, descriptor)
        number = rule.number
        if number <= previous:
            if number < previous or rule.singular:
                why = "stands twice" if number == previous else "stands out of order"
                raise walk.refuse(why, "not-canonical", rule.name)
            index += 1
        else:
            previous, index = number, 0
        if rule.wire_type == VARINT:
            at = _walk_scalar(walk, at, end, rule)
            continue
        length = data[at] if at < end else 0x80
        if length < 0x80:
            at += 1
        else:
            length, at = walk.varint(at, end)
        if at + length > end:
            raise walk.refuse("ends too early", "malformed", rule.name)
        if length or rule.packed:
            _walk_length(walk, at, at + length, rule, (index, depth))
        at += length


def _unfitting_tag(walk: Walk, tag: int, descriptor: Descriptor) -> Malformed:
    known = descriptor.fields_by_number.get(tag >> 3)
    if known is None:
        return walk.refuse(f"holds the unknown field {tag >> 3}", "unknown-field")
    return walk.refuse("has the wrong wire type", "malformed", known.name)


def _walk_length(walk: Walk, at: int, stop: int, rule: _Rule, place: tuple[int, int]) -> None:
    """Check a length-delimited value; `place` is its index among equals and the depth it stands at."""
    if rule.message is not None:
        outer = walk.field
        walk.field = walk.path(rule.name if rule.singular else f"{rule.name}[{place[0]}]")
        _walk_message(walk, at, stop, rule.message, place[1] + 1)
        walk.field = outer
    elif rule.packed:
        _walk_packed(walk, at, stop, rule)
    elif rule.text:
        try:
            walk.data[at:stop].decode()
        except UnicodeDecodeError as exc:
            raise walk.refuse("is not UTF-8", "not-utf8", rule.name) from exc


def _walk_packed(walk: Walk, at: int, stop: int, rule: _Rule) -> None:
    if at == stop:
        raise walk.refuse("is an empty packed field", "not-canonical", rule.name)
    while at < stop:
        walk.count()
        at = _walk_scalar(walk, at, stop, rule)


def _walk_scalar(walk: Walk, at: int, end: int, rule: _Rule) -> int:
    value, at = walk.varint(at, end)
    if rule.numbers is not None:
        if value not in rule.numbers:
            raise walk.refuse("holds an unknown value", "unknown-value", rule.name)
    elif value >> rule.bits:
        raise walk.refuse("is out of range", "not-canonical", rule.name)
    return at
