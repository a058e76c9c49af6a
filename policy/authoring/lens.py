"""What of a question a rule can see: questions that look the same through its lens are one question to it.

A rule sees the attributes it reads. Of a closed list it can tell apart only the members it names: two that it
does not name are the same to it, for such members have no attributes and no order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Set
from dataclasses import fields
from operator import attrgetter
from re import sub
from typing import Final

from gateway.record.vocabulary import Term
from policy.authoring.schema import closed_lists, lists_of_attributes
from policy.cell import Action, Cell
from policy.request import Interviewee, MarkingFacts, PortionAttributes
from policy.vocabulary import UNKNOWN, satisfied

_PEOPLE: Final = frozenset(member.name for member in fields(Interviewee))
_OF_PORTIONS: Final = frozenset(member.name for member in fields(PortionAttributes))
_OF_MARKINGS: Final = frozenset(MarkingFacts._fields)
_OF_CELLS: Final = frozenset({"approvals", "rung", "hit"})

Look = Callable[[object], Hashable]


class Lens:
    """What rules see of the cells of one action. `reads` None is everything, `members` are those named."""

    __slots__ = ("_looks", "_values", "read")

    def __init__(
        self, action: Action, reads: frozenset[str] | None, members: frozenset[tuple[str, str]]
    ) -> None:
        self._values: Callable[[Cell], tuple[object, ...]] = lambda _: ()
        self._looks: tuple[Look, ...] = ()
        self.read: Callable[[Cell], Hashable] = lambda _: None
        if reads is None:
            self.read = lambda cell: cell
            self._values, self._looks = lambda cell: (cell,), (_as_it_is,)
            return
        paths = {name: path for name in sorted(reads) if (path := _path(action, name))}
        if paths:
            self.read = get = attrgetter(*paths.values())
            self._values = get if len(paths) > 1 else lambda cell: (get(cell),)
            # Two attributes from one list may be compared with each other: then every member matters.
            lists = {name: lists_of_attributes().get(name.partition(".")[2], "") for name in paths}
            often = Counter(lists.values())
            self._looks = tuple(
                _look(lists[name], members) if often[lists[name]] == 1 else _as_it_is for name in paths
            )

    def told_apart(self, cell: Cell) -> Hashable:
        """Return what is equal for two cells that the rules cannot tell apart."""
        return tuple(look(value) for look, value in zip(self._looks, self._values(cell), strict=True))


def _as_it_is(value: object) -> Hashable:
    return value


def _look(type_: str, members: frozenset[tuple[str, str]]) -> Look:
    if not type_:
        return _as_it_is
    named = frozenset(name for list_, name in members if list_ == type_)
    closed = frozenset(closed_lists()[type_])

    def look(value: object) -> Hashable:
        if not isinstance(value, Set):
            token = _token(value, closed)
            return token if token in named else None
        tokens = frozenset(_token(one, closed) for one in value)
        if type_ == "Approval":
            tokens = satisfied(tokens)
        if type_ == "Class":
            tokens = tokens or frozenset({UNKNOWN})
        return tokens & named, bool(tokens - named)

    return look


def _token(value: object, closed: frozenset[str]) -> str:
    token = value.token if isinstance(value, Term) else str(value)
    return token if token in closed else UNKNOWN


def _path(action: Action, name: str) -> str:
    """Return where a cell holds what rules call `context.purpose`; empty where its resource has no such
    attribute, so that a rule that reads it does not speak of this kind of resource.
    """
    variable, _, attribute = name.partition(".")
    snake = sub(r"(?<=[a-z])([A-Z])", lambda found: f"_{found.group(1).lower()}", attribute)
    if variable == "principal":
        return f"recipient.{snake}"
    if variable == "context":
        if snake in _OF_CELLS:
            return snake
        return f"context.marking.{snake}" if snake in _OF_MARKINGS else f"context.{snake}"
    return _path_in_resource(action, snake)


def _path_in_resource(action: Action, snake: str) -> str:
    if action in ("release", "forward"):
        return "context.own_record" if snake == "own" else ""
    if action == "requestInterview":
        return f"interviewee.{snake}" if snake in _PEOPLE else ""
    if snake in _OF_MARKINGS:
        return f"portion.marking.{snake}"
    return f"portion.{snake}" if snake in _OF_PORTIONS else ""
