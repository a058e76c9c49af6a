"""What an inspection finds out about who approved: officers of that time, as the ledger itself enrolled them.

Source: PROTOCOL section 10; THREATS A19, A25.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.ledger.verdicts import LAG_S
from tests.keys.officers import person
from tests.ledger.ledgers import OPENED_AT
from tests.ledger.liaison import HOLD_S, Desk, both, found, message, staffed


@pytest.fixture
def desk() -> Desk:
    """Return a desk of two officers who are two people, and a hold for one of them."""
    return staffed()


def _never(_desk: Desk) -> int:
    return 3


def _disabled(desk: Desk) -> int:
    desk.officer("disabled", 1)
    return 1


def _away(desk: Desk) -> int:
    desk.officer("changed", 1, valid_from=desk.now, valid_until=desk.now + HOLD_S)
    desk.now += LAG_S
    return 1


def _expired(desk: Desk) -> int:
    desk.officer("added", 3, roles=("VPO",), valid_from=desk.now, valid_until=desk.now + 1)
    desk.now += LAG_S
    return 3


def _not_yet(desk: Desk) -> int:
    desk.officer("added", 3, roles=("VPO",), valid_from=desk.now + HOLD_S, valid_until=desk.now + 2 * HOLD_S)
    return 3


def _other_duty(desk: Desk) -> int:
    desk.officer("added", 3, roles=("DPO", "RLO"))
    return 3


def _claimed_twice(desk: Desk) -> int:
    desk.officer("added", 1, person=person(2))
    return 1


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (_never, "under a key that no officer was enrolled with"),
        (_disabled, "by an officer who was disabled"),
        (_away, "by an officer who was away"),
        (_expired, "by an officer whose enrolment did not hold"),
        (_not_yet, "by an officer whose enrolment did not hold"),
        (_other_duty, "by an officer who did not hold that duty"),
        (_claimed_twice, "by an officer who was disabled"),
    ],
)
def test_an_approval_by_no_officer_of_that_time_is_found(
    desk: Desk, make: Callable[[Desk], int], why: str
) -> None:
    approved = desk.approve(make(desk))
    released = desk.release()

    report = desk.report()
    spoken = [one for one in report.findings if one.code not in ("officer-not-vouched", "enrolment-invalid")]
    report = replace(report, findings=tuple(spoken))
    assert found(report) == [("approval-by-non-officer", approved), ("unapproved", released)]
    assert why in message(report)
    assert found(desk.report(opened=False)) == []


def test_an_end_that_fell_between_a_word_and_its_entry_is_nobodys_fault(desk: Desk) -> None:
    desk.officer("added", 3, roles=("VPO",), valid_from=OPENED_AT - HOLD_S, valid_until=desk.now + 1)
    desk.now += LAG_S - 2
    desk.approve(3)
    desk.release()
    desk.hold("VPO:1")
    desk.officer("changed", 1, valid_from=desk.now, valid_until=desk.now + HOLD_S)
    desk.approve(1)
    desk.release()

    assert both(desk) == []


def test_an_officer_enrolled_after_the_approval_was_none_then(desk: Desk) -> None:
    approved = desk.approve(3)
    desk.officer("added", 3, valid_from=OPENED_AT)
    released = desk.release()

    assert found(desk.report()) == [("approval-by-non-officer", approved), ("unapproved", released)]


def test_a_duty_delegated_in_time_counts(desk: Desk) -> None:
    desk.officer("added", 3, roles=("RLO",))
    desk.officer("added", 3, roles=("VPO",), valid_from=desk.now, valid_until=desk.now + HOLD_S)
    desk.approve(3)
    desk.release()

    assert both(desk) == []


def test_an_officer_who_lost_the_duty_before_the_release_is_found(desk: Desk) -> None:
    desk.approve(1)
    desk.officer("disabled", 1)
    released = desk.release()

    assert found(desk.report()) == [("approval-by-non-officer", released), ("unapproved", released)]


def test_an_officer_whose_enrolment_ended_before_the_release_is_found(desk: Desk) -> None:
    desk.officer("added", 3, roles=("VPO",), valid_from=desk.now, valid_until=desk.now + 2)
    desk.approve(3)
    desk.now += LAG_S
    released = desk.release()

    assert found(desk.report()) == [("approval-by-non-officer", released), ("unapproved", released)]


def test_an_officer_who_went_away_after_approving_counts(desk: Desk) -> None:
    desk.approve(1)
    desk.officer("changed", 1, valid_from=desk.now, valid_until=desk.now + HOLD_S)
    desk.release()

    assert both(desk) == []


def test_what_was_released_may_be_sealed_anew_when_its_officer_is_gone(desk: Desk) -> None:
    desk.approve(1)
    desk.release()
    desk.officer("disabled", 1)
    desk.now += 2 * HOLD_S
    desk.release()

    assert both(desk) == []
