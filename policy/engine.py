"""The rules at work: decisions by one bundle, proved before the first one, remembered by the question.

What the rules say to one cell comes from the `Rulebook`, which makes every doubt a deny.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import count
from typing import Final

from gateway.errors import Malformed, Misconfigured
from gateway.record.categories import CATEGORIES
from gateway.record.vocabulary import Rung
from policy.bundle import FLOOR_DIGEST, Bundle, floor_digest
from policy.canary import check_canaries
from policy.cell import Action, Cell
from policy.decision import ENGINE_ERROR, Decision, Opinion, PortionVerdict
from policy.memory import Memory
from policy.procedure import (
    Question,
    Reading,
    conclude,
    opinion_of,
    read_act,
    read_portion,
    read_record,
    withheld,
)
from policy.request import Interviewee, PortionAttributes, Recipient, ReleaseContext
from policy.rule import Layer
from policy.rulebook import Rulebook, warn
from policy.vocabulary import check_approvals

_MOST_DECISIONS: Final = 4_096
_MOST_VERDICTS: Final = 65_536


class Engine:
    """Decides by one bundle of rules, loaded whole and proved by canaries before the first decision.

    `alarm` is told of every evaluation that failed. Decisions are remembered under the whole question.

    Raises:
        Malformed: a rule does not load; the field names file and line.
        Misconfigured: code `floor-altered` or `floor-canary`: the floor is not the one that was reviewed, or
            it does not protect.
    """

    def __init__(self, bundle: Bundle, *, alarm: Callable[[str], None] = warn) -> None:
        if floor_digest(bundle.floor) != FLOOR_DIGEST:
            raise Misconfigured("the floor is not the one that was reviewed", code="floor-altered")
        self.rulebook = Rulebook(bundle, alarm=alarm)
        self.rules = self.rulebook.rules
        self.policy_digest = bundle.digest
        self._scopes: Memory[tuple[int, Reading]] = Memory(_MOST_DECISIONS)
        self._scope_numbers = count()
        self._verdicts: Memory[PortionVerdict] = Memory(_MOST_VERDICTS)
        self._decisions: Memory[Decision] = Memory(_MOST_DECISIONS)
        self._forbidding: Memory[tuple[str, ...]] = Memory(_MOST_VERDICTS)
        floor = {rule.id for rule in self.rules.values() if rule.layer is Layer.FLOOR}
        check_canaries(floor, self.rulebook.answer, self.rulebook.floor_answer)

    @property
    def evaluations(self) -> int:
        """How many cells the rules were asked about since they were loaded."""
        return self.rulebook.evaluations

    def decide(
        self,
        recipient: Recipient,
        context: ReleaseContext,
        portions: Sequence[PortionAttributes],
        ask: frozenset[str],
    ) -> Decision:
        """Return what may leave of these portions; `ask` names the categories of which more is wanted.

        Raises:
            Malformed: code `unknown-category`: `ask` names a category that is not in the catalogue.
        """
        key = (recipient, context, ask, tuple(portions))
        known = self._decisions.get(key)
        if known is not None:
            return known
        if ask - CATEGORIES.keys():
            # Not named: whoever asks knows, and nobody else reads it in a log.
            raise Malformed("names what is no category of information", field="ask", code="unknown-category")
        question = Question(recipient=recipient, context=context, ask=self.rulebook.answer, rules=self.rules)
        scope, head = self._scope(question)
        verdicts = [
            self._verdict(question, scope, portion, portion.category in ask)
            if head.open
            else withheld(head.rules)
            for portion in portions
        ]
        decision = conclude(head, verdicts, self.policy_digest, self.rules)
        failed = any(reason.rule == ENGINE_ERROR for reason in decision.reasons)
        return decision if failed else self._decisions.put(key, decision)

    def floor_forbids(
        self,
        recipient: Recipient,
        portion: PortionAttributes,
        context: ReleaseContext,
        *,
        rung: Rung,
        lifts: frozenset[str],
    ) -> tuple[str, ...]:
        """Return the ids of floor rules that forbid this agency to hold the portion; empty if it may come in.

        `recipient` is this agency itself; role, age and facts are what the sender attests, `lifts` the
        approvals it says it had.

        Raises:
            Malformed: a lift is not a known approval.
        """
        key = (recipient, portion, context, rung, lifts)
        known = self._forbidding.get(key)
        if known is not None:
            return known
        check_approvals(lifts, "lifts")
        answer = self.rulebook.floor_answer(Cell("disclose", recipient, context, lifts, portion, rung))
        forbidding = () if answer.allowed else answer.rules
        return forbidding if answer.failed else self._forbidding.put(key, forbidding)

    def weigh(
        self,
        action: Action,
        recipient: Recipient,
        context: ReleaseContext,
        *,
        portion: PortionAttributes | None = None,
        interviewee: Interviewee | None = None,
        hit: bool = False,
    ) -> Opinion:
        """Return what the rules say to one act on one thing: matching, use in court, asking for an interview.

        Approvals in the context count; those that would be needed are named.
        """
        question = Question(recipient=recipient, context=context, ask=self.rulebook.answer, rules=self.rules)
        cell = Cell(action, recipient, context, frozenset(), portion, None, interviewee, hit)
        return opinion_of(read_act(question, cell), self.rules)

    def _scope(self, question: Question) -> tuple[int, Reading]:
        key = (question.recipient, question.context)
        known = self._scopes.get(key)
        if known is not None:
            return known
        scope = (next(self._scope_numbers), read_record(question))
        return scope if ENGINE_ERROR in scope[1].rules else self._scopes.put(key, scope)

    def _verdict(
        self, question: Question, scope: int, portion: PortionAttributes, asked: bool
    ) -> PortionVerdict:
        key = (scope, portion, asked)
        known = self._verdicts.get(key)
        if known is not None:
            return known
        verdict = read_portion(question, portion, asked=asked)
        return verdict if ENGINE_ERROR in verdict.rules else self._verdicts.put(key, verdict)
