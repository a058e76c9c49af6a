"""Hypothesis strategies for valid records: any field of any entity, set or not, with references that hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from google.protobuf import message_factory
from google.protobuf.descriptor import FieldDescriptor
from hypothesis import strategies as st

from gateway.record.schema import ENTITY_KINDS, EntityKind, FieldInfo
from gateway.v1 import record_pb2 as pb
from tests.record.samples import marked

_COUNTRIES = st.sampled_from(["NL", "RO", "MD", "NG", "XK", "UA"])
_DAYS = st.sampled_from(["2026-01-01", "2031-12-31"])
_TEXTS = {
    "country": _COUNTRIES,
    "issuing_country": _COUNTRIES,
    "plate_country": _COUNTRIES,
    "from_country": _COUNTRIES,
    "to_country": _COUNTRIES,
    "unsafe_countries": _COUNTRIES,
    "recipients": st.sampled_from(["police.ro", "shelter.ngo"]),
    "expires": _DAYS,
    "given_on": _DAYS,
    "Care.provider": st.sampled_from(["shelter.ngo", "help.nl"]),
    "script": st.sampled_from(["Latn", "Cyrl"]),
    "languages": st.sampled_from(["ro", "nld"]),
    "amount": st.sampled_from(["0", "12.50", "-3"]),
    "currency": st.sampled_from(["EUR", "RON"]),
}
_WORDS = st.sampled_from(
    [
        "Ilinca",
        "Ana Petrova",
        "Strada Teiului 7",
        "+40 722 555 123",
        "a note",
        "ŁÓDŹ",
        "मारिया",
        "14.3.2011",
        "x" * 70,
    ]
)
_NUMBERS = {
    "latitude_e6": st.integers(-90_000_000, 90_000_000),
    "longitude_e6": st.integers(-180_000_000, 180_000_000),
    "confidence": st.integers(0, 100),
    "percent": st.integers(0, 100),
    "age_at_exploitation": st.integers(0, 130),
}
_BIRTHS = st.builds(
    pb.BirthDate,
    year=st.integers(1930, 2025),
    month=st.none() | st.integers(1, 12),
) | st.builds(pb.BirthDate, age_band=st.integers(1, 13))
_DATES = (
    st.builds(pb.PartialDate, year=st.integers(1, 9999))
    | st.builds(pb.PartialDate, year=st.integers(1, 9999), month=st.integers(1, 12))
    | st.builds(pb.PartialDate, year=st.integers(1, 9999), month=st.integers(1, 12), day=st.integers(1, 28))
)
_SPECIAL = {
    "PartialDate": _DATES,
    "BirthDate": _BIRTHS,
    "Moment": st.builds(pb.Moment, date=_DATES),
    "Nationality": st.builds(pb.Nationality, country=_COUNTRIES),
    "Hash": st.builds(
        pb.Hash, algorithm=st.just(pb.HASH_ALGORITHM_MD5), value=st.binary(min_size=16, max_size=16)
    ),
}


@st.composite
def records(draw: st.DrawFn, *, most: int = 5, kinds: Sequence[EntityKind] = ENTITY_KINDS) -> pb.Record:
    """Return a valid record of up to `most` entities of these kinds."""
    record = marked(pb.Record())
    chosen_kinds = draw(st.lists(st.sampled_from(kinds), min_size=1, max_size=most))
    ids: dict[str, list[str]] = {}
    for index, kind in enumerate(chosen_kinds):
        entity = getattr(record, kind.record_field).add(id=f"e{index}")
        ids.setdefault(kind.name, []).append(entity.id)
    everybody = [name for names in ids.values() for name in names]
    for kind in (*ENTITY_KINDS,):
        for entity in getattr(record, kind.record_field):
            chosen = draw(st.sets(st.sampled_from(sorted(kind.fields)), max_size=6))
            for number in sorted(chosen):
                info = kind.fields[number]
                if info.is_reference:
                    _refer(draw, entity, info, ids, everybody)
                elif kind.name != "relationship":
                    _fill_field(draw, entity, entity.DESCRIPTOR.fields_by_number[number])
    _relate(draw, record, everybody)
    for person in record.persons:
        _make_consistent(person)
    return record


def _refer(
    draw: st.DrawFn, entity: Any, field: FieldInfo, ids: dict[str, list[str]], everybody: list[str]
) -> None:
    wanted = {"vehicle": "vehicle", "location": "location"}.get(field.name)
    if entity.DESCRIPTOR.name == "IdentityDocument":
        wanted = "person"
    among = ids.get(wanted, []) if wanted else everybody
    if not among:
        return
    if field.repeated:
        getattr(entity, field.name).extend(draw(st.lists(st.sampled_from(among), min_size=1, max_size=3)))
    else:
        setattr(entity, field.name, draw(st.sampled_from(among)))


def _relate(draw: st.DrawFn, record: pb.Record, everybody: list[str]) -> None:
    if len(everybody) < 2:
        del record.relationships[:]
        record.persons.add(id="alone")
        return
    for relationship in record.relationships:
        pair = draw(st.lists(st.sampled_from(everybody), min_size=2, max_size=2, unique=True))
        setattr(relationship.link, "from", pair[0])
        relationship.link.to = pair[1]


def _make_consistent(person: pb.Person) -> None:
    """Drop what might contradict a birth date: the rule itself has its own test."""
    if person.HasField("birth"):
        person.ClearField("age_status")
        person.ClearField("age_band")
    elif person.HasField("age_band"):
        person.ClearField("age_status")


def _fill_field(draw: st.DrawFn, message: Any, field: FieldDescriptor) -> None:
    if not field.is_repeated:
        value = draw(_values(field))
        if field.message_type is not None:
            getattr(message, field.name).CopyFrom(value)
        else:
            setattr(message, field.name, value)
        return
    getattr(message, field.name).extend(draw(st.lists(_values(field), min_size=1, max_size=3)))


def _values(field: FieldDescriptor) -> st.SearchStrategy[Any]:
    if field.message_type is not None:
        special = _SPECIAL.get(field.message_type.name)
        return messages(message_factory.GetMessageClass(field.message_type)) if special is None else special
    if field.enum_type is not None:
        return st.sampled_from([value.number for value in field.enum_type.values if value.number])
    if field.type == FieldDescriptor.TYPE_STRING:
        holder = field.containing_type.name if field.containing_type else ""
        return _TEXTS.get(f"{holder}.{field.name}", _TEXTS.get(field.name, _WORDS))
    if field.type == FieldDescriptor.TYPE_BYTES:
        return st.binary(min_size=32, max_size=32)
    if field.type == FieldDescriptor.TYPE_BOOL:
        return st.booleans()
    return _NUMBERS.get(field.name, st.integers(0, 2**31))


@st.composite
def messages(draw: st.DrawFn, message: Any) -> Any:
    """Return a message of this type with at least one field set."""
    result = message()
    fields = [field for field in result.DESCRIPTOR.fields if field.name not in ("at", "longitude_e6")]
    chosen = draw(st.sets(st.sampled_from([field.number for field in fields]), min_size=1, max_size=3))
    for number in sorted(chosen):
        _fill_field(draw, result, result.DESCRIPTOR.fields_by_number[number])
    if result.DESCRIPTOR.name == "Place" and result.HasField("latitude_e6"):
        result.longitude_e6 = draw(_NUMBERS["longitude_e6"])
    if result.DESCRIPTOR.name == "Name" and not (
        result.family or result.given or result.middle or result.full
    ):
        result.given = "Ilinca"
    return result
