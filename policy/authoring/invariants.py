"""What must hold of every rule set over this floor, whatever is laid over it: asserted of all questions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple

from gateway.record.vocabulary import AgeClass, Purpose, RoleClass
from policy.authoring.sweep import RELEASED, WITHHELD, Block, Outcomes, Place, looseness, places
from policy.vocabulary import UNKNOWN


class Breach(NamedTuple):
    """An invariant that does not hold, and where."""

    invariant: str
    where: str


class Checked(NamedTuple):
    """How many places of a block an invariant was asserted of, and where it does not hold."""

    asserted: int
    breaches: tuple[str, ...]


_NEVER: Final = frozenset({"shelter-location", "therapy-notes"})
_PROTECTED: Final = frozenset(
    {
        "victim-identifying",
        "victim-locating",
        "victim-family",
        "victim-sensitive",
        "victim-imagery",
        "victim-statement",
        "victim-immigration",
        "victim-own-offence",
        "sexual-history",
        "cooperation-status",
    }
)
VICTIM_CLASSES: Final = _PROTECTED | _NEVER
"""The classes of what is told of a protected person."""

_PROTECTING: Final = frozenset({"ngo", "child-protection"})

Rule = Callable[[Block, Outcomes], Iterator[tuple[Place, bool]]]


def _unknown_age(block: Block, found: Outcomes) -> Iterator[tuple[Place, bool]]:
    for place in places():
        if place.age is AgeClass.UNKNOWN:
            yield place, found[place] == found[place._replace(age=AgeClass.MINOR)]


def _minors(block: Block, found: Outcomes) -> Iterator[tuple[Place, bool]]:
    for place in places():
        if place.age is AgeClass.MINOR:
            yield place, _no_looser(found[place], found[place._replace(age=AgeClass.ADULT)])


def _both(block: Block, found: Outcomes) -> Iterator[tuple[Place, bool]]:
    # Organisations that protect receive what concerns the person they protect, by design.
    if block.kind in _PROTECTING:
        return
    for place in places():
        if place.role is RoleClass.VICTIM_AND_SUSPECT:
            suspect = place._replace(role=RoleClass.SUSPECT)
            if "suspect" not in suspect.classes:
                continue  # what a suspect stated, or suffered, is protected as such
            pairs = zip(found[place], found[suspect], strict=True)
            yield place, all(one != RELEASED or other == RELEASED for one, other in pairs)


def _never(block: Block, found: Outcomes) -> Iterator[tuple[Place, bool]]:
    yield from _withheld(found, lambda place: bool(place.classes & _NEVER))


def _private(block: Block, found: Outcomes) -> Iterator[tuple[Place, bool]]:
    if block.kind == "private":
        yield from _withheld(found, lambda place: bool(place.classes & VICTIM_CLASSES))


def _ngo(block: Block, found: Outcomes) -> Iterator[tuple[Place, bool]]:
    if block.kind == "ngo" and block.situation.name != "all attested":
        yield from _withheld(found, lambda place: bool(place.classes & VICTIM_CLASSES))


def _unknown(block: Block, found: Outcomes) -> Iterator[tuple[Place, bool]]:
    if block.kind == UNKNOWN or block.purpose is None:
        yield from _withheld(found, lambda _: True)


def _immigration(block: Block, found: Outcomes) -> Iterator[tuple[Place, bool]]:
    if block.purpose is Purpose.IMMIGRATION_ENFORCEMENT:
        yield from _withheld(found, lambda place: place.role.protected)


def _trend(block: Block, found: Outcomes) -> Iterator[tuple[Place, bool]]:
    if block.purpose in (Purpose.TREND, Purpose.TRAINING):
        yield from _withheld(
            found,
            lambda place: place.age is not AgeClass.ADULT and "victim-identifying" in place.classes,
        )


INVARIANTS: Final[Mapping[str, Rule]] = {
    "a person of unknown age is treated as a minor": _unknown_age,
    "nothing of a minor leaves that would not of an adult": _minors,
    "nothing of a victim who is also a suspect leaves that would not of a suspect": _both,
    "shelters and therapy never leave": _never,
    "nothing of a protected person goes to a private company": _private,
    "nothing of a protected person goes to a support organisation without consent and support": _ngo,
    "nothing leaves for an unknown purpose or to an unknown kind": _unknown,
    "nothing of a protected person leaves for immigration enforcement": _immigration,
    "no identity of a minor leaves for trends or training": _trend,
}
"""What is asserted of every block of the matrix."""


def check(block: Block, found: Outcomes) -> dict[str, Checked]:
    """Return for each invariant what was asserted of a block."""
    done = {}
    for name, rule in INVARIANTS.items():
        results = list(rule(block, found))
        breaches = tuple(_place(block, place) for place, holds in results if not holds)
        done[name] = Checked(len(results), breaches)
    return done


def _withheld(found: Outcomes, concerned: Callable[[Place], bool]) -> Iterator[tuple[Place, bool]]:
    for place in places():
        if concerned(place):
            yield place, all(outcome == WITHHELD for outcome in found[place])


def _no_looser(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return all(looseness(a) <= looseness(b) for a, b in zip(one, other, strict=True))


def _place(block: Block, place: Place) -> str:
    return " | ".join((*block.name, place.category, place.role.token, place.age.token))
