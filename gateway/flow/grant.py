"""Granting: from verdicts to the portions that leave, or that would once every approval is given."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from gateway.flow.decide import FieldKey, Verdicts
from gateway.flow.prepare import Submission
from gateway.flow.question import Question
from gateway.record.vocabulary import ObligationCode
from gateway.release.plan import Grant, Plan, Terms, plan
from policy.decision import Outcome, PortionVerdict
from policy.request import PortionAttributes

EMERGENCY_HOURS: Final = 24
"""How long what left in an emergency may be used. Source: rule VP-38."""
JOURNEY_HOURS: Final = 72
"""How long what is told of a journey under way may be used. Source: rule VP-13."""


def plan_for(submission: Submission, question: Question, verdicts: Verdicts, now: datetime) -> Plan:
    """Return what would leave: for a hold, what its approvals would let leave."""
    return plan(
        submission.cuts,
        grants_of(verdicts),
        Terms(
            recipient=question.recipient.id,
            marking=submission.marking,
            entity_markings=submission.entity_markings,
            duties=verdicts.decision.duties,
            obligations=verdicts.decision.obligations,
            retain_until=submission.statement.retain_until,
            released_at_ms=int(now.timestamp() * 1000),
            use_hours=_use_hours(question, verdicts),
        ),
    )


def _use_hours(question: Question, verdicts: Verdicts) -> int | None:
    """Return after how many hours its use ends where a rule says that it expires (VP-13E, VP-38E)."""
    if ObligationCode.EXPIRE not in verdicts.decision.obligations:
        return None
    return EMERGENCY_HOURS if question.stated.threat else JOURNEY_HOURS


def grants_of(verdicts: Verdicts) -> Mapping[FieldKey, Grant]:
    """Return per field the rung that leaves once every approval the decision names is given."""
    held = verdicts.decision.outcome is Outcome.HELD
    return {key: _grant(*decided, held=held) for key, decided in verdicts.by_field.items()}


def _grant(attributes: PortionAttributes, verdict: PortionVerdict, *, held: bool) -> Grant:
    if held and verdict.asked is not None:
        return Grant(verdict.asked, tuple(sorted(verdict.approvals)), attributes.facts)
    return Grant(verdict.rung, verdict.lifts_used, attributes.facts)
