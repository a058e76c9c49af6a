"""What would release the withheld: found by asking again, so every change said to help does help."""

from __future__ import annotations

from dataclasses import replace
from itertools import chain

import pytest
from hypothesis import given as generated
from hypothesis import settings
from hypothesis import strategies as st

from gateway.record.categories import CATEGORIES
from gateway.record.subject_consent import ConsentState
from gateway.record.vocabulary import AgeClass, Fact, LegalBasis, Purpose, RoleClass, Rung
from policy.changes import MOST_QUESTIONS, Change, Remedy, remedies
from policy.decision import Decision, Outcome
from policy.engine import Engine
from policy.factor import Kind, Lapsed, Otherwise, Situation, apply, in_words
from policy.request import UNMARKED, PortionAttributes, ReleaseContext
from policy.vocabulary import RecipientKind, Target
from tests.policy import given


def _decide(situation: Situation, engine: Engine | None = None) -> Decision:
    rules = engine or given.shipped()
    return rules.decide(situation.recipient, situation.context, situation.portions, situation.ask)


def _asked(*portions: PortionAttributes, ask: frozenset[str] = frozenset()) -> Situation:
    return Situation(recipient=given.POLICE, context=given.ASKED, portions=portions, ask=ask)


def _otherwise(situation: Situation, **more: object) -> Otherwise:
    purposes = {
        purpose: replace(situation, context=replace(situation.context, purpose=purpose))
        for purpose in Purpose
    }
    return replace(Otherwise(purposes=purposes), **more)  # type: ignore[arg-type]


def _remedy(situation: Situation, **more: object) -> Remedy:
    (found,) = remedies(_decide, situation, _otherwise(situation, **more)).portions
    assert found is not None
    return found


def _kinds(change: Change) -> tuple[Kind, ...]:
    return tuple(factor.kind for factor in change.factors)


def _sets(remedy: Remedy) -> set[tuple[Kind, ...]]:
    return {_kinds(change) for change in remedy.changes}


def test_name_that_was_not_asked_for_says_that_asking_would_hold_it_for_officers() -> None:
    remedy = _remedy(_asked(given.NAME_OF_MINOR))

    (asking,) = [change for change in remedy.changes if _kinds(change) == (Kind.ASKING,)]
    assert asking.outcome is Outcome.HELD
    assert asking.rung is Rung.EXACT
    assert asking.approvals == {"CPO:1", "VPO:1"}


def test_what_waits_for_officers_is_released_with_their_approval() -> None:
    remedy = _remedy(_asked(given.NAME_OF_MINOR, ask=frozenset({"person.name"})))

    first = remedy.changes[0]
    assert _kinds(first) == (Kind.APPROVAL,)
    assert first.factors[0].value == "a child protection officer and a victim protection officer"
    assert (first.outcome, first.rung) == (Outcome.RELEASE, Rung.EXACT)


def test_what_waits_leaves_at_once_in_the_form_that_needs_nobody() -> None:
    birth = replace(given.BIRTH, age=AgeClass.ADULT)
    situation = _asked(birth, ask=frozenset({"person.birth"}))
    situation = replace(situation, context=replace(given.ASKED, purpose=Purpose.MISSING_PERSON))

    remedy = _remedy(situation)

    (coarser,) = [change for change in remedy.changes if Kind.COARSER in _kinds(change)]
    assert coarser.factors[0].value == "as year instead of the exact value"
    assert (coarser.outcome, coarser.rung) == (Outcome.RELEASE, Rung.GENERALISED)


def test_whereabouts_need_another_purpose_and_asking_together() -> None:
    remedy = _remedy(replace(_asked(given.ADDRESS), recipient=given.POLICE))

    told = {
        tuple(sorted(factor.value for factor in change.factors)): change.approvals
        for change in remedy.changes
    }
    assert told[("", "victim-protection")] == {"VPO:1", "RLO:1"}
    assert told[("", "missing-person")] == {"VPO:1", "RLO:1"}
    assert all(len(change.factors) == 2 for change in remedy.changes)


def test_shelter_is_beyond_every_change_and_the_rule_says_so() -> None:
    shelter = replace(
        given.NAME, category="person.shelter", classes=frozenset({"shelter-location"}), rungs=(Rung.EXACT,)
    )

    remedy = _remedy(_asked(shelter))

    assert remedy.changes == ()
    assert "VP-09" in remedy.standing
    assert remedy.complete


