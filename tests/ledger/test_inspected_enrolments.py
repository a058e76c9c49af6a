"""What an inspection finds out about who became an officer: by others' signatures, not by an entry alone."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.errors import Malformed
from gateway.ledger.commitment import CommitmentType, salt
from gateway.ledger.enrolments import pack_signed, unpack_signed
from gateway.ledger.entry import EntryKind
from gateway.ledger.export import Opening
from gateway.ledger.inspection import Severity
from keys.officer import vouch
from tests.keys.officers import officer, person, signer
from tests.ledger.ledgers import K
from tests.ledger.liaison import HOLD_S, Desk, commits, found, staffed


@pytest.fixture
def desk() -> Desk:
    """Return a desk of two officers, each vouched for by the other."""
    return staffed()


def enter(desk: Desk, number: int, *vouchers: int, opened: bool = True, **entry: Any) -> int:
    """Enter an officer vouched for by these; `entry` changes what the entry says."""
    now_ms = desk.now * 1000
    body = officer(number, valid_from_ms=now_ms, valid_until_ms=now_ms + HOLD_S * 1000).encode()
    signed = pack_signed([vouch(body, signer(one)) for one in (number, *vouchers)])
    facts: dict[str, Any] = {
        "action": "added",
        "person": person(number),
        "key": signer(number).public_key,
        "roles": ("RLO", "VPO"),
        "valid_from": desk.now,
        "valid_until": desk.now + HOLD_S,
        "commits": commits(justification=signed),
    }
    index = desk.append(EntryKind.OFFICER_CHANGED, **{**facts, **entry})
    if opened:
        kind = CommitmentType.JUSTIFICATION
        desk.openings.append(Opening(index=index, type=kind, salt=salt(K, kind), content=signed))
    return index


def test_officer_whom_two_vouched_for_is_clean(desk: Desk) -> None:
    enter(desk, 3, 1, 2)

    assert found(desk.report()) == []


@pytest.mark.parametrize("vouchers", [(), (1,)])
def test_officer_whom_too_few_vouched_for_is_found(desk: Desk, vouchers: tuple[int, ...]) -> None:
    index = enter(desk, 3, *vouchers)

    assert found(desk.report()) == [("officer-not-vouched", index)]


def test_second_key_of_a_voucher_is_no_second_voucher(desk: Desk) -> None:
    desk.officer(number=3)
    index = enter(desk, 4, 3, 3 - 2)

    assert found(desk.report()) == []
    second = enter(desk, 5, 1, person=person(5))
    assert (index, found(desk.report())) == (index, [("officer-not-vouched", second)])


def test_stranger_vouches_for_nobody(desk: Desk) -> None:
    index = enter(desk, 3, 1, 9)

    assert found(desk.report()) == [("enrolment-invalid", index)]


def test_disabled_officer_vouches_for_nobody_any_more(desk: Desk) -> None:
    desk.officer("disabled", 2)
    index = enter(desk, 3, 1, 2)

    assert found(desk.report()) == [("enrolment-invalid", index)]


@pytest.mark.parametrize(
    "entry",
    [
        {"roles": ("DPO", "RLO", "VPO")},
        {"person": person(7)},
        {"key": signer(7).public_key},
        {"valid_until": 2**40},
    ],
)
def test_entry_that_says_more_than_was_signed_is_found(desk: Desk, entry: dict[str, Any]) -> None:
    index = enter(desk, 3, 1, 2, **entry)

    assert ("enrolment-invalid", index) in found(desk.report())


def test_what_is_not_opened_is_not_judged(desk: Desk) -> None:
    enter(desk, 3, opened=False)

    assert found(desk.report()) == []
    assert ("enrolments-unopened", None) in found(desk.report(), Severity.NOT_JUDGED)


def test_packed_signatures_come_apart_again_and_cut_ones_do_not() -> None:
    packed = pack_signed([b"one", b"", b"three"])

    assert unpack_signed(packed) == (b"one", b"", b"three")
    with pytest.raises(Malformed):
        unpack_signed(packed[:-1])
