"""What an inspection finds out about approvals: with openings who gave them, without what the entries show.

Source: PROTOCOL section 10; THREATS A19, A21, A25.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.ledger.entry import EntryKind
from gateway.ledger.inspection import Severity
from gateway.record.vocabulary import Duty, Purpose
from gateway.release.hold import Given, missing
from keys.approval import Verdict
from tests.keys.officers import person, signer
from tests.ledger.ledgers import EXCHANGE, HELD_EXCHANGE, OPENED_AT
from tests.ledger.liaison import HOLD_S, PEER, Desk, both, commits, found, message, staffed

ACTOR = signer(1).key_id.encode()


@pytest.fixture
def desk() -> Desk:
    """Return a desk of two officers who are two people, and a hold for one of them."""
    return staffed()


def test_a_release_with_its_approval_is_clean_with_openings_and_without(desk: Desk) -> None:
    desk.approve(1)
    released = desk.release()

    assert both(desk) == []
    assert found(desk.report(), Severity.NOT_JUDGED) == [("payload-unopened", released)]
    assert set(found(desk.report(opened=False), Severity.NOT_JUDGED)) == {
        ("approval-signatures", None),
        ("enrolments-unopened", None),
        ("openings-absent", None),
    }
    desk.show(released)
    assert found(desk.report(), Severity.NOT_JUDGED) == []
    assert desk.report().exit_code == 0


def test_two_persons_in_two_duties_are_clean(desk: Desk) -> None:
    desk.hold("CPO:1", "DUTY:2")
    desk.officer(number=3)
    desk.approve(1, Duty.CPO)
    desk.approve(2, Duty.DUTY)
    desk.approve(3, Duty.DUTY)
    desk.release()

    assert both(desk) == []


def test_a_release_without_its_approvals_is_found(desk: Desk) -> None:
    desk.hold("VPO:2")
    desk.approve(1)
    released = desk.release()

    assert both(desk) == [("unapproved", released)]


def test_signatures_are_not_judged_where_they_are_not_opened(desk: Desk) -> None:
    desk.hold("VPO:2")
    desk.approve(1)
    desk.verdict(EntryKind.APPROVED, desk.signed(3, by=2), actor=3, opened=False)
    desk.release()

    assert both(desk) == []
    report = desk.report()
    assert ("approval-signatures", None) in found(report, Severity.NOT_JUDGED)
    assert "1 verdict" in next(one for one in report.findings if one.code == "approval-signatures").message


def test_a_second_eye_that_is_the_same_person_is_found_also_under_a_second_key(desk: Desk) -> None:
    desk.hold("VPO:2")
    # Nobody vouches for their own second key: that is a finding of its own.
    added = desk.officer("added", 3, person=person(1))
    desk.approve(1)
    second = desk.approve(3)
    released = desk.release()

    assert found(desk.report()) == [
        ("officer-not-vouched", added),
        ("same-person", second),
        ("unapproved", released),
    ]


def test_a_second_eye_that_is_the_same_person_in_another_duty_is_found(desk: Desk) -> None:
    desk.hold("CPO:1", "VPO:1")
    desk.approve(1, Duty.CPO)
    second = desk.approve(1, Duty.VPO)
    released = desk.release()

    assert found(desk.report()) == [("same-person", second), ("unapproved", released)]


def test_one_signature_entered_twice_is_found(desk: Desk) -> None:
    desk.hold("VPO:2")
    signed = desk.signed(1)
    desk.verdict(EntryKind.APPROVED, signed)
    second = desk.verdict(EntryKind.APPROVED, signed)
    released = desk.release()

    assert found(desk.report()) == [("approval-invalid", second), ("unapproved", released)]


def test_a_person_may_approve_again_after_a_new_decision(desk: Desk) -> None:
    desk.approve(1)
    desk.hold("VPO:1")
    desk.approve(1)
    desk.release()

    assert both(desk) == []


def test_other_bytes_than_were_approved_are_found(desk: Desk) -> None:
    desk.approve(1)
    released = desk.release(b"other bytes")

    assert both(desk) == [("other-bytes", released), ("unapproved", released)]


def test_an_approval_that_commits_to_no_bytes_is_found(desk: Desk) -> None:
    signed = desk.signed(1)
    desk.verdict(EntryKind.APPROVED, signed, commits=commits(actor=ACTOR, justification=signed))
    released = desk.release()

    assert both(desk) == [("other-bytes", released), ("unapproved", released)]


def test_approvals_of_one_round_over_different_bytes_are_found(desk: Desk) -> None:
    desk.hold("VPO:2")
    desk.approve(1)
    second = desk.approve(2, release=b"\x0a" * 32)
    released = desk.release()

    assert found(desk.report()) == [("other-bytes", second), ("unapproved", released)]


def test_a_signed_digest_of_other_bytes_is_found_where_the_release_is_opened(desk: Desk) -> None:
    desk.approve(1, release=b"\x0a" * 32)
    released = desk.release()

    assert found(desk.report()) == []
    desk.show(released)
    assert found(desk.report()) == [("other-bytes", released), ("unapproved", released)]


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"recipient": "shelter.ngo"}, "another recipient"),
        ({"exchange_id": HELD_EXCHANGE}, "another exchange"),
        ({"purpose": Purpose.INVESTIGATION}, "another purpose"),
        ({"decision": b"\x0b" * 32}, "another decision"),
        ({"policy": b"\x0c" * 32}, "another set of rules"),
        ({"directory": b"\x0d" * 32}, "another directory"),
        ({"verdict": Verdict.REFUSE, "reason": "duplicate"}, "something else than its entry"),
        ({"expires_at_ms": (OPENED_AT - HOLD_S) * 1000}, "after its hold had ended"),
        ({"by": 2}, "the signature does not verify"),
    ],
)
def test_what_an_officer_signed_for_something_else_is_found(
    desk: Desk, changes: dict[str, Any], why: str
) -> None:
    approved = desk.approve(1, **changes)
    released = desk.release()

    report = desk.report()
    assert found(report) == [("approval-invalid", approved), ("unapproved", released)]
    assert why in message(report)


def test_an_approval_in_another_duty_than_its_entry_says_is_found(desk: Desk) -> None:
    approved = desk.verdict(EntryKind.APPROVED, desk.signed(1, Duty.RLO))
    released = desk.release()

    assert found(desk.report()) == [("approval-invalid", approved), ("unapproved", released)]


def test_an_approval_by_another_officer_than_its_entry_names_is_found(desk: Desk) -> None:
    approved = desk.verdict(EntryKind.APPROVED, desk.signed(1), actor=2)
    released = desk.release()

    assert found(desk.report()) == [("approval-invalid", approved), ("unapproved", released)]


@pytest.mark.parametrize("signed", [b"", b"approved by telephone", bytes(300)])
def test_an_approval_that_nobody_signed_is_found(desk: Desk, signed: bytes) -> None:
    approved = desk.verdict(EntryKind.APPROVED, signed)
    released = desk.release()

    assert found(desk.report()) == [("approval-invalid", approved), ("unapproved", released)]


def test_an_approval_that_commits_to_no_signature_is_found_without_openings(desk: Desk) -> None:
    approved = desk.verdict(EntryKind.APPROVED, b"", opened=False, commits=())
    released = desk.release()

    assert both(desk) == [("approval-invalid", approved), ("unapproved", released)]


def test_an_approval_of_an_earlier_round_that_is_replayed_is_found(desk: Desk) -> None:
    earlier = desk.signed(1)
    desk.verdict(EntryKind.APPROVED, earlier)
    desk.hold("VPO:1")
    replayed = desk.verdict(EntryKind.APPROVED, earlier)
    released = desk.release()

    assert found(desk.report()) == [("approval-invalid", replayed), ("unapproved", released)]


def test_an_approval_of_an_earlier_round_that_was_kept_back_is_found(desk: Desk) -> None:
    earlier = desk.signed(1)
    desk.hold("VPO:1")
    replayed = desk.verdict(EntryKind.APPROVED, earlier)
    released = desk.release()

    assert found(desk.report()) == [("approval-invalid", replayed), ("unapproved", released)]


@pytest.mark.parametrize("changes", [{"about": 1}, {"about": None}, {"peer": "shelter.ngo"}, {"peer": None}])
@pytest.mark.parametrize("kind", [EntryKind.APPROVED, EntryKind.REJECTED])
def test_a_verdict_that_answers_no_hold_is_found(
    desk: Desk, kind: EntryKind, changes: dict[str, Any]
) -> None:
    verdict = Verdict.APPROVE if kind is EntryKind.APPROVED else Verdict.REFUSE
    entered = desk.verdict(kind, desk.signed(1, verdict=verdict, reason="duplicate"), **changes)

    assert both(desk) == [("approval-misplaced", entered)]


def test_an_approval_that_answers_the_hold_of_an_earlier_decision_is_found(desk: Desk) -> None:
    earlier = desk.held
    desk.hold("VPO:1")
    entered = desk.verdict(EntryKind.APPROVED, desk.signed(1), about=earlier)
    released = desk.release()

    assert both(desk) == [("approval-misplaced", entered), ("unapproved", released)]


def test_a_release_that_an_officer_refused_is_found(desk: Desk) -> None:
    desk.approve(1)
    desk.verdict(EntryKind.REJECTED, desk.signed(2, verdict=Verdict.REFUSE, reason="no-consent"), actor=2)
    assert both(desk) == []

    released = desk.release()

    assert both(desk) == [("rejected", released)]


def test_a_refusal_that_is_no_officers_is_found_and_stops_the_release_all_the_same(desk: Desk) -> None:
    desk.approve(1)
    signed = desk.signed(3, verdict=Verdict.REFUSE, reason="no-consent")
    refused = desk.verdict(EntryKind.REJECTED, signed, actor=3)
    released = desk.release()

    assert found(desk.report()) == [("approval-by-non-officer", refused), ("rejected", released)]


def test_a_hold_that_ended_is_released_no_more(desk: Desk) -> None:
    desk.approve(1)
    desk.hold(outcome="deny")
    released = desk.release()

    assert ("denied", released) in both(desk)


def test_a_release_after_the_hold_had_ended_is_found(desk: Desk) -> None:
    desk.approve(1)
    desk.now += HOLD_S
    released = desk.release()

    assert found(desk.report()) == [("approval-invalid", released), ("unapproved", released)]


def test_an_approval_that_was_tried_and_did_not_count_is_no_finding(desk: Desk) -> None:
    contents = commits(actor=signer(3).key_id.encode(), justification=b"not-an-officer")
    desk.append(EntryKind.HOLD_PLACED, exchange=EXCHANGE, peer=PEER, about=desk.held, commits=contents)
    desk.approve(1)
    desk.release()

    assert both(desk) == []


@given(
    st.dictionaries(st.sampled_from(("CPO", "DPO", "VPO")), st.integers(1, 2), max_size=2),
    st.lists(st.sampled_from((Duty.CPO, Duty.DPO, Duty.VPO)), max_size=4),
)
def test_an_inspection_and_a_gateway_agree_on_who_is_enough(
    needed: dict[str, int], duties: list[Duty]
) -> None:
    desk = Desk()
    tokens = tuple(f"{duty}:{count}" for duty, count in sorted(needed.items()))
    for number in range(1, 5):
        desk.officer(number=number)
    desk.hold(*tokens)
    for number, duty in enumerate(duties, start=1):
        desk.approve(number, duty)
    released = desk.release()

    lacks = missing(
        tokens, [Given(person(number), duty.token) for number, duty in enumerate(duties, start=1)]
    )
    assert both(desk) == [("unapproved", released)] * len(lacks)
