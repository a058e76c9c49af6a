"""What an HTCDS document does not say as the record does: found by reading the document again.

The reader is the measure, so nothing can be lost or added in silence, whatever a text holds. What it cannot
tell by itself is why; the reasons stand here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from google.protobuf.message import Message

from adapters.difference import difference
from adapters.document import clean_text
from adapters.htcds.sheet import Sheet
from adapters.loss import Effect, Loss
from gateway.errors import Malformed
from gateway.record.schema import ENTITY_KINDS, EntityKind
from gateway.v1 import record_pb2

_NO_FIELD = "HTCDS has no field for it"
_NO_TABLE = "HTCDS has no table for it"
_SAYS_MORE = "is read so, since HTCDS leaves no other reading"
_SAYS_LESS = "HTCDS has no exact equal"
_SEVERAL = "stands in several rows, and is read as several"
_UNNAMED = "HTCDS has no ids; rows are told apart by their place"
_DERIVED = "HTCDS has no age status; whoever reads works one out from the birth date"
_PLACED = "HTCDS ties rows to the case, not to each other; the reader ties them to its persons"
_ONE_NUMBER = "HTCDS has the national number of a person, and nothing else of a document"

_REASONS: Mapping[str, str] = MappingProxyType(
    {
        "header.type": "HTCDS has no type; a record with a referral is read as one, any other as a case",
        "persons.names": "HTCDS has one name by given, middle and second name, without kind or script",
        "persons.birth.age_band": "HTCDS has birth dates, and no age bands",
        "persons.nationalities": "HTCDS has countries, and no regions",
        "persons.contacts": "HTCDS has one e-mail address and two telephones, without country or provider",
        "persons.addresses": "HTCDS has one current mailing address, without name or time",
        "persons.workplaces": "HTCDS has one occupation and one named place of exploitation",
        "persons.languages": "HTCDS has two languages, by their ISO 639 code alone",
        "persons.consents": "HTCDS has one checkbox, which says neither what for nor to whom",
        "persons.role": "HTCDS knows victims and perpetrators; other roles are read as unknown",
        "persons.functions": "has no code of its own, or the person stands in another table",
        "persons.trafficking_status": "HTCDS tells a victim by this status; the role was put into it",
        "persons.support_plans": "HTCDS does not say whose of several persons it is; a CSV row holds one",
        "persons.referrals": "HTCDS does not say whose of several persons it is, nor a provider's kind",
        "organisations.identity": "HTCDS has one name, telephone and address of an organisation",
        "organisations.provider": "HTCDS has one case owner, and cannot say that an address is no shelter's",
        "incidents.kind": "HTCDS has recruitment, transit and exploitation, and one row of a victim for each",
        "incidents.acts": "HTCDS tells an act by the kind of the event alone",
        "incidents.occurred": "HTCDS has one place and one date of an event",
        "incidents.sectors": "HTCDS has one industry, by its ISIC section",
        "documents": _ONE_NUMBER,
        "documents.details": _ONE_NUMBER,
        "narratives.title": "HTCDS has comments without a title",
        "narratives.subjects": _PLACED,
        "relationships": _PLACED,
        "relationships.link": "HTCDS says of a tie only that it is there",
    }
)
_VAGUE = ("_OTHER", "_UNKNOWN")
_COARSER: Final = frozenset(
    {
        ("ROLE_VICTIM", "ROLE_PRESUMED_VICTIM"),
        ("ROLE_VICTIM_AND_SUSPECT", "ROLE_VICTIM"),
        ("ROLE_VICTIM_AND_SUSPECT", "ROLE_PRESUMED_VICTIM"),
        ("CONSENT_STATUS_WITHDRAWN", "CONSENT_STATUS_REFUSED"),
        ("EXPLOITATION_PURPOSE_DOMESTIC_SERVITUDE", "EXPLOITATION_PURPOSE_SERVITUDE"),
        ("EXPLOITATION_PURPOSE_SLAVERY_OR_SIMILAR", "EXPLOITATION_PURPOSE_SERVITUDE"),
    }
)


def losses_of(sheet: Sheet, reading: record_pb2.Record) -> tuple[Loss, ...]:
    """Return what the reading of a sheet's document lost, coarsened or added, without repeating itself."""
    return tuple(dict.fromkeys(_losses(sheet, _renamed(reading, sheet))))


