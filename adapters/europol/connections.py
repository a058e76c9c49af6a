"""Ties between entities: relationships, and the references that a record keeps as fields, as connections.

A reference has a kind of its own, which only our reader turns back into the field; to anybody else it is a
connection like another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from adapters.europol.leaves import write_leaf
from adapters.europol.tables import CONNECTION_LINES, CONNECTION_TIMES
from adapters.europol.writing import Connection, Writing
from adapters.values import token
from gateway.v1 import record_pb2 as pb


@dataclass(frozen=True, slots=True)
class Reference:
    """A field that names another entity: the connection goes from the named one to the one that names it,
    or, where it is `outward`, the other way. `to` is the only kind of entity it may name, if there is one.
    """

    collection: str
    field: str
    kind: str
    outward: bool = False
    to: str = ""


REFERENCES: Final = (
    Reference("accounts", "holder", "HOLDER"),
    Reference("artefacts", "holder", "HOLDER"),
    Reference("documents", "holder", "HOLDER", to="person"),
    Reference("online_contents", "depicts", "SHOWN_ON"),
    Reference("transactions", "payer", "PAYER"),
    Reference("transactions", "payee", "PAYEE"),
    Reference("journeys", "travellers", "TRAVELLER"),
    Reference("journeys", "vehicle", "VEHICLE", to="vehicle"),
    Reference("incidents", "location", "TOOK_PLACE_AT", outward=True, to="location"),
)
BY_KIND: Final[Mapping[tuple[str, str], Reference]] = MappingProxyType(
    {(one.collection, one.kind): one for one in REFERENCES}
)
"""References by the collection of the entity that names another one, and the kind of the connection."""

_NO_END: Final = "one of the two it ties has no element in the message"
_NOTHING: Final = "ties nothing that is shown"


def write_connections(writing: Writing) -> None:
    """Add the relationships, and what entities name of each other, once all entities stand."""
    for reference in REFERENCES:
        for entity in getattr(writing.record, reference.collection):
            for tie in _ties(writing, reference, entity):
                writing.connect(tie)
    entities = dict(writing.ids)  # a connection ties entities alone, never another connection
    for number, relationship in enumerate(writing.record.relationships):
        link = relationship.link
        source, target = entities.get(getattr(link, "from")), entities.get(link.to)
        if source is None or target is None:
            writing.reasons[relationship.id] = _NO_END if relationship.HasField("link") else _NOTHING
            continue
        times = {leaf.name: text for leaf in CONNECTION_TIMES for text in write_leaf(relationship, leaf)}
        kind = token(link, "kind").upper().replace("-", "_")
        connection = Connection(
            id=relationship.id.replace("/", "."), source=source, target=target, kind=kind, **times
        )
        writing.relate(relationship, connection, f"relationships[{number}]", CONNECTION_LINES)


def _ties(writing: Writing, reference: Reference, entity: Any) -> Iterator[Connection]:
    owner = writing.ids.get(entity.id)
    if owner is None:
        return
    named = getattr(entity, reference.field)
    for number, name in enumerate([named] if isinstance(named, str) else named, 1):
        other = writing.ids.get(name)
        if other is None:
            continue
        source, target = (owner, other) if reference.outward else (other, owner)
        suffix = reference.field if isinstance(named, str) else f"{reference.field}.{number}"
        yield Connection(id=f"{owner}.{suffix}", source=source, target=target, kind=reference.kind)


def relation_of(word: str) -> tuple[int, bool]:
    """Return the kind of a relationship that is written as this word, and whether its ends change places;
    nought for a word without an equal.
    """
    if word == _MENTIONED_IN:
        return pb.RELATION_KIND_MENTIONS, True
    tokens = {
        value.name.removeprefix("RELATION_KIND_"): value.number for value in pb.RelationKind.DESCRIPTOR.values
    }
    return (0 if word == "UNSPECIFIED" else tokens.get(word.upper().replace("-", "_"), 0)), False


_MENTIONED_IN: Final = "MENTIONED_IN"
