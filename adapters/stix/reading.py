"""What is known while the objects of one case become a record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from adapters.document import MAX_TEXT_BYTES
from adapters.loss import Effect, Loss
from adapters.stix.thing import Thing
from gateway.errors import Malformed
from gateway.record.schema import KINDS, EntityKind
from gateway.v1 import record_pb2 as pb

_KEPT: Final = "has no field of its own, and is kept in a text"


@dataclass(slots=True, kw_only=True)
class Reading:
    """A record in the making. `things` are its objects by id, `known` says which entity an object is, and
    `entities` holds those with their kind and the object they were read from.

    `actors` gives the identity that a threat actor is attributed to, where they are one person.
    """

    things: Mapping[str, Thing]
    losses: list[Loss]
    record: pb.Record = field(default_factory=pb.Record)
    known: dict[str, str] = field(default_factory=dict)
    entities: dict[str, tuple[EntityKind, Any, Thing]] = field(default_factory=dict)
    actors: dict[str, str] = field(default_factory=dict)
    consumed: set[str] = field(default_factory=set)

    def add(self, kind: str, thing: Thing, *others: Thing) -> Any:
        """Return a new entity of a kind that is told by an object, and by others beside it."""
        entity_kind = KINDS[kind]
        entity = getattr(self.record, entity_kind.record_field).add(id=thing.id)
        self.entities[thing.id] = entity_kind, entity, thing
        for one in (thing, *others):
            self.known.setdefault(one.id, thing.id)
            self.consumed.add(one.id)
        return entity

    def keep(self, thing: Thing, name: str, title: str, words: Iterable[str]) -> None:
        """Keep in a narrative about an object what it says and no field of its entity holds."""
        text = joined(thing, name, words, "; ")
        thing.lose(name, Effect.KEPT_AS_EXTENSION, _KEPT)
        narrative = self.record.narratives.add(id=f"{thing.id}.{len(self.record.narratives)}", text=text)
        if title:
            narrative.title = title
        if thing.id in self.known:
            narrative.subjects.append(self.known[thing.id])
        self.entities[narrative.id] = KINDS["narrative"], narrative, thing
        self.known[narrative.id] = narrative.id


def joined(thing: Thing, name: str, parts: Iterable[str], separator: str = "\n") -> str:
    """Return what several properties say as one text.

    Raises:
        Malformed: code `too-long`: together they are longer than a text of a record.
    """
    text = separator.join(part for part in parts if part)
    if len(text.encode()) > MAX_TEXT_BYTES:
        raise Malformed("is longer than 64 KiB", field=f"{thing.path}.{name}", code="too-long")
    return text


def labels_of(thing: Thing, *known: Mapping[str, int]) -> list[int | None]:
    """Return what the labels of an object say in each of these lists of words; others are declared."""
    found: list[int | None] = [None] * len(known)
    for label in thing.texts("labels"):
        at = next((at for at, words in enumerate(known) if label in words and found[at] is None), None)
        if at is None:
            thing.lose("labels", Effect.DROPPED, "the label has no equal in a record")
        else:
            found[at] = known[at][label]
    return found
