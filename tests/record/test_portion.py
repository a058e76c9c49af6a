"""Cutting a record into portions, and reading a foreign one."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed
from gateway.record.portion import Cut, cut, encode_portion, entity_names, leaf_of, parse_portion
from gateway.record.protection import subjects
from gateway.record.schema import KINDS
from gateway.record.validation import read_record
from gateway.record.vocabulary import Fact, Rung
from gateway.v1 import disclosure_pb2
from gateway.v1 import record_pb2 as pb
from tests.record.samples import TODAY, case, counted_random, marked
from tests.record.strategies import records

NAME = re.compile(r"[a-z-]+/[a-z2-7]{10}|record/header")


def cuts_of(record: pb.Record) -> list[Cut]:
    names = entity_names(record, counted_random("names"))
    return cut(record, names=names, random=counted_random("salts"), sealed_on=TODAY)


@given(records())
def test_generated_records_are_valid_and_every_portion_reads_back(record: pb.Record) -> None:
    checked = read_record(record.SerializeToString(deterministic=True), today=TODAY)

    for piece in cuts_of(checked):
        portion = parse_portion(piece.data)

        assert NAME.fullmatch(portion.entity)
        assert (portion.entity, portion.field, portion.rung) == (piece.entity, piece.field, piece.rung)
        assert piece.leaf == sha256(b"comity/portion/v1\x00" + piece.data).digest() == leaf_of(piece.data)


@given(records())
def test_who_is_told_of_may_be_found_out_beforehand(record: pb.Record) -> None:
    names = entity_names(record, counted_random("names"))
    told = subjects(record, on=TODAY)

    pieces = cut(record, names=names, random=counted_random("salts"), sealed_on=TODAY, told=told)

    assert pieces == cuts_of(record)


@given(records())
def test_portion_bytes_are_those_of_the_official_encoder(record: pb.Record) -> None:
    for piece in cuts_of(record):
        message = disclosure_pb2.Portion.FromString(piece.data)

        assert message.SerializeToString(deterministic=True) == piece.data
        assert len(message.salt) == 16


@given(
    st.sampled_from(["person/k3qabc2345", "record/header", "online-content/aaaaaaaaaa"]),
    st.integers(1, 2**29 - 1),
    st.sampled_from(Rung),
    st.binary(max_size=300),
    st.binary(min_size=16, max_size=16),
)
def test_any_portion_encodes_like_the_official_encoder(
    entity: str, field: int, rung: Rung, value: bytes, salt: bytes
) -> None:
    official = disclosure_pb2.Portion(entity=entity, field=field, rung=int(rung), value=value, salt=salt)  # type: ignore[arg-type]

    assert encode_portion(entity, field, rung, value, salt) == official.SerializeToString(deterministic=True)


def test_submitted_ids_are_in_no_portion() -> None:
    record = case()
    ids = [
        entity.id.encode()
        for kind in list(KINDS.values())[1:]
        for entity in getattr(record, kind.record_field)
    ]
    leaving = b"".join(piece.data for piece in cuts_of(record))

    # `car` and `at` occur in other words, so only ids that are no such word can be sought.
    assert [
        name for name in ids if len(name) > 5 and name in leaving and name not in {b"suspect", b"journey"}
    ] == []
    assert b"suspect" not in leaving
    assert b"minor" not in leaving


def test_references_bear_the_name_the_entity_travels_under() -> None:
    record = case()
    names = entity_names(record, counted_random("names"))
    pieces = cut(record, names=names, random=counted_random("salts"), sealed_on=TODAY)

    (controls,) = [piece for piece in pieces if piece.local == "controls"]
    link = pb.Relationship.FromString(parse_portion(controls.data).value).link

    assert (getattr(link, "from"), link.to) == (names["suspect"], names["minor"])


def test_names_are_distinct_even_when_randomness_repeats() -> None:
    record = case()
    source = counted_random("repeat")
    drawn = [b"\x01" * 700]

    def repeating(size: int) -> bytes:
        return drawn.pop()[:size] if drawn else source(size)

    names = entity_names(record, repeating)

    assert len(set(names.values())) == len(names) == 11


def test_salts_are_drawn_in_one_call_and_differ() -> None:
    record = case()
    names = entity_names(record, counted_random("names"))
    calls: list[int] = []
    source = counted_random("salts")

    def watched(size: int) -> bytes:
        calls.append(size)
        return source(size)

    pieces = cut(record, names=names, random=watched, sealed_on=TODAY)

    assert calls == [16 * len(pieces)]
    assert len({piece.data[-16:] for piece in pieces}) == len(pieces)


def test_guessing_a_withheld_value_from_its_leaf_finds_nothing() -> None:
    record = marked(pb.Record())
    person = record.persons.add(id="p")
    person.birth.CopyFrom(pb.BirthDate(year=2011, month=3, day=14))
    pieces = cuts_of(record)
    leaf = next(piece.leaf for piece in pieces if piece.rung is Rung.EXACT and piece.field == 5)
    entity = next(piece.entity for piece in pieces if piece.field == 5)
    known_salts = [b"", bytes(16), *(piece.data[-16:] for piece in pieces if piece.leaf != leaf)]

    guesses = (
        leaf_of(encode_portion(entity, 5, Rung.EXACT, b"*" + bytes([len(birth)]) + birth, salt))
        for year in range(2005, 2015)
        for month in range(1, 13)
        for day in range(1, 32)
        for birth in [pb.BirthDate(year=year, month=month, day=day).SerializeToString()]
        for salt in known_salts
    )

    assert leaf not in guesses


@pytest.mark.deep
def test_a_million_guesses_with_all_public_values_find_no_withheld_number() -> None:
    record = marked(pb.Record())
    record.persons.add(id="p").contacts.add(kind=pb.CONTACT_KIND_PHONE, value="+40722123456")
    (exact, *_) = cuts_of(record)
    withheld = exact.leaf
    prefix = exact.data[: exact.data.index(b"+40722") + 6]

    hits = [
        number
        for number in range(1_000_000)
        if leaf_of(b"%b%06d\x2a\x10%b" % (prefix, number, bytes(16))) == withheld
    ]

    assert leaf_of(b"%b%06d\x2a\x10%b" % (prefix, 123456, exact.data[-16:])) == withheld
    assert hits == []


def test_structural_fields_are_never_cut() -> None:
    record = case()
    record.header.own_reference = "OWN-REFERENCE"
    record.header.author = "AUTHOR"
    record.persons[0].marking.CopyFrom(record.header.marking)
    record.persons[0].marking.notes.append("NOTE")

    leaving = b"".join(piece.data for piece in cuts_of(record))

    for word in (b"OWN-REFERENCE", b"AUTHOR", b"NOTE", b"comity/1"):
        assert word not in leaving


def test_a_shelter_has_no_coarser_rungs() -> None:
    record = marked(pb.Record())
    location = record.locations.add(id="refuge", kind=pb.LOCATION_KIND_SHELTER)
    location.site.CopyFrom(pb.Place(street="Lindelaan 44", town="Zwolle", country="NL"))

    pieces = cuts_of(record)

    assert {piece.rung for piece in pieces} == {Rung.EXACT}
    assert {piece.category for piece in pieces} == {"person.shelter"}
    assert all(piece.classes == {"shelter-location"} for piece in pieces)


def test_facts_are_only_what_the_content_states() -> None:
    record = marked(pb.Record())
    person = record.persons.add(id="p")
    person.addresses.add(current=False).place.country = "RO"
    person.last_known_position.place.country = "RO"
    person.images.add(content=pb.IMAGE_CONTENT_ORDINARY, media_type="image/png")
    past = record.journeys.add(id="past", in_progress=False)
    past.route.from_country = "RO"
    record.journeys.add(id="now").route.from_country = "RO"

    facts = {(piece.local, piece.field): piece.facts for piece in cuts_of(record)}

    assert facts["p", 17] == {Fact.NOT_CURRENT}
    assert facts["p", 18] == frozenset()
    assert facts["p", 14] == {Fact.NOT_ABUSE_MATERIAL}
    assert facts["past", 3] == {Fact.NOT_CURRENT}
    assert facts["now", 3] == frozenset()


def test_one_present_address_among_past_ones_keeps_the_portion_present() -> None:
    record = marked(pb.Record())
    person = record.persons.add(id="p")
    person.addresses.add(current=False).place.country = "RO"
    person.addresses.add().place.country = "NL"
    person.images.add(content=pb.IMAGE_CONTENT_ORDINARY, media_type="image/png")
    person.images.add(media_type="image/png")

    assert all(piece.facts == frozenset() for piece in cuts_of(record))


@dataclass(frozen=True)
class Spoilt:
    """A portion with one thing wrong, and the code that says so."""

    change: Callable[[disclosure_pb2.Portion], object]
    code: str


SPOILT = {
    "no entity": Spoilt(lambda p: p.ClearField("entity"), "required"),
    "no field": Spoilt(lambda p: p.ClearField("field"), "required"),
    "no rung": Spoilt(lambda p: p.ClearField("rung"), "required"),
    "no value": Spoilt(lambda p: p.ClearField("value"), "required"),
    "no salt": Spoilt(lambda p: p.ClearField("salt"), "required"),
    "short salt": Spoilt(lambda p: setattr(p, "salt", b"short"), "bad-salt"),
    "long salt": Spoilt(lambda p: setattr(p, "salt", bytes(17)), "bad-salt"),
    "upper-case entity": Spoilt(lambda p: setattr(p, "entity", "person/K3QABC2345"), "bad-id"),
    "entity with a quote": Spoilt(lambda p: setattr(p, "entity", 'person/k3q"::2345'), "bad-id"),
    "short entity": Spoilt(lambda p: setattr(p, "entity", "person/k3q"), "bad-id"),
    "unknown kind": Spoilt(lambda p: setattr(p, "entity", "weapon/k3qabc2345"), "unknown-kind"),
    "second header": Spoilt(lambda p: setattr(p, "entity", "record/k3qabc2345"), "unknown-kind"),
    "header of a person": Spoilt(lambda p: setattr(p, "entity", "person/header"), "bad-id"),
    "rung nought": Spoilt(lambda p: setattr(p, "rung", 0), "unknown-value"),
    "unknown rung": Spoilt(lambda p: setattr(p, "rung", 4), "unknown-value"),
    "field nought": Spoilt(lambda p: setattr(p, "field", 0), "wrong-field"),
    "field beyond any number": Spoilt(lambda p: setattr(p, "field", 2**29), "wrong-field"),
    "structural field": Spoilt(lambda p: setattr(p, "field", 1), "wrong-field"),
    "another field": Spoilt(lambda p: setattr(p, "field", 4), "wrong-field"),
    "empty value": Spoilt(lambda p: setattr(p, "value", b""), "wrong-field"),
    "two fields": Spoilt(lambda p: setattr(p, "value", p.value + b"\x38\x01"), "wrong-field"),
    "structural id beside it": Spoilt(lambda p: setattr(p, "value", b"\x0a\x01x" + p.value), "wrong-field"),
    "no protobuf": Spoilt(lambda p: setattr(p, "value", b"\xff\xff"), "malformed"),
}


def _sound() -> disclosure_pb2.Portion:
    value = pb.Person(birth=pb.BirthDate(year=2011)).SerializeToString()
    return disclosure_pb2.Portion(entity="person/k3qabc2345", field=5, rung=2, value=value, salt=bytes(16))  # type: ignore[arg-type]


@pytest.mark.parametrize("spoilt", SPOILT.values(), ids=SPOILT.keys())
def test_a_spoilt_portion_is_refused(spoilt: Spoilt) -> None:
    message = _sound()
    parse_portion(message.SerializeToString())

    spoilt.change(message)

    with pytest.raises(Malformed) as refusal:
        parse_portion(message.SerializeToString())
    assert refusal.value.code == spoilt.code


def test_an_equivalent_encoding_of_a_portion_is_refused() -> None:
    data = _sound().SerializeToString()
    inner = data.index(b"\x08\xdb\x0f")
    equivalents = {
        "field repeated": data + b"\x10\x05",
        "unknown field": data + b"\x30\x01",
        "overlong field number": data.replace(b"\x10\x05", b"\x10\x85\x00"),
        "overlong length": data.replace(b"\x22\x05", b"\x22\x85\x00"),
        "reordered": data[20:] + data[:20],
        "overlong year inside": data.replace(b"\x22\x05*\x03\x08\xdb\x0f", b"\x22\x06*\x04\x08\xdb\x8f\x00"),
        "year twice inside": data.replace(b"\x22\x05*\x03", b"\x22\x08*\x06\x08\x01\x08"[:6] + b"\x01"),
        "empty": b"",
        "cut short": data[:-1],
        "one byte more": data + b"\x00",
    }
    assert inner

    for name, bytes_ in equivalents.items():
        with pytest.raises(Malformed):
            parse_portion(bytes_)
        assert bytes_ != data, name


def test_every_cut_and_flip_of_a_portion_is_refused_or_another_portion() -> None:
    data = _sound().SerializeToString()
    sound = parse_portion(data)

    for at in range(len(data)):
        with pytest.raises(Malformed):
            parse_portion(data[:at])
        for bit in range(8):
            flipped = data[:at] + bytes((data[at] ^ 1 << bit,)) + data[at + 1 :]
            try:
                assert parse_portion(flipped) != sound
            except Malformed:
                continue


def test_an_unknown_field_is_kept_and_marked() -> None:
    value = b"\xa2\x3e\x03new"
    data = encode_portion("person/k3qabc2345", 996, Rung.EXACT, value, bytes(16))

    portion = parse_portion(data)

    assert portion.unknown_field
    assert portion.value == value


@pytest.mark.parametrize(
    "value",
    [
        b"\xa2\x3e\x03ne",
        b"\xa2\xbe\x00\x03new",
        b"\xaa\x3e\x03new",
        b"\xa3\x3e",
        b"\xa2\x3e\x03new\x38\x01",
        b"",
    ],
    ids=["short", "overlong", "another", "group", "two", "empty"],
)
def test_an_unknown_field_is_examined_all_the_same(value: bytes) -> None:
    with pytest.raises(Malformed):
        parse_portion(encode_portion("person/k3qabc2345", 996, Rung.EXACT, value, bytes(16)))


def test_a_birth_date_with_a_month_does_not_pass_as_generalised() -> None:
    exact = pb.Person(birth=pb.BirthDate(year=2011, month=3)).SerializeToString()
    parse_portion(encode_portion("person/k3qabc2345", 5, Rung.EXACT, exact, bytes(16)))

    for rung in (Rung.GENERALISED, Rung.COARSE):
        with pytest.raises(Malformed) as refusal:
            parse_portion(encode_portion("person/k3qabc2345", 5, rung, exact, bytes(16)))
        assert refusal.value.code == "wrong-shape"
