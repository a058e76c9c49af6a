"""How answers of the rules become a verdict: the finest rung that may leave, and what more would take.

Pure: it sees the rules through one function that answers a cell. Approvals count only where more was asked
for, so that an approval given for a name never lets a document number go along.
Source: DESIGN section 5, procedure per recipient.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from gateway.record.vocabulary import ObligationCode, Rung
from policy.cell import Action, Cell
from policy.decision import (
    DEFAULT_DENY,
    ENGINE_ERROR,
    OWN_REASONS,
    Decision,
    Opinion,
    Outcome,
    PortionVerdict,
    Reason,
)
from policy.request import PortionAttributes, Recipient, ReleaseContext
from policy.rule import Rule
from policy.vocabulary import EMERGENCY, satisfied


class Answer(NamedTuple):
    """What the rules say to one cell: permits if allowed, else what forbids it, sorted; never both."""

    allowed: bool
    rules: tuple[str, ...]

    @property
    def failed(self) -> bool:
        """Whether the rules could not be evaluated; such an answer is always a deny."""
        return ENGINE_ERROR in self.rules


FAILED: Final = Answer(allowed=False, rules=(ENGINE_ERROR,))

Ask = Callable[[Cell], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How one question may be satisfied: `used` are the approvals it rests on, `missing` those not yet given.

    With `open` false no approval helps. `rules` are the ids that still stand before it, `permits` those that
    allow it.
    """

    open: bool
    used: frozenset[str]
    missing: frozenset[str]
    rules: tuple[str, ...]
    permits: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """The circumstances that all cells of one decision share, and the rules that answer."""

    recipient: Recipient
    context: ReleaseContext
    ask: Ask
    rules: Mapping[str, Rule]

    def cell(
        self,
        action: Action,
        approvals: frozenset[str] = frozenset(),
        portion: PortionAttributes | None = None,
        rung: Rung | None = None,
    ) -> Cell:
        """Return the cell of this question."""
        return Cell(action, self.recipient, self.context, approvals, portion, rung)


def read_record(question: Question) -> Reading:
    """Return whether the record may go to the recipient at all, and with which approvals."""
    actions: list[Action] = ["release"] if question.context.own_record else ["release", "forward"]
    readings = [_read(question, question.cell(action)) for action in actions]
    return Reading(
        open=all(reading.open for reading in readings),
        used=_union(reading.used for reading in readings),
        missing=_union(reading.missing for reading in readings),
        rules=_sorted_union(reading.rules for reading in readings),
        permits=_sorted_union(reading.permits for reading in readings),
    )


def read_act(question: Question, cell: Cell) -> Reading:
    """Return whether one act on one thing is open, and with which approvals."""
    return _read(question, cell)


def opinion_of(reading: Reading, rules: Mapping[str, Rule]) -> Opinion:
    """Return what a reading of one act comes to."""
    outcome = Outcome.DENIED if not reading.open else Outcome.HELD if reading.missing else Outcome.RELEASE
    return Opinion(
        outcome=outcome,
        approvals=reading.missing,
        rules=reading.rules,
        permits=reading.permits,
        reasons=tuple(_reason(rule, rules) for rule in sorted({*reading.rules, *reading.permits})),
    )


def read_portion(question: Question, portion: PortionAttributes, *, asked: bool) -> PortionVerdict:
    """Return the verdict on one portion of a record that may go.

    An evaluation that fails withholds the portion at every rung.
    """
    before: list[tuple[Rung, Answer]] = []
    free: Rung | None = None
    permits: tuple[str, ...] = ()
    for rung in portion.rungs:
        answer = question.ask(question.cell("disclose", frozenset(), portion, rung))
        if answer.failed:
            return withheld((ENGINE_ERROR,))
        if answer.allowed:
            free, permits = rung, answer.rules
            break
        before.append((rung, answer))
    # Done even if no more was asked for: whoever reads why must not be told of approvals that open nothing.
    found, tried = _finer(question, portion, before)
    if ENGINE_ERROR in tried:
        return withheld((ENGINE_ERROR,))
    rules = _sorted_union((*(answer.rules for _, answer in before), tried))
    verdict = PortionVerdict(rung=free, withheld_finer=bool(before), rules=rules, permits=permits)
    if asked and found is not None:
        verdict = _with_finer(verdict, portion, *found, tried)
    return _with_duties(question, portion, verdict)


def withheld(rules: tuple[str, ...]) -> PortionVerdict:
    """Return the verdict on a portion that stays, whatever is approved."""
    return PortionVerdict(rung=None, withheld_finer=True, rules=rules, permits=())


def conclude(
    head: Reading, verdicts: Sequence[PortionVerdict], policy_digest: bytes, rules: Mapping[str, Rule]
) -> Decision:
    """Return the decision that follows from the reading of the record and the verdicts on its portions."""
    leaves = head.open and any(verdict.rung or verdict.asked for verdict in verdicts)
    missing = head.missing | _union(verdict.approvals for verdict in verdicts) if leaves else frozenset()
    used = head.used | _union(verdict.lifts_used for verdict in verdicts) if leaves else frozenset()
    outcome = Outcome.DENIED if not leaves else Outcome.HELD if missing else Outcome.RELEASE
    mentioned = {*head.rules, *head.permits}
    for verdict in set(verdicts):
        mentioned.update(verdict.rules, verdict.permits)
    if not leaves and not mentioned:
        mentioned.add(DEFAULT_DENY)
    return Decision(
        outcome=outcome,
        verdicts=tuple(verdicts),
        approvals=missing,
        duties=tuple(sorted(missing | used)),
        obligations=tuple(sorted({code for verdict in verdicts for code in verdict.obligations})),
        policy_digest=policy_digest,
        rules=head.rules,
        reasons=tuple(_reason(rule, rules) for rule in sorted(mentioned)),
    )


