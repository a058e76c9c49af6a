"""Which entities of a record are tied to which others, by reference or relationship."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from google.protobuf.message import Message

from gateway.record.schema import ENTITY_KINDS, EntityKind
from gateway.v1 import record_pb2 as pb

# A place named by a victim's journey, or an account that a victim's payment went to, locates the victim, so
# ties run on through these two. They stop at everything else: a venue where an incident took place, or a
# car that a suspect used in it, tells of the incident, and closing over those would make every record
# protected as a whole.
CONNECTORS = frozenset({"journey", "transaction"})

# What tells of other entities rather than being one, and so tells of whomever those are tied to.
TELLING = frozenset({"narrative", "relationship", "assessment"})


def entities(record: pb.Record) -> Iterator[tuple[EntityKind, Any]]:
    """Yield every entity of a record with its kind, the header left out."""
    for kind, group in groups(record):
        for entity in group:
            yield kind, entity


def groups(record: pb.Record) -> Iterator[tuple[EntityKind, Sequence[Any]]]:
    """Yield the entities of a record kind by kind, in the order of the record; a kind it has none of is left
    out.
    """
    for field, group in record.ListFields():
        kind = _KIND_OF_GROUP.get(field.number)
        if kind is not None:
            yield kind, group


_KIND_OF_GROUP = {
    pb.Record.DESCRIPTOR.fields_by_name[kind.record_field].number: kind for kind in ENTITY_KINDS
}


def references(kind: EntityKind, entity: Any) -> list[str]:
    """Return the entity ids that an entity names."""
    if kind.name == "relationship":
        return [getattr(entity.link, "from"), entity.link.to]
    named: list[str] = []
    for field in kind.references:
        held = getattr(entity, field.name)
        if field.repeated:
            named.extend(held)
        elif held:
            named.append(held)
    return named


@dataclass(frozen=True, slots=True)
class Ties:
    """The entities of one record with their kinds, and for each id the ids it is directly tied to."""

    entities: list[tuple[EntityKind, Any]]
    kinds: dict[str, str]
    tied: Mapping[str, set[str]]

    def persons_of(self, start: str) -> set[str]:
        """Return the ids of the persons an entity is tied to, directly or through the connectors."""
        found: set[str] = set()
        seen = {start}
        ahead = [start]
        while ahead:
            for other in self.tied.get(ahead.pop(), ()):
                if other in seen:
                    continue
                seen.add(other)
                kind = self.kinds[other]
                if kind == "person":
                    found.add(other)
                elif kind in CONNECTORS:
                    ahead.append(other)
        return found


def ties_of(record: pb.Record) -> Ties:
    """Return the ties of a valid record, in either direction."""
    found = list(entities(record))
    tied: defaultdict[str, set[str]] = defaultdict(set)
    for kind, entity in found:
        named = references(kind, entity)
        if kind.name == "relationship":
            tied[named[0]].add(named[1])
            tied[named[1]].add(named[0])
        for other in named:
            tied[entity.id].add(other)
            tied[other].add(entity.id)
    return Ties(found, {entity.id: kind.name for kind, entity in found}, tied)


def is_device(kind: EntityKind, entity: Message) -> bool:
    """Tell whether an entity is a device rather than a file."""
    return kind.name == "artefact" and entity.HasField("device")
