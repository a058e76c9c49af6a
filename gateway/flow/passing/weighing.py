"""Weighing: what own policy would let go on of what another agency sent, and what it takes.

Facts that were attested for us say nothing of a third agency, so only those about the content itself count.
Whom the record may go to was not told: what the marking named is us alone. That question is the originator's,
and is what its consent answers.

Source: PROTOCOL sections 3 and 4; DESIGN section 5 (forward); THREATS A22; ADR 0021.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.flow.decide import kind_of, provenance_of
from gateway.flow.floor import attributes_of
from gateway.flow.gateway import Gateway
from gateway.flow.grant import JOURNEY_HOURS, for_the_unit
from gateway.flow.meaning import marking_facts
from gateway.flow.question import Question
from gateway.flow.retention import ends_ms, has_ended
from gateway.record.marking import BOTTOM
from gateway.record.moment import to_ms
from gateway.record.vocabulary import Fact, ObligationCode
from gateway.release.admitted import AdmittedRelease
from gateway.release.duty import merge_tokens
from gateway.release.hold import ORIGINATOR
from gateway.release.link import Key
from gateway.release.narrowing import Narrowing
from gateway.release.obligation import MS_IN_HOUR, end_of_day_ms
from gateway.release.onward import plan_onward
from gateway.release.plan import Grant, Plan, Terms
from policy.decision import Decision, PortionVerdict
from policy.request import PortionAttributes, ReleaseContext
from policy.vocabulary import Target

CONSENT: str = f"{ORIGINATOR}:1"
"""What every onward release rests on, whatever the rules say."""

_OF_CONTENT = frozenset({Fact.NOT_CURRENT, Fact.NOT_ABUSE_MATERIAL})
"""Facts of a portion that are so whoever receives it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """The decision about passing on, and for each portion its attributes, its verdict and its leaf."""

    question: Question
    decision: Decision
    by_field: Mapping[Key, tuple[PortionAttributes, PortionVerdict, bytes]]

    @property
    def duties(self) -> tuple[str, ...]:
        """What the onward release rests on: what the rules demand, and always the originator's consent."""
        return merge_tokens([*self.decision.duties, CONSENT])


def weigh(
    gateway: Gateway, received: AdmittedRelease, question: Question, now: datetime, *, consented: bool
) -> Weighed:
    """Return what own policy says to passing on what was received; `consented` once its originator agreed."""
    disclosure = received.disclosure
    portions = {
        (portion.entity, portion.field): (
            attributes_of(replace(protection, lifts=(), facts=protection.facts & _OF_CONTENT)),
            leaf,
        )
        for portion, protection, leaf in zip(
            disclosure.portions, disclosure.classes, disclosure.leaves, strict=True
        )
        # Nobody here can judge a field that this version does not know.
        if not portion.unknown_field
    }
    distinct = list(dict.fromkeys(attributes for attributes, _ in portions.values()))
    decision = gateway.engine.decide(
        question.recipient,
        _context(gateway, received, question, now, consented=consented),
        distinct,
        frozenset(),
    )
    verdicts = dict(zip(distinct, decision.verdicts, strict=True))
    return Weighed(
        question=question,
        decision=decision,
        by_field={
            key: (attributes, verdicts[attributes], leaf) for key, (attributes, leaf) in portions.items()
        },
    )


def planned(
    received: AdmittedRelease,
    weighed: Weighed,
    now: datetime,
    *,
    permitted: Collection[bytes] | None = None,
    narrowing: Narrowing = Narrowing(),  # noqa: B008  frozen
) -> Plan:
    """Return what would go on: of what own policy lets go the leaves `permitted`; None before it is known."""
    grants = {
        key: Grant(rung, verdict.lifts_used, attributes.facts)
        for key, (attributes, verdict, leaf) in weighed.by_field.items()
        if goes_on(verdict)
        and (permitted is None or leaf in permitted)
        and (rung := narrowing.rung(key, verdict.rung, attributes.rungs)) is not None
    }
    bound = {code for key in grants for code in weighed.by_field[key][1].obligations}
    terms = Terms(
        recipient=weighed.question.recipient.id,
        marking=for_the_unit(BOTTOM, weighed.question.stated.unit),
        entity_markings={},
        duties=weighed.duties,
        # What bound us binds whoever has it from us.
        obligations=tuple(sorted(bound | {one.code for one in received.release.obligations})),
        retain_until=received.disclosure.statement.retain_until,
        released_at_ms=to_ms(now),
        use_hours=_use_hours(received, bound, now),
    )
    return plan_onward(received, grants, terms)


def goes_on(verdict: PortionVerdict) -> bool:
    """Tell whether a portion may go on at all: not what the rules say is passed on to nobody."""
    return ObligationCode.NO_ONWARD not in verdict.obligations


def _use_hours(received: AdmittedRelease, bound: Collection[ObligationCode], now: datetime) -> int | None:
    """Return after how many hours its use ends; None where that is the end of its last day."""
    hours = [JOURNEY_HOURS] if ObligationCode.EXPIRE in bound else []
    if ends_ms(received.release) < end_of_day_ms(received.release.expires_at):
        hours.append((ends_ms(received.release) - to_ms(now)) // MS_IN_HOUR)
    return min(hours, default=None)


def _context(
    gateway: Gateway, received: AdmittedRelease, question: Question, now: datetime, *, consented: bool
) -> ReleaseContext:
    release, originator = received.release, received.disclosure.statement.originator
    marking = marking_facts(gateway.me, originator, replace(release.marking, rel=None), question)
    return ReleaseContext(
        purpose=question.purpose,
        legal_basis=question.legal_basis,
        lane=question.lane,
        approvals=frozenset({CONSENT}) if consented else frozenset(),
        self_id=gateway.me,
        self_kind=kind_of(gateway, gateway.me),
        originator=originator,
        marking=marking._replace(expired=marking.expired or has_ended(release, now)),
        onward_consent=False,
        provenance=provenance_of(release.marking.provenance, kind_of(gateway, originator)),
        from_provider=False,
        necessity=False,
        target=Target.UNKNOWN,
        correction=False,
        over_budget=False,
        break_glass=False,
        threat_stated=False,
        review_outstanding=False,
    )
