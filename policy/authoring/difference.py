"""What two sets of rules say otherwise, in words and told together where it is the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.record.vocabulary import AgeClass, RoleClass
from policy.authoring.invariants import VICTIM_CLASSES
from policy.authoring.matrix import Changed
from policy.authoring.sweep import KINDS, PURPOSES, SITUATIONS
from policy.vocabulary import UNKNOWN

_KINDS: Final[Mapping[str, str]] = {
    "leo": "police",
    "judicial": "judiciary",
    "child-protection": "child protection",
    "igo": "international organisations",
    "ngo": "support organisations",
    "private": "companies",
    UNKNOWN: "recipients of unknown kind",
}
_AGES: Final[Mapping[str, str]] = {"minor": "minor", "adult": "adult", UNKNOWN: "unknown age"}
_ALL: Final[Mapping[str, int]] = {
    "kind": len(KINDS),
    "purpose": len(PURPOSES),
    "situation": len(SITUATIONS),
    "role": len(RoleClass),
    "age": len(AgeClass),
}
_ORDER: Final = ("age", "role", "kind", "purpose", "situation")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Questions whose answers changed alike: in words, and whether more leaves, of a protected person too."""

    text: str
    widens: bool
    victims: bool
    cells: int


def grouped(found: Iterable[Changed]) -> list[Group]:
    """Return what changed, what lets more out of protected persons first, then what lets more out."""
    merged = _merged(list(found))
    groups = [
        Group(
            text=_in_words(members),
            widens=members[0].widens,
            victims=bool(members[0].classes & VICTIM_CLASSES),
            cells=len(members),
        )
        for members in merged
    ]
    return sorted(groups, key=lambda one: (not (one.widens and one.victims), not one.widens, one.text))


def _merged(found: list[Changed]) -> list[list[Changed]]:
    """Put together what differs in one respect only, one respect after the other."""
    groups = [[one] for one in found]
    for respect in _ORDER:
        by: dict[object, list[Changed]] = {}
        for members in groups:
            by.setdefault(_without(members, respect), []).extend(members)
        groups = list(by.values())
    return groups


def _without(members: list[Changed], respect: str) -> object:
    first = members[0]
    others = tuple(frozenset(getattr(one, name) for one in members) for name in _ORDER if name != respect)
    victims = bool(first.classes & VICTIM_CLASSES)
    return first.category, first.rung, first.old, first.new, victims, others


def _in_words(members: list[Changed]) -> str:
    first = members[0]
    kinds = _listed(members, "kind", lambda one: _KINDS[one.kind], "all recipients")
    purposes = _listed(members, "purpose", lambda one: one.purpose.replace("-", " "), "any purpose")
    roles = _roles(members)
    ages = _listed(members, "age", lambda one: _AGES[one.age.token], "any age")
    situations = _listed(members, "situation", lambda one: one.situation, "any situation")
    what = first.category.removeprefix("person.").replace(".", " ").replace("-", " ")
    return (
        f"{kinds} for {purposes}: {first.rung.token} {what} of {roles} ({ages}) was {first.old}, would be "
        f"{first.new} [{situations}]"
    )


def _listed(members: list[Changed], respect: str, word: Callable[[Changed], str], every: str) -> str:
    words = dict.fromkeys(word(one) for one in members)
    return every if len(words) == _ALL[respect] else ", ".join(words)


def _roles(members: list[Changed]) -> str:
    roles = {one.role for one in members}
    if roles == {role for role in RoleClass if role.protected}:
        return "any protected person"
    if roles == {role for role in RoleClass if not role.protected}:
        return "anybody not protected"
    return _listed(members, "role", lambda one: one.role.token.replace("-", " "), "anybody")
