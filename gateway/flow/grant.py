"""Granting: from verdicts to the portions that leave, or that would once every approval is given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from gateway.flow.decide import Verdicts
from gateway.flow.prepare import Submission
from gateway.flow.question import FieldKey, Question
from gateway.record.marking import Marking
from gateway.record.vocabulary import ObligationCode
from gateway.release.duty import merge_tokens
from gateway.release.hold import ORIGINATOR
from gateway.release.narrowing import Narrowing
from gateway.release.plan import Grant, Plan, Terms, plan
from policy.decision import Outcome, PortionVerdict
from policy.request import PortionAttributes

EMERGENCY_HOURS: Final = 24
"""How long what left in an emergency may be used. Source: rule VP-38."""
JOURNEY_HOURS: Final = 72
"""How long what is told of a journey under way may be used. Source: rule VP-13."""


_ALL: Final = Narrowing()
_OWN_LEAVE: Final = "RLO:1"


def plan_for(
    submission: Submission,
    question: Question,
    verdicts: Verdicts,
    now: datetime,
    narrowing: Narrowing = _ALL,
) -> Plan:
    """Return what would leave: for a hold, what its approvals would let leave."""
    return plan(
        submission.cuts,
        grants_of(verdicts, narrowing),
        Terms(
            recipient=question.recipient.id,
            marking=for_the_unit(submission.marking, question.stated.unit),
            entity_markings=submission.entity_markings,
            duties=required_of(verdicts, narrowing, own_leave=submission.own_leave),
            obligations=verdicts.decision.obligations,
            retain_until=submission.statement.retain_until,
            released_at_ms=int(now.timestamp() * 1000),
            use_hours=_use_hours(question, verdicts),
        ),
    )


def for_the_unit(marking: Marking, unit: str) -> Marking:
    """Return the marking with the restriction in words that only this unit may have it; as it is without one.

    A release has no member for a unit, so it travels as words: its people see them, they are signed, and
    whoever would pass the content on must have them read first.

    Source: ADR 0016.
    """
    if not unit or marking.nobody:
        return marking
    return replace(marking, notes=marking.notes | {f"for the unit {unit} only"})


def _use_hours(question: Question, verdicts: Verdicts) -> int | None:
    """Return after how many hours its use ends where a rule says that it expires (VP-13E, VP-38E)."""
    if ObligationCode.EXPIRE not in verdicts.decision.obligations:
        return None
    return EMERGENCY_HOURS if question.stated.threat else JOURNEY_HOURS


def grants_of(verdicts: Verdicts, narrowing: Narrowing = _ALL) -> Mapping[FieldKey, Grant]:
    """Return per field the rung that leaves once every approval the decision names is given."""
    held = verdicts.decision.outcome is Outcome.HELD
    grants = {key: _grant(*decided, held=held) for key, decided in verdicts.by_field.items()}
    return _narrowed(grants, verdicts, narrowing) if narrowing else grants


def required_of(
    verdicts: Verdicts, narrowing: Narrowing = _ALL, *, own_leave: bool = False
) -> tuple[str, ...]:
    """Return the approvals that what leaves of an own record rests on, sorted: those of fields that stay are
    needed no more.

    What the rules demand for the record as a whole stays demanded. Where they want the originator's consent
    and that is this agency's alone (`own_leave`), a releasing officer of its own gives it.
    """
    decision = verdicts.decision
    needed = set(decision.duties)
    if narrowing and decision.outcome is Outcome.HELD:
        needed = set(decision.duties) if decision.rules else set[str]()
        for grant in grants_of(verdicts, narrowing).values():
            needed.update(grant.lifts)
    if own_leave and any(token.partition(":")[0] == ORIGINATOR for token in needed):
        needed.add(_OWN_LEAVE)
    return merge_tokens(sorted(needed))


def _narrowed(
    grants: Mapping[FieldKey, Grant], verdicts: Verdicts, narrowing: Narrowing
) -> Mapping[FieldKey, Grant]:
    narrowed = dict(grants)
    for key in {*narrowing.withheld, *narrowing.coarser} & grants.keys():
        attributes, verdict = verdicts.by_field[key]
        rung = narrowing.rung(key, grants[key].rung, attributes.rungs)
        # What policy gives anyhow rests on nobody's approval.
        free = rung is None or (verdict.rung is not None and rung >= verdict.rung)
        narrowed[key] = grants[key]._replace(rung=rung, lifts=() if free else grants[key].lifts)
    return narrowed


def _grant(attributes: PortionAttributes, verdict: PortionVerdict, *, held: bool) -> Grant:
    if held and verdict.asked is not None:
        return Grant(verdict.asked, tuple(sorted(verdict.approvals)), attributes.facts)
    return Grant(verdict.rung, verdict.lifts_used, attributes.facts)
