"""The nodes of a JSON-LD document: every object with its properties, wherever in the document it stands.

The same node may be told in several places, and a node may stand inside another one: both are one thing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from adapters.case_uco.context import Context
from adapters.case_uco.node import Literal, Node, Reference
from adapters.document import Json
from adapters.loss import Effect, Loss
from gateway.errors import Malformed

PARTS: Final = frozenset(
    {
        "uco-core:hasFacet",
        "uco-core:externalReference",
        "uco-identity:address",
        "uco-marking:definition",
        "uco-observable:accountIssuer",
        "uco-observable:carrier",
        "uco-observable:emailAddress",
        "uco-observable:hash",
        "uco-observable:manufacturer",
        "uco-observable:phoneNumber",
    }
)
"""Properties whose value, where it stands inside the node, is a part of it and nothing of its own."""

_NO_MEANING: Final = "has no meaning under the context of the document"


class Place(NamedTuple):
    """Where in the document a node is read, and whether it is a part of another one there."""

    path: str
    part: bool


@dataclass(slots=True)
class Graph:
    """All nodes of a document by their IRIs, in its order; `losses` is the list of the whole document."""

    losses: list[Loss] = field(default_factory=list)
    nodes: dict[str, Node] = field(default_factory=dict)
    unnamed: int = 0

    def whole(self) -> Iterator[Node]:
        """Yield the nodes that are no mere parts of others."""
        return (node for node in self.nodes.values() if not node.part)


def read_graph(document: Json) -> Graph:
    """Return the nodes of a document: an object with a context and a graph, a single node, or a list of them.

    Raises:
        Malformed: code `bad-type` or `remote-context`.
    """
    graph = Graph()
    for number, root in enumerate(document if isinstance(document, list) else [document]):
        if not isinstance(root, dict):
            raise Malformed("is not an object", field="document", code="bad-type")
        _Reading(graph, Context(root.get("@context"))).root(
            root, f"[{number}]" if isinstance(document, list) else ""
        )
    return graph


class _Reading:
    """One walk over a document under one context."""

    def __init__(self, graph: Graph, context: Context) -> None:
        self.graph = graph
        self.context = context

    def root(self, root: dict[str, Any], path: str) -> None:
        members = {key: value for key, value in root.items() if key != "@context"}
        if set(map(self.context.name, members)) <= {"@graph", "@id"}:
            for key, value in members.items():
                if self.context.name(key) == "@graph":
                    self.contents(value, f"{path}@graph")
        else:
            self.node(members, Place(path or "document", False))

    def contents(self, value: Any, path: str) -> None:
        for number, one in enumerate(value if isinstance(value, list) else [value]):
            if not isinstance(one, dict):
                raise Malformed("is not an object", field=f"{path}[{number}]", code="bad-type")
            self.node(one, Place(f"{path}[{number}]", False))

    def node(self, members: dict[str, Any], place: Place) -> Node:
        """Add what an object says of a node, and return the node."""
        named = [(self.context.name(key), key, value) for key, value in members.items()]
        node = self._entry(next((value for name, _, value in named if name == "@id"), None), place)
        for name, key, value in named:
            if name in ("@id", "@index"):
                continue
            if name == "@type":
                node.types |= dict.fromkeys(self._types(value, place.path))
            elif name in ("@graph", "@included"):
                self.contents(value, f"{place.path}.{name}")
            elif name == "@context":
                raise Malformed(
                    "changes what names mean within the document, which this reader does not follow",
                    field=f"{place.path}.@context",
                    code="bad-type",
                )
            elif not name or name.startswith("@"):
                self._lose(place.path, key, value)
            else:
                held = node.values.setdefault(name, [])
                self._values(held, value, key, Place(f"{place.path}.{name}", name in PARTS))
        return node

    def _entry(self, identifier: Any, place: Place) -> Node:
        if identifier is None:
            self.graph.unnamed += 1
            iri = f"_:unnamed-{self.graph.unnamed}"
        elif isinstance(identifier, str) and identifier:
            iri = self.context.iri(identifier)
        else:
            raise Malformed("is not text", field=f"{place.path}.@id", code="bad-type")
        known = self.graph.nodes.get(iri)
        if known is None:
            known = Node(iri=iri, path=place.path, losses=self.graph.losses, part=place.part)
            self.graph.nodes[iri] = known
        known.part = known.part and place.part
        return known

    def _types(self, value: Any, path: str) -> Iterator[str]:
        for one in value if isinstance(value, list) else [value]:
            if not isinstance(one, str):
                raise Malformed("is not text", field=f"{path}.@type", code="bad-type")
            yield self.context.name(one)

    def _values(self, held: list[Any], value: Any, key: str, place: Place) -> None:
        """Add the values of one property, however they are wrapped."""
        if isinstance(value, list):
            for one in value:
                self._values(held, one, key, place)
        elif isinstance(value, dict):
            self._object(held, value, key, place)
        elif isinstance(value, str) and self.context.coercion(key):
            held.append(Reference(self.context.iri(value)))
        elif value is not None:
            held.append(Literal(value))

    def _object(self, held: list[Any], value: dict[str, Any], key: str, place: Place) -> None:
        names = {self.context.name(one): one for one in value}
        if "@value" in names:
            held.append(self._literal(value, names, place.path))
        elif "@list" in names or "@set" in names:
            self._values(held, value[names.get("@list") or names["@set"]], key, place)
        elif names.keys() == {"@id"}:
            identifier = value[names["@id"]]
            if not isinstance(identifier, str) or not identifier:
                raise Malformed("is not text", field=f"{place.path}.@id", code="bad-type")
            held.append(Reference(self.context.iri(identifier)))
        elif names:
            held.append(Reference(self.node(value, place).iri))

    def _literal(self, value: dict[str, Any], names: dict[str, str], path: str) -> Literal:
        said = value[names["@value"]]
        kind = value.get(names.get("@type", ""))
        kind = self.context.name(kind) if isinstance(kind, str) else ""
        if isinstance(said, dict | list) and kind != "@json":
            raise Malformed("is not a single value", field=f"{path}.@value", code="bad-type")
        return Literal(said, kind)

    def _lose(self, path: str, key: str, value: Any) -> None:
        if value not in (None, "", [], {}):
            shown = key if key.isprintable() and 0 < len(key) <= 64 else "?"
            self.graph.losses.append(Loss(path=f"{path}.{shown}", effect=Effect.DROPPED, why=_NO_MEANING))
