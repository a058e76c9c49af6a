"""Requests of every method with every field filled, whatever fits there or not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from gateway.wire.methods import METHODS

WORDS = (
    "kanarie-naam-8855",
    "Kanárie naam 8855\r\n\x1b[31m{%s}",
    "kanarie'); DROP TABLE entries;--",
    "../../kanarie-naam-8855",
    "kanarie-naam-8855" * 4_000,
)
NUMBERS = (0, 1, 2**31 - 1, 2**32 - 1, 2**63 - 1, 2**64 - 1)
_BITS = {
    FieldDescriptor.TYPE_UINT32: 32,
    FieldDescriptor.TYPE_UINT64: 64,
    FieldDescriptor.TYPE_INT32: 31,
    FieldDescriptor.TYPE_INT64: 63,
    FieldDescriptor.TYPE_SINT64: 63,
    FieldDescriptor.TYPE_BOOL: 0,  # what follows, or opens, is asked for elsewhere
}


def filled(kind: type[Message], word: str, number: int) -> bytes:
    """Return a message whose every text and bytes field is a word, and every number as near as fits."""
    message = kind()
    _fill(message, word, number)
    return message.SerializeToString(deterministic=True)


def every_request() -> Iterator[tuple[str, bytes]]:
    """Yield (path, bytes) of well-formed requests with senseless content, for every method."""
    for path, method in METHODS.items():
        yield path, b""
        for word in WORDS:
            yield path, filled(method.request, word, 1)
        for number in NUMBERS:
            yield path, filled(method.request, WORDS[0], number)


def _fill(message: Any, word: str, number: int) -> None:
    for field in message.DESCRIPTOR.fields:
        if field.message_type is not None:
            _fill(
                getattr(message, field.name).add() if field.is_repeated else getattr(message, field.name),
                word,
                number,
            )
            continue
        value = _value(field, word, number)
        if field.is_repeated:
            getattr(message, field.name).append(value)
        else:
            setattr(message, field.name, value)


def _value(field: FieldDescriptor, word: str, number: int) -> Any:
    if field.type == FieldDescriptor.TYPE_STRING:
        return word
    if field.type == FieldDescriptor.TYPE_BYTES:
        return word.encode()
    if field.enum_type is not None:
        known = [value.number for value in field.enum_type.values]
        return known[min(number, len(known) - 1)]
    return min(number, 2 ** _BITS[field.type] - 1)
