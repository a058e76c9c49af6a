"""Records out of a graph: the entities first, then what ties them, then what our own facets add."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from adapters.adapter import Draft
from adapters.case_uco.accounts import read_account
from adapters.case_uco.artefacts import read_artefact
from adapters.case_uco.case import Case
from adapters.case_uco.classes import INVESTIGATIONS, OWN_RECORD
from adapters.case_uco.contacts import read_contacts
from adapters.case_uco.custody import read_actions, read_exhibits, read_investigations
from adapters.case_uco.events import read_calls, read_incident, read_messages, read_narrative
from adapters.case_uco.graph import Graph
from adapters.case_uco.handling import read_handling
from adapters.case_uco.identities import read_organisation, read_person
from adapters.case_uco.node import Node, Reference
from adapters.case_uco.online import read_observations, read_online
from adapters.case_uco.own_facet import read_own
from adapters.case_uco.places import read_location
from adapters.case_uco.roles import read_role
from adapters.case_uco.ties import read_relationships
from adapters.loss import Effect, Loss
from gateway.errors import Malformed
from gateway.record.schema import HEADER_KIND, KINDS
from gateway.v1 import record_pb2 as pb

_READERS: Final[Mapping[str, Callable[[Case, Node, Any], None]]] = MappingProxyType(
    {
        "person": read_person,
        "organisation": read_organisation,
        "location": read_location,
        "account": read_account,
        "online-content": read_online,
        "artefact": read_artefact,
        "incident": read_incident,
        "narrative": read_narrative,
    }
)
_HOLDER: Final = INVESTIGATIONS | {OWN_RECORD}
_NO_PLACE: Final = "has no place in a record"
_NO_CLASS: Final = "is of a class that a record does not keep"
_NO_RECORD: Final = "belongs to none of the records of the document"
_LOOSE: Final = "one end of it is nothing that the record keeps"


def read_drafts(graph: Graph, *, exercise: bool) -> list[Draft]:
    """Return the records of a graph: one for each of our own investigations, else one for all of it.

    Raises:
        Malformed: code `empty-document`: nothing in it is an entity of a record; or a value does not read.
    """
    drafts = []
    losses = graph.losses
    for nodes, where in _records(graph):
        for node in nodes:
            node.losses = losses
        record = read_record(graph, nodes, own=True)
        record.header.exercise = exercise
        if all(field.name == "header" for field, _ in record.ListFields()):
            raise Malformed("speaks of nothing that a record keeps", field=where, code="empty-document")
        for node in nodes:
            if node.used:
                node.finish(_NO_PLACE)
            elif node.values:
                losses.append(Loss(path=node.path, effect=Effect.DROPPED, why=_NO_CLASS))
        drafts.append(Draft(record=record, losses=tuple(losses)))
        losses = []
    return drafts


def read_record(graph: Graph, nodes: Sequence[Node], *, own: bool) -> pb.Record:
    """Return the record of these nodes; without our `own` facets it is what any reader could tell.

    Raises:
        Malformed: a value does not read; `field` names its place.
    """
    case = Case(record=pb.Record(), nodes=nodes, graph=graph.nodes)
    case.draw_entities()
    for node, kind, entity in list(case.drawn()):
        if kind in _READERS:
            _READERS[kind](case, node, entity)
    for node, source, target in read_relationships(case):
        if not read_role(case, node, source, target):
            node.lose("uco-core:target", Effect.DROPPED, _LOOSE)
    read_observations(case)
    read_calls(case)
    read_messages(case)
    read_contacts(case)
    read_exhibits(case)
    read_actions(case)
    read_investigations(case)
    read_handling(case)
    if own:
        _read_own(case)
    return case.record


def _read_own(case: Case) -> None:
    for node, kind, entity in list(case.drawn()):
        read_own(case, node, KINDS[kind], entity)
    for node in case.of_class(INVESTIGATIONS):
        read_own(case, node, KINDS[HEADER_KIND], case.record.header)


def _records(graph: Graph) -> Iterator[tuple[list[Node], str]]:
    """Yield the nodes of every record, with the place of the node that holds it together."""
    holders = [node for node in graph.whole() if node.types.keys() >= _HOLDER]
    everything = list(graph.nodes.values())
    if len(holders) < 2:
        yield everything, "document"
        return
    told: set[str] = set()
    for holder in holders:
        held = _reach(graph, [holder.iri, *holder.references("uco-core:object")])
        told |= held
        yield [node for node in everything if node.iri in held], holder.path
    for node in everything:
        if node.iri not in told:
            graph.losses.append(Loss(path=node.path, effect=Effect.DROPPED, why=_NO_RECORD))


def _reach(graph: Graph, iris: Iterable[str]) -> set[str]:
    """Return the nodes of these IRIs with their parts."""
    reached: set[str] = set()
    ahead = list(iris)
    while ahead:
        node = graph.nodes.get(ahead.pop())
        if node is None or node.iri in reached:
            continue
        reached.add(node.iri)
        for held in node.values.values():
            for one in held:
                part = graph.nodes.get(one.iri) if isinstance(one, Reference) else None
                if part is not None and part.part:
                    ahead.append(part.iri)
    return reached
