"""Relationships read, and every reference between objects turned into one between entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

from adapters.loss import Effect
from adapters.stix.reading import Reading, joined, labels_of
from adapters.stix.thing import Thing
from adapters.stix.vocabulary import GROUPS, RELATED, RELATION_KINDS, RELATIONS, ROLES, TARGETS
from gateway.record.schema import KINDS, EntityKind
from gateway.v1 import record_pb2 as pb

ATTRIBUTED: Final = "attributed-to"
_NOWHERE: Final = "ties to an object that is no entity of this record"
_WANTED: Final = {
    "document.holder": "person",
    "journey.vehicle": "vehicle",
    "incident.location": "location",
}
_TIE: Final = KINDS["relationship"]


def join_actors(reading: Reading, is_unit: Callable[[Thing], bool]) -> None:
    """Find the threat actors that are one person with the identity they are attributed to.

    Joined are only two that are attributed to nobody else, and never an identity with another role than that
    of a suspect: nobody becomes one by being tied to one.
    """
    ties = [
        (thing, source, target)
        for thing in reading.things.values()
        if thing.type == "relationship" and thing.values.get("relationship_type") == ATTRIBUTED
        for source, target in [(_end(reading, thing, "source_ref"), _end(reading, thing, "target_ref"))]
        if source is not None and target is not None
    ]
    actors = Counter(source.id for _, source, _ in ties)
    identities = Counter(target.id for _, _, target in ties)
    for thing, source, target in ties:
        alone = actors[source.id] == identities[target.id] == 1
        kinds = source.type == "threat-actor" and target.type == "identity" and not is_unit(target)
        if alone and kinds and _is_suspect(target) and not _is_group(source):
            reading.actors[source.id] = target.id
            reading.consumed |= {target.id, thing.id}
            thing.seen |= {"relationship_type", "source_ref", "target_ref"}


def read_relationship(reading: Reading, thing: Thing) -> None:
    """Read a tie; one with an end that is no entity is dropped, and declared."""
    ends = [next(iter(thing.references(name)), "") for name in ("source_ref", "target_ref")]
    source, target = (reading.known.get(one, "") for one in ends)
    if not source or not target or source == target:
        thing.lose("source_ref", Effect.DROPPED, _NOWHERE)
        reading.consumed.add(thing.id)
        thing.seen |= thing.values.keys()
        return
    link = reading.add("relationship", thing).link
    type_ = thing.text("relationship_type")
    (label,) = labels_of(thing, RELATIONS.numbers)
    if type_ == TARGETS and _is_person(reading, target):
        source, target = target, source
    setattr(link, "from", source)
    link.to = target
    _read_kind(reading, thing, link, type_, label)
    for name, own in (("start_time", link.since), ("stop_time", link.until)):
        day = thing.day(name)
        if day is not None:
            own.CopyFrom(day)
    confidence = thing.count("confidence", most=100)
    if confidence is not None:
        link.confidence = confidence


def _read_kind(reading: Reading, thing: Thing, link: pb.Link, type_: str, label: int | None) -> None:
    """Set the kind of a tie; a type without an equal is kept in its description."""
    description = thing.text("description")
    kind = label if type_ == RELATED else RELATION_KINDS.get(type_, RELATIONS.find(type_))
    if type_ == TARGETS and _is_person(reading, getattr(link, "from")):
        kind = pb.RELATION_KIND_VICTIM_OF
    elif kind is None and type_ != RELATED:
        kind = pb.RELATION_KIND_OTHER
        description = joined(thing, "description", [type_, description], ": ")
        thing.lose("relationship_type", Effect.KEPT_AS_EXTENSION, "has no equal; it is kept in its text")
    if kind is not None:
        link.kind = pb.RelationKind.ValueType(kind)
    if description:
        link.description = description


def settle_references(reading: Reading) -> None:
    """Let every reference name an entity of the record; one that names none is dropped, and declared."""
    _settle_ties(reading)
    for kind, entity, thing in reading.entities.values():
        for info in kind.references:
            held = getattr(entity, info.name)
            named = [_named(reading, kind, info.name, one) for one in (held if info.repeated else [held])]
            if info.repeated:
                if "" in named:
                    thing.lose(info.name, Effect.DROPPED, _NOWHERE)
                held[:] = [one for one in named if one]
            elif held and named[0]:
                setattr(entity, info.name, named[0])
            elif entity.HasField(info.name):
                thing.lose(info.name, Effect.DROPPED, _NOWHERE)
                entity.ClearField(info.name)


def _settle_ties(reading: Reading) -> None:
    """Let every tie name two entities; one that ends nowhere goes, and whatever ties that one goes too."""
    found = {thing.id: (entity, thing) for kind, entity, thing in reading.entities.values() if kind is _TIE}
    tied: dict[str, list[str]] = {}
    ahead = []
    for name, (entity, _) in found.items():
        link = entity.link
        source = reading.known.get(getattr(link, "from"), "")
        target = reading.known.get(link.to, "")
        if not source or not target or source == target:
            ahead.append(name)
            continue
        setattr(link, "from", source)
        link.to = target
        for end in (source, target):
            tied.setdefault(end, []).append(name)
    gone = set()
    while ahead:
        name = ahead.pop()
        if name not in gone:
            gone.add(name)
            found[name][1].lose("link", Effect.DROPPED, _NOWHERE)
            del reading.entities[name], reading.known[name]
            ahead += tied.get(name, [])
    if gone:
        kept = [one for one in reading.record.relationships if one.id not in gone]
        del reading.record.relationships[:]
        reading.record.relationships.extend(kept)


def _named(reading: Reading, kind: EntityKind, field: str, one: str) -> str:
    name = reading.known.get(one, "")
    wanted = _WANTED.get(f"{kind.name}.{field}")
    if name and wanted and reading.entities[name][0] is not KINDS[wanted]:
        return ""
    return name


def _is_person(reading: Reading, entity: str) -> bool:
    return reading.entities[entity][0].name == "person"


def _end(reading: Reading, thing: Thing, name: str) -> Thing | None:
    held = thing.values.get(name)
    return reading.things.get(held) if isinstance(held, str) else None


def _is_suspect(identity: Thing) -> bool:
    roles = identity.values.get("roles")
    words = roles if isinstance(roles, list) else []
    found = [ROLES.find(word) for word in words if isinstance(word, str)]
    return all(role in (None, pb.ROLE_SUSPECT) for role in found)


def _is_group(actor: Thing) -> bool:
    types = actor.values.get("threat_actor_types")
    return isinstance(types, list) and any(isinstance(one, str) and one in GROUPS for one in types)
