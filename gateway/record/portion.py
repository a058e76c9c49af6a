"""Portions: a record cut into separately releasable fields, each at every rung its ladder has.

A portion's bytes are made once, here, by its originator; everybody else carries them unchanged.

Source: PROTOCOL section 3.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from gateway.errors import Malformed
from gateway.record.classification import Classification, Classifier
from gateway.record.generalise import check_shape, climb
from gateway.record.protection import subjects
from gateway.record.scan import scan, scan_value
from gateway.record.schema import HEADER_KIND, KINDS, EntityKind
from gateway.record.subject import Subject
from gateway.record.text import HEADER_ENTITY
from gateway.record.ties import Ties, entities, ties_of
from gateway.record.vocabulary import AgeClass, Fact, RoleClass, Rung
from gateway.record.wire_bytes import DEFAULT_LIMITS, Walk, encode_varint, split_fields
from gateway.v1 import disclosure_pb2
from gateway.v1 import record_pb2 as pb

SALT_BYTES = 16
_FIELD_NUMBER_BITS = 29
_LEAF_LABEL = b"comity/portion/v1\x00"
_NAME_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_NAME_CHARACTERS = 10

Random = Callable[[int], bytes]
"""Returns that many unpredictable bytes."""


class Portion(NamedTuple):
    """A parsed portion. `value` is the encoded entity message with exactly the one field set; with
    `unknown_field` this version does not know the field, which is stored and never shown.
    """

    entity: str
    field: int
    rung: Rung
    value: bytes
    salt: bytes
    unknown_field: bool


class Cut(NamedTuple):
    """One portion as its originator made it, with what decisions need to know of it.

    `entity` is the name that travels and `local` the submitter's id (empty for the header); `data` the
    portion's bytes and `leaf` their commitment; of what it `counts` as, `category` is the effective one,
    `classes`, `role` and `age` those of its subject, stricter where the text names somebody, and `facts` what
    the content itself shows.
    """

    entity: str
    field: int
    rung: Rung
    counts: Classification
    data: bytes
    leaf: bytes
    local: str

    @property
    def category(self) -> str:
        """The effective category."""
        return self.counts.category

    @property
    def classes(self) -> frozenset[str]:
        """The category classes."""
        return self.counts.classes

    @property
    def role(self) -> RoleClass:
        """The role of whom it tells of."""
        return self.counts.role

    @property
    def age(self) -> AgeClass:
        """The age of whom it tells of."""
        return self.counts.age

    @property
    def facts(self) -> frozenset[Fact]:
        """What the content itself shows."""
        return self.counts.facts


def entity_names(record: pb.Record, random: Random) -> Mapping[str, str]:
    """Return the name each entity travels under, by its local id: kind, slash, 10 random base32 characters,
    so that nothing of a submitter's id, and no count or order, leaves with it.
    """
    found = list(entities(record))
    names: dict[str, str] = {}
    taken: set[str] = set()
    while len(names) < len(found):
        drawn = random(7 * (len(found) - len(names)))
        at = 0
        for kind, entity in found[len(names) :]:
            bits = int.from_bytes(drawn[at : at + 7], "big")
            at += 7
            spelled = "".join(
                _NAME_ALPHABET[bits >> shift & 31] for shift in range(0, 5 * _NAME_CHARACTERS, 5)
            )
            if spelled in taken:
                break
            taken.add(spelled)
            names[entity.id] = f"{kind.name}/{spelled}"
    return names


def cut(
    record: pb.Record,
    *,
    names: Mapping[str, str],
    random: Random,
    sealed_on: date,
    told: Mapping[str, Subject] | None = None,
    ties: Ties | None = None,
) -> list[Cut]:
    """Return every portion of a valid record at every rung, in the order of the record.

    Args:
        names: from `entity_names`.
        random: called once, for all salts.
        sealed_on: the day on which ages are reckoned.
        told: what `subjects` says of the record on that day, where the caller has it already.
        ties: those of the record, where the caller has them already.
    """
    ties = ties or ties_of(record)
    classifier = Classifier(record, ties, told or subjects(record, on=sealed_on, ties=ties))
    found: list[_Field] = []
    total = 0
    for kind, entity in [(KINDS[HEADER_KIND], record.header), *ties.entities]:
        local = "" if kind.name == HEADER_KIND else entity.id
        encoded = _encode(kind, entity, names)
        classify = classifier.of_entity(kind, entity, local, encoded)
        name = names[local] if local else HEADER_ENTITY
        start = _entity_part(name)
        for number, exact in split_fields(encoded):
            plan = classify.plans.get(number)
            if plan is None:
                continue
            counts = classify.of_field(number) if plan.tells else plan.counts
            values = [(_EXACT, exact)]
            if plan.ladder.ways:
                values += climb(plan.ladder, entity, sealed_on)
            each = [counts] * len(values)
            if classify.matcher is not None:
                each = classify.of_rungs(classify.matcher, number, counts, [value for _, value in values])
            total += len(values)
            found.append((name, local, start, number, values, each))
    return _salted(found, random(SALT_BYTES * total))


def leaf_of(portion: bytes) -> bytes:
    """Return the 32-byte leaf hash that commits to a portion."""
    return sha256(_LEAF_LABEL + portion).digest()


def encode_portion(entity: str, field: int, rung: Rung, value: bytes, salt: bytes) -> bytes:
    """Return the bytes of a portion, as the official encoder writes them."""
    return _joined(_entity_part(entity), field, rung, value, salt)


def parse_portion(data: bytes, *, field: str = "portion") -> Portion:
    """Return a foreign portion, examined before anything in it is parsed.

    Raises:
        Malformed: bytes that are not the one encoding of a portion; an entity or rung outside its grammar; a
            salt that is not 16 bytes; a value that does not hold exactly the named field, or does not fit its
            rung. Codes as `scan_value` and `check_shape`, `bad-id`, `unknown-kind`, `required`, `bad-salt`.
    """
    match = _PORTION.match(data)
    if match is None:
        raise _refusal(data, field)
    name_length, name, number_bytes, rung_byte = match.groups()
    at = match.end()
    length = data[at] if at < len(data) else 0x80
    if length < 0x80:
        at += 1
    else:
        length, at = Walk(data, DEFAULT_LIMITS, field).varint(at, len(data))
    stop = at + length
    if (
        name_length[0] != len(name)
        or len(data) != stop + len(_SALT_TAG) + SALT_BYTES
        or not data.startswith(_SALT_TAG, stop)
    ):
        raise _refusal(data, field)
    entity = name.decode()
    kind = _KIND_BY_NAME.get(entity.partition("/")[0])
    if kind is None or (kind.name == HEADER_KIND) != (entity == HEADER_ENTITY):
        raise Malformed("is of no known kind", code="unknown-kind", field=f"{field}.entity")
    value, rung, number = data[at:stop], _RUNGS[rung_byte], _number(number_bytes)
    if number >> _FIELD_NUMBER_BITS:
        raise Malformed("is no field number", code="wrong-field", field=f"{field}.field")
    unknown = scan_value(value, kind, number, field=field).unknown_field
    if not unknown and rung is not Rung.EXACT:
        check_shape(kind, number, rung, value, field=field)
    return Portion(entity, number, rung, value, data[-SALT_BYTES:], unknown)


_Field = tuple[str, str, bytes, int, list[tuple[Rung, bytes]], list[Classification]]
"""One field of one entity: travelling name, submitted id, the name as a portion begins with it, field number,
its values by rung, and what each of them counts as.
"""
_EXACT = Rung.EXACT

_RUNGS = {bytes((rung,)): rung for rung in Rung}
_KIND_BY_NAME = dict(KINDS)
_SALT_TAG = bytes((0x2A, SALT_BYTES))
# entity (its length apart), field as a minimal varint, rung, and the tag of the value.
_PORTION = re.compile(
    rb"\x0a([\x01-\x7f])([a-z]+(?:-[a-z]+)*/[a-z2-7]{10}|record/header)"
    rb"\x10((?:[\x80-\xff]{1,4}|)[\x01-\x7f])\x18([\x01-\x03])\x22",
    re.DOTALL,
)


@lru_cache(maxsize=4096)
def _number(varint: bytes) -> int:
    return Walk(varint, DEFAULT_LIMITS, "field").varint(0, len(varint))[0]


def _encode(kind: EntityKind, entity: Any, names: Mapping[str, str]) -> bytes:
    """Return an entity's bytes with every reference replaced by the name that travels."""
    if kind.references or kind.name == "relationship":
        copy: Any = kind.message()
        copy.CopyFrom(entity)
        for field in kind.references:
            held = getattr(entity, field.name)
            if field.repeated:
                del getattr(copy, field.name)[:]
                getattr(copy, field.name).extend(names[local] for local in held)
            elif held:
                setattr(copy, field.name, names[held])
        if kind.name == "relationship":
            # `from` is a word of the language, so the field cannot be named outright.
            setattr(copy.link, "from", names[getattr(entity.link, "from")])
            copy.link.to = names[entity.link.to]
        entity = copy
    encoded: bytes = entity.SerializeToString(deterministic=True)
    return encoded


