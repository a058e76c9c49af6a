"""The case around the evidence: the investigation, exhibits, and where the information came from."""

from __future__ import annotations

from typing import Any, Final

from adapters.case_uco.canvas import Canvas, Members, put, reference
from adapters.case_uco.case import Case
from adapters.case_uco.classes import (
    INVESTIGATIONS,
    INVESTIGATIVE_ACTIONS,
    OWN_RECORD,
    PROVENANCE_RECORDS,
)
from adapters.case_uco.node import Node
from adapters.document import Json
from adapters.loss import Effect
from gateway.v1 import record_pb2 as pb

_FORM: Final = "case-investigation:investigationForm"
_STATUS: Final = "case-investigation:investigationStatus"
_EXHIBIT: Final = "case-investigation:exhibitNumber"
_NO_EQUAL: Final = "the word has no equal"


def read_investigations(case: Case) -> None:
    """Read what investigations say of the case as a whole; of several the first statement counts."""
    header = case.record.header
    for node in case.of_class(INVESTIGATIONS):
        node.references("uco-core:object")
        form = node.text(_FORM)
        if form == "case" and not header.type:
            header.type = pb.RECORD_TYPE_CASE
        elif form:
            node.lose(_FORM, Effect.DROPPED, _NO_EQUAL)
        _read_status(node, header)
        header.crime_areas.extend(
            one for one in node.texts("case-investigation:focus") if one not in header.crime_areas
        )
        for iri in node.references("uco-core:externalReference"):
            _read_reference(case, iri)


def _read_status(node: Node, header: pb.RecordHeader) -> None:
    status = node.text(_STATUS)
    if status.lower() in ("open", "active") and not header.case_status:
        header.case_status = pb.CASE_STATUS_ACTIVE
    elif status.lower() == "closed" and not header.case_status:
        header.case_status = pb.CASE_STATUS_CLOSED
    elif status:
        node.lose(_STATUS, Effect.DROPPED, _NO_EQUAL)


def _read_reference(case: Case, iri: str) -> None:
    node = case.part(iri)
    if node is None:
        return
    found = pb.CaseReference()
    if number := node.text("uco-core:externalIdentifier"):
        found.number = number
    if authority := node.text("uco-core:definingContext"):
        found.authority = authority
    if found.ByteSize():
        case.record.header.case_references.append(found)


def read_actions(case: Case) -> None:
    """Read what investigators did as words on where the information came from."""
    for node in case.of_class(INVESTIGATIVE_ACTIONS):
        if said := node.joined("uco-core:name", "uco-core:description"):
            case.record.header.provenance.append(said)


def read_exhibits(case: Case) -> None:
    """Read the numbers of exhibits onto the artefacts that they are of."""
    for node in case.of_class(PROVENANCE_RECORDS):
        number = node.text(_EXHIBIT)
        artefacts = [case.entities.get(iri, ("", None)) for iri in node.references("uco-core:object")]
        found: list[Any] = [entity for kind, entity in artefacts if kind == "artefact"]
        for artefact in found:
            if number:
                artefact.exhibits.append(number)
        if number and not found:
            node.lose(_EXHIBIT, Effect.DROPPED, "is the number of no artefact of the record")


def write_investigation(canvas: Canvas) -> Members:
    """Write the investigation that holds the record together, and return its node."""
    header = canvas.record.header
    iri = canvas.iri("investigation", ";".join(canvas.iris))
    node = canvas.add(iri, *sorted(INVESTIGATIONS), OWN_RECORD)
    if header.type == pb.RECORD_TYPE_CASE:
        node[_FORM] = "case"
    if header.case_status in (pb.CASE_STATUS_ACTIVE, pb.CASE_STATUS_FOLLOW_UP):
        node[_STATUS] = "open"
    elif header.case_status in (pb.CASE_STATUS_CLOSED, pb.CASE_STATUS_CLOSED_REFERRED):
        node[_STATUS] = "closed"
    put(node, "case-investigation:focus", list(header.crime_areas))
    references: list[Json] = []
    for number, one in enumerate(header.case_references):
        part = canvas.part(node, f"reference-{number}", "uco-core:ExternalReference")
        put(part, "uco-core:externalIdentifier", one.number)
        put(part, "uco-core:definingContext", one.authority)
        references.append(part)
    put(node, "uco-core:externalReference", references)
    for number, said in enumerate(header.provenance):
        action = canvas.add(canvas.iri(f"action-{number}", iri), *sorted(INVESTIGATIVE_ACTIONS)[:1])
        put(action, "uco-core:description", said)
    return node


def write_exhibits(canvas: Canvas, artefact: pb.DigitalArtefact) -> None:
    """Write the numbers under which an artefact is an exhibit, a provenance record each."""
    for place, number in enumerate(artefact.exhibits):
        node = canvas.add(canvas.iri(f"exhibit-{place}", artefact.id), *sorted(PROVENANCE_RECORDS))
        put(node, _EXHIBIT, number)
        put(node, "uco-core:object", [reference(canvas.iris[artefact.id])])
