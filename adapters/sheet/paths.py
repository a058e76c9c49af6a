"""Where in a record a column's value goes: `persons[victim].names.given`, checked against the schema.

A label in brackets tells entities, or elements of a list, of one row apart; without one there is one, `1`. An
entity may be named in the singular where there is one: `incident.purposes`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from gateway.errors import Malformed
from gateway.record.schema import ENTITY_KINDS, KINDS, EntityKind
from gateway.v1 import record_pb2

HEADER: Final = "header"
ONLY: Final = "1"
"""The label of what stands alone."""

SINGLE_VALUES: Final = frozenset({"PartialDate", "BirthDate", "Moment", "Nationality"})
"""Messages that one cell states whole."""

_SEGMENT: Final = re.compile(r"([a-z][a-z0-9_]*)(?:\[([a-z0-9][a-z0-9-]{0,31})\])?")
_OWN_HEADER: Final = frozenset({"own_reference", "author", "source"})
"""What a sheet may say of the header beside its content; marking and retention are not for it to state."""
_STRUCTURAL: Final = frozenset({"id", "marking"})
_KIND_OF: Final[Mapping[str, EntityKind]] = MappingProxyType(
    {kind.record_field: kind for kind in ENTITY_KINDS}
    | {kind.name.replace("-", "_"): kind for kind in ENTITY_KINDS}
)
_RECORD: Final[Mapping[str, Descriptor]] = MappingProxyType(
    {kind.record_field: kind.descriptor for kind in KINDS.values()}
)


@dataclass(frozen=True, slots=True)
class Step:
    """One step down a record: a field and the label of its element; without a label there is one value."""

    name: str
    label: str


Way = tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a value goes: the way to the message that holds it, and the field there."""

    way: Way
    field: FieldDescriptor
    is_reference: bool

    @property
    def entity(self) -> Step:
        """The entity it is of; the step `header` for the record's header."""
        return self.way[0]


def parse_entity(text: str, where: str) -> Step:
    """Return the entity that `persons[victim]` or `incident` names.

    Raises:
        Malformed: code `bad-column`; `field` is `where`.
    """
    match = _SEGMENT.fullmatch(text)
    kind = _KIND_OF.get(match[1]) if match else None
    if match is None or kind is None or kind.name == "relationship":
        raise _bad("names no entity such as persons[victim]", where)
    return Step(kind.record_field, match[2] or ONLY)


def parse_path(text: str, where: str) -> Target:
    """Return the target of a path.

    Raises:
        Malformed: code `bad-column`: the record has no such field, or it holds several values of different
            kinds; `field` is `where`, and the sentence says what could stand there.
    """
    segments = [_SEGMENT.fullmatch(one) for one in text.split(".")]
    parts = [(match[1], match[2]) for match in segments if match]
    if len(parts) != len(segments) or len(parts) < 2:
        raise _bad("is not a path such as persons[victim].names.given", where)
    first = _first(parts[0], where)
    holder, way = _RECORD[first.name], [first]
    for name, label in parts[1:-1]:
        field = _field(holder, name, first, len(way) == 1, where)
        if field.message_type is None:
            raise _bad(f"goes on behind {name}, which holds one value", where)
        if label and not field.is_repeated:
            raise _bad(f"has a label behind {name}, of which there is one", where)
        way.append(Step(name, (label or ONLY) if field.is_repeated else ""))
        holder = field.message_type
    name, label = parts[-1]
    if label:
        raise _bad(f"ends in a label: say which value of {name} is meant", where)
    field = _field(holder, name, first, len(way) == 1, where)
    if field.message_type is not None and field.message_type.name not in SINGLE_VALUES:
        members = ", ".join(_names(field.message_type, first, top=False))
        raise _bad(f"ends in {name}, which holds several values: go on with one of {members}", where)
    return Target(way=tuple(way), field=field, is_reference=_refers(first, field, len(way) == 1))


def entity_id(entity: Step) -> str:
    """Return the id of an entity of a row."""
    return f"{_KIND_OF[entity.name].name}-{entity.label}"


def collection(record: record_pb2.Record, entity: Step) -> Any:
    """Return the entities of a kind in a record."""
    return getattr(record, entity.name)


def _first(part: tuple[str, str | None], where: str) -> Step:
    name, label = part
    if name == HEADER:
        if label:
            raise _bad("has a label behind header, of which there is one", where)
        return Step(HEADER, "")
    kind = _KIND_OF.get(name)
    if kind is None or kind.name == "relationship":
        known = ", ".join([HEADER, *(one.record_field for one in ENTITY_KINDS if one.name != "relationship")])
        raise _bad(f"begins with none of {known}", where)
    return Step(kind.record_field, label or ONLY)


def _field(holder: Descriptor, name: str, first: Step, top: bool, where: str) -> FieldDescriptor:
    if name not in _names(holder, first, top=top):
        known = ", ".join(_names(holder, first, top=top))
        raise _bad(f"names {name}, which is none of {known}", where)
    return holder.fields_by_name[name]


def _names(holder: Descriptor, first: Step, *, top: bool) -> list[str]:
    if not top:
        return [field.name for field in holder.fields]
    if first.name == HEADER:
        content = {field.name for field in KINDS["record"].fields.values()}
        return [field.name for field in holder.fields if field.name in content | _OWN_HEADER]
    return [field.name for field in holder.fields if field.name not in _STRUCTURAL]


def _refers(first: Step, field: FieldDescriptor, top: bool) -> bool:
    if not top or first.name == HEADER:
        return False
    return any(one.number == field.number for one in _KIND_OF[first.name].references)


def _bad(message: str, where: str) -> Malformed:
    return Malformed(message, field=where, code="bad-column")