def _read(question: Question, cell: Cell) -> Reading:
    """Read one cell without approvals, then with those that the rules before it would need."""
    answer = question.ask(cell._replace(approvals=frozenset()))
    if answer.allowed:
        return Reading(open=True, used=frozenset(), missing=frozenset(), rules=(), permits=answer.rules)
    return _lifted(question, cell, answer)


def _lifted(question: Question, cell: Cell, denied: Answer) -> Reading:
    shut = Reading(open=False, used=frozenset(), missing=frozenset(), rules=denied.rules, permits=())
    if denied.failed:
        return shut
    given = question.context.approvals
    needed = _lifts(denied.rules, question.rules)
    # What the rules name comes first, and alone, so that what is said to open them is what does. What was
    # given may open them by another way, or both together. In mortal danger duty officers come before all;
    # of several ways the one that still needs the fewest duties counts.
    ways = [given] if needed is None else [needed, given, needed | given]
    ways = [*_in_danger(question, cell), *ways]
    tried = set(denied.rules)
    waiting: Reading | None = None
    for way in dict.fromkeys(way for way in ways if way):
        # Without asking again officers would be troubled in vain: what no longer forbids does not permit.
        answer = question.ask(cell._replace(approvals=way))
        if answer.failed:
            return replace(shut, rules=answer.rules)
        if not answer.allowed:
            tried.update(answer.rules if way == needed else ())
            continue
        missing = way - satisfied(given)
        if not missing:
            return Reading(open=True, used=way, missing=missing, rules=(), permits=answer.rules)
        if waiting is None or len(missing) < len(waiting.missing):
            used = way - missing
            waiting = Reading(open=True, used=used, missing=missing, rules=denied.rules, permits=answer.rules)
    return waiting or replace(shut, rules=tuple(sorted(tried)))


def _in_danger(question: Question, cell: Cell) -> list[frozenset[str]]:
    """Return the ways that mortal danger opens: duty officers alone, or with whom they cannot replace."""
    if not question.context.break_glass:
        return []
    alone = frozenset({EMERGENCY})
    answer = question.ask(cell._replace(approvals=alone))
    more = None if answer.allowed or answer.failed else _lifts(answer.rules, question.rules)
    return [alone] if more is None else [alone, alone | more]


def _lifts(denying: Sequence[str], rules: Mapping[str, Rule]) -> frozenset[str] | None:
    """Return the approvals that all of these rules name; None where one of them cannot be lifted."""
    needed: set[str] = set()
    for name in denying:
        rule = rules.get(name)
        if rule is None or not rule.lifts:
            return None
        needed |= rule.lifts
    return frozenset(needed)


def _finer(
    question: Question, portion: PortionAttributes, before: Sequence[tuple[Rung, Answer]]
) -> tuple[tuple[Rung, Reading] | None, tuple[str, ...]]:
    """Return the finest rung that approvals open and how, and the rules that keep what is finer still."""
    tried: set[str] = set()
    for rung, answer in before:
        reading = _lifted(question, question.cell("disclose", frozenset(), portion, rung), answer)
        if reading.open:
            return (rung, reading), tuple(sorted(tried))
        tried.update(reading.rules)
    return None, tuple(sorted(tried))


def _with_finer(
    verdict: PortionVerdict, portion: PortionAttributes, rung: Rung, reading: Reading, tried: tuple[str, ...]
) -> PortionVerdict:
    used = tuple(sorted(reading.used))
    if reading.missing:
        return replace(verdict, asked=rung, approvals=reading.missing, lifts_used=used)
    return PortionVerdict(
        rung=rung,
        withheld_finer=rung is not portion.rungs[0],
        rules=tried,
        permits=reading.permits,
        lifts_used=used,
    )


def _with_duties(question: Question, portion: PortionAttributes, verdict: PortionVerdict) -> PortionVerdict:
    codes: set[ObligationCode] = set()
    for rung in (verdict.rung, verdict.asked):
        if rung is None:
            continue
        answer = question.ask(question.cell("discloseUnbound", frozenset(), portion, rung))
        if answer.failed:
            return withheld((ENGINE_ERROR,))
        for name in answer.rules:
            rule = question.rules.get(name)
            codes.update(rule.obligations if rule else ())
    return replace(verdict, obligations=tuple(sorted(codes))) if codes else verdict


def _reason(name: str, rules: Mapping[str, Rule]) -> Reason:
    own = OWN_REASONS.get(name)
    if own is not None:
        return own
    rule = rules[name]
    return Reason(rule=rule.id, text=rule.reason, source=rule.source)


def _union(sets: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(member for one in sets for member in one)


def _sorted_union(sets: Iterable[Iterable[str]]) -> tuple[str, ...]:
    return tuple(sorted(_union(sets)))
