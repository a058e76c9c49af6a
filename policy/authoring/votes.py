"""What each rule says by itself, remembered by what it reads: the same answers as the whole rulebook, sooner.

A rule depends on the attributes it reads and on nothing else, so questions that are equal in those are one
question to it (`policy.authoring.lens`). Rules that read the same are asked together. The answers are put
together as the rule language does it: what forbids comes before what permits, and what nothing permits is
denied.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Final, NamedTuple, get_args

from policy.authoring.lens import Lens
from policy.cell import Action, Cell
from policy.decision import DEFAULT_DENY
from policy.procedure import FAILED, Answer
from policy.rule import Layer
from policy.rulebook import Rulebook

_ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
_MOST_SEEN: Final = 8_192
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
    """Rules of one effect that read the same, asked together about one action."""

    __slots__ = ("_book", "_known", "_lens", "read", "seen")

    def __init__(self, book: Rulebook, reads: frozenset[str] | None, action: Action) -> None:
        members = frozenset(member for name in book.rules for member in book.names(name))
        self._book = book
        self._lens = Lens(action, reads, members)
        self._known: dict[Hashable, tuple[str, ...]] = {}
        self.read = self._lens.read
        self.seen: dict[Hashable, tuple[str, ...]] = {}

    def __call__(self, cell: Cell) -> tuple[str, ...]:
        """Return those of the rules that apply to the cell; one empty id where they could not be asked."""
        said = self.seen.get(self.read(cell))
        return said if said is not None else self.ask(cell)

    def ask(self, cell: Cell) -> tuple[str, ...]:
        """Return what was said to a cell that looks the same, or is said now, and remember it."""
        same = self._lens.told_apart(cell)
        said = self._known.get(same)
        if said is None:
            answer = self._book.answer(cell)
            said = _FAILED if answer.failed else tuple(n for n in answer.rules if n != DEFAULT_DENY)
            self._known[same] = said
        if len(self.seen) >= _MOST_SEEN:
            self.seen.clear()
        self.seen[self.read(cell)] = said
        return said


class Votes:
    """A rulebook asked rule by rule. It holds for every cell what its rules say, for as long as it lives."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self.rules = book.rules
        groups: dict[tuple[str, frozenset[str] | None], set[str]] = defaultdict(set)
        for rule in book.rules.values():
            groups[rule.effect, book.reads(rule.id)].add(rule.id)
        books = [(effect, reads, book.only(names)) for (effect, reads), names in groups.items()]
        self._voters: Mapping[tuple[Action, str], list[Voter]] = {
            (action, wanted): [
                Voter(some, reads, action)
                for effect, reads, some in books
                if effect == wanted and any(some.speaks_of(name, action) for name in some.rules)
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
    # Asked millions of times in a sweep: what was seen before is looked up here, without a call.
    found: tuple[str, ...] = ()
    for voter in voters:
        said = voter.seen.get(voter.read(cell))
        if said is None:
            said = voter.ask(cell)
        if said:
            found += said
            if said is _FAILED:
                break
    return found


class OneRule:
    """The one rule of a rulebook, asked about any action."""

    def __init__(self, book: Rulebook) -> None:
        (name,) = book.rules
        self._voters = {action: Voter(book, book.reads(name), action) for action in _ACTIONS}

    def __call__(self, cell: Cell) -> tuple[str, ...]:
        """Return the rule if it applies to the cell; one empty id where it could not be asked."""
        return self._voters[cell.action](cell)
