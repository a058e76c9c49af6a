"""Officers, holds and what was said of them come back as they were written, and change only as expected."""

from __future__ import annotations

import pytest

from gateway.errors import Conflict, GatewayError
from gateway.store.changes import BodyReplaced, DecidedAnew, HoldClaimed, HoldMoved, Reviewed
from gateway.store.review_rows import (
    ApprovalRow,
    HoldCaseRow,
    HoldRow,
    OfficerChangeRow,
    OfficerRow,
    ReviewRow,
)
from gateway.store.store import Store
from gateway.store.unit import Unit
from tests.store.material import OWN, PEER, commit, digest, exchange_row, uuid7

PERSON = b"p" * 16


def officer_row(entry: int = 0) -> OfficerRow:
    """An enrolment."""
    return OfficerRow(entry, "k" * 32, PERSON, "anna", "Anna", "RLO,VPO", digest("key"), 1, 2, b"signed")


def hold_row(number: int = 1, round_: int = 1, **changes: object) -> HoldRow:
    """A hold that is open, for the exchange of that number."""
    row = HoldRow(
        uuid7(number),
        round_,
        "release",
        "held",
        PEER,
        "investigation",
        "routine",
        OWN,
        uuid7(number),
        1,
        "VPO:1",
        digest("release"),
        digest("decision"),
        digest("policy"),
        digest("directory"),
        1,
        1000 + number,
        "",
        "",
        0,
        0,
        None,
    )
    return row._replace(**changes)  # type: ignore[arg-type]


def approval_row(number: int = 1, seq: int = 1, person: bytes = PERSON, round_: int = 1) -> ApprovalRow:
    """What one person said."""
    return ApprovalRow(uuid7(number), seq, round_, "k" * 32, person, "VPO", "approve", 5, seq)


def test_rows_come_back_as_they_were_written(store: Store) -> None:
    change = OfficerChangeRow(1, "k" * 32, "changed", 3, 4)
    review = ReviewRow(uuid7(1), digest("unit"), 7, "due", 0, None)

    commit(store, Unit(rows=(officer_row(), change, hold_row(), approval_row(), review)))

    assert store.read.officers() == [officer_row()]
    assert store.read.officer_changes() == [change]
    assert store.read.hold(uuid7(1)) == hold_row()
    assert store.read.approvals(uuid7(1)) == [approval_row()]
    assert store.read.reviews_due() == [review]
    assert store.read.review(uuid7(1)) == review


def test_newest_round_is_the_hold_and_only_open_ones_wait(store: Store) -> None:
    closed = hold_row(state="voided")

    commit(store, Unit(rows=(closed, hold_row(round_=2), hold_row(2), hold_row(3, state="refused"))))

    assert store.read.hold(uuid7(1)) == hold_row(round_=2)
    assert store.read.hold_rounds(uuid7(1)) == [closed, hold_row(round_=2)]
    assert [one.exchange_id for one in store.read.open_holds()] == [uuid7(1), uuid7(2)]
    assert [one.exchange_id for one in store.read.ended_holds(1001, limit=9)] == [uuid7(1)]
    assert store.read.hold(uuid7(9)) is None


def test_person_speaks_once_in_a_round_and_again_in_the_next(store: Store) -> None:
    commit(store, Unit(rows=(hold_row(), approval_row())))

    (again,) = store.writer.commit([Unit(rows=(approval_row(seq=2),))])
    commit(store, Unit(rows=(approval_row(seq=2, round_=2),)))

    assert isinstance(again, Conflict)
    assert [one.round for one in store.read.approvals(uuid7(1))] == [1, 2]


def test_hold_moves_from_where_it_was_expected_and_loses_its_claim(store: Store) -> None:
    commit(store, Unit(rows=(hold_row(),)))
    commit(store, Unit(rows=(HoldClaimed(uuid7(1), 1, "", "k" * 32, 99),)))

    commit(store, Unit(rows=(HoldMoved(uuid7(1), 1, "held", "voided", "the rules changed"),)))
    (late,) = store.writer.commit([Unit(rows=(HoldMoved(uuid7(1), 1, "held", "approved"),))])

    found = store.read.hold(uuid7(1))
    assert isinstance(late, GatewayError)
    assert found is not None
    assert (found.state, found.why, found.claimed_by, found.claimed_until) == (
        "voided",
        "the rules changed",
        "",
        0,
    )


def test_closed_hold_is_claimed_by_nobody(store: Store) -> None:
    commit(store, Unit(rows=(hold_row(state="approved"),)))

    (claimed,) = store.writer.commit([Unit(rows=(HoldClaimed(uuid7(1), 1, "", "k" * 32, 99),))])

    assert isinstance(claimed, GatewayError)


def test_what_officers_said_of_closed_rounds_is_not_among_the_open(store: Store) -> None:
    commit(store, Unit(rows=(hold_row(state="voided"), hold_row(round_=2), approval_row())))
    commit(store, Unit(rows=(approval_row(seq=2, round_=2),)))

    assert store.read.open_approvals() == [approval_row(seq=2, round_=2)]


def test_exchange_is_decided_anew_from_the_state_expected(store: Store) -> None:
    held = exchange_row(1)._replace(state="held", entry=0)
    commit(store, Unit(rows=(held,)))
    anew = DecidedAnew(
        uuid7(1), "held", "denied", digest("d"), digest("p"), digest("v"), "RLO:1", "denied", 3
    )

    commit(store, Unit(rows=(anew,)))

    found = store.read.exchange(uuid7(1))
    assert found is not None
    assert (found.state, found.decision_digest, found.duties, found.entry) == (
        "denied",
        digest("d"),
        "RLO:1",
        3,
    )
    assert isinstance(store.writer.commit([Unit(rows=(anew,))])[0], GatewayError)


def test_review_closes_once_and_counts_as_overdue_until_then(store: Store) -> None:
    commit(store, Unit(rows=(ReviewRow(uuid7(1), digest("unit"), 7, "due", 0, None),)))

    assert store.read.is_review_overdue(digest("unit"), 8)
    assert not store.read.is_review_overdue(digest("unit"), 7)
    assert not store.read.is_review_overdue(digest("other"), 8)

    commit(store, Unit(rows=(Reviewed(uuid7(1), "due", "reviewed", 2),)))

    assert not store.read.is_review_overdue(digest("unit"), 8)
    assert isinstance(
        store.writer.commit([Unit(rows=(Reviewed(uuid7(1), "due", "reviewed", 3),))])[0], GatewayError
    )


def test_exchanges_ever_held_are_found_among_many(store: Store) -> None:
    commit(
        store, Unit(rows=(hold_row(1), hold_row(70, state="approved"), HoldCaseRow(digest("c"), uuid7(1))))
    )

    assert store.read.held_before([uuid7(number) for number in range(1, 80)]) == {uuid7(1), uuid7(70)}
    assert store.read.held_before([]) == set()
    assert store.read.holds_of_case(digest("c")) == {uuid7(1)}


def test_body_that_is_not_there_is_not_replaced(store: Store) -> None:
    replaced = BodyReplaced(OWN, uuid7(1), 1, "release", uuid7(1), b"x")

    assert isinstance(store.writer.commit([Unit(rows=(replaced,))])[0], GatewayError)


@pytest.mark.parametrize("row", [officer_row(), approval_row()])
def test_what_was_said_is_said_once(store: Store, row: OfficerRow | ApprovalRow) -> None:
    commit(store, Unit(rows=(row,)))

    assert isinstance(store.writer.commit([Unit(rows=(row,))])[0], Conflict)
