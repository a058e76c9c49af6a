"""The references of MISP objects, read as relationships and as fields that name another entity."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from adapters.loss import Effect, Loss
from adapters.misp.found import Reference
from adapters.misp.machine_tags import OWN, UNSTATED
from adapters.misp.paths import path, put_code
from adapters.misp.ties import FIELDS, READ, REFERS_TO, RELATION
from adapters.values import number_of
from gateway.v1 import record_pb2 as pb

_HEAD: Final = re.compile(rf'{OWN}:[a-z-]+="[^"\n]*"(?: {OWN}:[a-z-]+="[^"\n]*")*')
_TAG: Final = re.compile(rf'{OWN}:([a-z-]+)="([^"\n]*)"')
_NOWHERE: Final = "points at nothing that is read from this event"
_ITSELF: Final = "ties something to itself"


@dataclass(frozen=True, slots=True)
class Start:
    """The entity that a reference starts from, and the part of the record it stands in."""

    entity: Any
    collection: str


def draw_ties(
    starts: Iterator[tuple[Start, Reference]],
    known: Mapping[str, Start],
    record: pb.Record,
    losses: list[Loss],
) -> None:
    """Add every reference between entities that were read; one that points nowhere is left out."""
    used: set[str] = set(known)
    for start, reference in starts:
        end = known.get(reference.target)
        if end is None or end.entity.id == start.entity.id:
            why = _NOWHERE if end is None else _ITSELF
            losses.append(Loss(path=reference.path, effect=Effect.DROPPED, why=why))
            continue
        own, _ = _read_comment(reference.comment)
        if RELATION in own or not _draw_field(start, end, reference.name):
            relationship = record.relationships.add(id=_free(reference.uuid, used))
            relationship.link.CopyFrom(_draw_link(start, end, reference, losses))
        elif reference.comment:
            losses.append(
                Loss(path=f"{reference.path}.comment", effect=Effect.DROPPED, why="has no place on this tie")
            )


def _read_comment(comment: str) -> tuple[dict[str, str], str]:
    """Return the tags of ours that a comment starts with, and the rest of it."""
    head, _, rest = comment.partition("\n")
    if not _HEAD.fullmatch(head):
        return {}, comment
    return dict(_TAG.findall(head)), rest


def _draw_field(start: Start, end: Start, name: str) -> bool:
    field = FIELDS.get((start.collection, name))
    if field is None or REFERS_TO.get(field, end.collection) != end.collection:
        return False
    if field in ("depicts", "subjects", "travellers"):
        getattr(start.entity, field).append(end.entity.id)
        return True
    if getattr(start.entity, field):
        return False
    setattr(start.entity, field, end.entity.id)
    return True


def _draw_link(start: Start, end: Start, reference: Reference, losses: list[Loss]) -> pb.Link:
    own, description = _read_comment(reference.comment)
    kind, tie = READ.get(reference.name, (pb.RELATION_KIND_OTHER, None))
    source, target = (end, start) if tie is not None and tie.inverse else (start, end)
    link = pb.Link(to=target.entity.id)
    setattr(link, "from", source.entity.id)  # `from` is a keyword of the language
    code = own.get(RELATION, "")
    stated = number_of(link, "kind", code) if code else None
    if code != UNSTATED:
        link.kind = pb.RelationKind.ValueType(kind if stated is None else stated)
    for name in ("since", "until", "confidence"):
        put_code(link, path(name), own.get(name, ""))
    if stated is None and code != UNSTATED and not (tie and tie.exact):
        effect = Effect.GENERALISED if tie else Effect.KEPT_AS_EXTENSION
        why = "the name has no equal; it is kept in the description"
        losses.append(Loss(path=f"{reference.path}.relationship_type", effect=effect, why=why))
        description = "\n".join(part for part in (reference.name, description) if part)
    if description:
        link.description = description
    return link


def _free(identifier: str, used: set[str]) -> str:
    number, free = 1, identifier
    while free in used:
        number += 1
        free = f"{identifier[:58]}-{number}"
    used.add(free)
    return free