def _losses(sheet: Sheet, reading: record_pb2.Record) -> Iterator[Loss]:
    record = sheet.record
    yield from _of_entity(record.header, [reading.header], "header", "header")
    for kind in ENTITY_KINDS:
        collection = kind.record_field
        readings: dict[str, list[Any]] = defaultdict(list)
        for entity in getattr(reading, collection):
            readings[entity.id].append(entity)
        for number, entity in enumerate(getattr(record, collection)):
            path = f"{collection}[{number}]"
            read = readings.pop(entity.id, [])
            if not read:
                why = sheet.reasons.get(entity.id) or _REASONS.get(collection) or _NO_TABLE
                yield Loss(path=path, effect=Effect.DROPPED, why=why)
                continue
            _arrange_references(kind, entity, read)
            yield Loss(path=f"{collection}[].id", effect=Effect.DROPPED, why=_UNNAMED)
            if len(read) > 1 and kind.name != "relationship":
                yield Loss(path=path, effect=Effect.INVENTED, why=_SEVERAL)
            yield from _of_entity(entity, read, path, collection)
            if kind.name == "person":
                effect = Effect.DROPPED if entity.HasField("age_status") else Effect.INVENTED
                yield Loss(path=f"{path}.age_status", effect=effect, why=_DERIVED)
        if readings:
            why = _REASONS.get(collection, _SAYS_MORE)
            yield Loss(path=collection, effect=Effect.INVENTED, why=why)


def _of_entity(entity: Message, read: list[Any], path: str, collection: str) -> Iterator[Loss]:
    found = difference(entity, read, _is_coarser)
    for paths, effect, why in (
        (found.lost, Effect.DROPPED, _NO_FIELD),
        (found.coarsened, Effect.GENERALISED, _SAYS_LESS),
        (found.invented, Effect.INVENTED, _SAYS_MORE),
    ):
        for one in sorted(paths):
            if one != "age_status":
                yield Loss(path=f"{path}.{one}", effect=effect, why=_reason(f"{collection}.{one}") or why)


def _reason(path: str) -> str | None:
    """Return the reason for the longest beginning of a path that has one, places in lists left out."""
    names = [name.partition("[")[0] for name in path.split(".")]
    beginnings = (".".join(names[:length]) for length in range(len(names), 1, -1))
    return next((_REASONS[one] for one in beginnings if one in _REASONS), None)


def _renamed(reading: record_pb2.Record, sheet: Sheet) -> record_pb2.Record:
    """Return the reading under the ids of the record, with nothing of a header that never travels."""
    record = record_pb2.Record()
    record.CopyFrom(reading)
    # The reader states these two of every document.
    record.header.ClearField("exercise")
    record.header.ClearField("source")
    for kind in ENTITY_KINDS:
        for entity in getattr(record, kind.record_field):
            entity.id = sheet.names.get(entity.id, entity.id)
            _rename_references(kind, entity, sheet.names)
    ties = {_tie(one): one.id for one in reversed(sheet.record.relationships)}
    for relationship in record.relationships:
        relationship.id = ties.get(_tie(relationship), relationship.id)
    return record


def _rename_references(kind: EntityKind, entity: Any, names: Mapping[str, str]) -> None:
    for info in kind.references:
        held = getattr(entity, info.name)
        if info.repeated:
            held[:] = [names.get(one, one) for one in held]
        elif held:
            setattr(entity, info.name, names.get(held, held))
    if kind.name == "relationship":
        source = getattr(entity.link, "from")
        setattr(entity.link, "from", names.get(source, source))
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


def _is_coarser(descriptor: Any, before: Any, after: Any) -> bool:
    if descriptor.enum_type is not None:
        values = descriptor.enum_type.values_by_number
        if before not in values or after not in values:
            return False
        said, read = values[before].name, values[after].name
        return read.endswith(_VAGUE) or (said, read) in _COARSER
    if not isinstance(before, str):
        return False
    try:
        cleaned, _ = clean_text(before, "text")
    except Malformed:
        return False
    return bool(cleaned == after)
