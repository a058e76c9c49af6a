"""One record on its way into a graph: its nodes, their IRIs, and which entity stands in which of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from adapters.case_uco.case import NAMESPACE
from adapters.document import MAX_TEXT_BYTES, Json
from adapters.identifiers import uuid5
from adapters.values import is_whole, write_date, write_instant
from gateway.record.ties import entities
from gateway.v1 import record_pb2 as pb

Members: TypeAlias = "dict[str, Json]"

_DATE_TIME: Final = "xsd:dateTime"


@dataclass(slots=True, kw_only=True)
class Canvas:
    """The nodes of one record. `names` says which entity is meant by an id that the reader will give;
    `number` tells the records of one document apart.
    """

    record: pb.Record
    number: int
    nodes: list[Members] = field(default_factory=list)
    iris: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    drawn: dict[str, Members] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind, entity in entities(self.record):
            if kind.name != "relationship":
                self._name(kind.name, entity.id)
        things = frozenset(self.iris)
        for relationship in self.record.relationships:
            ends = {getattr(relationship.link, "from"), relationship.link.to}
            # What ties less than two things of the document says nothing there.
            if len(ends) == 2 and ends <= things:
                self._name("relationship", relationship.id)

    def _name(self, kind: str, identifier: str) -> None:
        iri = self.iri(kind, identifier)
        self.iris[identifier] = iri
        self.names[iri.removeprefix("kb:")] = identifier

    def iri(self, what: str, seed: str) -> str:
        """Return the IRI of a node: the same for the same thing in every document."""
        seed = f"{seed}/{self.number}" if self.number else seed
        return f"kb:{what}-{uuid5(NAMESPACE, f'{what}/{seed}')}"

    def draw(self, entity: Any, *types: str) -> Members:
        """Add the node of an entity, and return it."""
        node = self.add(self.iris[entity.id], *types)
        self.drawn[entity.id] = node
        return node

    def add(self, iri: str, *types: str) -> Members:
        """Add a node, and return it."""
        node = members(iri, *types)
        self.nodes.append(node)
        return node

    def part(self, owner: Members, name: str, *types: str) -> Members:
        """Return a node that stands within another one; `name` tells it from other parts of that."""
        return members(self.iri(name, str(owner["@id"])), *types)

    def facet(self, node: Members, types: str | tuple[str, ...], values: Mapping[str, Json]) -> None:
        """Add a facet of these classes, the narrowest first, to a node, if it says anything."""
        stated = {key: value for key, value in values.items() if _is_stated(value)}
        if not stated:
            return
        facets = node.setdefault("uco-core:hasFacet", [])
        assert isinstance(facets, list)
        names = (types,) if isinstance(types, str) else types
        place = f"{names[0].partition(':')[2]}-{len(facets)}"
        facets.append({**self.part(node, place, *names), **stated})


def members(iri: str, *types: str) -> Members:
    """Return the members that every node has."""
    return {"@id": iri, "@type": types[0] if len(types) == 1 else list(types)}


def fits(text: str) -> bool:
    """Tell whether a reader takes a text of this length."""
    return len(text) <= MAX_TEXT_BYTES // 4 or len(text.encode()) <= MAX_TEXT_BYTES


def put(node: Members, name: str, value: Json) -> None:
    """Write a property, if it says anything."""
    if _is_stated(value):
        node[name] = value


def _is_stated(value: Json) -> bool:
    return value not in ("", None, []) and not (isinstance(value, str) and not fits(value))


def reference(iri: str) -> Json:
    """Return a value that names a node, nothing where there is none."""
    return {"@id": iri} if iri else None


def typed(value: str, kind: str) -> Json:
    """Return a value with its type, nothing where it is empty."""
    return {"@type": kind, "@value": value} if value else None


def instant(moment: pb.Moment) -> Json:
    """Return an instant; nothing where only a date is known, which no `xsd:dateTime` can say."""
    return typed(write_instant(moment), _DATE_TIME)


def day(when: pb.PartialDate | pb.BirthDate) -> Json:
    """Return a whole day as its midnight, as UCO writes days; a partial date is left out."""
    return typed(f"{write_date(when)}T00:00:00Z", _DATE_TIME) if is_whole(when) else None
