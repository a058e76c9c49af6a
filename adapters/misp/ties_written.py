"""Ties between entities on their way into the references of MISP objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from adapters.document import Json
from adapters.identifiers import uuid5
from adapters.misp.machine_tags import UNSTATED, own_tag
from adapters.misp.thing import Sheet, Tag, Thing, readable
from adapters.misp.ties import FIELDS, RELATION, WRITTEN
from adapters.values import token, write_date
from gateway.v1 import record_pb2 as pb

_NO_END: Final = "ties something that has no object of its own in MISP"


def place_ties(sheet: Sheet) -> None:
    """Add a reference for every field that names an entity, and for every relationship."""
    for (collection, name), field in FIELDS.items():
        for entity in getattr(sheet.record, collection):
            for other in _named(entity, field):
                _refer(sheet, entity.id, other, name, "")
    for number, relationship in enumerate(sheet.record.relationships):
        _write_relationship(sheet, relationship, f"relationships[{number}]")
    for thing in sheet.things:
        for number, reference in enumerate(thing.references):
            reference.setdefault("uuid", uuid5(thing.uuid, f"reference/{number}"))


def _named(entity: Any, field: str) -> Iterator[str]:
    held = getattr(entity, field)
    if isinstance(held, str):
        if held:
            yield held
        return
    yield from held


def _write_relationship(sheet: Sheet, relationship: pb.Relationship, place: str) -> None:
    link = relationship.link
    tie = WRITTEN.get(link.kind, WRITTEN[pb.RELATION_KIND_OTHER])
    ends = (getattr(link, "from"), link.to)
    source, target = reversed(ends) if tie.inverse else ends
    tags: list[Tag] = []
    starts = sheet.by_entity.get(source)
    collection = starts.place.partition("[")[0] if starts else ""
    if not tie.exact or not link.kind or (collection, tie.name) in FIELDS:
        tags.append((RELATION, token(link, "kind") or UNSTATED))
    kept = ["kind"] if tags and link.kind else []
    for name in ("since", "until"):
        if code := write_date(getattr(link, name)):
            tags.append((name, code))
            kept.append(name)
    if link.HasField("confidence"):
        tags.append(("confidence", str(link.confidence)))
        kept.append("confidence")
    description = readable(link.description)
    head = " ".join(own_tag(predicate, code) for predicate, code in tags)
    comment = "\n".join(part for part in (head, description) if part)
    reference = _refer(sheet, source, target, tie.name, comment)
    if reference is None:
        sheet.reasons[relationship.id] = _NO_END
        return
    reference["uuid"] = uuid5(sheet.uuid, relationship.id)
    sheet.names[str(reference["uuid"])] = relationship.id
    sheet.kept.update(f"{place}.link.{name}" for name in kept)


def _refer(sheet: Sheet, source: str, target: str, name: str, comment: str) -> dict[str, Json] | None:
    start: Thing | None = sheet.by_entity.get(source)
    end = sheet.by_entity.get(target)
    if start is None or end is None:
        return None
    reference: dict[str, Json] = {
        "referenced_uuid": end.uuid,
        "relationship_type": name,
    }
    if comment:
        reference["comment"] = comment
    start.references.append(reference)
    return reference
