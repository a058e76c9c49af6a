"""Fields of an entity by their path, such as `identity.plate_country`, and as the values of our tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from adapters.countries import alpha2
from adapters.misp.machine_tags import is_code
from adapters.values import read_date, write_date
from gateway.errors import Malformed
from gateway.record.content_rules import MOST
from gateway.record.json_form import enum_token

_YES: Final = "yes"
_NO: Final = "no"
_MOST_NUMBER: Final = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Path:
    """A field within a message, by the names of the messages around it. `predicate` is that of its tag."""

    above: tuple[str, ...]
    name: str
    predicate: str

    def get(self, entity: Any) -> Any:
        """Return the value, or the list of values; None where it is not stated."""
        for name in self.above:
            if not entity.HasField(name):
                return None
            entity = getattr(entity, name)
        value = getattr(entity, self.name)
        if entity.DESCRIPTOR.fields_by_name[self.name].is_repeated:
            return list(value) or None
        return value if entity.HasField(self.name) else None

    def holder(self, entity: Any) -> Any:
        """Return the message that holds the field."""
        for name in self.above:
            entity = getattr(entity, name)
        return entity

    def put(self, entity: Any, value: Any) -> None:
        """Set the value, or add it to a list."""
        held = self.holder(entity)
        descriptor = held.DESCRIPTOR.fields_by_name[self.name]
        if descriptor.is_repeated:
            getattr(held, self.name).append(value)
        elif descriptor.message_type is not None:
            getattr(held, self.name).CopyFrom(value)
        else:
            setattr(held, self.name, value)


@cache
def path(text: str) -> Path:
    """Return the path that is written with dots."""
    *above, name = text.split(".")
    return Path(tuple(above), name, text.replace(".", "-").replace("_", "-"))


def codes_of(entity: Any, where: Path) -> list[str]:
    """Return the values of a field as tags hold them; a value that no tag may hold is left out."""
    value = where.get(entity)
    if value is None:
        return []
    descriptor = where.holder(entity).DESCRIPTOR.fields_by_name[where.name]
    values = value if descriptor.is_repeated else [value]
    return [code for code in (_code(descriptor, one) for one in values) if is_code(code)]


def put_code(entity: Any, where: Path, code: str) -> bool:
    """Set a field from the value of a tag; return whether it is one that the field may have."""
    if not code:
        return False
    descriptor = _descriptor(entity.DESCRIPTOR, where)
    value = _value(descriptor, code)
    if value is None:
        return False
    if not descriptor.is_repeated and where.get(entity) is not None:
        return False
    where.put(entity, value)
    return True


@cache
def _descriptor(message: Any, where: Path) -> Any:
    for name in where.above:
        message = message.fields_by_name[name].message_type
    return message.fields_by_name[where.name]


def _code(descriptor: Any, value: Any) -> str:
    if descriptor.enum_type is not None:
        return _tokens(descriptor.enum_type).get(value, "")
    if descriptor.message_type is not None:
        return write_date(value)
    if descriptor.type == descriptor.TYPE_BOOL:
        return _YES if value else _NO
    if descriptor.type == descriptor.TYPE_BYTES:
        return str(value.hex())
    return str(value)


@cache
def _tokens(enum: Any) -> Mapping[int, str]:
    return {value.number: enum_token(enum, value.number) for value in enum.values if value.number}


@cache
def _numbers(enum: Any) -> Mapping[str, int]:
    return {token: number for number, token in _tokens(enum).items()}


def _value(descriptor: Any, code: str) -> Any:
    if descriptor.enum_type is not None:
        return _numbers(descriptor.enum_type).get(code)
    if descriptor.message_type is not None:
        return _day(code)
    if descriptor.type == descriptor.TYPE_BOOL:
        return {_YES: True, _NO: False}.get(code)
    if descriptor.type == descriptor.TYPE_BYTES:
        return _digest(code)
    if descriptor.type == descriptor.TYPE_STRING:
        return (code if alpha2(code) == code else None) if "country" in descriptor.name else code or None
    most = MOST.get(f"{descriptor.containing_type.name}.{descriptor.name}", _MOST_NUMBER)
    return int(code) if code.isascii() and code.isdigit() and len(code) < 11 and int(code) <= most else None


def _day(code: str) -> Any:
    try:
        return read_date(code, "tag")
    except Malformed:
        return None


def _digest(code: str) -> bytes | None:
    try:
        digest = bytes.fromhex(code)
    except ValueError:
        return None
    return digest if len(digest) == 32 else None
