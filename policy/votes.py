"""What each rule says by itself, remembered by what it reads: the same answers as the whole rulebook, sooner.

A rule depends on the attributes it reads and on nothing else, so questions that are equal in those are one
question to it. Rules that read the same are asked together. The answers are put together as the rule
language does it: what forbids comes before what permits, and what nothing permits is denied.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import fields
from operator import attrgetter
from re import sub
from typing import Final, NamedTuple, get_args

from policy.cell import Action, Cell
from policy.decision import DEFAULT_DENY
from policy.engine import Rulebook
from policy.procedure import FAILED, Answer
from policy.request import Interviewee, MarkingFacts, PortionAttributes
from policy.rule import Layer

_ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
_PEOPLE: Final = frozenset(member.name for member in fields(Interviewee))
_OF_PORTIONS: Final = frozenset(member.name for member in fields(PortionAttributes))
_OF_MARKINGS: Final = frozenset(MarkingFacts._fields)
_OF_CELLS: Final = frozenset({"approvals", "rung", "hit"})
_FAILED: Final = ("",)


class Said(NamedTuple):
    """The rules that forbid a cell and those that permit it, whatever comes of both together."""

    forbids: tuple[str, ...]
    permits: tuple[str, ...]

    @property
    def answer(self) -> Answer:
        """What the rules say together."""
        if _FAILED in (self.forbids[-1:], self.permits[-1:]):
            return FAILED
        if self.forbids or not self.permits:
            return Answer(allowed=False, rules=tuple(sorted(self.forbids)) or (DEFAULT_DENY,))
        return Answer(allowed=True, rules=tuple(sorted(self.permits)))


class Voter:
    """Rules of one effect that read the same, asked together."""

    __slots__ = ("_book", "_keys", "_known", "rules")

    def __init__(self, book: Rulebook, reads: frozenset[str] | None) -> None:
        self.rules = frozenset(book.rules)
        self._book = book
        self._keys = {action: _key(action, reads) for action in _ACTIONS}
        self._known: dict[tuple[Action, Hashable], tuple[str, ...]] = {}

    def __call__(self, cell: Cell) -> tuple[str, ...]:
        """Return those of the rules that apply to the cell; one empty id where they could not be asked."""
        key = (cell.action, self._keys[cell.action](cell))
        known = self._known.get(key)
        if known is None:
            answer = self._book.answer(cell)
            known = _FAILED if answer.failed else tuple(r for r in answer.rules if r != DEFAULT_DENY)
            self._known[key] = known
        return known


class Votes:
    """A rulebook asked rule by rule. It holds for every cell what its rules say, for as long as it lives."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self.rules = book.rules
        groups: dict[tuple[str, frozenset[str] | None], set[str]] = defaultdict(set)
        for rule in book.rules.values():
            groups[rule.effect, book.reads(rule.id)].add(rule.id)
        voters = [(effect, Voter(book.only(names), reads)) for (effect, reads), names in groups.items()]
        self._voters: Mapping[tuple[Action, str], list[Voter]] = {
            (action, wanted): [
                voter
                for effect, voter in voters
                if effect == wanted and any(book.speaks_of(name, action) for name in voter.rules)
            ]
            for action in _ACTIONS
            for wanted in ("forbid", "permit")
        }

    def said(self, cell: Cell) -> Said:
        """Return what every rule says to the cell."""
        return Said(
            forbids=_together(self._voters[cell.action, "forbid"], cell),
            permits=_together(self._voters[cell.action, "permit"], cell),
        )

    def answer(self, cell: Cell) -> Answer:
        """Return what all rules say to the cell: what `Rulebook.answer` does."""
        return self.said(cell).answer

    def floor_answer(self, cell: Cell) -> Answer:
        """Return what the floor alone says, everything else being permitted: `Rulebook.floor_answer`."""
        forbids = tuple(name for name in self.said(cell).forbids if not name or self._of_floor(name))
        return Said(forbids=forbids, permits=("permit-all",)).answer

    def _of_floor(self, name: str) -> bool:
        return self.rules[name].layer is Layer.FLOOR


def _together(voters: Iterable[Voter], cell: Cell) -> tuple[str, ...]:
    found: tuple[str, ...] = ()
    for voter in voters:
        said = voter(cell)
        if said:
            found += said
            if said is _FAILED:
                break
    return found


def voter_of(book: Rulebook) -> Voter:
    """Return the one rule of a rulebook as a voter."""
    (name,) = book.rules
    return Voter(book, book.reads(name))


def _key(action: Action, reads: frozenset[str] | None) -> Callable[[Cell], Hashable]:
    if reads is None:
        return lambda cell: cell
    paths = sorted({path for name in reads if (path := _path(action, name))})
    return attrgetter(*paths) if paths else lambda _: None


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
