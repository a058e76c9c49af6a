"""What a recipient sees: the record rebuilt from the portions that were revealed, and its plain form."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from google.protobuf.message import Message

from gateway.errors import Malformed
from gateway.record.json_form import enum_token
from gateway.record.portion import Portion
from gateway.record.schema import HEADER_KIND, KINDS
from gateway.v1 import record_pb2 as pb

Plain = dict[str, Any]
"""Text, numbers, booleans, and lists and objects of them, as JSON has them."""


def merge(portions: Iterable[Portion]) -> pb.Record:
    """Return the record that these portions show: the input minus what was withheld. Entities bear the
    names they travel under as their ids, and stand in the order of those names, which tells nothing.

    A portion whose field this version does not know is left out: it is stored, never shown.

    Raises:
        Malformed: two portions of one field; code `duplicate-portion`.
    """
    record = pb.Record()
    shown: dict[str, Any] = {}
    seen: set[tuple[str, int]] = set()
    for portion in sorted(portions, key=lambda portion: (portion.entity, portion.field)):
        if (portion.entity, portion.field) in seen:
            raise Malformed("stands twice", code="duplicate-portion", field=portion.entity)
        seen.add((portion.entity, portion.field))
        if not portion.unknown_field:
            entity = shown.get(portion.entity)
            if entity is None:
                entity = shown[portion.entity] = _begin(record, portion.entity)
            entity.MergeFromString(portion.value)
    return record


def plain(message: Message) -> Plain:
    """Return a record or any part of it for people and for JSON: enums by their tokens, dates as they are
    written (`2008-03` where no day is known), bytes in hex.
    """
    return {field.name: _plain_field(field, value) for field, value in message.ListFields()}


def _begin(record: pb.Record, name: str) -> Any:
    kind = KINDS[name.partition("/")[0]]
    if kind.name == HEADER_KIND:
        return record.header
    return getattr(record, kind.record_field).add(id=name)


def _plain_field(field: Any, value: Any) -> Any:
    if field.is_repeated:
        return [_plain_value(field, one) for one in value]
    return _plain_value(field, value)


def _plain_value(field: Any, value: Any) -> Any:
    if field.enum_type is not None:
        return enum_token(field.enum_type, value)
    if field.message_type is None:
        return value.hex() if isinstance(value, bytes) else value
    if field.message_type.name in _DATES and value.year:
        return _written(value)
    return plain(value)


_DATES = frozenset({"PartialDate", "BirthDate"})


def _written(when: Any) -> str:
    parts = [f"{when.year:04}"]
    if when.month:
        parts.append(f"{when.month:02}")
        if when.day:
            parts.append(f"{when.day:02}")
    return "-".join(parts)