def _salted(found: list[_Field], salts: bytes) -> list[Cut]:
    result = []
    at = 0
    for name, local, start, number, values, each in found:
        for (rung, value), counts in zip(values, each, strict=True):
            # The salt is per portion: without it a withheld short value could be guessed from its hash.
            data = _joined(start, number, rung, value, salts[at : at + SALT_BYTES])
            at += SALT_BYTES
            leaf = sha256(_LEAF_LABEL + data).digest()
            result.append(Cut(name, number, rung, counts, data, leaf, local))
    return result


def _joined(start: bytes, number: int, rung: Rung, value: bytes, salt: bytes) -> bytes:
    return b"".join((start, _field_part(number, rung), encode_varint(len(value)), value, _SALT_TAG, salt))


def _entity_part(entity: str) -> bytes:
    return b"\x0a" + bytes((len(entity),)) + entity.encode()


@cache
def _field_part(number: int, rung: Rung) -> bytes:
    return b"\x10" + encode_varint(number) + bytes((0x18, rung, 0x22))


def _refusal(data: bytes, field: str) -> Malformed:
    """Return the most telling refusal of bytes that are no portion."""
    try:
        scan(data, disclosure_pb2.Portion.DESCRIPTOR, field=field)
    except Malformed as exc:
        return exc
    portion = disclosure_pb2.Portion.FromString(data)
    for name in ("entity", "field", "rung", "value", "salt"):
        if not portion.HasField(name):
            return Malformed("is required", code="required", field=f"{field}.{name}")
    if len(portion.salt) != SALT_BYTES:
        return Malformed("is not 16 bytes", code="bad-salt", field=f"{field}.salt")
    if not portion.rung:
        return Malformed("is not stated", code="unknown-value", field=f"{field}.rung")
    if not portion.field:
        return Malformed("is no field number", code="wrong-field", field=f"{field}.field")
    return Malformed("is not an entity name", code="bad-id", field=f"{field}.entity")
