"""Relationships between entities; a relationship with a role is the role of a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from types import MappingProxyType
from typing import Final

from adapters.case_uco.canvas import Canvas, day, put, reference, typed
from adapters.case_uco.case import Case
from adapters.case_uco.classes import RELATIONSHIPS
from adapters.case_uco.node import Node
from adapters.loss import Effect
from adapters.values import number_of, token
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

MOST_PAIRS: Final = 1_000
"""Most pairs of sources and targets that one relationship may tie."""

_AS_WRITTEN: Final = "Kind of relationship as written: "
_KIND: Final = "uco-core:kindOfRelationship"
# Words of the CASE examples whose equal here is called otherwise.
_ALSO: Final[Mapping[str, int]] = MappingProxyType(
    {
        "has_account": pb.RELATION_KIND_HOLDER_OF,
        "has_device": pb.RELATION_KIND_OWNS,
        "owned": pb.RELATION_KIND_OWNS,
        "knows": pb.RELATION_KIND_ASSOCIATE_OF,
        "related_to": pb.RELATION_KIND_OTHER,
    }
)


def read_relationships(case: Case) -> Iterator[tuple[Node, str, str]]:
    """Read the relationships between entities; yield those whose one end is none, with both ends.

    Raises:
        Malformed: code `too-many`: one ties more than 1,000 pairs; `bad-date`, `bad-number`.
    """
    for node in case.of_class(RELATIONSHIPS):
        sources, targets = node.references("uco-core:source"), node.references("uco-core:target")
        node.flag("uco-core:isDirectional")
        if len(sources) * len(targets) > MOST_PAIRS:
            raise Malformed(f"ties more than {MOST_PAIRS} pairs of things", field=node.path, code="too-many")
        if not (sources and targets):
            node.lose("uco-core:source", Effect.DROPPED, "ties nothing, for an end of it is missing")
        first = True
        for source, target in product(sources, targets):
            tied = case.id_of(source), case.id_of(target)
            if not all(tied):
                yield node, source, target
            elif tied[0] == tied[1]:
                node.lose("uco-core:target", Effect.DROPPED, "ties a thing to itself")
            else:
                _draw(case, node, tied, first=first)
                first = False


def tie(case: Case, iri: str, source: str, target: str, kind: int) -> pb.Relationship:
    """Add a relationship between two entities, by their ids, and return it."""
    relationship = case.record.relationships.add(id=case.local_id(iri))
    link = relationship.link
    setattr(link, "from", source)  # `from` is a keyword of the language
    link.to = target
    if kind:
        link.kind = pb.RelationKind.ValueType(kind)
    return relationship


def _draw(case: Case, node: Node, tied: tuple[str, str], *, first: bool) -> None:
    word = node.text(_KIND)
    link = pb.Link()
    kind = number_of(link, "kind", word) if word else 0
    written = ""
    if kind is None:
        kind = _ALSO.get(word.lower(), 0)
        if not kind:
            kind = pb.RELATION_KIND_OTHER
            written = f"{_AS_WRITTEN}{word}"
            node.lose(_KIND, Effect.KEPT_AS_EXTENSION, "its word has no equal and is kept in a text")
    relationship = tie(case, node.iri, *tied, kind)
    if first:
        case.entities.setdefault(node.iri, ("relationship", relationship))
    if said := node.joined("uco-core:description", before=written):
        relationship.link.description = said
    for part, names in (
        ("since", ("uco-core:startTime", "uco-observable:startTime")),
        ("until", ("uco-core:endTime", "uco-observable:endTime")),
    ):
        found = next((when for when in map(node.day, names) if when is not None), None)
        if found is not None:
            getattr(relationship.link, part).CopyFrom(found)
    for facet in case.facets(node, "uco-core:ConfidenceFacet"):
        confidence = facet.count("uco-core:confidence", most=100)
        if confidence is not None:
            relationship.link.confidence = confidence


def write_relationship(canvas: Canvas, relationship: pb.Relationship) -> None:
    """Write a relationship whose both ends stand in the document; one with a loose end says nothing."""
    link = relationship.link
    if relationship.id not in canvas.iris:
        return
    node = canvas.draw(relationship, "uco-core:Relationship")
    put(node, "uco-core:source", reference(canvas.iris[getattr(link, "from")]))
    put(node, "uco-core:target", reference(canvas.iris[link.to]))
    node["uco-core:isDirectional"] = True
    word, description = _as_written(link)
    put(node, _KIND, word)
    put(node, "uco-core:description", description)
    put(node, "uco-core:startTime", day(link.since))
    put(node, "uco-core:endTime", day(link.until))
    if link.HasField("confidence") and link.confidence <= 100:
        canvas.facet(
            node,
            "uco-core:ConfidenceFacet",
            {"uco-core:confidence": typed(str(link.confidence), "xsd:nonNegativeInteger")},
        )


def _as_written(link: pb.Link) -> tuple[str, str]:
    """Return the word for a kind, and the description; a word that was kept as written is written again."""
    first, _, rest = link.description.partition("\n")
    word = first.removeprefix(_AS_WRITTEN)
    if link.kind == pb.RELATION_KIND_OTHER and word != first and number_of(link, "kind", word) is None:
        return word, rest
    known = token(link, "kind")
    return "_".join(part.capitalize() for part in known.split("-")), link.description
