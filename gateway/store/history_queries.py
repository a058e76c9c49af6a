"""Questions about the past that rules go by: what was told of whom, how often more than usual was asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from sqlalchemy import Select, bindparam, func, select

from gateway.store import tables
from gateway.store.source import Source

_PLACES: Final = [f"tag_{number}" for number in range(32)]
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


def _heard() -> Select[Any]:
    # From each tag on to every person that shares a tag with one already found: two that share one are one.
    found = (
        select(_persons.c.tag.label("tag"), _persons.c.person.label("person"))
        .where(_persons.c.tag.in_([bindparam(name) for name in _PLACES]))
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


_HEARD: Final = _heard()
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
        for start in range(0, len(tags), len(_PLACES)):
            asked = tags[start : start + len(_PLACES)]
            # What is left of the places asks for the first once more: a query of one form is compiled once.
            filled = [*asked, *[asked[0]] * (len(_PLACES) - len(asked))]
            heard += self._all(_HEARD, Heard._make, **dict(zip(_PLACES, filled, strict=True)))
        return heard

    def asked(self, tag: bytes, day: str) -> int:
        """Return how many exchanges of a UTC day count under a tag."""
        row = self._one(_ASKED, _Asked._make, tag=tag, day=day)
        return 0 if row is None else row.times
