"""Joint task forces: a community has members, one purpose and an end; what is marked for it stays inside."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.flow.decide import recipient_of
from gateway.flow.submit import Addressee
from gateway.record.vocabulary import LegalBasis, Purpose
from gateway.v1.record_pb2 import Record
from keys.agreement import Community
from policy.decision import Outcome
from tests.flow import records
from tests.flow.federation import BORDER, NL, RO, Homes

FORCE = "river-task-force"


def _found(homes: Homes, *members: str) -> None:
    federation = homes.federation()
    last = homes.now.date() + timedelta(days=2)
    federation.add_community(
        Community(id=FORCE, members=members, purpose=Purpose.INVESTIGATION, valid_until=last)
    )
    federation.publish()
    homes.refresh(NL)


def _for_the_force() -> Record:
    record = records.small()
    records.mark(record.header.marking, RO, BORDER)
    record.header.marking.compart.append(FORCE)
    return record


def _outcome(homes: Homes, agency: str, purpose: Purpose = Purpose.INVESTIGATION) -> tuple[Outcome, set[str]]:
    to = Addressee(agency=agency, purpose=purpose, legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK)
    (answer,) = homes.push(_for_the_force(), to).exchanges
    return answer.outcome, {rule for rule, _ in answer.reasons}


@pytest.mark.parametrize("members", [(NL, RO), (RO,)])
def test_member_of_the_task_force_receives_whether_or_not_the_sender_is_one(
    homes: Homes, members: tuple[str, ...]
) -> None:
    """Who contributes to a task force need not belong to it; who receives must."""
    _found(homes, *members)

    outcome, rules = _outcome(homes, RO)

    assert outcome is Outcome.RELEASE
    assert "MK-REL" not in rules


def test_agency_outside_the_task_force_receives_nothing(homes: Homes) -> None:
    _found(homes, NL, RO)

    outcome, rules = _outcome(homes, BORDER)

    assert outcome is Outcome.DENIED
    assert "MK-REL" in rules


def test_member_receives_nothing_for_another_purpose(homes: Homes) -> None:
    _found(homes, NL, RO)

    outcome, rules = _outcome(homes, RO, Purpose.VICTIM_PROTECTION)

    assert outcome is Outcome.DENIED
    assert "MK-REL" in rules


def test_task_force_ends_with_its_last_day(homes: Homes) -> None:
    _found(homes, NL, RO)
    homes.pass_time(days=2)
    on_the_last_day, _ = _outcome(homes, RO)
    homes.pass_time(days=1)

    day_after, rules = _outcome(homes, RO)

    assert (on_the_last_day, day_after) == (Outcome.RELEASE, Outcome.DENIED)
    assert "MK-REL" in rules


def test_compartment_of_no_community_is_nobodys(homes: Homes) -> None:
    outcome, rules = _outcome(homes, RO)

    assert outcome is Outcome.DENIED
    assert "MK-REL" in rules


def test_recipient_belongs_to_communities_of_the_purpose_asked_alone(homes: Homes) -> None:
    _found(homes, NL, RO)

    belonging = {
        purpose: recipient_of(homes[NL], RO, homes.now, purpose=purpose).communities for purpose in Purpose
    }

    assert belonging.pop(Purpose.INVESTIGATION) == {FORCE}
    assert set(belonging.values()) == {frozenset()}
    assert recipient_of(homes[NL], RO, homes.now).communities == frozenset()
