"""The connections of a message, read as relationships or as the references that they stand for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from adapters.europol.connections import BY_KIND, REFERENCES, Reference, relation_of
from adapters.europol.leaves_in import read_leaf
from adapters.europol.nodes import Node
from adapters.europol.reading import Entry, Reading
from adapters.europol.remark import read_lines
from adapters.europol.tables import CONNECTION_LINES, CONNECTION_TIMES
from adapters.loss import Effect
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

_NO_FIELD: Final = "the record has no field for it"
_OUTWARD: Final = {one.kind: one for one in REFERENCES if one.outward}
_COLLECTIONS: Final = {"person": "persons", "vehicle": "vehicles", "location": "locations"}


def read_connections(reading: Reading, nodes: Sequence[Node]) -> None:
    """Add every connection that does not tie a part to its owner.

    Raises:
        Malformed: code `dangling-reference`: it names an id that nothing in the message bears.
    """
    connections = {node.id for node in nodes}
    folded = {tie.id for tie in reading.parts.values()}
    for node in nodes:
        if node.id in folded:
            continue
        ends = [_end(reading, node, name, connections) for name in ("from", "to")]
        source, target = ends
        if source is None or target is None:
            node.lose("from", Effect.DROPPED, "ties a connection, and the record ties entities alone")
        elif not _refer(reading, node, source, target):
            _relate(reading, node, source, target)


def _end(reading: Reading, node: Node, name: str, connections: set[str]) -> Entry | None:
    identifier = node.element.get(name, "").strip()
    entry = reading.entries.get(identifier)
    if entry is None and identifier not in connections:
        raise Malformed("names nothing in the message", field=node.where(name), code="dangling-reference")
    return entry


def _refer(reading: Reading, node: Node, source: Entry, target: Entry) -> bool:
    """Tell whether a connection was a reference, and set it; a plain one only, for a field holds no more."""
    if node.element.get("start") or node.element.get("end") or len(node.element):
        return False
    kind = node.element.get("kind", "")
    reference = _OUTWARD.get(kind)
    if reference is not None and source.collection == reference.collection:
        return _set(reference, source, target)
    reference = BY_KIND.get((target.collection, kind))
    return reference is not None and not reference.outward and _set(reference, target, source)


def _set(reference: Reference, holder: Entry, named: Entry) -> bool:
    if reference.to and named.collection != _COLLECTIONS[reference.to]:
        return False
    field = holder.entity.DESCRIPTOR.fields_by_name[reference.field]
    if field.is_repeated:
        getattr(holder.entity, reference.field).append(named.entity.id)
        return True
    if holder.entity.HasField(reference.field):
        return False
    setattr(holder.entity, reference.field, named.entity.id)
    return True


def _relate(reading: Reading, node: Node, source: Entry, target: Entry) -> None:
    if source is target:
        node.lose("from", Effect.DROPPED, "ties an entity to itself")
        return
    relationship = reading.record.relationships.add(id=reading.local(node, "relationship"))
    word = node.attribute("kind")
    kind, turned = relation_of(word)
    first, second = (target, source) if turned else (source, target)
    setattr(relationship.link, "from", first.entity.id)
    relationship.link.to = second.entity.id
    if word and not kind:
        node.keep("kind", word)
        kind = pb.RELATION_KIND_OTHER
    if kind:
        relationship.link.kind = pb.RelationKind.ValueType(kind)
    reading.hold(node, relationship.id)
    rest = read_lines(node, relationship, CONNECTION_LINES, node.raw("Remark"))
    for leaf in CONNECTION_TIMES:
        read_leaf(node, relationship, leaf, [node.attribute(leaf.name)])
    reading.remark(node, relationship.id, rest, place=(relationship.link, "description"))
    node.seen.update({"@from", "@to"})
    node.finish(_NO_FIELD)
