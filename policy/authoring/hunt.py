"""Does a case notice? Every mutant takes its rule's place, and cases are tried until one comes out otherwise.

Cases that name the rule come first. A mutant that the validator refuses is noticed when rules are loaded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gateway.errors import Malformed
from policy.authoring.cases import Case
from policy.authoring.catalogue import floor_alone
from policy.authoring.mutation import Mutant, mutants_of
from policy.authoring.trial import differences, seen, shows
from policy.authoring.votes import OneRule, Said, Votes
from policy.bundle import Bundle
from policy.cell import Cell
from policy.procedure import Answer
from policy.rule import Layer, Rule
from policy.rulebook import Rulebook
from policy.statement import Statement, split


class Fate(StrEnum):
    """What became of a mutant."""

    REFUSED = "refused at load"
    NOTICED = "noticed"
    SURVIVED = "survived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A mutant, what became of it, and the case that noticed, if one did."""

    mutant: Mutant
    fate: Fate
    case: str = ""


class _Ask:
    """A rulebook that remembers what each rule said, and answers as if one of them were another."""

    def __init__(self, book: Rulebook) -> None:
        self.rules = book.rules
        self._votes = Votes(book)
        self._said: dict[Cell, Said] = {}

    def said(self, cell: Cell) -> Said:
        known = self._said.get(cell)
        if known is None:
            known = self._said[cell] = self._votes.said(cell)
        return known

    def changes(self, cell: Cell, rule: str, voter: OneRule | None) -> bool:
        """Tell whether the rule applies to the cell now and would not then, or the other way."""
        said = self.said(cell)
        return (rule in said.forbids or rule in said.permits) != bool(voter and voter(cell))

    def answer(self, cell: Cell, rule: str, voter: OneRule | None) -> Answer:
        said = self.said(cell)
        forbids = tuple(name for name in said.forbids if name != rule)
        permits = tuple(name for name in said.permits if name != rule)
        spoken = voter(cell) if voter else ()
        if self.rules[rule].effect == "forbid":
            return Said(forbids=forbids + spoken, permits=permits).answer
        return Said(forbids=forbids, permits=permits + spoken).answer


@dataclass(frozen=True, slots=True)
class _Tried:
    case: Case
    ask: _Ask
    cells: tuple[Cell, ...]


class Hunt:
    """Cases ready to be tried on mutants of a bundle. `failing` are those that fail on the rules as they are:
    they notice nothing. `own` are the ids of the agency's own rules.

    Raises:
        Malformed: a rule does not load.
    """

    def __init__(self, bundle: Bundle, cases: Sequence[Case]) -> None:
        self._book = Rulebook(bundle)
        self._statements = _statements(bundle, self._book.rules)
        whole, floor = _Ask(self._book), _Ask(floor_alone(bundle))
        tried = [_try(case, floor if case.floor_only else whole, self._book.rules) for case in cases]
        self._tried = [one for one in tried if one is not None]
        self.rules = frozenset(self._book.rules)
        self.own = tuple(rule.id for rule in self._book.rules.values() if rule.layer is Layer.LOCAL)
        self.failing = len(cases) - len(self._tried)

    def mutants(self, only: Sequence[str] = ()) -> list[Mutant]:
        """Return every mutant of the rules, or of those named."""
        return [
            mutant
            for name, statement in self._statements.items()
            if not only or name in only
            for mutant in mutants_of(name, self._book.rules[name].layer, statement)
        ]

    def judge(self, mutant: Mutant) -> Verdict:
        """Return what becomes of a mutant."""
        voter = None
        if mutant.statement is not None:
            try:
                voter = OneRule(self._book.alone(mutant.layer, mutant.statement))
            except Malformed as exc:
                return Verdict(mutant=mutant, fate=Fate.REFUSED, case=exc.message)
        for tried in sorted(self._tried, key=lambda one: one.case.rule != mutant.rule):
            if mutant.rule in tried.ask.rules and self._notices(tried, mutant.rule, voter):
                return Verdict(
                    mutant=mutant, fate=Fate.NOTICED, case=f"{tried.case.folder}/{tried.case.name}"
                )
        return Verdict(mutant=mutant, fate=Fate.SURVIVED)

    def _notices(self, tried: _Tried, rule: str, voter: OneRule | None) -> bool:
        # Where the rule says the same as before to everything that was asked, nothing can come out otherwise.
        if not any(tried.ask.changes(cell, rule, voter) for cell in tried.cells):
            return False
        found = seen(tried.case, lambda cell: tried.ask.answer(cell, rule, voter), tried.ask.rules)
        return bool(differences(tried.case, found)) or not shows(
            tried.case, found, self._book.rules[tried.case.rule]
        )


def _try(case: Case, ask: _Ask, rules: Mapping[str, Rule]) -> _Tried | None:
    """Return the case with all it asked; None where it fails."""
    cells: dict[Cell, None] = {}

    def asked(cell: Cell) -> Answer:
        cells[cell] = None
        return ask.said(cell).answer

    if case.rule not in rules:
        return None
    found = seen(case, asked, ask.rules)
    if differences(case, found) or not shows(case, found, rules[case.rule]):
        return None
    return _Tried(case, ask, tuple(cells))


def _statements(bundle: Bundle, rules: Mapping[str, Rule]) -> dict[str, Statement]:
    places = {(rule.file, rule.line): rule.id for rule in rules.values()}
    return {
        places[statement.file, statement.line]: statement
        for _, files in bundle.layers
        for file in files
        for statement in split(file)
    }
