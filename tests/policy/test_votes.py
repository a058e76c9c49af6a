"""Rules asked one by one say together what they say when asked together."""

from __future__ import annotations

from functools import cache

from hypothesis import given as hypothesis_given
from hypothesis import strategies as st

from gateway.record.vocabulary import Rung
from policy.authoring.catalogue import shipped_cases
from policy.authoring.trial import seen
from policy.authoring.votes import Votes
from policy.cell import Action, Cell
from policy.procedure import FAILED, Answer
from policy.request import PortionAttributes, Recipient, ReleaseContext
from policy.rulebook import Rulebook
from tests.policy import given
from tests.policy.test_sweep import _contexts, _portions, _recipients

_ACTIONS = st.sampled_from(["disclose", "discloseUnbound", "judicialUse", "deconflict"])


@cache
def _votes() -> Votes:
    return Votes(given.shipped().rulebook)


def test_votes_answer_every_question_of_the_cases_as_the_rulebook_does() -> None:
    book, asked = given.shipped().rulebook, set[Cell]()

    def ask(cell: Cell) -> Answer:
        asked.add(cell)
        return book.answer(cell)

    for case in shipped_cases():
        seen(case, ask, book.rules)

    assert len(asked) > 100
    assert [cell for cell in asked if _votes().answer(cell) != book.answer(cell)] == []
    assert [cell for cell in asked if _votes().floor_answer(cell) != book.floor_answer(cell)] == []


@hypothesis_given(_recipients, _contexts, _portions, st.sampled_from(Rung), _ACTIONS)
def test_votes_answer_any_question_as_the_rulebook_does(
    recipient: Recipient, context: ReleaseContext, portion: PortionAttributes, rung: Rung, action: Action
) -> None:
    by_rung = rung if action.startswith("disclose") else None
    cell = Cell(action, recipient, context, context.approvals, portion, by_rung)

    answer = _votes().answer(cell)

    assert answer == given.shipped().rulebook.answer(cell)


def test_a_rule_that_cannot_be_asked_makes_the_answer_a_failure() -> None:
    told: list[str] = []
    book = Rulebook(given.shipped_bundle(), alarm=told.append)
    without_rung = Cell("disclose", given.POLICE, given.ASKED, frozenset(), given.NAME, None)

    answer = Votes(book).answer(without_rung)

    assert answer == FAILED == book.answer(without_rung)
    assert told
