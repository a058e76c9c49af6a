"""One record on its way out of a graph: which node is which entity, and what is left to be told of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.case_uco.classes import (
    CALLS,
    INVESTIGATIONS,
    INVESTIGATIVE_ACTIONS,
    KIND_OF,
    MARKINGS,
    OBSERVATIONS,
    PROVENANCE_RECORDS,
    RELATIONSHIPS,
    ROLE_CLASSES,
)
from adapters.case_uco.node import Node, Reference
from adapters.identifiers import uuid5
from gateway.errors import Malformed
from gateway.record.schema import KINDS
from gateway.record.text import check_local_id
from gateway.v1 import record_pb2 as pb

NAMESPACE: Final = "7d3c2f10-52d5-5b0e-9c44-1f6f0a8f2b7e"
"""The namespace of the UUIDs that this format makes."""

_NO_ENTITY: Final = frozenset(ROLE_CLASSES).union(
    CALLS,
    INVESTIGATIONS,
    INVESTIGATIVE_ACTIONS,
    MARKINGS,
    OBSERVATIONS,
    PROVENANCE_RECORDS,
    RELATIONSHIPS,
)
"""Classes of nodes that tell of entities and are none."""


@dataclass(slots=True, kw_only=True)
class Case:
    """The nodes of one record, and the entities that they became, by IRI."""

    record: pb.Record
    nodes: Sequence[Node]
    graph: Mapping[str, Node]
    entities: dict[str, tuple[str, Any]] = field(default_factory=dict)
    ids: set[str] = field(default_factory=set)

    def draw_entities(self) -> None:
        """Add an entity for every node of a class that a record keeps."""
        addresses = {
            one.iri
            for node in self.nodes
            for one in node.values.get("uco-observable:emailAddress", ())
            if isinstance(one, Reference)
        }
        for node in self.nodes:
            if node.part or not _NO_ENTITY.isdisjoint(node.types):
                continue
            if node.iri in addresses and "uco-observable:EmailAddress" in node.types:
                node.used = True  # it is the value of an account, and no account beside it
                continue
            kind = next((KIND_OF[name] for name in _ordered(node) if name in KIND_OF), "")
            if kind:
                self.add(kind, node)

    def add(self, kind: str, node: Node) -> Any:
        """Add an entity of a kind for a node, and return it."""
        entity = getattr(self.record, KINDS[kind].record_field).add(id=self.local_id(node.iri))
        self.entities[node.iri] = (kind, entity)
        node.used = True
        return entity

    def local_id(self, iri: str) -> str:
        """Return an id of the record for an IRI: how it ends where that is one, a UUID where it is not."""
        tail = iri.rpartition("/")[2].rpartition("#")[2].rpartition(":")[2]
        try:
            check_local_id(tail, "@id")
        except Malformed:
            tail = ""
        if not tail or tail in self.ids:
            tail = f"node-{uuid5(NAMESPACE, iri)}"
        self.ids.add(tail)
        return tail

    def drawn(self) -> Iterator[tuple[Node, str, Any]]:
        """Yield the nodes that became entities, with kind and entity."""
        return ((self.graph[iri], kind, entity) for iri, (kind, entity) in self.entities.items())

    def of_kind(self, kind: str) -> Iterator[tuple[Node, Any]]:
        """Yield the nodes that became entities of a kind, with these."""
        for iri, (found, entity) in list(self.entities.items()):
            if found == kind:
                yield self.graph[iri], entity

    def of_class(self, classes: frozenset[str]) -> Iterator[Node]:
        """Yield the nodes of any of these classes, which count as told of from here on."""
        for node in self.nodes:
            if not classes.isdisjoint(node.types):
                node.used = True
                yield node

    def id_of(self, iri: str, *kinds: str) -> str:
        """Return the id of the entity that a node became, nothing where it is none (of these kinds)."""
        kind, entity = self.entities.get(iri, ("", None))
        if entity is None or (kinds and kind not in kinds):
            return ""
        identifier: str = entity.id
        return identifier

    def part(self, iri: str) -> Node | None:
        """Return a node that another one names; it counts as told of from here on, if it is a mere part."""
        node = self.graph.get(iri)
        if node is not None and node.part:
            node.used = True
        return node

    def facets(self, node: Node, name: str) -> Iterator[Node]:
        """Yield the facets of a node that are of this class."""
        for iri in node.references("uco-core:hasFacet"):
            facet = self.graph.get(iri)
            if facet is not None and name in facet.types:
                facet.used = True
                yield facet


def _ordered(node: Node) -> list[str]:
    """Return the classes of a node, ours first: they say more."""
    return sorted(node.types, key=lambda name: not name.startswith("comity:"))
