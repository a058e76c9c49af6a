"""The one way a record enters: bytes examined, parsed, and held against every rule of form, all faults at
once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from gateway.errors import Malformed
from gateway.record.content_walk import ContentWalk
from gateway.record.findings import Finding, InvalidRecord, Report
from gateway.record.json_form import from_json, to_json
from gateway.record.scan import scan
from gateway.record.schema import HEADER_KIND, KINDS, EntityKind, FieldInfo
from gateway.record.text import check_local_id, parse_day
from gateway.record.ties import entities, groups, references
from gateway.record.wire_bytes import Limits
from gateway.v1 import record_pb2 as pb

__all__ = ["DEFAULT_RECORD_LIMITS", "InvalidRecord", "RecordLimits", "from_json", "read_record", "to_json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLimits:
    """Bounds on one record; `portions` counts every rung that a field's ladder may give.

    Source: DESIGN section 14.
    """

    size_bytes: int = 1024 * 1024
    entities: int = 512
    portions: int = 4_096
    string_bytes: int = 64 * 1024
    depth: int = 16


DEFAULT_RECORD_LIMITS: Final = RecordLimits()


def read_record(data: bytes, *, today: date, limits: RecordLimits = DEFAULT_RECORD_LIMITS) -> pb.Record:
    """Return a submitted record, once nothing is wrong with it.

    Raises:
        InvalidRecord: with every finding. Bytes that are not the one encoding of a record give one finding;
            everything else is found together.
    """
    try:
        scan(data, pb.Record.DESCRIPTOR, Limits(size_bytes=limits.size_bytes, depth=limits.depth))
    except Malformed as exc:
        raise InvalidRecord([Finding(path=exc.field, rule=exc.code, message=exc.message)]) from exc
    record = pb.Record.FromString(data)
    report = Report()
    _check_amount(record, limits, report)
    report.close()
    ContentWalk(report, today, limits.string_bytes).visit(record, "")
    _check_header(record, today, report)
    _check_entities(record, report)
    report.close()
    return record


def _check_amount(record: pb.Record, limits: RecordLimits, report: Report) -> None:
    counts = [(len(group), kind) for kind, group in groups(record)]
    total = sum(count for count, _ in counts)
    if total > limits.entities:
        report.add("", "too-many-entities", f"holds more than {limits.entities} entities")
    if not total:
        report.add("", "empty", "holds no entity")
    # Counted out only where the kinds alone do not rule it out.
    possible = _MOST_PORTIONS[HEADER_KIND] + sum(count * _MOST_PORTIONS[kind.name] for count, kind in counts)
    if possible > limits.portions and _portions(record) > limits.portions:
        report.add("", "too-many-portions", f"holds more than {limits.portions} portions")


def _rungs(field: FieldInfo) -> int:
    return 1 + sum(map(bool, field.ladder))


_MOST_PORTIONS = {kind.name: sum(map(_rungs, kind.fields.values())) for kind in KINDS.values()}


def _portions(record: pb.Record) -> int:
    return sum(
        _rungs(kind.fields[field.number])
        for kind, entity in [*entities(record), (KINDS[HEADER_KIND], record.header)]
        for field, _ in entity.ListFields()
        if field.number in kind.fields
    )


def _check_header(record: pb.Record, today: date, report: Report) -> None:
    header = record.header
    if not record.HasField("header"):
        report.add("header", "required", "is required")
        return
    if not header.HasField("marking"):
        report.add("header.marking", "required", "is required")
    if not header.HasField("retain_until"):
        report.add("header.retain_until", "required", "is required")
        return
    try:
        expired = parse_day(header.retain_until, "") < today
    except Malformed:
        return  # found with the other texts
    if expired:
        report.add("header.retain_until", "expired-retention", "has passed")


_REFERS_TO = {
    "document.holder": "person",
    "journey.vehicle": "vehicle",
    "incident.location": "location",
}


def _check_entities(record: pb.Record, report: Report) -> None:
    found = list(_with_paths(record))
    kinds: dict[str, str] = {}
    for path, kind, entity in found:
        identifier = entity.id
        if not identifier and not entity.HasField("id"):
            report.add(f"{path}.id", "required", "is required")
            continue
        report.check(check_local_id, identifier, f"{path}.id")
        if identifier in kinds:
            report.add(f"{path}.id", "duplicate-id", "is the id of another entity too")
        kinds[identifier] = kind.name
    for path, kind, entity in found:
        if not kind.references and kind.name != "relationship":
            continue
        for name, other in _named(kind, entity):
            if other not in kinds:
                rule = "dangling-reference" if other else "required"
                report.add(f"{path}.{name}", rule, "is the id of no entity of this record")
            elif kinds[other] != _REFERS_TO.get(f"{kind.name}.{name}", kinds[other]):
                report.add(f"{path}.{name}", "wrong-kind", "names an entity of another kind")
        if kind.name == "relationship" and len(set(references(kind, entity))) == 1:
            report.add(f"{path}.link", "contradiction", "ties an entity to itself")


def _with_paths(record: pb.Record) -> Iterator[tuple[str, EntityKind, Any]]:
    for kind, group in groups(record):
        for index, entity in enumerate(group):
            yield f"{kind.record_field}[{index}]", kind, entity


def _named(kind: EntityKind, entity: Any) -> Iterator[tuple[str, str]]:
    """Yield every reference of an entity with its path."""
    if kind.name == "relationship":
        yield from zip(("link.from", "link.to"), references(kind, entity), strict=True)
        return
    for field in kind.references:
        held = getattr(entity, field.name)
        if field.repeated:
            yield from ((f"{field.name}[{index}]", other) for index, other in enumerate(held))
        elif entity.HasField(field.name):
            yield field.name, held
