"""Deciding: what policy says about one record for one recipient, portion by portion.

The engine sees attributes only; here they are made from the record, the directory and the request.
Source: DESIGN section 5; PROTOCOL sections 3 (protection class) and 4 (decision).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache, reduce
from typing import NamedTuple

from gateway.errors import GatewayError, Refused, Stale
from gateway.flow.gateway import Gateway
from gateway.flow.meaning import marking_facts
from gateway.flow.prepare import Submission
from gateway.flow.question import Question
from gateway.record.classification import Classification
from gateway.record.portion import Cut
from gateway.record.subject import NOBODY, Subject, stricter_age, stricter_role
from gateway.record.subject_consent import ConsentState
from gateway.record.vocabulary import AgeClass, Fact, Provenance, RoleClass, Rung
from keys.member import Member
from policy.decision import Decision, PortionVerdict
from policy.request import UNMARKED, MarkingFacts, PortionAttributes, Recipient, ReleaseContext
from policy.vocabulary import RecipientKind

FieldKey = tuple[str, int]
"""Travelling entity name and field number: what is decided on."""


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


def kind_of(gateway: Gateway, agency: str) -> str:
    """Return what an agency is, as the directory says; empty where it does not list it."""
    try:
        return gateway.directory.member(agency).kind.value
    except GatewayError:
        return ""


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
        safeguards=any(agreement.safeguards for agreement in between),
    )


def decide(gateway: Gateway, submission: Submission, question: Question) -> Verdicts:
    """Return the decision on one record for one recipient; the same attributes always give the same."""
    attributes = _attributes(gateway.me, submission, question)
    distinct: dict[PortionAttributes, int] = {}
    places = [distinct.setdefault(value, len(distinct)) for value in attributes.values()]
    decision = gateway.engine.decide(
        question.recipient, _context(gateway, submission, question), list(distinct), question.stated.ask
    )
    # Fields with equal attributes share one pair, so that what follows from it is worked out once.
    decided = list(zip(distinct, decision.verdicts, strict=True))
    by_field = {key: decided[place] for key, place in zip(attributes, places, strict=True)}
    return Verdicts(decision=decision, by_field=by_field)


def _context(gateway: Gateway, submission: Submission, question: Question) -> ReleaseContext:
    stated, statement = question.stated, submission.statement
    of_marking = marking_facts(gateway.me, statement.originator, submission.marking, question)
    if statement.retain_until < question.today:
        of_marking = of_marking._replace(expired=True)
    self_kind = kind_of(gateway, gateway.me)
    return ReleaseContext(
        purpose=question.purpose,
        legal_basis=question.legal_basis,
        lane=question.lane,
        approvals=frozenset(),
        self_id=gateway.me,
        self_kind=self_kind,
        originator=statement.originator,
        marking=of_marking,
        onward_consent=False,
        provenance=provenance_of(
            submission.marking.provenance.union(*(m.provenance for m in submission.entity_markings.values())),
            kind_of(gateway, statement.originator),
        ),
        from_provider=self_kind == RecipientKind.NGO and statement.originator == gateway.me,
        necessity=bool(stated.necessity.strip()),
        target=stated.target,
        correction=bool(statement.supersedes),
        over_budget=question.over_budget,
        break_glass=bool(stated.threat),
        threat_stated=bool(stated.threat.strip()),
        review_outstanding=question.review_outstanding,
    )


def provenance_of(named: frozenset[Provenance], originator_kind: str) -> frozenset[Provenance]:
    """Return every kind of source a record names, and that of a support organisation whose own it is. Where
    none is named it is its originator's.
    """
    if originator_kind == RecipientKind.NGO:
        return named | {Provenance.NGO}
    own = Provenance.PRIVATE if originator_kind == RecipientKind.PRIVATE else Provenance.OFFICIAL
    # Of an originator nobody knows nothing is assumed: the floor takes it for the strictest.
    return named or (frozenset({own}) if originator_kind else named)


def _attributes(me: str, submission: Submission, question: Question) -> dict[FieldKey, PortionAttributes]:
    by_field: dict[FieldKey, list[Cut]] = {}
    for piece in submission.cuts:
        by_field.setdefault(piece[:2], []).append(piece)
    of_entity = {
        name: marking_facts(me, submission.statement.originator, marking, question)
        for name, marking in submission.entity_markings.items()
    }
    of_subject = {local: _told(subject, question) for local, subject in submission.subjects.items()}
    nobody = _told(NOBODY, question)
    found: dict[FieldKey, PortionAttributes] = {}
    for key, pieces in by_field.items():
        subject = of_subject.get(pieces[0].local, nobody)
        found[key] = _of_field(
            tuple([piece[2:4] for piece in pieces]), subject, of_entity.get(key[0], UNMARKED)
        )
    return found


@lru_cache(maxsize=16_384)
def _of_field(
    rungs: tuple[tuple[Rung, Classification], ...], subject: _Told, marking: MarkingFacts
) -> PortionAttributes:
    """Return what one field is decided on: of its rungs the strictest role, age and classes.

    Remembered, for few questions are asked again and again; equal fields then share one object.
    """
    counts = reduce(_stricter, (one for _, one in rungs))
    facts = counts.facts
    # Text that names somebody beyond its own subject: nobody knows what that person agreed to.
    if counts.role is subject.role and counts.age is subject.age:
        facts |= subject.attested
    return PortionAttributes(
        category=counts.category,
        classes=counts.classes,
        role=counts.role,
        age=counts.age,
        facts=facts,
        consent=subject.consent,
        rungs=tuple(rung for rung, _ in rungs),
        do_not_reinterview=subject.do_not_reinterview,
        harmful_wording=counts.harmful_wording,
        graded=counts.graded,
        singles_out=False,
        count=0,
        marking=marking,
    )


def _stricter(finer: Classification, coarser: Classification) -> Classification:
    return Classification(
        finer.category,
        finer.classes | coarser.classes,
        stricter_role(finer.role, coarser.role),
        stricter_age(finer.age, coarser.age),
        finer.facts & coarser.facts,
        finer.harmful_wording or coarser.harmful_wording,
        finer.graded and coarser.graded,
    )


class _Told(NamedTuple):
    """What decisions need of a subject itself; `attested` and `consent` are so to this recipient for this
    purpose.
    """

    role: RoleClass
    age: AgeClass
    consent: ConsentState
    do_not_reinterview: bool
    attested: frozenset[Fact]


def _told(subject: Subject, question: Question) -> _Told:
    """Return what is told of a subject; nothing is attested by default."""
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
    if question.stated.threat:
        facts.add(Fact.BREAK_GLASS)
    if subject.guardians_cleared:
        facts.add(Fact.GUARDIAN_CLEARED)
    consent = subject.consent_state(question.purpose, recipient.id, today=question.today)
    return _Told(subject.role, subject.age, consent, subject.do_not_reinterview, frozenset(facts))
