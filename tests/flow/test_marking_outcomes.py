"""What a marking does to a decision: stricter ones never let more out, and neither do several together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given, settings

from gateway.flow.meaning import marking_facts
from gateway.flow.question import Question
from gateway.record.marking import BOTTOM, TOP, Holders, Marking, join
from gateway.record.vocabulary import Lane, LegalBasis, Purpose, RoleClass
from policy.decision import Decision, Outcome
from policy.request import MarkingFacts
from policy.usual import ASKED, POLICE
from tests.policy.given import CAR, shipped
from tests.record.markings import MARKINGS

_STRICTNESS = {Outcome.RELEASE: 0, Outcome.HELD: 1, Outcome.DENIED: 2}
_QUESTION = Question(
    recipient=POLICE,
    purpose=Purpose.INVESTIGATION,
    legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK,
    lane=Lane.ROUTINE,
    today=date(2026, 1, 3),
)


def _facts(marking: Marking) -> MarkingFacts:
    return marking_facts("police.nl", "police.nl", marking, _QUESTION)


def _of_record(marking: Marking) -> Decision:
    context = replace(ASKED, marking=_facts(marking))
    return shipped().decide(POLICE, context, [CAR], frozenset())


def _of_entity(marking: Marking) -> Decision:
    portion = replace(CAR, marking=_facts(marking))
    return shipped().decide(POLICE, ASKED, [portion], frozenset({CAR.category}))


@settings(max_examples=200)
@given(MARKINGS, MARKINGS)
def test_join_of_two_markings_is_decided_no_looser_than_either(a: Marking, b: Marking) -> None:
    for decided in (_of_record, _of_entity):
        joined, alone = decided(join(a, b)), [decided(a), decided(b)]

        assert _STRICTNESS[joined.outcome] >= max(_STRICTNESS[one.outcome] for one in alone)
        if joined.outcome is Outcome.HELD:
            assert joined.approvals >= alone[0].approvals | alone[1].approvals


@settings(max_examples=200)
@given(MARKINGS)
def test_narrowing_who_may_have_it_or_for_what_never_widens(marking: Marking) -> None:
    narrower = [
        replace(marking, rel=frozenset()) if not marking.nobody else marking,
        replace(marking, excl=marking.excl | {POLICE.id}) if not marking.nobody else marking,
        replace(marking, purposes=frozenset()) if not marking.nobody else marking,
        replace(marking, expires=date(2020, 1, 1)) if not marking.nobody else marking,
    ]
    for decided in (_of_record, _of_entity):
        before = decided(marking)
        for narrowed in narrower:
            assert _STRICTNESS[decided(narrowed).outcome] >= _STRICTNESS[before.outcome]


def test_marking_nobody_knows_lets_nothing_out() -> None:
    assert _of_record(TOP).outcome is Outcome.DENIED
    assert _of_entity(TOP).outcome is Outcome.DENIED


def test_nothing_of_a_victim_leaves_under_a_marking_for_a_whole_community() -> None:
    victim = replace(
        CAR, role=RoleClass.VICTIM, category="person.sex", classes=frozenset({"victim-sensitive"})
    )
    for holders, leaves in ((Holders.ORGANISATION, True), (Holders.COMMUNITY, False), (Holders.ANY, False)):
        marking = replace(BOTTOM, holders=holders)
        context = replace(ASKED, marking=_facts(marking))

        decision = shipped().decide(POLICE, context, [victim], frozenset())

        assert (decision.outcome is Outcome.RELEASE) is leaves, holders
