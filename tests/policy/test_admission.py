"""The recipient's own floor on what the sender attests beside each portion (PROTOCOL 6, check 12)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import GatewayError
from gateway.record.vocabulary import Fact, Rung
from policy.bundle import bundle_of, shipped_baseline
from policy.canary import CANARIES
from policy.engine import Engine
from tests.policy import given


@pytest.mark.parametrize(
    "rule_id", sorted(rule for rule, cell in CANARIES.items() if cell.action == "disclose")
)
def test_own_floor_forbids_at_admission_what_it_forbids_to_release(rule_id: str) -> None:
    cell = CANARIES[rule_id]
    assert cell.portion is not None and cell.rung is not None

    forbidding = given.shipped().floor_forbids(
        cell.recipient, cell.portion, cell.context, rung=cell.rung, lifts=frozenset()
    )

    assert rule_id in forbidding


def test_own_floor_admits_a_minors_name_that_both_officers_approved() -> None:
    engine = given.shipped()
    both = frozenset({"CPO:1", "VPO:1"})

    with_both, with_one, with_none = (
        engine.floor_forbids(given.POLICE, given.NAME_OF_MINOR, given.ASKED, rung=Rung.EXACT, lifts=lifts)
        for lifts in (both, frozenset({"VPO:1"}), frozenset[str]())
    )

    assert (with_both, with_one, with_none) == ((), ("VP-02",), ("VP-02",))


def test_own_floor_knows_nothing_of_the_senders_baseline() -> None:
    forbidding = given.shipped().floor_forbids(
        given.POLICE, given.NAME, given.ASKED, rung=Rung.EXACT, lifts=frozenset()
    )

    assert forbidding == ()


def test_own_floor_at_a_shelter_wants_consent_and_support() -> None:
    engine = given.shipped()
    cared_for = replace(
        given.NAME, facts=frozenset({Fact.CONSENT_VALID, Fact.SUPPORTS_SUBJECT, Fact.COUNTRY_SAFE})
    )

    admitted, refused = (
        engine.floor_forbids(given.SHELTER, portion, given.ASKED, rung=Rung.EXACT, lifts=frozenset())
        for portion in (cared_for, given.NAME)
    )

    assert (admitted, refused) == ((), ("VP-01",))


def test_lift_that_nobody_knows_is_refused_at_admission() -> None:
    with pytest.raises(GatewayError) as refused:
        given.shipped().floor_forbids(
            given.POLICE, given.NAME, given.ASKED, rung=Rung.EXACT, lifts=frozenset({"KING:1"})
        )

    assert refused.value.code == "unknown-approval"


def test_second_admission_of_the_same_class_is_answered_from_memory() -> None:
    engine = Engine(bundle_of(baseline=shipped_baseline()))
    lifts = frozenset({"VPO:1"})
    engine.floor_forbids(given.POLICE, given.NAME, given.ASKED, rung=Rung.EXACT, lifts=lifts)
    evaluated = engine.evaluations

    engine.floor_forbids(given.POLICE, replace(given.NAME), given.ASKED, rung=Rung.EXACT, lifts=lifts)

    assert engine.evaluations == evaluated
