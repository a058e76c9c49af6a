"""One message while its entities are read: what stands under which id, and what belongs inside another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from adapters.document import MAX_TEXT_BYTES
from adapters.europol.grading import read_evaluation
from adapters.europol.handling import read_entity_handling
from adapters.europol.nodes import Node
from adapters.europol.remark import words_as_written
from adapters.europol.writing import REMARK
from adapters.loss import Effect, Loss
from gateway.errors import Malformed
from gateway.record.text import check_local_id
from gateway.v1 import record_pb2 as pb

JOURNEY: Final = "JOURNEY"
_ONLINE: Final = "URL"

# The kinds of connection by which something belongs inside another entity: what may, and where it may.
_PARTS: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = MappingProxyType(
    {
        "CONTACT_OF": (frozenset({"MeansOfCommunication"}), frozenset({"Person", "Organisation"})),
        "ADDRESS_OF": (frozenset({"Location"}), frozenset({"Person", "Organisation"})),
        "LAST_POSITION_OF": (frozenset({"Location"}), frozenset({"Person"})),
        "SHOWN_IN": (frozenset({"MeansOfCommunication", "FinancialItem"}), frozenset({_ONLINE})),
        "IMAGE_IN": (frozenset({"DigitalItem"}), frozenset({_ONLINE})),
        "TEXT_OF": (frozenset({"DigitalItem"}), frozenset({_ONLINE})),
        "OCCURRED_AT": (frozenset({"Location"}), frozenset({"Event"})),
        "DEPARTED_FROM": (frozenset({"Location"}), frozenset({JOURNEY})),
        "ARRIVED_AT": (frozenset({"Location"}), frozenset({JOURNEY})),
    }
)
_ONCE: Final = frozenset({"LAST_POSITION_OF", "TEXT_OF", "OCCURRED_AT"})
_RENAMED: Final = "is no id that a record can hold; another one stands for it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entity that was read, and in which collection of the record it stands."""

    collection: str
    entity: Any


@dataclass(slots=True, kw_only=True)
class Reading:
    """The record that is made of one message.

    `today` decides what a birth date contradicts; without it nothing does, which is for messages of our own.
    """

    record: pb.Record
    losses: list[Loss]
    today: date | None
    entries: dict[str, Entry] = field(default_factory=dict)
    parts: dict[str, Node] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def find_parts(self, entities: list[Node], connections: list[Node]) -> None:
        """Settle which elements belong inside another: those that one connection says it of, and no other."""
        for node in (*entities, *connections):
            self.taken.add(node.id)
        elements = {node.id: node for node in entities}
        uses = Counter(
            end for one in connections for end in (one.element.get("from", ""), one.element.get("to", ""))
        )
        seen: set[tuple[str, str]] = set()
        for connection in connections:
            kind = connection.element.get("kind", "")
            source, target = connection.element.get("from", ""), connection.element.get("to", "")
            if kind not in _PARTS or source not in elements or target not in elements or uses[source] != 1:
                continue
            parts, owners = _PARTS[kind]
            fits = elements[source].name in parts and _sort(elements[target]) in owners
            single = kind not in _ONCE or (kind, target) not in seen
            if fits and single and not _is_graded(elements[source]) and not _is_graded(connection):
                seen.add((kind, target))
                self.parts[source] = connection

    def local(self, node: Node, kind: str) -> str:
        """Return the id of an element in the record: its own where a record can hold it."""
        try:
            return check_local_id(node.id, node.path)
        except Malformed:
            node.lose("id", Effect.GENERALISED, _RENAMED)
            return self.fresh("", kind)

    def fresh(self, wanted: str, kind: str) -> str:
        """Return an id that nothing else bears: the wanted one, or the next of its kind."""
        try:
            free = wanted not in self.taken and bool(check_local_id(wanted, "id"))
        except Malformed:
            free = False
        number = 1
        while not free:
            wanted = f"{kind}-{number}"
            free, number = wanted not in self.taken, number + 1
        self.taken.add(wanted)
        return wanted

    def enter(self, node: Node, collection: str, entity: Any) -> None:
        """Put an entity under the id of its element, with its handling and its grading."""
        self.entries[node.id] = Entry(collection=collection, entity=entity)
        self.hold(node, entity.id)

    def hold(self, node: Node, entity: str) -> None:
        """Read the handling and the grading of an element, whose id in the record is `entity`."""
        if handling := node.node("Handling"):
            read_entity_handling(handling, self.record.header.source_handling, entity)
        if evaluation := node.node("Evaluation"):
            grade = read_evaluation(evaluation)
            identifier = self.fresh(f"{entity}.grade", "grade")
            assessment = self.record.assessments.add(id=identifier, subject=entity)
            assessment.score.grade.CopyFrom(grade)

    def remark(self, node: Node, entity: str, rest: str, *, place: tuple[Any, str] | None = None) -> None:
        """Keep what a remark says, and the words without an equal: in a text of the entity, if it has one,
        or in a narrative about it.
        """
        text = "\n".join([*([rest] if rest else []), *words_as_written(node)])
        node.words.clear()
        if not text:
            return
        if len(text.encode()) > MAX_TEXT_BYTES:
            raise Malformed("is longer than 64 KiB", field=node.where("Remark"), code="too-long")
        if place is not None:
            setattr(*place, text)
            return
        identifier = self.fresh(f"{entity}.remark", "remark")
        self.record.narratives.add(id=identifier, title=REMARK, text=text, subjects=[entity])


def _sort(node: Node) -> str:
    kind = node.element.findtext("{*}Kind", "").strip()
    if node.name == "MeansOfCommunication" and kind == _ONLINE:
        return _ONLINE
    return JOURNEY if node.name == "Event" and kind == JOURNEY else node.name


def _is_graded(node: Node) -> bool:
    return node.element.find("{*}Evaluation") is not None
