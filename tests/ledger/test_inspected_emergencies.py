"""What an inspection finds out about emergency releases: whether each was reviewed, in time and by whom.

Source: PROTOCOL section 8; THREATS A24.
"""

from __future__ import annotations

from typing import Any

import pytest

from gateway.ledger.emergencies import REVIEW_S
from gateway.ledger.entry import EntryKind
from gateway.ledger.inspection import Severity
from gateway.record.vocabulary import Duty
from keys.approval import Verdict
from tests.ledger.ledgers import EXCHANGE, HELD_EXCHANGE
from tests.ledger.liaison import PEER, Desk, commits, found, message

OVERDUE = "review-overdue"


@pytest.fixture
def desk() -> Desk:
    """Return a desk of three officers."""
    desk = Desk()
    for number in (1, 2, 3):
        desk.officer(number=number)
    return desk


def emergency(desk: Desk) -> int:
    """Release in an emergency; return the index of its `break-glass` entry."""
    desk.hold("DUTY:2")
    desk.approve(1, Duty.DUTY)
    desk.approve(2, Duty.DUTY)
    index = desk.append(
        EntryKind.BREAK_GLASS,
        exchange=EXCHANGE,
        peer=PEER,
        about=desk.decided,
        commits=commits(justification=b"a threat to life"),
    )
    desk.release()
    return index


def review(desk: Desk, about: int, duty: Duty = Duty.DPO, **changes: Any) -> int:
    """Let the third officer review."""
    signed = desk.signed(3, duty, **changes)
    return desk.verdict(EntryKind.BREAK_GLASS_REVIEWED, signed, actor=3, about=about)


def overdue(desk: Desk) -> list[int | None]:
    """Return the entries whose review is overdue; nothing else is noticed or found."""
    report = desk.report()
    assert found(report) == found(desk.report(opened=False)) == []
    return [index for code, index in found(report, Severity.NOTICE) if code == OVERDUE]


def test_an_emergency_release_may_wait_72_hours_for_its_review(desk: Desk) -> None:
    index = emergency(desk)
    desk.append(EntryKind.FILLER)
    assert overdue(desk) == []

    desk.now = desk.book_time(index) + REVIEW_S
    desk.append(EntryKind.FILLER)
    assert overdue(desk) == []

    desk.append(EntryKind.FILLER)
    assert overdue(desk) == [index]


@pytest.mark.parametrize("verdict", Verdict)
def test_an_emergency_release_that_was_reviewed_in_time_is_clean(desk: Desk, verdict: Verdict) -> None:
    index = emergency(desk)
    desk.now += REVIEW_S // 2
    review(desk, index, verdict=verdict, reason="not-lawful")
    desk.now += 2 * REVIEW_S
    desk.append(EntryKind.FILLER)

    assert overdue(desk) == []


def test_a_late_review_is_noticed(desk: Desk) -> None:
    index = emergency(desk)
    desk.now += 2 * REVIEW_S
    review(desk, index)

    assert overdue(desk) == [index]


def test_a_second_review_changes_nothing(desk: Desk) -> None:
    index = emergency(desk)
    review(desk, index)
    desk.now += 2 * REVIEW_S
    review(desk, index, reason="looked at again")

    assert overdue(desk) == []


def test_an_emergency_release_needs_its_approvals_like_every_other(desk: Desk) -> None:
    desk.hold("DUTY:2")
    desk.approve(1, Duty.DUTY)
    desk.append(EntryKind.BREAK_GLASS, exchange=EXCHANGE, peer=PEER, commits=())
    released = desk.release()

    assert found(desk.report()) == [("unapproved", released)]


@pytest.mark.parametrize("about", [0, -2, -1])
def test_a_review_of_no_emergency_release_is_found(desk: Desk, about: int) -> None:
    index = emergency(desk)
    entered = review(desk, index + about if about else 0)

    assert found(desk.report()) == found(desk.report(opened=False)) == [("approval-misplaced", entered)]


def test_a_review_in_another_exchange_is_found(desk: Desk) -> None:
    index = emergency(desk)
    signed = desk.signed(3, Duty.DPO, exchange_id=HELD_EXCHANGE)
    entered = desk.verdict(
        EntryKind.BREAK_GLASS_REVIEWED, signed, actor=3, about=index, exchange=HELD_EXCHANGE
    )

    assert found(desk.report()) == [("approval-misplaced", entered)]


@pytest.mark.parametrize(
    ("changes", "code", "why"),
    [
        ({"duty": Duty.VPO}, "approval-by-non-officer", "not given by a data protection officer"),
        ({"by": 2}, "approval-invalid", "does not verify"),
        ({"recipient": "shelter.ngo"}, "approval-invalid", "another recipient"),
        ({"exchange_id": HELD_EXCHANGE}, "approval-invalid", "another exchange"),
    ],
)
def test_a_review_that_does_not_count_is_found_and_stays_due(
    desk: Desk, changes: dict[str, Any], code: str, why: str
) -> None:
    index = emergency(desk)
    entered = review(desk, index, **changes)
    desk.now += 2 * REVIEW_S
    desk.append(EntryKind.FILLER)

    report = desk.report()
    assert found(report) == [(code, entered)]
    assert why in message(report)
    assert (OVERDUE, index) in found(report, Severity.NOTICE)


def test_a_review_by_somebody_who_was_disabled_is_found(desk: Desk) -> None:
    index = emergency(desk)
    desk.officer("disabled", 3)
    entered = review(desk, index)

    assert found(desk.report()) == [("approval-by-non-officer", entered)]
