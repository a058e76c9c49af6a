"""Properties over the product of attributes: unknown is the strict side, nothing laid over the floor helps.

Each runs on a sample by default and on everything in the deep run.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given as hypothesis_given
from hypothesis import settings
from hypothesis import strategies as st

from gateway.record.categories import CATEGORIES
from gateway.record.subject_consent import ConsentState
from gateway.record.vocabulary import (
    AgeClass,
    Fact,
    Lane,
    LegalBasis,
    Provenance,
    Purpose,
    RoleClass,
    Rung,
)
from policy.decision import Decision, PortionVerdict
from policy.engine import Engine
from policy.request import UNMARKED, MarkingFacts, PortionAttributes, Recipient, ReleaseContext
from policy.vocabulary import RecipientKind, Target
from tests.policy import given

_KINDS = sorted(kind.value for kind in RecipientKind)
_PURPOSES: list[Purpose | None] = [None, *Purpose]
_APPROVALS = st.frozensets(
    st.sampled_from(["VPO:1", "CPO:1", "RLO:1", "RLO:2", "DUTY:2", "OC:1", "DPO:1", "JUD:1", "NGO:1"])
)


def _portion(
    category: str,
    role: RoleClass,
    age: AgeClass,
    facts: frozenset[Fact],
    flag: bool = False,
    **content: Any,
) -> PortionAttributes:
    return replace(
        given.NAME,
        category=category,
        classes=given.classes_of(category, role),
        role=role,
        age=age,
        facts=facts,
        rungs=given.ALL_RUNGS,
        do_not_reinterview=flag,
        **content,
    )


_FUNCTIONS = st.frozensets(st.sampled_from(["anti-trafficking", "immigration", "victim-support"]))
_recipients = st.builds(
    lambda kind, regime, alert, functions, safeguards: replace(
        given.POLICE, kind=kind, regime=regime, alert=alert, functions=functions, safeguards=safeguards
    ),
    st.sampled_from(_KINDS),
    st.sampled_from(["led", "adequate", "agreement", "none"]),
    st.booleans(),
    _FUNCTIONS,
    st.booleans(),
)
_markings = st.builds(MarkingFacts, *(st.booleans() for _ in MarkingFacts._fields)) | st.just(UNMARKED)
_contexts = st.builds(
    lambda purpose, basis, lane, approvals, marking, provenance, target, **flags: replace(
        given.ASKED,
        purpose=purpose,
        legal_basis=basis,
        lane=lane,
        approvals=approvals,
        marking=marking,
        provenance=provenance,
        target=target,
        **flags,
    ),
    st.sampled_from(_PURPOSES),
    st.sampled_from(LegalBasis),
    st.sampled_from(Lane),
    _APPROVALS,
    _markings,
    st.frozensets(st.sampled_from(Provenance)),
    st.sampled_from(Target),
    break_glass=st.booleans(),
    threat_stated=st.booleans(),
    review_outstanding=st.booleans(),
    over_budget=st.booleans(),
    necessity=st.booleans(),
    from_provider=st.booleans(),
    correction=st.booleans(),
)
_portions = st.builds(
    _portion,
    st.sampled_from(sorted(CATEGORIES)),
    st.sampled_from(RoleClass),
    st.sampled_from(AgeClass),
    st.frozensets(st.sampled_from(Fact)),
    st.booleans(),
    consent=st.sampled_from(ConsentState),
    harmful_wording=st.booleans(),
    graded=st.booleans(),
    singles_out=st.booleans(),
    count=st.integers(0, 25),
    marking=_markings,
)


def _fineness(rung: Rung | None) -> int:
    return 9 if rung is None else int(rung)


def _asking(
    engine: Engine, recipient: Recipient, context: ReleaseContext, portion: PortionAttributes
) -> Decision:
    return engine.decide(recipient, context, [portion], frozenset({portion.category}))


def _verdict(
    engine: Engine, recipient: Recipient, context: ReleaseContext, portion: PortionAttributes
) -> PortionVerdict:
    return _asking(engine, recipient, context, portion).verdicts[0]


def _whole_product() -> Iterator[tuple[Recipient, ReleaseContext, PortionAttributes]]:
    every_fact = frozenset(Fact)
    for kind, purpose in itertools.product(_KINDS, _PURPOSES):
        recipient = replace(given.POLICE, kind=kind)
        context = replace(given.ASKED, purpose=purpose)
        for category, role, facts in itertools.product(
            CATEGORIES, RoleClass, (frozenset[Fact](), every_fact)
        ):
            yield recipient, context, _portion(category, role, AgeClass.UNKNOWN, facts)


@hypothesis_given(_recipients, _contexts, _portions)
def test_person_of_unknown_age_is_treated_as_a_minor(
    recipient: Recipient, context: ReleaseContext, portion: PortionAttributes
) -> None:
    unknown, minor = (
        _asking(given.shipped(), recipient, context, replace(portion, age=age))
        for age in (AgeClass.UNKNOWN, AgeClass.MINOR)
    )

    assert unknown == minor
    assert unknown.encode() == minor.encode()


@pytest.mark.deep
def test_person_of_unknown_age_is_treated_as_a_minor_over_the_whole_product() -> None:
    for recipient, context, portion in _whole_product():
        unknown = _asking(given.shipped(), recipient, context, portion)
        minor = _asking(given.shipped(), recipient, context, replace(portion, age=AgeClass.MINOR))
        assert unknown == minor, (recipient.kind, context.purpose, portion)


@hypothesis_given(_recipients, _contexts, _portions)
def test_minor_never_gets_a_finer_rung_out_than_an_adult(
    recipient: Recipient, context: ReleaseContext, portion: PortionAttributes
) -> None:
    minor, adult = (
        _verdict(given.shipped(), recipient, context, replace(portion, age=age))
        for age in (AgeClass.MINOR, AgeClass.ADULT)
    )

    assert _fineness(minor.rung) >= _fineness(adult.rung)


@hypothesis_given(_recipients, _contexts, _portions)
def test_floor_lets_no_more_out_of_a_victim_and_suspect_than_of_a_suspect(
    recipient: Recipient, context: ReleaseContext, portion: PortionAttributes
) -> None:
    suspect, both = (
        _verdict(
            given.floor_only(),
            recipient,
            context,
            replace(portion, role=role, classes=given.classes_of(portion.category, role)),
        )
        for role in (RoleClass.SUSPECT, RoleClass.VICTIM_AND_SUSPECT)
    )

    assert _fineness(both.rung) >= _fineness(suspect.rung)


@hypothesis_given(
    st.sampled_from(["leo", "judicial", "igo", "private", "unknown"]), _contexts, _portions, st.booleans()
)
def test_rules_in_force_let_no_more_out_of_a_victim_and_suspect_than_of_a_suspect(
    kind: str, context: ReleaseContext, portion: PortionAttributes, alert: bool
) -> None:
    # Organisations that protect are left out: they receive what concerns the person they protect, by design.
    recipient = replace(given.POLICE, kind=kind, alert=alert)
    unapproved = replace(context, approvals=frozenset())

    suspect, both = (
        given.shipped()
        .decide(
            recipient,
            unapproved,
            [replace(portion, role=role, classes=given.classes_of(portion.category, role))],
            frozenset(),
        )
        .verdicts[0]
        for role in (RoleClass.SUSPECT, RoleClass.VICTIM_AND_SUSPECT)
    )

    assert _fineness(both.rung) >= _fineness(suspect.rung)


@hypothesis_given(_recipients, _contexts, _portions)
def test_permitting_everything_leaves_the_floor_intact(
    recipient: Recipient, context: ReleaseContext, portion: PortionAttributes
) -> None:
    bare, shipped, wide_open = (
        _verdict(engine, recipient, context, portion)
        for engine in (given.floor_only(), given.shipped(), given.wide_open())
    )

    # Nothing finer leaves than what the floor lets out when all else is permitted, whatever the overlays say.
    assert _fineness(shipped.rung) >= _fineness(bare.rung)
    assert _fineness(wide_open.rung) >= _fineness(bare.rung)
    if wide_open.rung is not None:
        lifts, rung = frozenset(wide_open.lifts_used), wide_open.rung
        assert not given.shipped().floor_forbids(recipient, portion, context, rung=rung, lifts=lifts)


@hypothesis_given(_recipients, _contexts, _portions)
def test_what_leaves_under_these_rules_is_admitted_by_the_same_floor(
    recipient: Recipient, context: ReleaseContext, portion: PortionAttributes
) -> None:
    decision = _asking(given.shipped(), recipient, context, portion)
    verdict = decision.verdicts[0]

    if verdict.rung is not None:
        forbidding = given.shipped().floor_forbids(
            recipient, portion, context, rung=verdict.rung, lifts=frozenset(verdict.lifts_used)
        )
        assert forbidding == ()


@hypothesis_given(_recipients, _contexts, _portions, st.sampled_from(Fact))
def test_fact_that_is_not_attested_never_lets_more_out(
    recipient: Recipient, context: ReleaseContext, portion: PortionAttributes, fact: Fact
) -> None:
    with_fact, without = (
        _verdict(given.shipped(), recipient, context, replace(portion, facts=facts))
        for facts in (portion.facts | {fact}, portion.facts - {fact})
    )

    assert _fineness(without.rung) >= _fineness(with_fact.rung)


@hypothesis_given(_recipients, _contexts, _portions, _APPROVALS)
def test_more_approvals_never_let_less_out(
    recipient: Recipient, context: ReleaseContext, portion: PortionAttributes, more: frozenset[str]
) -> None:
    approved = replace(context, approvals=context.approvals | more)

    fewer, greater = (_verdict(given.shipped(), recipient, asked, portion) for asked in (context, approved))

    assert _fineness(greater.rung) <= _fineness(fewer.rung)


@settings(max_examples=30)
@hypothesis_given(_recipients, _contexts, st.lists(_portions, max_size=6))
def test_one_portion_never_changes_the_verdict_on_another(
    recipient: Recipient, context: ReleaseContext, portions: list[PortionAttributes]
) -> None:
    ask = frozenset({"person.name"})

    together = given.shipped().decide(recipient, context, portions, ask)

    alone = [given.shipped().decide(recipient, context, [portion], ask).verdicts[0] for portion in portions]
    assert list(together.verdicts) == alone


@pytest.mark.parametrize("kind", _KINDS)
def test_shelter_never_leaves_to_anybody_under_any_category(kind: str) -> None:
    shelters = [
        replace(portion, classes=portion.classes | {"shelter-location"})
        for portion in (_portion(c, RoleClass.VICTIM, AgeClass.ADULT, frozenset(Fact)) for c in CATEGORIES)
    ]

    decision = given.floor_only().decide(
        replace(given.POLICE, kind=kind), given.ASKED, shelters, frozenset(CATEGORIES)
    )

    assert {(verdict.rung, verdict.asked) for verdict in decision.verdicts} == {(None, None)}


@pytest.mark.parametrize("purpose", [Purpose.TREND, Purpose.TRAINING, Purpose.DECONFLICTION])
@pytest.mark.parametrize("kind", _KINDS)
def test_default_baseline_permits_nothing_for_purposes_that_have_no_rules_yet(
    kind: str, purpose: Purpose
) -> None:
    portions = [
        _portion(category, role, AgeClass.ADULT, frozenset(Fact))
        for category in CATEGORIES
        for role in (RoleClass.VICTIM, RoleClass.SUSPECT)
    ]

    decision = given.shipped().decide(
        replace(given.POLICE, kind=kind),
        replace(given.ASKED, purpose=purpose),
        portions,
        frozenset(CATEGORIES),
    )

    assert {verdict.rung for verdict in decision.verdicts} == {None}
    assert decision.approvals == frozenset()


@pytest.mark.parametrize("kind", ["leo", "judicial", "igo", "private", "unknown"])
def test_no_category_of_a_suspect_leaves_finer_once_the_suspect_is_a_victim_too(kind: str) -> None:
    recipient = replace(given.POLICE, kind=kind)
    for purpose, category in itertools.product(_PURPOSES, CATEGORIES):
        context = replace(given.ASKED, purpose=purpose)
        suspect, both = (
            _verdict(
                given.shipped(), recipient, context, _portion(category, role, AgeClass.ADULT, frozenset(Fact))
            )
            for role in (RoleClass.SUSPECT, RoleClass.VICTIM_AND_SUSPECT)
        )
        assert _fineness(both.rung) >= _fineness(suspect.rung), (purpose, category)
