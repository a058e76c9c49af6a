"""Deciding: what policy says about one record for one recipient, portion by portion.

The engine sees attributes only; here they are made from the record, the directory and the request.
Source: DESIGN section 5; PROTOCOL sections 3 (protection class) and 4 (decision).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from gateway.errors import GatewayError, Refused, Stale
from gateway.flow.gateway import Gateway
from gateway.flow.prepare import Submission
from gateway.record.marking import Marking
from gateway.record.portion import Cut
from gateway.record.subject import NOBODY, Subject, stricter_age, stricter_role
from gateway.record.vocabulary import Fact, Lane, LegalBasis, Purpose
from keys.member import Member
from policy.decision import Decision, PortionVerdict
from policy.request import UNMARKED, MarkingFacts, PortionAttributes, Recipient, ReleaseContext

FieldKey = tuple[str, int]
"""Travelling entity name and field number: what is decided on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """To whom, what for, how urgently, and what is asked beyond the default."""

    recipient: Recipient
    purpose: Purpose | None
    legal_basis: LegalBasis | None
    lane: Lane
    ask: frozenset[str]
    today: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """The decision, and for every (entity, field) the attributes it was decided on and its verdict."""

    decision: Decision
    by_field: Mapping[FieldKey, tuple[PortionAttributes, PortionVerdict]]


def recipient_of(gateway: Gateway, agency: str, now: datetime) -> Recipient:
    """Return the recipient's attributes from the signed directory.

    Raises:
        Refused: code `unknown-recipient`: not another member that takes part now.
        Stale: the directory, or what the recipient says of its keys, is too old to act on.
    """
    try:
        member, _ = gateway.directory.peer(agency, now)
    except Stale:
        raise
    except GatewayError as exc:
        raise Refused(f"{agency}: {exc.message}", code="unknown-recipient", field="recipients") from exc
    if agency == gateway.me:
        raise Refused("an agency does not send to itself", code="unknown-recipient", field="recipients")
    return _attributes_of(gateway, member, now.date())


def own_attributes(gateway: Gateway, now: datetime) -> Recipient:
    """Return this agency's own attributes, for judging by the own floor what others send."""
    return _attributes_of(gateway, gateway.directory.member(gateway.me), now.date())


def _attributes_of(gateway: Gateway, member: Member, today: date) -> Recipient:
    between = gateway.directory.agreements_between(gateway.me, member.id, today)
    communities = gateway.directory.communities_of(member.id, today)
    return Recipient(
        id=member.id,
        kind=member.kind.value,
        country=member.country,
        regime=member.regime.value,
        alert=member.alert,
        functions=frozenset(function.value for function in member.functions),
        communities=frozenset(community.id for community in communities),
        agreements=frozenset(agreement.id for agreement in between),
    )


def decide(gateway: Gateway, submission: Submission, question: Question) -> Verdicts:
    """Return the decision on one record for one recipient; the same attributes always give the same."""
    attributes = _attributes(gateway.me, submission, question)
    distinct = list(dict.fromkeys(attributes.values()))
    decision = gateway.engine.decide(
        question.recipient, _context(gateway, submission, question), distinct, question.ask
    )
    verdict_of = dict(zip(distinct, decision.verdicts, strict=True))
    return Verdicts(
        decision=decision,
        by_field={key: (value, verdict_of[value]) for key, value in attributes.items()},
    )


def _context(gateway: Gateway, submission: Submission, question: Question) -> ReleaseContext:
    marking = submission.marking
    of_marking = _marking_facts(gateway.me, marking, question)
    expired = submission.statement.retain_until < question.today or (
        marking.expires is not None and marking.expires < question.today
    )
    return ReleaseContext(
        purpose=question.purpose,
        legal_basis=question.legal_basis,
        lane=question.lane,
        approvals=frozenset(),
        self_id=gateway.me,
        originator=submission.statement.originator,
        recipient_releasable=of_marking.recipient_releasable,
        purpose_permitted=of_marking.purpose_permitted,
        consent_onward_needed=of_marking.consent_onward_needed,
        onward_consent=False,
        notes=of_marking.notes,
        expired=expired,
        provenance=marking.provenance,
    )


def _marking_facts(me: str, marking: Marking, question: Question) -> MarkingFacts:
    recipient = question.recipient
    return MarkingFacts(
        recipient_releasable=not marking.nobody
        and (marking.rel is None or recipient.id in marking.rel)
        and recipient.id not in marking.excl
        and marking.compart <= recipient.communities,
        purpose_permitted=marking.purposes is None or question.purpose in marking.purposes,
        # No originator named means the record's own, which is this agency: it needs nobody's leave.
        consent_onward_needed=any(originator not in ("", me) for originator, _ in marking.consent),
        notes=bool(marking.notes),
    )


def _attributes(me: str, submission: Submission, question: Question) -> dict[FieldKey, PortionAttributes]:
    by_field: dict[FieldKey, list[Cut]] = {}
    for piece in submission.cuts:
        by_field.setdefault((piece.entity, piece.field), []).append(piece)
    of_entity = {
        name: _marking_facts(me, marking, question) for name, marking in submission.entity_markings.items()
    }
    of_subject = {local: _facts(subject, question) for local, subject in submission.subjects.items()}
    of_subject[""] = _facts(NOBODY, question)
    found: dict[FieldKey, PortionAttributes] = {}
    for key, pieces in by_field.items():
        local = pieces[0].local
        subject = submission.subjects.get(local, NOBODY)
        found[key] = _of_field(pieces, subject, of_subject[local], of_entity.get(key[0], UNMARKED))
    return found


def _of_field(
    pieces: list[Cut], subject: Subject, attested: frozenset[Fact], marking: MarkingFacts
) -> PortionAttributes:
    """Return what one field is decided on: of its rungs the strictest role, age and classes."""
    first = pieces[0]
    role, age, classes, facts = first.role, first.age, first.classes, first.facts
    for piece in pieces[1:]:
        role, age = stricter_role(role, piece.role), stricter_age(age, piece.age)
        classes, facts = classes | piece.classes, facts & piece.facts
    # Text that names somebody beyond its own subject: nobody knows what that person agreed to.
    if role is subject.role and age is subject.age:
        facts |= attested
    rungs = tuple(piece.rung for piece in pieces)
    return _portion(first.category, classes, role, age, facts, rungs, subject.do_not_reinterview, marking)


@lru_cache(maxsize=16_384)
def _portion(*values: Any) -> PortionAttributes:
    """Return the one object for these attributes, so that equal portions share a verdict cheaply."""
    category, classes, role, age, facts, rungs, do_not_reinterview, marking = values
    return PortionAttributes(
        category=category,
        classes=classes,
        role=role,
        age=age,
        facts=facts,
        rungs=rungs,
        do_not_reinterview=do_not_reinterview,
        marking=marking,
    )


def _facts(subject: Subject, question: Question) -> frozenset[Fact]:
    """Return what may be attested about a subject to this recipient for this purpose; nothing by default."""
    facts = set()
    recipient = question.recipient
    if subject.is_safe_in(recipient.country):
        facts.add(Fact.COUNTRY_SAFE)
    if subject.is_supported_by(recipient.id):
        facts.add(Fact.SUPPORTS_SUBJECT)
    if question.purpose is not None and subject.has_consented(
        question.purpose, recipient.id, today=question.today
    ):
        facts.add(Fact.CONSENT_VALID)
    return frozenset(facts)
