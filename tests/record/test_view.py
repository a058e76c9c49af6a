"""What was revealed rebuilds the record minus what was withheld."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed
from gateway.record.portion import cut, encode_portion, entity_names, parse_portion
from gateway.record.schema import KINDS
from gateway.record.ties import entities
from gateway.record.view import merge, plain
from gateway.record.vocabulary import Rung
from gateway.v1 import record_pb2 as pb
from tests.record.samples import TODAY, case, counted_random
from tests.record.strategies import records


def expected(record: pb.Record, names: dict[str, str], kept: set[tuple[str, int]]) -> pb.Record:
    """Return the input minus what was withheld, under the names that travel, built without portions."""
    result = pb.Record()
    for field, _ in record.header.ListFields():
        if ("record/header", field.number) in kept:
            _take(result.header, record.header, field)
    found = [(names[entity.id], kind, entity) for kind, entity in entities(record)]
    for name, kind, entity in sorted(found, key=lambda entry: entry[0]):
        fields = [field for field, _ in entity.ListFields() if (name, field.number) in kept]
        if fields:
            target = getattr(result, kind.record_field).add(id=name)
            for field in fields:
                _take(target, entity, field)
            _rename(target, kind.name, names)
    return result


def _take(target: Any, source: Any, field: Any) -> None:
    if field.is_repeated:
        getattr(target, field.name).extend(getattr(source, field.name))
    elif field.message_type is not None:
        getattr(target, field.name).CopyFrom(getattr(source, field.name))
    else:
        setattr(target, field.name, getattr(source, field.name))


def _rename(entity: Any, kind: str, names: dict[str, str]) -> None:
    for field in KINDS[kind].references:
        if field.repeated:
            held = getattr(entity, field.name)
            held[:] = [names[local] for local in held]
        elif entity.HasField(field.name):
            setattr(entity, field.name, names[getattr(entity, field.name)])
    if kind == "relationship":
        setattr(entity.link, "from", names[getattr(entity.link, "from")])
        entity.link.to = names[entity.link.to]


@given(records(), st.data())
def test_any_subset_of_portions_merges_to_the_input_minus_what_was_withheld(
    record: pb.Record, choose: st.DataObject
) -> None:
    names = dict(entity_names(record, counted_random("names")))
    pieces = cut(record, names=names, random=counted_random("salts"), sealed_on=TODAY)
    exact = [piece for piece in pieces if piece.rung is Rung.EXACT]
    shown = choose.draw(st.lists(st.sampled_from(exact), unique_by=lambda piece: piece.leaf)) if exact else []

    merged = merge(parse_portion(piece.data) for piece in shown)

    assert merged == expected(record, names, {(piece.entity, piece.field) for piece in shown})


@given(records(), st.data())
def test_any_choice_of_rungs_merges_and_shows_plainly(record: pb.Record, choose: st.DataObject) -> None:
    names = entity_names(record, counted_random("names"))
    pieces = cut(record, names=names, random=counted_random("salts"), sealed_on=TODAY)
    by_field = {(piece.entity, piece.field): piece for piece in choose.draw(st.permutations(pieces))}

    merged = merge(parse_portion(piece.data) for piece in by_field.values())

    assert json.loads(json.dumps(plain(merged))) == plain(merged)
    shown = {entity.id for _, entity in entities(merged)}
    assert shown == {piece.entity for piece in by_field.values()} - {"record/header"}


def test_the_order_of_portions_tells_nothing() -> None:
    record = case()
    names = entity_names(record, counted_random("names"))
    pieces = cut(record, names=names, random=counted_random("salts"), sealed_on=TODAY)
    portions = [parse_portion(piece.data) for piece in pieces if piece.rung is Rung.EXACT]

    assert merge(portions) == merge(reversed(portions))


def test_two_portions_of_one_field_are_refused() -> None:
    value = pb.Person(role=pb.ROLE_SUSPECT).SerializeToString()
    twice = [
        parse_portion(encode_portion("person/k3qabc2345", 35, Rung.EXACT, value, bytes([salt]) * 16))
        for salt in (1, 2)
    ]

    with pytest.raises(Malformed) as refusal:
        merge(twice)

    assert refusal.value.code == "duplicate-portion"


def test_an_unknown_field_is_not_shown() -> None:
    unknown = parse_portion(encode_portion("person/k3qabc2345", 996, Rung.EXACT, b"\xa2\x3e\x00", bytes(16)))

    assert merge([unknown]) == pb.Record()


def test_the_plain_form_speaks_in_tokens_and_written_dates() -> None:
    record = pb.Record()
    person = record.persons.add(id="p", role=pb.ROLE_PRESUMED_VICTIM, functions=[pb.PERSON_FUNCTION_BUYER])
    person.birth.CopyFrom(pb.BirthDate(year=2008, month=3))
    other = record.persons.add(id="q")
    other.birth.age_band = pb.AGE_BAND_15_17
    other.images.add(hashes=[pb.Hash(algorithm=pb.HASH_ALGORITHM_MD5, value=b"\x01\xff")])
    other.care.add(since=pb.PartialDate(year=987))
    incident = record.incidents.add(id="i")
    incident.occurred.start.CopyFrom(pb.Moment(date=pb.PartialDate(year=2026, month=2, day=9), at=7))

    assert plain(record) == {
        "persons": [
            {"id": "p", "birth": "2008-03", "role": "presumed-victim", "functions": ["buyer"]},
            {
                "id": "q",
                "birth": {"age_band": "15-17"},
                "images": [{"hashes": [{"algorithm": "md5", "value": "01ff"}]}],
                "care": [{"since": "0987"}],
            },
        ],
        "incidents": [{"id": "i", "occurred": {"start": {"date": "2026-02-09", "at": 7}}}],
    }
