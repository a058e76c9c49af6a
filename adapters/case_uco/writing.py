"""Records into one graph: what UCO can say first, and what it cannot in facets of our own.

What UCO said is found by reading it back without those facets, so nothing is told twice and nothing is
forgotten.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from adapters.adapter import View
from adapters.case_uco.accounts import write_account
from adapters.case_uco.artefacts import write_artefact
from adapters.case_uco.canvas import Canvas, reference
from adapters.case_uco.classes import OWN_CLASSES
from adapters.case_uco.context import PREFIXES
from adapters.case_uco.custody import write_exhibits, write_investigation
from adapters.case_uco.events import write_incident, write_narrative
from adapters.case_uco.graph import read_graph
from adapters.case_uco.handling import write_handling
from adapters.case_uco.identities import write_organisation, write_person
from adapters.case_uco.online import write_online
from adapters.case_uco.own_facet import write_own
from adapters.case_uco.places import write_location
from adapters.case_uco.reading import read_record
from adapters.case_uco.roles import write_role
from adapters.case_uco.ties import write_relationship
from adapters.document import Json
from adapters.measure import renamed_reading
from gateway.record.ties import entities
from gateway.v1 import record_pb2 as pb

_WRITERS: Final[Mapping[str, Callable[[Canvas, Any], None]]] = MappingProxyType(
    {
        "person": write_person,
        "organisation": write_organisation,
        "location": write_location,
        "account": write_account,
        "online-content": write_online,
        "artefact": write_artefact,
        "incident": write_incident,
        "narrative": write_narrative,
        "relationship": write_relationship,
    }
)

_CONTEXT: Final = json.dumps(dict(PREFIXES))


def lay_out(views: Sequence[View]) -> list[tuple[Canvas, pb.Record | None]]:
    """Return the nodes of every view, each with what a foreign reader would make of them, None where that is
    all there is to be made of them.
    """
    told: dict[str, int] = {}
    laid = []
    for view in views:
        held = [entity.id for _, entity in entities(view.record)]
        number = max((told.get(one, 0) for one in held), default=0)
        told.update(dict.fromkeys(held, number + 1))
        laid.append(_lay_out(Canvas(record=view.record, number=number)))
    return laid


def write_document(canvases: Sequence[Canvas]) -> bytes:
    """Return the JSON-LD of one graph, a node a line."""
    lines = [json.dumps(node, ensure_ascii=False) for canvas in canvases for node in canvas.nodes]
    graph = ",\n".join(lines)
    return f'{{"@context": {_CONTEXT},\n"@graph": [\n{graph}\n]}}\n'.encode()


def _lay_out(canvas: Canvas) -> tuple[Canvas, pb.Record | None]:
    for kind, entity in entities(canvas.record):
        writer = _WRITERS.get(kind.name)
        if writer is None:
            canvas.draw(entity, *OWN_CLASSES[kind.name])
        else:
            writer(canvas, entity)
    for person in canvas.record.persons:
        write_role(canvas, person)
    for artefact in canvas.record.artefacts:
        write_exhibits(canvas, artefact)
    investigation = write_investigation(canvas)
    write_handling(canvas, investigation)
    investigation["uco-core:object"] = [
        reference(str(node["@id"])) for node in canvas.nodes if node is not investigation
    ]
    native = _native(canvas)
    renamed = renamed_reading(canvas.record, native, canvas.names)
    return canvas, native if write_own(canvas, renamed, canvas.drawn, investigation) else None


def _native(canvas: Canvas) -> pb.Record:
    nodes: list[Json] = [*canvas.nodes]
    graph = read_graph({"@context": dict(PREFIXES), "@graph": nodes})
    return read_record(graph, list(graph.nodes.values()), own=False)
