"""Rules asked every question: the matrix of their outcomes, and whether what must hold holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from policy.authoring.catalogue import PERMIT_EVERYTHING
from policy.authoring.invariants import check
from policy.authoring.matrix import Key, rows_of
from policy.authoring.sweep import Block, Sweep, blocks
from policy.cell import Cell
from policy.rulebook import Rulebook
from policy.vocabulary import UNKNOWN

AGREEMENT: Final = "rules asked together say what they say one by one"
OVERLAY: Final = "a rule that permits everything opens nothing that the floor forbids"
UNKNOWNS: Final = "nothing leaves without a legal basis, or of an unknown category or class"
_EVERY: Final = 199


@dataclass(slots=True, kw_only=True)
class Survey:
    """What came of it. `breaches` names for each invariant where it does not hold."""

    cells: int = 0
    questions: int = 0
    matrix: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    outcomes: Counter[str] = field(default_factory=Counter)
    asserted: Counter[str] = field(default_factory=Counter)
    breaches: dict[str, list[str]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether all that must hold holds."""
        return not self.breaches

    def note(self, invariant: str, asserted: int, breaches: Iterable[str]) -> None:
        """Count what was asserted and keep where it does not hold."""
        self.asserted[invariant] += asserted
        found = list(breaches)
        if found:
            self.breaches.setdefault(invariant, []).extend(found)


def survey_of(
    book: Rulebook, through: Callable[[list[Block]], Iterable[Block]] = lambda all_: all_
) -> Survey:
    """Return the survey of a rulebook; `through` may show how far it is while it yields the blocks."""
    survey, sweep = Survey(), Sweep(book)
    wide_open = book.overlaid(PERMIT_EVERYTHING)
    for block in through(blocks()):
        found = sweep.outcomes(block)
        survey.matrix.update(rows_of(block, found))
        for row in found.values():
            survey.outcomes.update(row)
        for name, checked in check(block, found).items():
            survey.note(name, checked.asserted, checked.breaches)
        _check_sample(survey, sweep, wide_open, block)
    survey.cells, survey.questions = survey.outcomes.total(), sweep.asked
    return survey


def _check_sample(survey: Survey, sweep: Sweep, wide_open: Rulebook, block: Block) -> None:
    name = " | ".join(block.name)
    sample = [cell for number, cell in enumerate(sweep.cells(block)) if number % _EVERY == 0]
    odd = [cell for cell in sample if sweep.answer(cell) != sweep.book.answer(cell)]
    survey.note(AGREEMENT, len(sample), [name] * len(odd))
    denied = [cell for cell in sample if not sweep.book.floor_answer(cell).allowed]
    opened = [cell for cell in denied if wide_open.answer(cell).allowed]
    survey.note(OVERLAY, len(denied), [name] * len(opened))
    blind = [unknown for cell in sample for unknown in _without(cell)]
    survey.note(UNKNOWNS, len(blind), [name for cell in blind if sweep.answer(cell).allowed])


def _without(cell: Cell) -> Iterator[Cell]:
    """Yield the question with one thing about it not known."""
    yield cell._replace(context=replace(cell.context, legal_basis=None))
    if cell.portion is not None:
        yield cell._replace(portion=replace(cell.portion, classes=frozenset()))
        yield cell._replace(portion=replace(cell.portion, category=UNKNOWN))
