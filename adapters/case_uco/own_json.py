"""Fields of a record as JSON, for what a format has no place for: enums by their tokens, bytes in hex.

What is read back is examined like any record content, so that nothing comes in here that could not have come
in elsewhere.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from adapters.document import MAX_TEXT_BYTES, Json
from adapters.values import number_of
from gateway.errors import Malformed
from gateway.record.content_walk import ContentWalk
from gateway.record.findings import Report
from gateway.record.json_form import enum_token

_WHOLE: Final = frozenset(
    {
        FieldDescriptor.TYPE_UINT32,
        FieldDescriptor.TYPE_UINT64,
        FieldDescriptor.TYPE_INT64,
        FieldDescriptor.TYPE_SINT64,
        FieldDescriptor.TYPE_INT32,
    }
)


def write_field(message: Message, field: FieldDescriptor) -> Json:
    """Return the JSON of one field of a message."""
    held = getattr(message, field.name)
    return [_written(field, one) for one in held] if field.is_repeated else _written(field, held)


def read_field(message: Any, field: FieldDescriptor, value: Json, path: str) -> None:
    """Put the JSON of one field in place of what a message says there.

    Raises:
        Malformed: code `bad-type`, or what the content of a record may not be; `field` names the place.
    """
    fresh = type(message)()
    _read(fresh, field, value, path)
    fault = fault_of(fresh)
    if fault is not None:
        raise Malformed(fault.message, field=path + fault.field.removeprefix(field.name), code=fault.code)
    message.ClearField(field.name)
    message.MergeFrom(fresh)


def fault_of(message: Message) -> Malformed | None:
    """Return what the content of a message may not be, None where it breaks no rule."""
    report = Report()
    # On the last day of the calendar no birth lies ahead: what a day decides is no part of a document.
    ContentWalk(report, date.max, MAX_TEXT_BYTES).visit(message, "")
    if not report.findings:
        return None
    first = report.findings[0]
    return Malformed(first.message, field=first.path, code=first.rule)


def _written(field: FieldDescriptor, value: Any) -> Json:
    if field.message_type is not None:
        return {inner.name: write_field(value, inner) for inner, _ in value.ListFields()}
    if field.enum_type is not None:
        return enum_token(field.enum_type, value)
    if isinstance(value, bytes):
        return value.hex()
    single: Json = value
    return single


def _read(message: Any, field: FieldDescriptor, value: Json, path: str) -> None:
    if field.is_repeated != isinstance(value, list):
        raise _wrong(path, "a list" if field.is_repeated else "a single value")
    held = getattr(message, field.name)
    if isinstance(value, list):
        for number, one in enumerate(value):
            where = f"{path}[{number}]"
            if field.message_type is not None:
                _read_members(held.add(), one, where)
            else:
                held.append(_scalar(message, field, one, where))
    elif field.message_type is not None:
        held.SetInParent()
        _read_members(held, value, path)
    else:
        setattr(message, field.name, _scalar(message, field, value, path))


def _read_members(message: Any, value: Json, path: str) -> None:
    if not isinstance(value, dict):
        raise _wrong(path, "an object")
    fields = message.DESCRIPTOR.fields_by_name
    for name, one in value.items():
        field = fields.get(name)
        if field is None:
            raise _wrong(f"{path}.{name[:64]}", "a field of a record")
        _read(message, field, one, f"{path}.{name}")


def _scalar(message: Any, field: FieldDescriptor, value: Json, path: str) -> Any:
    if field.enum_type is not None:
        number = number_of(message, field.name, value) if isinstance(value, str) else None
        if number is None:
            raise _wrong(path, "a word of its list")
        return number
    if field.type == FieldDescriptor.TYPE_BOOL:
        if not isinstance(value, bool):
            raise _wrong(path, "true or false")
        return value
    if field.type in _WHOLE:
        return _whole(field, value, path)
    if not isinstance(value, str):
        raise _wrong(path, "text")
    if field.type == FieldDescriptor.TYPE_BYTES:
        try:
            return bytes.fromhex(value)
        except ValueError as exc:
            raise _wrong(path, "written in hexadecimal digits") from exc
    try:
        value.encode()
    except UnicodeEncodeError as exc:
        raise Malformed("holds half a surrogate pair", field=path, code="bad-encoding") from exc
    return value


def _whole(field: FieldDescriptor, value: Json, path: str) -> int:
    signed = field.type not in (FieldDescriptor.TYPE_UINT32, FieldDescriptor.TYPE_UINT64)
    bits = 32 if field.type in (FieldDescriptor.TYPE_UINT32, FieldDescriptor.TYPE_INT32) else 64
    least, most = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise _wrong(path, "a whole number in range")
    return value


def _wrong(path: str, wanted: str) -> Malformed:
    return Malformed(f"is not {wanted}", field=path, code="bad-type")
