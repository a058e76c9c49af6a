"""How a decision comes about: the finest rung without approvals, what was asked, holds, duties, memory."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from gateway.ledger import jcs
from gateway.record.vocabulary import (
    LegalBasis,
    ObligationCode,
    Purpose,
    RoleClass,
    Rung,
)
from policy.bundle import bundle_of, shipped_baseline
from policy.decision import Decision, Outcome
from policy.engine import Engine
from policy.memory import Memory
from policy.request import PortionAttributes, ReleaseContext
from policy.vocabulary import satisfied
from tests.policy import given

_NAME_ASKED = frozenset({"person.name"})


def _decide(
    *portions: PortionAttributes, context: ReleaseContext = given.ASKED, ask: frozenset[str] = frozenset()
) -> Decision:
    return given.shipped().decide(given.POLICE, context, portions, ask)


def test_each_portion_leaves_at_the_finest_rung_that_needs_no_approval() -> None:
    decision = _decide(given.CAR, given.BIRTH, given.ADDRESS, given.NAME)

    assert decision.outcome is Outcome.RELEASE
    assert [verdict.rung for verdict in decision.verdicts] == [
        Rung.EXACT,
        Rung.GENERALISED,
        Rung.COARSE,
        None,
    ]
    assert [verdict.withheld_finer for verdict in decision.verdicts] == [False, True, True, True]
    assert decision.approvals == frozenset() and decision.duties == ()


def test_rung_that_a_portion_does_not_have_is_never_given() -> None:
    decision = _decide(replace(given.ADDRESS, rungs=(Rung.EXACT, Rung.GENERALISED)))

    assert decision.verdicts[0].rung is None
    assert decision.outcome is Outcome.DENIED


def test_asking_for_more_holds_the_whole_exchange_for_the_union_of_approvals() -> None:
    context = replace(given.ASKED, purpose=Purpose.VICTIM_PROTECTION)

    decision = _decide(
        given.NAME_OF_MINOR,
        given.ADDRESS,
        given.CAR,
        context=context,
        ask=frozenset({"person.name", "person.address"}),
    )

    assert decision.outcome is Outcome.HELD
    assert decision.approvals == {"CPO:1", "VPO:1", "RLO:1"}
    assert decision.duties == ("CPO:1", "RLO:1", "VPO:1")
    assert [verdict.asked for verdict in decision.verdicts] == [Rung.EXACT, Rung.EXACT, None]
    assert [verdict.rung for verdict in decision.verdicts] == [None, Rung.COARSE, Rung.EXACT]


def test_asking_holds_for_nobody_where_no_permit_would_follow() -> None:
    method = replace(given.NAME, category="method.investigative", role=RoleClass.NONE)
    method = replace(method, classes=frozenset({"victim-identifying", "method"}))

    decision = _decide(method, given.CAR, ask=frozenset({"method.investigative"}))

    assert decision.outcome is Outcome.RELEASE
    assert decision.verdicts[0].asked is None
    assert decision.verdicts[0].rules == ("BL-EXACT", "default-deny")


def test_asking_for_what_no_approval_opens_leaves_it_where_it_is() -> None:
    shelter = replace(given.NAME, category="person.shelter", classes=frozenset({"shelter-location"}))

    decision = _decide(shelter, given.CAR, ask=frozenset({"person.shelter"}))

    assert decision.outcome is Outcome.RELEASE
    assert decision.verdicts[0].rules == ("VP-09",)


def test_approval_counts_only_for_the_category_that_was_asked_for() -> None:
    document = replace(given.NAME, category="person.document")
    approved = replace(given.ASKED, approvals=frozenset({"VPO:1"}))

    decision = _decide(given.NAME, document, context=approved, ask=_NAME_ASKED)

    assert [verdict.rung for verdict in decision.verdicts] == [Rung.EXACT, None]
    assert decision.verdicts[0].lifts_used == ("VPO:1",)
    assert decision.duties == ("VPO:1",)


def test_approval_that_nothing_needs_is_no_duty() -> None:
    approved = replace(given.ASKED, approvals=frozenset({"VPO:1", "JUD:2"}))

    decision = _decide(given.CAR, context=approved, ask=frozenset({"vehicle.identity"}))

    assert decision.outcome is Outcome.RELEASE
    assert decision.duties == ()


def test_part_of_the_approvals_leaves_the_rest_to_wait_for() -> None:
    approved = replace(given.ASKED, approvals=frozenset({"VPO:1"}))

    decision = _decide(given.NAME_OF_MINOR, context=approved, ask=_NAME_ASKED)

    assert decision.outcome is Outcome.HELD
    assert decision.approvals == {"CPO:1"}
    assert decision.duties == ("CPO:1", "VPO:1")
    assert decision.verdicts[0].rung is None


def test_two_people_of_a_duty_are_also_one() -> None:
    approved = replace(given.ASKED, approvals=frozenset({"VPO:2"}))

    decision = _decide(given.NAME, context=approved, ask=_NAME_ASKED)

    assert satisfied(approved.approvals) == {"VPO:1", "VPO:2"}
    assert decision.outcome is Outcome.RELEASE


def test_one_person_is_not_two() -> None:
    in_danger = replace(given.IN_DANGER, approvals=frozenset({"DUTY:1"}))

    decision = _decide(given.NAME_OF_MINOR, context=in_danger, ask=_NAME_ASKED)

    assert decision.outcome is Outcome.HELD
    assert decision.verdicts[0].rung is None


@pytest.mark.parametrize(
    ("kind", "leaves"), [("leo", True), ("ngo", False), ("igo", False), ("private", False)]
)
def test_mortal_danger_opens_identity_to_police_only(kind: str, leaves: bool) -> None:
    in_danger = replace(given.IN_DANGER, approvals=frozenset({"DUTY:2"}))
    recipient = replace(given.POLICE, kind=kind)

    decision = given.floor_only().decide(recipient, in_danger, [given.NAME_OF_MINOR], _NAME_ASKED)

    assert (decision.verdicts[0].rung is Rung.EXACT) is leaves


def test_approvals_named_as_used_are_those_that_open_the_rules() -> None:
    every = frozenset({"DUTY:2", "VPO:1", "CPO:1", "RLO:1"})
    in_danger = replace(given.IN_DANGER, approvals=every)
    child_protection = replace(given.POLICE, kind="child-protection")
    ask = frozenset({"person.address"})

    decision = given.floor_only().decide(child_protection, in_danger, [given.ADDRESS], ask)

    # What VP-08 names would open it to police only; here it is the two duty officers that do.
    verdict = decision.verdicts[0]
    assert verdict.rung is Rung.EXACT and "DUTY:2" in verdict.lifts_used
    lifts = frozenset(verdict.lifts_used)
    assert not given.shipped().floor_forbids(
        child_protection, given.ADDRESS, in_danger, rung=Rung.EXACT, lifts=lifts
    )


@pytest.mark.parametrize("rung", given.ALL_RUNGS)
def test_mortal_danger_never_opens_a_shelter(rung: Rung) -> None:
    in_danger = replace(given.IN_DANGER, approvals=frozenset({"DUTY:3", "VPO:3", "CPO:3", "RLO:3"}))
    shelter = replace(
        given.NAME, category="person.shelter", classes=frozenset({"shelter-location"}), rungs=(rung,)
    )

    decision = given.floor_only().decide(given.POLICE, in_danger, [shelter], frozenset({"person.shelter"}))

    assert decision.outcome is Outcome.DENIED


def test_what_stands_before_the_record_is_held_for_without_being_asked() -> None:
    context = replace(given.ASKED, marking=given.MARKED._replace(notes=True, purpose_permitted=False))

    decision = _decide(given.CAR, given.NAME, context=context)

    assert decision.outcome is Outcome.HELD
    assert decision.approvals == {"RLO:1", "OC:1"}
    assert decision.rules == ("MK-H3", "VP-31")
    assert [verdict.rung for verdict in decision.verdicts] == [Rung.EXACT, None]


def test_nobody_is_asked_about_a_record_of_which_nothing_may_leave() -> None:
    decision = _decide(given.NAME, context=replace(given.ASKED, marking=given.MARKED._replace(notes=True)))

    assert decision.outcome is Outcome.DENIED
    assert decision.approvals == frozenset() and decision.duties == ()


def test_record_that_may_not_go_withholds_every_portion_for_the_same_reason() -> None:
    decision = _decide(
        given.CAR,
        given.NAME,
        context=replace(given.ASKED, marking=given.MARKED._replace(recipient_releasable=False)),
    )

    assert decision.outcome is Outcome.DENIED
    assert decision.rules == ("MK-REL",)
    assert {verdict.rules for verdict in decision.verdicts} == {("MK-REL",)}


def test_forwarding_is_asked_about_beside_releasing() -> None:
    local = (
        '@id("LOCAL-1") @layer("local") @reason("nothing is forwarded") @source("s") '
        'forbid (principal, action == Comity::Action::"forward", resource);'
    )
    engine = Engine(bundle_of(baseline=shipped_baseline(), local={"local.cedar": local}))
    forwarded = replace(given.ASKED, originator="police.de", onward_consent=True)

    own, anothers = (
        engine.decide(given.POLICE, context, [given.CAR], frozenset()) for context in (given.ASKED, forwarded)
    )

    assert own.outcome is Outcome.RELEASE
    assert anothers.outcome is Outcome.DENIED and anothers.rules == ("LOCAL-1",)


def test_duties_travel_with_what_leaves_and_with_nothing_else() -> None:
    flagged = replace(given.NAME_OF_MINOR, do_not_reinterview=True)
    role = replace(flagged, category="person.role", classes=frozenset({"role"}))

    withheld = _decide(flagged)
    released = _decide(flagged, role)

    assert withheld.obligations == ()
    assert released.verdicts[0].obligations == ()
    assert released.obligations == (ObligationCode.CONTACT_VIA_VPO, ObligationCode.NOTIFY_CPO)


def test_duties_of_what_is_held_are_known_before_it_leaves() -> None:
    decision = _decide(replace(given.NAME, do_not_reinterview=True), ask=_NAME_ASKED)

    assert decision.outcome is Outcome.HELD
    assert decision.obligations == (
        ObligationCode.NO_REIDENTIFICATION,
        ObligationCode.CONTACT_VIA_VPO,
        ObligationCode.NO_ONWARD,
    )


def test_permitting_everything_takes_no_duty_away() -> None:
    flagged = replace(
        given.NAME_OF_MINOR, do_not_reinterview=True, category="person.birth", rungs=(Rung.COARSE,)
    )

    decision = given.floor_only().decide(given.POLICE, given.ASKED, [flagged], frozenset())

    assert set(decision.obligations) == {
        ObligationCode.NO_REIDENTIFICATION,
        ObligationCode.CONTACT_VIA_VPO,
        ObligationCode.NOTIFY_CPO,
    }


def test_same_question_is_answered_from_memory() -> None:
    engine = Engine(bundle_of(baseline=shipped_baseline()))
    portions = [given.CAR, given.BIRTH, given.NAME]
    first = engine.decide(given.POLICE, given.ASKED, portions, frozenset())
    evaluated = engine.evaluations

    again = engine.decide(
        replace(given.POLICE), replace(given.ASKED), [replace(p) for p in portions], frozenset()
    )
    other_order = engine.decide(given.POLICE, given.ASKED, portions[::-1], frozenset())

    assert again is first
    assert other_order.verdicts == first.verdicts[::-1]
    assert engine.evaluations == evaluated


@pytest.mark.parametrize(
    "changed",
    [
        {"purpose": Purpose.PROSECUTION},
        {"legal_basis": LegalBasis.COURT_ORDER},
        {"approvals": frozenset({"VPO:1"})},
        {"marking": given.MARKED._replace(notes=True)},
        {"marking": given.MARKED._replace(expired=True)},
        {"break_glass": True},
    ],
)
def test_any_other_circumstance_is_another_question(changed: dict[str, object]) -> None:
    engine = Engine(bundle_of(baseline=shipped_baseline()))
    engine.decide(given.POLICE, given.ASKED, [given.CAR], frozenset())
    evaluated = engine.evaluations
    other: ReleaseContext = replace(given.ASKED, **changed)  # type: ignore[arg-type]

    engine.decide(given.POLICE, other, [given.CAR], frozenset())

    assert engine.evaluations > evaluated


def test_asked_and_not_asked_are_two_questions() -> None:
    silent, asking = _decide(given.NAME), _decide(given.NAME, ask=_NAME_ASKED)

    assert silent.outcome is Outcome.DENIED
    assert asking.outcome is Outcome.HELD
    assert _decide(given.NAME).outcome is Outcome.DENIED


def test_memory_forgets_rather_than_grows() -> None:
    memory: Memory[int] = Memory(3)

    for number in range(10):
        assert memory.put(number, number) == number
        assert memory.get(number) == number
        assert len(memory) <= 3


def test_verdict_is_the_same_bytes_from_any_engine_with_the_same_rules() -> None:
    portions = [given.CAR, given.BIRTH, given.NAME, given.ADDRESS]
    fresh = Engine(bundle_of(baseline=shipped_baseline()))

    one = given.shipped().decide(given.POLICE, given.ASKED, portions, _NAME_ASKED)
    two = fresh.decide(given.POLICE, given.ASKED, portions, _NAME_ASKED)

    assert one.encode() == two.encode()


def test_encoded_verdict_is_canonical_json_of_what_was_decided() -> None:
    decision = _decide(given.CAR, given.NAME, ask=_NAME_ASKED)

    encoded = decision.encode()

    assert encoded == jcs.encode(json.loads(encoded))
    assert json.loads(encoded) == {
        "v": 1,
        "outcome": "held",
        "approvals": ["VPO:1"],
        "duties": ["VPO:1"],
        "obligations": ["no-reidentification", "no-onward"],
        "policy": decision.policy_digest.hex(),
        "rules": [],
        "verdicts": [
            {
                "rung": "exact",
                "asked": "",
                "approvals": [],
                "lifts": [],
                "obligations": [],
                "permits": ["BL-CASE"],
                "rules": [],
            },
            {
                "rung": "withheld",
                "asked": "exact",
                "approvals": ["VPO:1"],
                "lifts": [],
                "obligations": ["no-reidentification", "no-onward"],
                "permits": [],
                "rules": ["BL-EXACT"],
            },
        ],
    }


def test_every_rule_in_a_decision_has_its_reason() -> None:
    decision = _decide(given.CAR, given.NAME_OF_MINOR, given.ADDRESS, given.BIRTH)

    named = {rule for verdict in decision.verdicts for rule in (*verdict.rules, *verdict.permits)}
    assert named <= {reason.rule for reason in decision.reasons}
    assert [reason.rule for reason in decision.reasons] == sorted(reason.rule for reason in decision.reasons)
    assert all(reason.text and reason.source for reason in decision.reasons)


def test_role_alone_decides_nothing_where_the_class_protects() -> None:
    roles = [role for role in RoleClass if role.protected]

    verdicts = {_decide(replace(given.NAME, role=role), ask=_NAME_ASKED).encode() for role in roles}

    assert len(verdicts) == 1
