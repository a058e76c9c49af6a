"""Facets of our own: what UCO cannot say of an entity, or not exactly. A foreign reader passes over them.

A field stands there as JSON and counts before what the rest of the node says of it; ids of other entities
stand there as references of the graph.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from google.protobuf.message import Message

from adapters.case_uco.canvas import Canvas, Members
from adapters.case_uco.case import Case
from adapters.case_uco.node import Node
from adapters.case_uco.own_json import read_field, write_field
from adapters.document import Json
from adapters.loss import Effect
from gateway.errors import Malformed
from gateway.record.schema import ENTITY_KINDS, HEADER_KIND, KINDS, EntityKind, FieldInfo

FACET: Final = "comity:Facet"

_OWN: Final = "comity:"

_FIELDS: Final[Mapping[str, Mapping[str, FieldInfo]]] = MappingProxyType(
    {kind.name: {f"{_OWN}{field.name}": field for field in kind.fields.values()} for kind in KINDS.values()}
)


def read_own(case: Case, node: Node, kind: EntityKind, entity: Any) -> None:
    """Put what our own facets of a node say in place of what the rest of it does.

    Raises:
        Malformed: code `bad-type`, or what the content of a record may not be.
    """
    for facet in case.facets(node, FACET):
        for name in facet.values:
            field = _FIELDS[kind.name].get(name)
            if field is None:
                continue
            if field.is_reference:
                _read_references(case, facet, name, field, entity)
                continue
            value = facet.own(name)
            if value is None:
                raise Malformed("is not JSON", field=facet.where(name), code="bad-type")
            ends = _ends(kind, entity)
            read_field(entity, kind.descriptor.fields_by_name[field.name], value, facet.where(name))
            _set_ends(entity, ends)


def _read_references(case: Case, facet: Node, name: str, field: FieldInfo, entity: Any) -> None:
    named = facet.references(name)
    found = [one for one in (case.id_of(iri) for iri in named) if one]
    if len(found) < len(named):
        facet.lose(name, Effect.DROPPED, "names nothing that the record keeps")
    entity.ClearField(field.name)
    if field.repeated:
        getattr(entity, field.name).extend(found)
    elif found:
        setattr(entity, field.name, found[0])


def write_own(canvas: Canvas, native: Message, nodes: Mapping[str, Members], header: Members) -> bool:
    """Add to every node the fields that its reading does not give back; return whether there are any.

    `native` is that reading under the ids of the record.
    """
    before: Any = canvas.record
    after: Any = native
    added = _complete(canvas, KINDS[HEADER_KIND], before.header, after.header, header)
    for kind in ENTITY_KINDS:
        read = {entity.id: entity for entity in getattr(after, kind.record_field)}
        for entity in getattr(before, kind.record_field):
            if entity.id in nodes and entity.id in read:
                node = nodes[entity.id]
                added = _complete(canvas, kind, entity, read[entity.id], node) or added
    return added


def _complete(canvas: Canvas, kind: EntityKind, entity: Any, read: Any, node: Members) -> bool:
    values: dict[str, Json] = {}
    for field in kind.fields.values():
        if getattr(entity, field.name) == getattr(read, field.name):
            continue
        value = _written(canvas, kind, entity, field)
        if value not in (None, []):
            values[f"{_OWN}{field.name}"] = value
    canvas.facet(node, (FACET, "uco-core:Facet"), values)
    return bool(values)


def _written(canvas: Canvas, kind: EntityKind, entity: Any, field: FieldInfo) -> Json:
    held = getattr(entity, field.name)
    if field.is_reference:
        named = [canvas.iris[one] for one in (held if field.repeated else [held]) if one in canvas.iris]
        return [{"@id": one} for one in named]
    if not (held if field.repeated else entity.HasField(field.name)):
        return None
    told = kind.message()
    told.CopyFrom(entity)
    _set_ends(told, None)
    descriptor = kind.descriptor.fields_by_name[field.name]
    value = write_field(told, descriptor)
    again = kind.message()
    try:
        read_field(again, descriptor, value, "field")
    except Malformed:  # no record may hold it, so no reader takes it: it is found missing
        return None
    return {"@type": "@json", "@value": value}


def _ends(kind: EntityKind, entity: Any) -> tuple[str, str] | None:
    return (getattr(entity.link, "from"), entity.link.to) if kind.name == "relationship" else None


def _set_ends(entity: Any, ends: tuple[str, str] | None) -> None:
    """Give a relationship its ends, or take them off: they stand in the graph as references."""
    if entity.DESCRIPTOR.name != "Relationship":
        return
    entity.link.ClearField("from")
    entity.link.ClearField("to")
    if ends is not None:
        setattr(entity.link, "from", ends[0])
        entity.link.to = ends[1]
