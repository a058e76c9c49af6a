"""The entities and connections of one message while they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from lxml import etree

from adapters.europol.grading import write_evaluation
from adapters.europol.leaves import Leaf, write_leaf
from adapters.europol.remark import write_lines
from adapters.europol.schema import UMF
from adapters.xml import Element, xml_text
from gateway.v1 import record_pb2 as pb

REMARK: Final = "Remark"
"""Title of a narrative that stands as the remark of the one entity it is about."""

_NO_REMARK: Final = frozenset({"location", "vehicle", "online-content", "incident", "relationship"})
"""Kinds whose remark is a text of their own."""


@dataclass(slots=True, kw_only=True)
class Writing:
    """What of one view stands in a message.

    `ids` are the ids of the message by entity, `names` the entities by id of the message, `reasons` why an
    entity is left out, `extended` the paths of values that stand in lines which only we read.
    """

    record: pb.Record
    entities: Element
    connections: list[Element] = field(default_factory=list)
    ids: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    extended: list[str] = field(default_factory=list)
    remarks: dict[str, pb.Narrative] = field(default_factory=dict)
    grades: dict[str, pb.Assessment] = field(default_factory=dict)

    def begin(
        self, tag: str, entity: Any, path: str, lines: Sequence[Leaf], *, first: str = "", text: str = ""
    ) -> Element:
        """Add the element of an entity with its grading and remark, and return it.

        `first` is a line before the others, `text` the free text of the remark; `path` is the entity's in
        the record.
        """
        identifier = self.name(entity.id)
        element = etree.SubElement(self.entities, umf(tag), id=identifier)
        self._grade(element, entity.id, identifier)
        narrative = self.remarks.get(entity.id)
        if narrative is not None:
            self.names[f"{identifier}.remark"] = narrative.id
            text = narrative.text
        self._remark(element, path, entity, lines, first=first, text=text)
        return element

    def name(self, entity: str) -> str:
        """Return the id under which an entity stands in the message from now on."""
        identifier = entity.replace("/", ".")
        self.ids[entity] = identifier
        self.names[identifier] = entity
        return identifier

    def part(
        self,
        tag: str,
        connection: Connection,
        message: Any,
        path: str,
        lines: Sequence[Leaf],
        *,
        first: str = "",
    ) -> Element:
        """Add the element of what a record keeps inside another entity, and tie it to that one."""
        element = etree.SubElement(self.entities, umf(tag), id=connection.source)
        self._remark(element, path, message, lines, first=first)
        self.connect(connection)
        return element

    def connect(self, connection: Connection) -> Element:
        """Add a connection, and return it."""
        element = etree.Element(umf("Connection"), id=connection.id)
        element.set("from", connection.source)
        element.set("to", connection.target)
        element.set("kind", connection.kind)
        for name, when in (("start", connection.start), ("end", connection.end)):
            if when:
                element.set(name, when)
        if connection.remark:
            add(element, "Remark", connection.remark)
        self.connections.append(element)
        return element

    def relate(
        self, relationship: pb.Relationship, connection: Connection, path: str, lines: Sequence[Leaf]
    ) -> None:
        """Add the connection of a relationship with its grading and remark."""
        self.name(relationship.id)
        element = self.connect(connection)
        self._grade(element, relationship.id, connection.id)
        self._remark(element, path, relationship, lines, text=relationship.link.description)

    def lines(self, message: Any, leaves: Sequence[Leaf], path: str) -> list[str]:
        """Return the lines of these values, which are noted as such."""
        written, paths = write_lines(message, leaves)
        for one in paths:
            self.extend(f"{path}.{one}")
        return written

    def extend(self, path: str) -> None:
        """Note a value that stands in a line which only we read."""
        self.extended.append(path)

    def _grade(self, element: Element, entity: str, identifier: str) -> None:
        assessment = self.grades.get(entity)
        if assessment is not None and write_evaluation(element, umf("Evaluation"), assessment.score.grade):
            self.names[f"{identifier}.grade"] = assessment.id

    def _remark(
        self,
        element: Element,
        path: str,
        message: Any,
        lines: Sequence[Leaf],
        *,
        first: str = "",
        text: str = "",
    ) -> None:
        written = self.lines(message, lines, path)
        words = [*([first] if first else []), *written, *([text] if text.strip() else [])]
        if words:
            etree.SubElement(element, umf("Remark")).text = xml_text("\n".join(words))


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One connection between two elements, by their ids; `start` and `end` are partial dates."""

    id: str
    source: str
    target: str
    kind: str
    start: str = ""
    end: str = ""
    remark: str = ""


def umf(tag: str) -> str:
    """Return the tag of an element of the UMF-like namespace."""
    return f"{{{UMF}}}{tag}"


def fill(element: Element, message: Any, leaves: Sequence[Leaf]) -> None:
    """Add the elements of these values; an empty one where a required value is not stated."""
    for leaf in leaves:
        for text in write_leaf(message, leaf) or ([""] if leaf.required else []):
            etree.SubElement(element, umf(leaf.name)).text = text


def add(element: Element, tag: str, text: str) -> None:
    """Add an element with a text; none where there is no text."""
    if text:
        etree.SubElement(element, umf(tag)).text = xml_text(text)


def begin_writing(record: pb.Record, entities: Element) -> Writing:
    """Return a message without entities, in which it is settled whose remarks and gradings stand where."""
    writing = Writing(record=record, entities=entities)
    for narrative in record.narratives:
        if _is_remark(narrative):
            writing.remarks.setdefault(narrative.subjects[0], narrative)
    for assessment in record.assessments:
        if assessment.subject and _is_grading(assessment):
            writing.grades.setdefault(assessment.subject, assessment)
    return writing


def _is_remark(narrative: pb.Narrative) -> bool:
    about = list(narrative.subjects)
    kind = about[0].partition("/")[0] if len(about) == 1 else ""
    return (
        bool(kind) and narrative.title == REMARK and kind not in _NO_REMARK and bool(narrative.text.strip())
    )


def _is_grading(assessment: pb.Assessment) -> bool:
    """Tell whether an assessment grades its subject and makes no claim of its own."""
    return {field.name for field, _ in assessment.score.ListFields()} == {"grade"}