def test_consent_of_the_supported_person_opens_the_name_to_the_shelter() -> None:
    supported = replace(given.NAME, facts=given.NAME.facts | {Fact.SUPPORTS_SUBJECT})
    situation = replace(
        _asked(supported),
        recipient=given.SHELTER,
        context=replace(given.ASKED, purpose=Purpose.VICTIM_PROTECTION, legal_basis=LegalBasis.CONSENT),
    )

    assert (Kind.CONSENT,) in _sets(_remedy(situation))


@pytest.mark.parametrize("state", [ConsentState.WITHDRAWN, ConsentState.REFUSED])
def test_nobody_who_refused_is_to_be_asked_again(state: ConsentState) -> None:
    supported = replace(given.NAME, consent=state, facts=given.NAME.facts | {Fact.SUPPORTS_SUBJECT})
    situation = replace(
        _asked(supported),
        recipient=given.SHELTER,
        context=replace(given.ASKED, purpose=Purpose.VICTIM_PROTECTION, legal_basis=LegalBasis.CONSENT),
    )

    kinds = set(chain.from_iterable(_sets(_remedy(situation))))

    assert not kinds & {Kind.CONSENT, Kind.GUARDIAN}


def test_agreement_that_ended_is_named() -> None:
    situation = _asked(given.CAR)
    bare = replace(given.POLICE, regime="agreement", agreements=frozenset(), safeguards=False)
    situation = replace(situation, recipient=bare)
    lapsed = Lapsed(id="NL-RO-2030", safeguards=True, told="ended on 2026-06-30")

    found = remedies(_decide, situation, _otherwise(situation, lapsed=(lapsed,)))

    assert found.record is not None
    assert (Kind.AGREEMENT,) in _sets(found.record)
    assert found.portions == (None,)


def test_unit_that_enforces_no_immigration_law_is_named() -> None:
    status = replace(given.NAME, category="person.immigration", classes=frozenset({"victim-immigration"}))
    mixed = replace(given.POLICE, functions=frozenset({"immigration", "anti-trafficking"}))
    situation = replace(
        _asked(status, ask=frozenset({"person.immigration"})),
        recipient=mixed,
        context=replace(given.ASKED, purpose=Purpose.VICTIM_PROTECTION),
    )

    remedy = _remedy(situation, units={"Trafficking desk": frozenset({"anti-trafficking"})})

    (change,) = remedy.changes
    assert _kinds(change) == (Kind.UNIT,)
    assert change.approvals == {"VPO:1", "DPO:1"}


@pytest.mark.parametrize(
    ("portion", "context", "kind"),
    [
        (
            replace(given.NAME, category="person.health", classes=frozenset({"victim-sensitive"})),
            given.ASKED,
            Kind.NECESSITY,
        ),
        (
            replace(given.NAME, category="person.own-offence", classes=frozenset({"victim-own-offence"})),
            replace(given.ASKED, purpose=Purpose.PROSECUTION),
            Kind.TARGET,
        ),
        (
            replace(
                given.CAR,
                category="assessment.score",
                classes=frozenset({"assessment"}),
                graded=False,
                age=AgeClass.ADULT,
                rungs=(Rung.EXACT,),
            ),
            given.ASKED,
            Kind.GRADE,
        ),
        (
            replace(given.CAR, marking=UNMARKED._replace(recipient_releasable=False)),
            given.ASKED,
            Kind.RELEASABLE,
        ),
        (
            replace(given.CAR, marking=UNMARKED._replace(purpose_permitted=False)),
            given.ASKED,
            Kind.PERMITTED,
        ),
        (replace(given.CAR, harmful_wording=True), given.ASKED, Kind.WORDING),
        (
            replace(given.CAR, marking=UNMARKED._replace(review_overdue=True)),
            given.ASKED,
            Kind.REVIEW,
        ),
        (
            replace(given.CAR, marking=UNMARKED._replace(consent_onward_needed=True)),
            given.ASKED,
            Kind.ONWARD,
        ),
    ],
    ids=lambda value: value.value if isinstance(value, Kind) else "",
)
def test_what_the_submitter_can_mend_is_named(
    portion: PortionAttributes, context: ReleaseContext, kind: Kind
) -> None:
    situation = replace(_asked(portion, ask=frozenset({portion.category})), context=context)

    assert (kind,) in _sets(_remedy(situation))


def test_record_without_a_purpose_asks_for_one_as_a_whole() -> None:
    situation = replace(_asked(given.CAR, given.NAME), context=replace(given.ASKED, purpose=None))

    found = remedies(_decide, situation, _otherwise(situation))

    assert found.record is not None
    assert (Kind.PURPOSE,) in _sets(found.record)
    assert found.portions == (None, None)


