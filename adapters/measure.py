"""What a document does not say as the record does: found by reading the document again.

The reader is the measure, so nothing can be lost or added in silence, whatever a text holds. What it cannot
tell by itself is why; every format brings its reasons.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, cast

from google.protobuf.message import Message

from adapters.difference import difference
from adapters.document import clean_text
from adapters.loss import Effect, Loss
from gateway.errors import Malformed
from gateway.record.schema import ENTITY_KINDS, HEADER_KIND, KINDS, EntityKind
from gateway.v1 import record_pb2

_SAYS_LESS: Final = "has no exact equal in this format"
_SEVERAL: Final = "stands in several places, and is read as several"
_VAGUE: Final = ("_OTHER", "_UNKNOWN")
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


def _never(_descriptor: Any, _before: Any, _after: Any) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """How the losses of one format are told.

    `reasons` gives the why of a path, such as `persons.names`; the longest beginning of a path that stands
    there counts. `no_field` and `no_table` are the reasons of what stands nowhere, `says_more` that of what a
    reader adds. `coarser` lists pairs of enum values, by name, of which the second says less than the first;
    `is_less` decides for other values. `unnamed` says why ids do not come along; it is empty where they do.
    `derived` names fields that the reader works out by itself, with the reason: they count as lost.
    """

    no_field: str
    no_table: str
    says_more: str
    reasons: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    coarser: frozenset[tuple[str, str]] = frozenset()
    is_less: Callable[[Any, Any, Any], bool] = _never
    unnamed: str = ""
    derived: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def why(self, path: str) -> str | None:
        """Return the reason for the longest beginning of a path that has one, places in lists left out."""
        names = [name.partition("[")[0] for name in path.split(".")]
        beginnings = (".".join(names[:length]) for length in range(len(names), 0, -1))
        return next((self.reasons[one] for one in beginnings if one in self.reasons), None)

    def says_less(self, descriptor: Any, before: Any, after: Any) -> bool:
        """Tell whether a value read is the one written, told less precisely."""
        if descriptor.enum_type is not None:
            values = descriptor.enum_type.values_by_number
            if before not in values or after not in values:
                return False
            said, read = values[before].name, values[after].name
            return read.endswith(_VAGUE) or (said, read) in self.coarser
        if self.is_less(descriptor, before, after):
            return True
        if not isinstance(before, str):
            return False
        try:
            cleaned, _ = clean_text(before, "text")
        except Malformed:
            return False
        return bool(cleaned == after)


def losses_of(
    record: record_pb2.Record,
    reading: record_pb2.Record,
    measure: Measure,
    *,
    names: Mapping[str, str],
    left_out: Mapping[str, str] = _NOTHING,
) -> tuple[Loss, ...]:
    """Return what the reading of a record's document lost, coarsened or added, without repeating itself.

    `names` says which entity of the record is meant by an id that the reader gave; `left_out` why an entity
    is missing, by its id, where that is not for want of a place.
    """
    renamed = renamed_reading(record, reading, names)
    return tuple(dict.fromkeys(_losses(record, renamed, measure, left_out)))


def renamed_reading(
    record: record_pb2.Record, reading: record_pb2.Record, names: Mapping[str, str]
) -> record_pb2.Record:
    """Return the reading under the ids of the record, with nothing of a header that never travels."""
    renamed = record_pb2.Record()
    renamed.CopyFrom(reading)
    for structural, _ in renamed.header.ListFields():
        if structural.number not in KINDS[HEADER_KIND].fields:
            renamed.header.ClearField(cast(Any, structural.name))
    for kind in ENTITY_KINDS:
        for entity in getattr(renamed, kind.record_field):
            entity.id = names.get(entity.id, entity.id)
            _rename_references(kind, entity, names)
    ties = {_tie(one): one.id for one in reversed(record.relationships)}
    known = {one.id for one in record.relationships}
    for relationship in renamed.relationships:
        if relationship.id not in known:
            relationship.id = ties.get(_tie(relationship), relationship.id)
    return renamed


def _losses(
    record: record_pb2.Record, reading: record_pb2.Record, measure: Measure, left_out: Mapping[str, str]
) -> Iterator[Loss]:
    yield from _of_entity(record.header, [reading.header], "header", "header", measure)
    for kind in ENTITY_KINDS:
        collection = kind.record_field
        readings: dict[str, list[Any]] = defaultdict(list)
        for entity in getattr(reading, collection):
            readings[entity.id].append(entity)
        for number, entity in enumerate(getattr(record, collection)):
            path = f"{collection}[{number}]"
            read = readings.pop(entity.id, [])
            if not read:
                why = left_out.get(entity.id) or measure.why(collection) or measure.no_table
                yield Loss(path=path, effect=Effect.DROPPED, why=why)
                continue
            _arrange_references(kind, entity, read)
            if measure.unnamed:
                yield Loss(path=f"{collection}[].id", effect=Effect.DROPPED, why=measure.unnamed)
            if len(read) > 1 and kind.name != "relationship":
                yield Loss(path=path, effect=Effect.INVENTED, why=_SEVERAL)
            yield from _of_entity(entity, read, path, collection, measure)
        if readings:
            why = measure.why(collection) or measure.says_more
            yield Loss(path=collection, effect=Effect.INVENTED, why=why)


def _of_entity(
    entity: Message, read: list[Any], path: str, collection: str, measure: Measure
) -> Iterator[Loss]:
    found = difference(entity, read, measure.says_less)
    own = f"{collection}."
    derived = {one.removeprefix(own): why for one, why in measure.derived.items() if one.startswith(own)}
    for paths, effect, why in (
        (found.lost, Effect.DROPPED, measure.no_field),
        (found.coarsened, Effect.GENERALISED, _SAYS_LESS),
        (found.invented, Effect.INVENTED, measure.says_more),
    ):
        for one in sorted(paths):
            if one not in derived:
                told = measure.why(f"{collection}.{one}") or why
                yield Loss(path=f"{path}.{one}", effect=effect, why=told)
    for name, why in derived.items():
        effect = Effect.DROPPED if entity.HasField(name) else Effect.INVENTED
        yield Loss(path=f"{path}.{name}", effect=effect, why=why)


def _rename_references(kind: EntityKind, entity: Any, names: Mapping[str, str]) -> None:
    for info in kind.references:
        held = getattr(entity, info.name)
        if info.repeated:
            held[:] = [names.get(one, one) for one in held]
        elif held:
            setattr(entity, info.name, names.get(held, held))
    if kind.name == "relationship":
        source = getattr(entity.link, "from")
        if source:
            setattr(entity.link, "from", names.get(source, source))
        if entity.link.to:
            entity.link.to = names.get(entity.link.to, entity.link.to)


def _arrange_references(kind: EntityKind, entity: Any, read: list[Any]) -> None:
    """Bring the references of readings into the order of the record: theirs tells nothing."""
    for info in kind.references:
        if info.repeated:
            places = {one: at for at, one in enumerate(getattr(entity, info.name))}
            for one in read:
                getattr(one, info.name).sort(key=lambda name: places.get(name, len(places)))


def _tie(relationship: record_pb2.Relationship) -> tuple[str, str, int]:
    link = relationship.link
    return getattr(link, "from"), link.to, link.kind
