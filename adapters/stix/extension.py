"""Our property-extension: what STIX has no property for, as the record has it, told field by field.

A bundle is read without the extension first, so that it holds only what a foreign tool would not give back;
each entry names a field (`identity.addresses`) and the value it has, none where it has no value.

Source: STIX 2.1 section 7.3 (extension definitions).
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, Final, NamedTuple

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from adapters.document import MAX_TEXT_BYTES, clean_text
from adapters.loss import Effect
from gateway.errors import Malformed
from gateway.record.text import check_text

Declare = Callable[[str, Effect, str], None]
"""Notes that a value did not come through: its path below the extension, what happened, why."""

_SAFE_INTEGER: Final = 2**53 - 1


class Difference(NamedTuple):
    """A field that has another value than a foreign reader gives it; `value` is None where it has none."""

    path: str
    value: Any


def differences(before: Message, after: Message, prefix: str = "") -> Iterator[Difference]:
    """Yield what must be said of a message to whoever has read `after` of it: the shortest paths, and the
    values as JSON has them.
    """
    said = before.ListFields()
    for field, held in said:
        name = field.name
        if name == "id":  # the name of an entity, which its object bears
            continue
        if field.is_repeated:
            if list(held) != list(getattr(after, name)):
                yield Difference(f"{prefix}{name}", [_json(field, one) for one in held])
        elif not after.HasField(name):
            yield Difference(f"{prefix}{name}", _json(field, held))
        elif held != getattr(after, name):
            inner = getattr(after, name)
            if field.message_type is not None and _says_no_more(held, inner):
                yield from differences(held, inner, f"{prefix}{name}.")
            else:
                yield Difference(f"{prefix}{name}", _json(field, held))
    stated = {field.number for field, _ in said}
    for field, _ in after.ListFields():
        if field.number not in stated and field.name != "id":
            yield Difference(f"{prefix}{field.name}", None)


def message_json(message: Message) -> dict[str, Any]:
    """Return a message as JSON has it: enums by name, bytes in base64, whole numbers beyond 2^53 as text."""
    return {
        field.name: [_json(field, one) for one in held] if field.is_repeated else _json(field, held)
        for field, held in message.ListFields()
    }


def apply(message: Any, path: str, value: Any, *, place: str, declare: Declare) -> None:
    """Give a field of a message the value that an entry of the extension names.

    Raises:
        Malformed: code `bad-type`, `bad-number`, `bad-encoding` or `too-long`; `field` begins with `place`.
    """
    *way, last = path.split(".")
    for name in way:
        field = _fields(message.DESCRIPTOR).get(name)
        if field is None or field.message_type is None or field.is_repeated:
            declare(path[:64], Effect.DROPPED, _UNKNOWN)
            return
        message = getattr(message, name)
    field = _fields(message.DESCRIPTOR).get(last)
    if field is None:
        declare(path[:64], Effect.DROPPED, _UNKNOWN)
        return
    message.ClearField(last)
    if value is not None:
        _fill_field(message, field, value, place, declare)


_UNKNOWN: Final = "the extension names a field that this version does not know"


def _says_no_more(held: Message, inner: Message) -> bool:
    stated = {field.number for field, _ in held.ListFields()}
    return all(field.number in stated for field, _ in inner.ListFields())


def _json(field: FieldDescriptor, value: Any) -> Any:
    if field.message_type is not None:
        return message_json(value)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return known.name if known else value
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, int) and abs(value) > _SAFE_INTEGER:
        return str(value)
    return value


@cache
def _fields(descriptor: Descriptor) -> dict[str, FieldDescriptor]:
    # The marking and the name of an entity are no content, so no document states them.
    return {field.name: field for field in descriptor.fields if field.name not in ("id", "marking")}


def _fill(message: Any, tree: Any, place: str, declare: Declare) -> None:
    if not isinstance(tree, dict):
        raise Malformed("is not an object", field=place, code="bad-type")
    fields = _fields(message.DESCRIPTOR)
    for name, value in tree.items():
        field = fields.get(name)
        if field is None:
            declare(name[:64], Effect.DROPPED, _UNKNOWN)
        elif value is not None:
            _fill_field(message, field, value, f"{place}.{name}", declare)


def _fill_field(message: Any, field: FieldDescriptor, value: Any, place: str, declare: Declare) -> None:
    if field.is_repeated:
        if not isinstance(value, list):
            raise Malformed("is not a list", field=place, code="bad-type")
        held = getattr(message, field.name)
        for at, one in enumerate(value):
            if field.message_type is not None:
                _fill(held.add(), one, f"{place}[{at}]", declare)
            else:
                scalar = _scalar(field, one, f"{place}[{at}]", declare)
                if scalar is not None:
                    held.append(scalar)
    elif field.message_type is not None:
        inner = getattr(message, field.name)
        inner.SetInParent()
        _fill(inner, value, place, declare)
    else:
        scalar = _scalar(field, value, place, declare)
        if scalar is not None:
            setattr(message, field.name, scalar)


def _scalar(field: FieldDescriptor, value: Any, place: str, declare: Declare) -> Any:
    kind = field.type
    if field.enum_type is not None:
        known = field.enum_type.values_by_name.get(value) if isinstance(value, str) else None
        if known is None or not known.number:
            declare(field.name, Effect.DROPPED, "the extension holds a code that this version does not know")
            return None
        return known.number
    if kind == FieldDescriptor.TYPE_BOOL:
        return _expect(bool, value, "is not true or false", place)
    if kind == FieldDescriptor.TYPE_BYTES:
        try:
            return base64.b64decode(_expect(str, value, "is not text", place), validate=True) or None
        except (binascii.Error, ValueError) as exc:
            raise Malformed("is not base64", field=place, code="bad-encoding") from exc
    if kind == FieldDescriptor.TYPE_STRING:
        return exact_text(_expect(str, value, "is not text", place), place, declare) or None
    return _integer(field, value, place)


def exact_text(value: str, place: str, declare: Declare) -> str:
    """Return a text of ours as it stands, or cleaned where somebody has put into it what no record holds.

    Raises:
        Malformed: code `bad-encoding` or `too-long`.
    """
    if len(value) > MAX_TEXT_BYTES:
        raise Malformed("is longer than 64 KiB", field=place, code="too-long")
    try:
        text = check_text(value, place)
    except Malformed:
        text, _ = clean_text(value, place)
        declare(place.rpartition(".")[2], Effect.GENERALISED, "unseen characters are left out")
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise Malformed("is longer than 64 KiB", field=place, code="too-long")
    return text


_RANGES: Final = {
    FieldDescriptor.TYPE_UINT32: (0, 2**32 - 1),
    FieldDescriptor.TYPE_UINT64: (0, 2**64 - 1),
    FieldDescriptor.TYPE_INT32: (-(2**31), 2**31 - 1),
    FieldDescriptor.TYPE_SINT32: (-(2**31), 2**31 - 1),
}


def _integer(field: FieldDescriptor, value: Any, place: str) -> int:
    if (
        isinstance(value, str)
        and value.removeprefix("-").isdecimal()
        and value.isascii()
        and len(value) <= 20
    ):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Malformed("is not a whole number", field=place, code="bad-number")
    least, most = _RANGES.get(field.type, (-(2**63), 2**63 - 1))
    if not least <= value <= most:
        raise Malformed("is not a number in range", field=place, code="bad-number")
    return value


def _expect(wanted: type[Any], value: Any, says: str, place: str) -> Any:
    if not isinstance(value, wanted):
        raise Malformed(says, field=place, code="bad-type")
    return value