def test_what_leaves_in_full_needs_no_remedy() -> None:
    found = remedies(_decide, _asked(given.CAR), _otherwise(_asked(given.CAR)))

    assert (found.record, found.portions) == (None, (None,))


def test_equal_portions_are_searched_once() -> None:
    one = remedies(_decide, _asked(given.NAME), _otherwise(_asked(given.NAME)))
    many = remedies(_decide, _asked(*[given.NAME] * 50), _otherwise(_asked(*[given.NAME] * 50)))

    assert many.questions == one.questions
    assert many.portions == one.portions * 50


def test_work_is_bounded_and_what_was_left_out_is_said() -> None:
    portions = [
        replace(given.NAME, category=name, classes=frozenset({"shelter-location"}), count=number)
        for number in range(4)
        for name in CATEGORIES
    ]
    asked: list[Situation] = []

    def counted(situation: Situation) -> Decision:
        asked.append(situation)
        return _decide(situation)

    situation = _asked(*portions)
    found = remedies(counted, situation, _otherwise(situation), most=300)

    assert len(asked) == found.questions == 300
    assert any(remedy is not None and not remedy.complete for remedy in found.portions)
    assert MOST_QUESTIONS == 4_000


def test_bound_of_no_question_finds_nothing_and_fails_nowhere() -> None:
    found = remedies(_decide, _asked(given.NAME), Otherwise(), most=0)

    assert (found.record, found.portions, found.questions) == (None, (None,), 0)


def test_alternatives_of_one_kind_are_told_together() -> None:
    assert in_words(Kind.PURPOSE, ["trend"]) == "for the purpose trend"
    assert in_words(Kind.PURPOSE, ["a", "b", "c"]) == "for the purpose a, b or c"


_CLASSES = sorted(
    {name for one in CATEGORIES.values() for name in (one.when_protected, one.otherwise) if name}
)
_PORTIONS = st.builds(
    PortionAttributes,
    category=st.sampled_from(sorted(CATEGORIES)),
    classes=st.sets(st.sampled_from(_CLASSES), min_size=1, max_size=2).map(frozenset),
    role=st.sampled_from(RoleClass),
    age=st.sampled_from(AgeClass),
    facts=st.sets(st.sampled_from([Fact.COUNTRY_SAFE, Fact.SUPPORTS_SUBJECT, Fact.NOT_CURRENT])).map(
        frozenset
    ),
    consent=st.sampled_from(ConsentState),
    rungs=st.sampled_from([(Rung.EXACT,), given.ALL_RUNGS]),
    do_not_reinterview=st.just(False),
    harmful_wording=st.booleans(),
    graded=st.booleans(),
    singles_out=st.booleans(),
    count=st.just(0),
    marking=st.builds(UNMARKED._replace, recipient_releasable=st.booleans()),
)
_SITUATIONS = st.builds(
    lambda portion, kind, purpose, basis, target, asked: Situation(
        recipient=replace(given.POLICE, kind=kind.value),
        context=replace(given.ASKED, purpose=purpose, legal_basis=basis, target=target),
        portions=(portion,),
        ask=frozenset({portion.category}) if asked else frozenset(),
    ),
    _PORTIONS,
    st.sampled_from(RecipientKind),
    st.sampled_from(Purpose),
    st.sampled_from(LegalBasis),
    st.sampled_from(Target),
    st.booleans(),
)


@settings(max_examples=25, deadline=None)
@generated(_SITUATIONS)
def test_every_change_said_to_help_does_and_no_part_of_a_pair_alone(situation: Situation) -> None:
    otherwise = _otherwise(situation)
    before = _decide(situation)

    found = remedies(_decide, situation, otherwise)

    for remedy in (found.record, *found.portions):
        for change in remedy.changes if remedy else ():
            after = _decide(apply(change.factors, situation))
            assert (after.outcome, after.approvals) == (change.outcome, change.approvals)
            assert after.outcome is not Outcome.DENIED
            assert _is_more(before, after)
            if len(change.factors) == 2:
                assert not any(_is_more(before, _decide(apply((one,), situation))) for one in change.factors)


def _is_more(before: Decision, after: Decision) -> bool:
    """Whether more leaves, or what leaves needs fewer people: judged here by other means than the search."""
    if Outcome.DENIED in (before.outcome, after.outcome):
        return before.outcome is Outcome.DENIED and after.outcome is not Outcome.DENIED
    (had,), (gets,) = before.verdicts, after.verdicts
    finer = min(filter(None, (gets.rung, gets.asked))) < min(filter(None, (had.rung, had.asked)))
    return finer or (after.approvals != before.approvals and after.approvals <= before.approvals)
