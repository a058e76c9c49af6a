"""Questions about the past that rules go by: what was told of whom, how often more than usual was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, bindparam, func, select

from gateway.store import tables
from gateway.store.source import Source

# So many tags are asked about at once, always: a query of one form is compiled once. A batch asks about many.
_FEW: Final = 16
_MANY: Final = 256
_persons, _told, _asks = tables.persons, tables.told, tables.asks


class Heard(NamedTuple):
    """A tag that was asked about leads to this person, of whom that was told; nothing yet where None."""

    tag: bytes
    person: bytes
    agency: bytes | None
    dimension: str | None
    grain: str | None


class _Asked(NamedTuple):
    times: int


def _heard(places: int) -> Select[Any]:
    # From each tag on to every person that shares a tag with one already found: two that share one are one.
    found = (
        select(_persons.c.tag.label("tag"), _persons.c.person.label("person"))
        .where(_persons.c.tag.in_([bindparam(f"tag_{number}") for number in range(places)]))
        .cte("found", recursive=True)
    )
    same, other = _persons.alias("same"), _persons.alias("other")
    found = found.union(
        select(found.c.tag, other.c.person)
        .join(same, same.c.person == found.c.person)
        .join(other, other.c.tag == same.c.tag)
    )
    return select(found.c.tag, found.c.person, _told.c.agency, _told.c.dimension, _told.c.grain).select_from(
        found.outerjoin(_told, _told.c.person == found.c.person)
    )


_HEARD: Final = {places: _heard(places) for places in (_FEW, _MANY)}
_ASKED: Final = (
    select(func.count())
    .select_from(_asks)
    .where(_asks.c.tag == bindparam("tag"), _asks.c.day == bindparam("day"))
)


class HistoryQueries(Source):
    """What was told and asked before."""

    def heard(self, tags: Sequence[bytes]) -> list[Heard]:
        """Return whom these tags lead to, by any number of tags in common, and what was told of them."""
        heard: list[Heard] = []
        places = _FEW if len(tags) <= _FEW else _MANY
        for start in range(0, len(tags), places):
            part = tags[start : start + places]
            # What is left of the places asks for the first once more.
            filled = [*part, *[part[0]] * (places - len(part))]
            values = {f"tag_{number}": tag for number, tag in enumerate(filled)}
            heard += self._all(_HEARD[places], Heard._make, **values)
        return heard

    def asked(self, tag: bytes, day: str) -> int:
        """Return how many exchanges of a UTC day count under a tag."""
        row = self._one(_ASKED, _Asked._make, tag=tag, day=day)
        return 0 if row is None else row.times
