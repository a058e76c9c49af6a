"""The smallest changes that would release what is withheld, found by asking the rules again.

Nothing is derived from the rules' texts: a change stands here only because the rules, asked with it,
released more or asked for fewer approvals. Every change is asked of every kind of portion, so the work is
bounded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from gateway.record.vocabulary import Rung
from policy.decision import Decision, Outcome
from policy.factor import Factor, Kind, Otherwise, Situation, apply, factors_of

MOST_QUESTIONS: Final = 4_000
"""How often the rules are asked again for one explanation, at most."""

_ALONE: Final = {Kind.APPROVAL, Kind.COARSER}
"""Factors that answer the question as it stands, and mean nothing beside another."""

Decide = Callable[[Situation], Decision]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What would have to be otherwise, and what would come of it: released, or held for `approvals`.

    `rung` is the finest that would leave of a portion; None where the change is about the whole record.
    """

    factors: tuple[Factor, ...]
    outcome: Outcome
    rung: Rung | None
    approvals: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """The smallest changes that help. Where there are none, `standing` are the rules that no change moved,
    or those that stand today.

    `complete` is False where the bound was reached before every pair was tried.
    """

    changes: tuple[Change, ...]
    standing: tuple[str, ...]
    complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedies:
    """What helps the record as a whole, where that is what stands in the way, and each of its portions.

    None where nothing is withheld. `questions` is how often the rules were asked.
    """

    record: Remedy | None
    portions: tuple[Remedy | None, ...]
    questions: int


def remedies(
    decide: Decide, situation: Situation, otherwise: Otherwise, *, most: int = MOST_QUESTIONS
) -> Remedies:
    """Return the smallest changes that would release more; never more than `most` questions are asked."""
    asking = _Asking(decide, most)
    decision = asking(situation)
    places = range(len(situation.portions))
    if decision is None:
        return Remedies(record=None, portions=tuple(None for _ in places), questions=asking.asked)
    record = None
    if decision.rules and (decision.outcome is Outcome.HELD or _is_shut(decision)):
        (record,) = _searched(asking, [_Search.of(situation, otherwise, decision)])
    if _is_shut(decision):
        return Remedies(record=record, portions=tuple(None for _ in places), questions=asking.asked)
    # Portions that are equal for every purpose have the same remedy.
    first: dict[object, int] = {}
    alike = [first.setdefault(_likeness(situation, otherwise, place), place) for place in places]
    wanting = [place for place in first.values() if _wants(decision, place)]
    wanting.sort(key=lambda place: decision.verdicts[place].rung is not None)
    searches = {}
    for place in wanting:
        alone = asking(situation.only(place))
        if alone is not None:
            searches[place] = _Search.of(situation.only(place), otherwise.only(place), alone)
    found = dict(zip(searches, _searched(asking, list(searches.values())), strict=True))
    unsearched = Remedy(changes=(), standing=(), complete=False)
    of_place = {place: found.get(place, unsearched) for place in wanting}
    return Remedies(
        record=record, portions=tuple(of_place.get(place) for place in alike), questions=asking.asked
    )


def _likeness(situation: Situation, otherwise: Otherwise, place: int) -> object:
    others = (asked.portions[place] for asked in otherwise.purposes.values())
    return (situation.portions[place], *others)


def _wants(decision: Decision, place: int) -> bool:
    verdict = decision.verdicts[place]
    return verdict.rung is None or verdict.withheld_finer or verdict.asked is not None


def _is_shut(decision: Decision) -> bool:
    """Whether the record as a whole may not go, so that no portion was looked at."""
    return (
        decision.outcome is Outcome.DENIED
        and bool(decision.rules)
        and all(verdict.rules == decision.rules for verdict in decision.verdicts)
    )


class _Asking:
    """Asks the rules until the bound is reached; None from then on."""

    def __init__(self, decide: Decide, most: int) -> None:
        self._decide = decide
        self._most = most
        self.asked = 0

    def __call__(self, situation: Situation) -> Decision | None:
        if self.asked >= self._most:
            return None
        self.asked += 1
        return self._decide(situation)


class _Search:
    """The search for one portion or record: what was found so far, and what stood throughout."""

    def __init__(self, situation: Situation, factors: list[Factor], before: Decision) -> None:
        self.situation = situation
        self.factors = factors
        self.before = before
        self.changes: list[Change] = []
        self.standing = _rules_of(before)
        self.complete = True

    @classmethod
    def of(cls, situation: Situation, otherwise: Otherwise, before: Decision) -> _Search:
        """Return the search that starts from a question and its answer."""
        return cls(situation, factors_of(situation, otherwise, before), before)

    def pairs(self) -> Iterator[tuple[Factor, ...]]:
        """Yield every two factors of different kinds that may stand together."""
        able = [factor for factor in self.factors if factor.kind not in _ALONE]
        return (pair for pair in combinations(able, 2) if pair[0].kind is not pair[1].kind)

    def try_each(self, asking: _Asking, sets: Iterable[tuple[Factor, ...]]) -> None:
        """Ask with each of these sets of factors, until the bound is reached."""
        for factors in sets:
            after = asking(apply(factors, self.situation))
            if after is None:
                self.complete = False
                return
            if _helps(self.before, after):
                self.changes.append(_change(factors, after))
            elif not _is_shut(after) or _is_shut(self.before):
                # An answer about the record as a whole says nothing of what stands before the portion.
                self.standing &= _rules_of(after)

    @property
    def remedy(self) -> Remedy:
        """What was found."""
        # Where no one rule stood throughout, what stands today is what there is to tell.
        standing = () if self.changes else tuple(sorted(self.standing or _rules_of(self.before)))
        return Remedy(changes=tuple(self.changes), standing=standing, complete=self.complete)


def _searched(asking: _Asking, searches: list[_Search]) -> list[Remedy]:
    """Return what was found: single factors for all first, pairs only where no single one helps."""
    for search in searches:
        search.try_each(asking, ((factor,) for factor in search.factors))
    for search in searches:
        if not search.changes and search.complete:
            search.try_each(asking, search.pairs())
    return [search.remedy for search in searches]


def _rules_of(decision: Decision) -> frozenset[str]:
    return frozenset(decision.rules).union(*(verdict.rules for verdict in decision.verdicts))


def _helps(before: Decision, after: Decision) -> bool:
    if after.outcome is Outcome.DENIED:
        return False
    if before.outcome is Outcome.DENIED:
        return True
    had, gets = _finest(before), _finest(after)
    if had is not None and gets is not None and gets < had:
        return True
    # A subset proper: whoever must agree now need not be asked any more.
    return after.approvals < before.approvals


def _change(factors: tuple[Factor, ...], after: Decision) -> Change:
    return Change(factors=factors, outcome=after.outcome, rung=_finest(after), approvals=after.approvals)


def _finest(decision: Decision) -> Rung | None:
    """Return what leaves of the one portion asked about, now or once it is approved."""
    if len(decision.verdicts) != 1:
        return None
    verdict = decision.verdicts[0]
    return verdict.asked or verdict.rung
