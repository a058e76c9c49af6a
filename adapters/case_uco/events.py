"""What happened and what is said: actions as incidents, assertions as narratives, calls as ties."""

from __future__ import annotations

from typing import Final

from adapters.case_uco.canvas import Canvas, instant, put, reference
from adapters.case_uco.case import Case
from adapters.case_uco.classes import ACT_CLASSES, CALLS, OPERATION, TRANSPORTATION
from adapters.case_uco.node import Node
from adapters.case_uco.ties import MOST_PAIRS, tie
from adapters.loss import Effect
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

_EXPLOITATION: Final = "cacontology-trafficking:CommercialSexualExploitation"
_SEXUAL: Final = pb.EXPLOITATION_PURPOSE_SEXUAL_EXPLOITATION
_START: Final = ("uco-action:startTime", "uco-core:startTime")
_END: Final = ("uco-action:endTime", "uco-core:endTime")


def read_incident(case: Case, node: Node, incident: pb.Incident) -> None:
    """Read an action or an event: when and where, and which acts its classes say.

    Raises:
        Malformed: code `bad-date`.
    """
    for name, act in ACT_CLASSES.items():
        if name in node.types:
            incident.acts.append(pb.Act.ValueType(act))
    if any(name.startswith("cacontology-trafficking:") for name in node.types):
        incident.kind = pb.INCIDENT_KIND_TRAFFICKING
        if _EXPLOITATION in node.types:
            incident.purposes.append(_SEXUAL)
    for part, names in (("start", _START), ("end", _END)):
        found = next((when for when in map(node.moment, names) if when is not None), None)
        if found is not None:
            getattr(incident.occurred, part).CopyFrom(found)
    where = node.reference("uco-action:location")
    location = case.id_of(where, "location")
    if location:
        incident.location = location
    elif where:
        node.lose("uco-action:location", Effect.DROPPED, "names no location of the record")
    if said := node.joined("uco-core:name", "uco-core:description"):
        incident.description = said


def write_incident(canvas: Canvas, incident: pb.Incident) -> None:
    """Write an incident as an action; the classes of trafficking speak of sexual exploitation alone, and that
    of transport asks for where from and where to, which an incident does not say.
    """
    types = ["uco-action:Action"]
    if incident.kind == pb.INCIDENT_KIND_TRAFFICKING and _SEXUAL in incident.purposes:
        acts = {name for name, act in ACT_CLASSES.items() if act in incident.acts}
        types += [OPERATION, *sorted(acts - {TRANSPORTATION})]
    node = canvas.draw(incident, *types)
    put(node, "uco-core:description", incident.description)
    put(node, "uco-action:startTime", instant(incident.occurred.start))
    put(node, "uco-action:endTime", instant(incident.occurred.end))
    put(node, "uco-action:location", reference(canvas.iris.get(incident.location, "")))


def read_narrative(case: Case, node: Node, narrative: pb.Narrative) -> None:
    """Read an assertion and what it is about."""
    if title := node.text("uco-core:name"):
        narrative.title = title
    if said := node.joined("uco-core:statement"):
        narrative.text = said
    for iri in node.references("uco-core:object"):
        subject = case.id_of(iri)
        if subject:
            narrative.subjects.append(subject)
        else:
            node.lose("uco-core:object", Effect.DROPPED, "names nothing that the record keeps")


def write_narrative(canvas: Canvas, narrative: pb.Narrative) -> None:
    """Write a narrative: about something it is an annotation, about nothing an assertion."""
    subjects = [canvas.iris[one] for one in narrative.subjects if one in canvas.iris]
    node = canvas.draw(narrative, "uco-core:Annotation" if subjects else "uco-core:Assertion")
    put(node, "uco-core:name", narrative.title)
    put(node, "uco-core:statement", narrative.text)
    put(node, "uco-core:object", [reference(one) for one in subjects])


def read_calls(case: Case) -> None:
    """Read calls as ties of the accounts that spoke; one without a caller ties only two of them.

    Raises:
        Malformed: code `bad-date`, `too-many`.
    """
    for node in case.of_class(CALLS):
        for facet in case.facets(node, "uco-observable:CallFacet"):
            _read_exchange(case, facet, "uco-observable:startTime", node.joined("uco-core:description"))


def read_messages(case: Case) -> None:
    """Read messages as ties of the accounts they went between; the text stands with the artefact.

    Raises:
        Malformed: code `bad-date`, `too-many`.
    """
    for node, _ in case.of_kind("artefact"):
        for facet in case.facets(node, "uco-observable:MessageFacet"):
            _read_exchange(case, facet, "uco-observable:sentTime", "")


def _read_exchange(case: Case, facet: Node, time: str, said: str) -> None:
    caller = facet.references("uco-observable:from")
    called = facet.references("uco-observable:to")
    if len(called) > MOST_PAIRS:
        raise Malformed(f"ties more than {MOST_PAIRS} pairs of things", field=facet.path, code="too-many")
    if not caller and len(called) == 2:
        caller, called = called[:1], called[1:]
    if not caller and not called:
        return
    source = case.id_of(caller[0]) if caller else ""
    when = facet.moment(time)
    told = False
    for iri in called:
        target = case.id_of(iri)
        if not (source and target) or source == target:
            continue
        number = len(case.record.relationships)
        kind = pb.RELATION_KIND_COMMUNICATED_WITH
        link = tie(case, f"{facet.iri}/tie-{number}", source, target, kind).link
        told = True
        if when is not None:
            link.since.CopyFrom(when.date)
        if said:
            link.description = said
    if not told:
        facet.lose("uco-observable:to", Effect.DROPPED, "nothing says between whom it went")
    elif when is not None and when.HasField("at"):
        facet.lose(time, Effect.GENERALISED, "the time of day is left out")
