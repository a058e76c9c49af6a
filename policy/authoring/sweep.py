"""Every question that the closed lists can make, asked of the rules: what leaves, and what must never leave.

The matrix holds an outcome for every recipient kind, purpose, category, role, age and rung, in a few
situations: circumstances that many rules ask for together.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from typing import Final, NamedTuple

from gateway.record.categories import CATEGORIES
from gateway.record.subject_consent import ConsentState
from gateway.record.vocabulary import AgeClass, Fact, Lane, LegalBasis, Purpose, RoleClass, Rung
from policy.authoring.cases import classes_of
from policy.authoring.votes import Votes
from policy.cell import Cell
from policy.procedure import Answer, Question, Reading, read_act, read_record
from policy.request import PortionAttributes, Recipient, ReleaseContext
from policy.rulebook import Rulebook
from policy.usual import ASKED, NAME, POLICE
from policy.vocabulary import UNKNOWN, RecipientKind, Target

RELEASED: Final = "released"
WITHHELD: Final = "withheld"
HELD_FOR: Final = "held for "

KINDS: Final = tuple(kind.value for kind in RecipientKind)
PURPOSES: Final[tuple[Purpose | None, ...]] = (*Purpose, None)


class Situation(NamedTuple):
    """Circumstances that many rules ask for together, and what is attested of the person."""

    name: str
    context: ReleaseContext
    portion: PortionAttributes
    recipient: Recipient = POLICE


_ATTESTED: Final = frozenset(Fact) - {Fact.BREAK_GLASS}
SITUATIONS: Final = (
    Situation("nothing attested", ASKED, replace(NAME, facts=frozenset())),
    Situation(
        "all attested",
        replace(ASKED, legal_basis=LegalBasis.CONSENT, necessity=True, target=Target.OTHERS),
        replace(NAME, facts=_ATTESTED, consent=ConsentState.GIVEN),
    ),
    Situation(
        "mortal danger",
        replace(
            ASKED,
            legal_basis=LegalBasis.VITAL_INTEREST,
            lane=Lane.THREAT_TO_LIFE,
            necessity=True,
            break_glass=True,
            threat_stated=True,
        ),
        replace(NAME, facts=frozenset({Fact.BREAK_GLASS, Fact.COUNTRY_SAFE})),
    ),
)
"""What the matrix is made for: nothing known, everything in order, and an emergency."""


class Block(NamedTuple):
    """One recipient kind asking for one purpose in one situation: all categories, roles and ages."""

    situation: Situation
    kind: str
    purpose: Purpose | None

    @property
    def name(self) -> tuple[str, str, str]:
        """Situation, kind and purpose in words."""
        return self.situation.name, self.kind, self.purpose.token if self.purpose else UNKNOWN


class Place(NamedTuple):
    """Whose information of what category, told of in a block."""

    category: str
    role: RoleClass
    age: AgeClass

    @property
    def classes(self) -> frozenset[str]:
        """The classes that the catalogue gives it."""
        return classes_of(self.category, self.role)


Outcomes = Mapping[Place, tuple[str, ...]]
"""What becomes of each rung of each place, exact first."""


def blocks() -> list[Block]:
    """Return all blocks, in the order of the matrix."""
    return [Block(*parts) for parts in itertools.product(SITUATIONS, KINDS, PURPOSES)]


@cache
def places() -> tuple[Place, ...]:
    """Return all places, in the order of the matrix."""
    return tuple(Place(*parts) for parts in itertools.product(sorted(CATEGORIES), RoleClass, AgeClass))


def rungs_of(category: str) -> tuple[Rung, ...]:
    """Return the rungs at which a category exists."""
    generalised, coarse = CATEGORIES[category].ladder
    ladder = ((Rung.EXACT, "exact"), (Rung.GENERALISED, generalised), (Rung.COARSE, coarse))
    return tuple(rung for rung, generaliser in ladder if generaliser)


def cells_in_matrix() -> int:
    """Return how many outcomes the matrix holds."""
    return len(blocks()) * sum(len(rungs_of(place.category)) for place in places())


@cache
def _portion(situation: Situation, place: Place) -> PortionAttributes:
    return replace(
        situation.portion,
        category=place.category,
        classes=place.classes,
        role=place.role,
        age=place.age,
        rungs=rungs_of(place.category),
    )


class Sweep:
    """Rules asked of every block; `asked` counts the questions they answered."""

    def __init__(self, book: Rulebook) -> None:
        self.book = book
        self.asked = 0
        self._votes = Votes(book)

    def outcomes(self, block: Block) -> Outcomes:
        """Return what becomes of everything in a block."""
        question = self._question(block)
        head = read_record(question)
        return {place: self._line(question, head, block.situation, place) for place in places()}

    def answer(self, cell: Cell) -> Answer:
        """Return what the rules, asked one by one, say to a cell."""
        return self._votes.answer(cell)

    def cells(self, block: Block) -> Iterator[Cell]:
        """Yield the questions of a block, without approvals."""
        question = self._question(block)
        for place in places():
            portion = _portion(block.situation, place)
            for rung in portion.rungs:
                yield question.cell("disclose", portion=portion, rung=rung)

    def _question(self, block: Block) -> Question:
        recipient = replace(block.situation.recipient, kind=block.kind)
        context = replace(block.situation.context, purpose=block.purpose)
        return Question(recipient=recipient, context=context, ask=self._ask, rules=self.book.rules)

    def _ask(self, cell: Cell) -> Answer:
        self.asked += 1
        return self._votes.answer(cell)

    def _line(self, question: Question, head: Reading, situation: Situation, place: Place) -> tuple[str, ...]:
        portion = _portion(situation, place)
        found = []
        for rung in portion.rungs:
            reading = read_act(question, question.cell("disclose", portion=portion, rung=rung))
            found.append(_in_words(head, reading))
        return tuple(found)


def _in_words(head: Reading, reading: Reading) -> str:
    if not (head.open and reading.open):
        return WITHHELD
    missing = head.missing | reading.missing
    return f"{HELD_FOR}{' '.join(sorted(missing))}" if missing else RELEASED


def looseness(outcome: str) -> int:
    """Order outcomes: withheld, held, released."""
    return {WITHHELD: 0, RELEASED: 2}.get(outcome, 1)
