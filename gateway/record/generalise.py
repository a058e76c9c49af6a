"""Coarser rungs of a field as bytes, and the check that a coarse value holds no more than its rung allows."""

from __future__ import annotations

from datetime import date
from functools import cache
from typing import Any, NamedTuple

from google.protobuf.message import Message

from gateway.errors import Malformed
from gateway.record.categories import CATEGORIES
from gateway.record.coarsening import GENERALISERS, Generaliser
from gateway.record.schema import KINDS, EntityKind
from gateway.record.vocabulary import Rung
from gateway.record.wire_bytes import LENGTH, encode_varint

# An account of a protected person is decided on, and coarsened, as that person's contact.
_ALSO_COARSENED_AS = {"account.identity": ("person.contact",)}


def coarser_values(
    kind: str, number: int, entity: Message, *, sealed_on: date, category: str
) -> list[tuple[Rung, bytes]]:
    """Return the coarser rungs of one field: for each the entity message with only this field set, as bytes.

    Values of a repeated field are generalised one by one; equal ones are kept once and the rest sorted, so
    that neither their number nor their order tells what was more precise. A rung is absent where the ladder
    has none, or where nothing of this value would remain on it.

    Args:
        category: the category that is decided on (`protection.effective_category`); its ladder counts.
    """
    return climb(ladder_of(kind, number, category), entity, sealed_on)


def climb(ladder: Ladder, entity: Message, sealed_on: date) -> list[tuple[Rung, bytes]]:
    """Return what `coarser_values` says, where the field's ladder is known already."""
    held = getattr(entity, ladder.field)
    values = []
    for rung, way in ladder.ways:
        value = _coarser(ladder, way, held, sealed_on)
        if value is not None:
            values.append((rung, value))
    return values


def check_shape(kind: EntityKind, number: int, rung: Rung, value: bytes, *, field: str = "value") -> None:
    """Pass a value whose shape fits its rung: a coarse date has no month, a coarse place no street.

    Any generaliser leaves its own result as it is, so a value fits exactly when it does not change.

    Raises:
        Malformed: code `wrong-shape`.

    Source: PROTOCOL section 3.
    """
    if rung is Rung.EXACT:
        return
    entity = kind.message.FromString(value)
    annotated = kind.fields[number].category
    held = getattr(entity, kind.fields[number].name)
    for category in (annotated, *_ALSO_COARSENED_AS.get(annotated, ())):
        ladder = ladder_of(kind.name, number, category)
        for at, way in ladder.ways:
            # The day matters only for a birth date, whose coarse form is a band and holds no date.
            if at is rung and _coarser(ladder, way, held, date.max) == value:
                return
    raise Malformed("does not fit its rung", code="wrong-shape", field=field)


class Ladder(NamedTuple):
    """How one field reaches its coarser rungs; `tag` stands before each of its values in bytes."""

    field: str
    repeated: bool
    tag: bytes
    ways: tuple[tuple[Rung, Generaliser], ...]


@cache
def ladder_of(kind: str, number: int, category: str) -> Ladder:
    """Return the ladder of a field that is decided on as this category."""
    field = KINDS[kind].fields[number]
    message = field.message.name if field.message else ""
    steps = zip((Rung.GENERALISED, Rung.COARSE), CATEGORIES[category].ladder, strict=True)
    ways = [(rung, GENERALISERS[way, message]) for rung, way in steps if (way, message) in GENERALISERS]
    return Ladder(field.name, field.repeated, encode_varint(number << 3 | LENGTH), tuple(ways))


def _coarser(ladder: Ladder, way: Generaliser, held: Any, sealed_on: date) -> bytes | None:
    """Return what remains of a field on one rung, as bytes; None where nothing does."""
    if not ladder.repeated or len(held) == 1:
        coarse = way(held[0] if ladder.repeated else held, sealed_on)
        return None if coarse is None else _enclosed(ladder.tag, coarse.SerializeToString())
    found = [coarse for value in held if (coarse := way(value, sealed_on)) is not None]
    remaining = {coarse.SerializeToString() for coarse in found}
    return b"".join(_enclosed(ladder.tag, value) for value in sorted(remaining)) or None


def _enclosed(tag: bytes, value: bytes) -> bytes:
    return tag + encode_varint(len(value)) + value
