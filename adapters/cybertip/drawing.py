"""The record of a report on its way: ids that are given once, and the ties between what is drawn."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import MAXYEAR, MINYEAR, date, datetime
from typing import Any, Final

from adapters.cybertip.node import Node
from adapters.loss import Effect
from adapters.values import read_date, read_instant
from gateway.v1 import record_pb2 as pb

NO_FIELD: Final = "the record has no field for it"
_EDGES: Final = frozenset({MINYEAR, MAXYEAR})
CLEARING_HOUSE: Final = "NCMEC"
"""Whose numbers those of reports and files are."""


@dataclass(slots=True, kw_only=True)
class Drawing:
    """A record, the day on which it is read, and how many entities of each kind it has."""

    record: pb.Record
    today: date
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, collection: str) -> Any:
        """Add an entity, with an id such as `person-2`, to a collection of the record."""
        self.counts[kind] += 1
        return getattr(self.record, collection).add(id=f"{kind}-{self.counts[kind]}")

    def tie(self, source: str, target: str, kind: pb.RelationKind.ValueType, words: str = "") -> None:
        """Tie two entities, with words that say how."""
        link = self.add("tie", "relationships").link
        setattr(link, "from", source)
        link.to, link.kind = target, kind
        if words:
            link.description = words

    def tell(self, title: str, text: str, *subjects: str) -> None:
        """Add words about entities; none where there are no words."""
        if text:
            narrative = self.add("text", "narratives")
            narrative.title, narrative.text = title, text
            narrative.subjects.extend(subjects)


def moment(node: Node) -> pb.Moment | None:
    """Return the time of an element, None where it has none. A time without its offset from UTC is a date.

    Raises:
        Malformed: code `bad-date`.
    """
    text = node.text()
    if not text:
        return None
    if "T" not in text:
        known = read_date(text, node.path)
        return None if known is None else pb.Moment(date=known)
    if _is_local(text):
        node.lose(Effect.GENERALISED, "a time without its offset from UTC is kept as a date")
        return pb.Moment(date=read_date(text.partition("T")[0], node.path))
    found = read_instant(text, node.path)
    if found.date.year in _EDGES:
        node.lose(Effect.GENERALISED, "an instant at the edge of the calendar is kept as a date")
        found.ClearField("at")
    return found


def _is_local(text: str) -> bool:
    try:
        return datetime.fromisoformat(text).tzinfo is None
    except ValueError:
        return False
