"""Reads reports that resemble those of NCMEC's CyberTipline: `report` and `fileDetails` documents in XML.

The element names follow the public reporting documentation; the schema itself is served by NCMEC and not
part of this project. Nothing is written: providers report, agencies read.

Source: `reference/formats.md` section 9.
"""

from __future__ import annotations

from datetime import date
from typing import Final

from adapters.adapter import Draft
from adapters.cybertip.drawing import NO_FIELD, Drawing
from adapters.cybertip.files import draw_file
from adapters.cybertip.incident import day_of, draw_incident, draw_internet_details
from adapters.cybertip.node import Node, read_tree
from adapters.cybertip.persons import (
    draw_law_enforcement,
    draw_recipient,
    draw_reported,
    draw_reporter,
    draw_victim,
)
from adapters.evaluation import graded
from adapters.loss import Effect, Loss
from adapters.xml import read_xml
from gateway.errors import Malformed
from gateway.v1 import marking_pb2
from gateway.v1 import record_pb2 as pb

UNGRADED: Final = "Report of a provider, not evaluated"
"""What stands as the original grading, so that no document that goes on lets it pass for a graded one."""

MOST_ENTITIES: Final = 512
MOST_BYTES: Final = 960 * 1024
"""Bounds of a record (DESIGN section 14), with room for its marking."""


class Cybertip:
    """The `cybertip` adapter: one draft a document."""

    name = "cybertip"

    def parse(self, data: bytes, *, today: date, exercise: bool) -> list[Draft]:
        """Return the draft of a report, or of the details of one file.

        Raises:
            Malformed: the document or one of its elements does not read; `field` names which. Code
                `wrong-document` for another root, `media-bytes` where a media stands in it,
                `too-many-entities` or `too-large` where it tells of more than one record can hold.
        """
        losses: list[Loss] = []
        root = read_tree(read_xml(data), losses)
        drawing = Drawing(record=pb.Record(), today=today)
        header = drawing.record.header
        header.exercise = exercise
        header.source = marking_pb2.PROVENANCE_PRIVATE
        header.type = pb.RECORD_TYPE_REPORT
        header.evaluation.CopyFrom(graded("4x4", "X", "4", root.path))
        header.evaluation.original = UNGRADED
        root.lose(Effect.INVENTED, "a provider's report is not graded; it counts as not to be assessed")
        match root.name:
            case "report":
                _draw_report(root, drawing)
            case "fileDetails":
                draw_file(root, drawing)
            case _:
                raise Malformed(
                    "is neither a report nor the details of a file", field="document", code="wrong-document"
                )
        root.finish(NO_FIELD)
        _check_bounds(drawing)
        return [Draft(record=drawing.record, losses=tuple(dict.fromkeys(losses)))]


def _draw_report(root: Node, drawing: Drawing) -> None:
    for name in ("incidentSummary", "reporter"):
        if not root.nodes(name):
            raise Malformed("is required", field=f"{root.path}.{name}", code="required")
    incident, doubted = draw_incident(root.node("incidentSummary"), drawing)
    on = day_of(incident, drawing.today)
    draw_reporter(root.node("reporter"), drawing, on=on)
    draw_law_enforcement(root.node("lawEnforcement"), drawing)
    for node in root.nodes("internetDetails"):
        draw_internet_details(node, drawing, incident)
    for node in root.nodes("personOrUserReported"):
        draw_reported(node, drawing, incident.id, doubted=doubted, on=on)
    for node in root.nodes("intendedRecipient"):
        draw_recipient(node, drawing, incident.id, on=on)
    for node in root.nodes("victim"):
        draw_victim(node, drawing, incident.id, on=on)
    for text in root.texts("additionalInfo"):
        drawing.tell("Additional information", text, *_everybody(drawing))


def _everybody(drawing: Drawing) -> list[str]:
    """Return the persons of whom words of the report at large may tell: all but those who report."""
    return [person.id for person in drawing.record.persons if not person.HasField("source")]


def _check_bounds(drawing: Drawing) -> None:
    amount = sum(drawing.counts.values())
    if amount > MOST_ENTITIES:
        raise Malformed(
            f"tells of {amount} persons and things, where a record holds {MOST_ENTITIES}",
            field="document",
            code="too-many-entities",
        )
    if drawing.record.ByteSize() > MOST_BYTES:
        raise Malformed("tells of more than a record holds", field="document", code="too-large")
