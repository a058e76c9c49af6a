"""The roster: who may approve at a time, as the entries of one ledger say it.

Source: PROTOCOL section 4 (Officer) and 8; THREATS A19.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.errors import Refused
from gateway.ledger.entry import Entry, EntryKind
from gateway.ledger.roster import Roster
from keys.signer import key_id
from tests.ledger.samples import sample

KEY, SECOND = b"\x01" * 32, b"\x02" * 32
ANNA, BORIS = b"\xaa" * 16, b"\xbb" * 16
ALWAYS = (0, 100)


def changed(
    action: str,
    *,
    at: int = 0,
    key: bytes = KEY,
    person: bytes = ANNA,
    roles: tuple[str, ...] | None = None,
    valid: tuple[int | None, int | None] = (None, None),
) -> Entry:
    """Return an `officer-changed` entry."""
    return Entry(
        kind=EntryKind.OFFICER_CHANGED,
        action=action,
        person=person,
        key=key,
        roles=roles,
        valid_from=valid[0],
        valid_until=valid[1],
        at=at,
        blind=bytes(16),
    )


ADDED = changed("added", roles=("CPO", "VPO"), valid=(10, 20))


def refused(roster: Roster, role: str, at: int, *, key: bytes = KEY) -> str:
    with pytest.raises(Refused) as caught:
        roster.may_act(key, role, at)
    return caught.value.code


def test_an_officer_acts_in_its_duties_from_the_beginning_until_the_end() -> None:
    roster = Roster([ADDED])

    assert [roster.may_act(KEY, role, at) for role in ("CPO", "VPO") for at in (10, 19)] == [ANNA] * 4
    assert {refused(roster, "VPO", at) for at in (0, 9, 20, 99)} == {"officer-not-valid"}


def test_a_duty_that_an_officer_does_not_hold_is_refused() -> None:
    assert refused(Roster([ADDED]), "DPO", 10) == "not-your-duty"


def test_a_key_that_was_never_enrolled_is_no_officers() -> None:
    roster = Roster([ADDED])

    assert KEY in roster
    assert SECOND not in roster
    assert refused(roster, "VPO", 10, key=SECOND) == "not-an-officer"
    with pytest.raises(Refused):
        roster.person_of(SECOND)
    with pytest.raises(Refused):
        Roster().person_of(KEY)


def test_a_duty_is_delegated_until_its_end() -> None:
    roster = Roster([ADDED, changed("added", roles=("DPO",), valid=(12, 15))])

    assert [roster.may_act(KEY, "DPO", at) for at in (12, 14)] == [ANNA, ANNA]
    assert {refused(roster, "DPO", at) for at in (10, 11, 15, 19)} == {"not-your-duty"}
    assert roster.may_act(KEY, "VPO", 15) == ANNA
    assert roster.roles_at(KEY, 14) == {"CPO", "VPO", "DPO"}


def test_a_delegation_may_outlive_the_first_enrolment() -> None:
    roster = Roster([ADDED, changed("added", roles=("DPO",), valid=(15, 30))])

    assert roster.roles_at(KEY, 25) == {"DPO"}
    assert refused(roster, "VPO", 25) == "not-your-duty"


def test_an_officer_who_is_away_acts_before_and_after() -> None:
    roster = Roster([ADDED, changed("changed", valid=(12, 15))])

    assert [roster.may_act(KEY, "VPO", at) for at in (11, 15)] == [ANNA, ANNA]
    assert {refused(roster, "VPO", at) for at in (12, 14)} == {"officer-absent"}
    assert roster.away(KEY) == (12, 15)


def test_the_newest_absence_replaces_the_one_before() -> None:
    roster = Roster([ADDED, changed("changed", valid=(12, 15)), changed("changed", valid=(16, 18))])

    assert roster.may_act(KEY, "VPO", 13) == ANNA
    assert refused(roster, "VPO", 16) == "officer-absent"
    # Back early: an absence that ends as it begins.
    roster.note(changed("changed", valid=(16, 16)))
    assert roster.may_act(KEY, "VPO", 16) == ANNA


def test_a_disabled_officer_is_refused_for_good() -> None:
    roster = Roster([ADDED, changed("disabled", at=14)])

    assert roster.may_act(KEY, "VPO", 13) == ANNA
    assert {refused(roster, "VPO", at) for at in (14, 19)} == {"officer-disabled"}
    roster.note(changed("added", at=15, roles=("VPO",), valid=(15, 30)))
    roster.note(changed("disabled", at=16))
    assert {refused(roster, "VPO", at) for at in (14, 16, 29)} == {"officer-disabled"}


def test_who_was_disabled_at_the_first_second_stays_so() -> None:
    roster = Roster(
        [changed("added", roles=("VPO",), valid=ALWAYS), changed("disabled"), changed("disabled", at=5)]
    )

    assert {refused(roster, "VPO", at) for at in (0, 4, 5)} == {"officer-disabled"}


@pytest.mark.parametrize(
    "entry",
    [
        changed("revoked", at=14),
        changed("changed", at=14, roles=("DPO",), valid=ALWAYS),
    ],
    ids=["revoked", "changed with roles"],
)
def test_what_this_version_gives_no_meaning_ends_a_key(entry: Entry) -> None:
    roster = Roster([ADDED, entry])

    assert roster.may_act(KEY, "VPO", 13) == ANNA
    assert refused(roster, "VPO", 14) == "officer-disabled"


@pytest.mark.parametrize("action", ["added", "changed", "disabled"])
def test_a_key_that_is_claimed_for_another_person_ends(action: str) -> None:
    roles = ("VPO",) if action == "added" else None
    roster = Roster([ADDED, changed(action, at=14, person=BORIS, roles=roles, valid=(14, 14))])

    assert roster.may_act(KEY, "VPO", 13) == ANNA
    assert refused(roster, "VPO", 14) == "officer-disabled"
    assert roster.person_of(KEY) == ANNA


def test_one_person_may_hold_two_keys() -> None:
    roster = Roster([ADDED, changed("added", key=SECOND, roles=("DPO",), valid=ALWAYS), changed("disabled")])

    assert roster.person_of(KEY) == roster.person_of(SECOND) == ANNA
    assert refused(roster, "VPO", 10) == "officer-disabled"
    assert roster.may_act(SECOND, "DPO", 10) == ANNA
    assert roster.keys == (KEY, SECOND)
    assert roster.active(10) == {SECOND: ANNA}


@pytest.mark.parametrize("valid", [(None, None), (10, None), (None, 0), (20, 10)])
def test_an_enrolment_without_both_its_ends_never_holds(valid: tuple[int | None, int | None]) -> None:
    roster = Roster([changed("added", roles=("VPO",), valid=valid)])

    assert {refused(roster, "VPO", at) for at in (0, 10, 15, 20)} == {"officer-not-valid"}


def test_an_enrolment_without_duties_gives_none() -> None:
    roster = Roster([changed("added", valid=ALWAYS)])

    assert refused(roster, "VPO", 10) == "not-your-duty"


def test_an_absence_alone_enrols_nobody() -> None:
    roster = Roster([changed("changed", valid=(50, 60))])

    assert refused(roster, "VPO", 10) == "not-an-officer"
    assert (KEY in roster, roster.keys, roster.active(10)) == (False, (), {})
    roster.note(changed("added", roles=("VPO",), valid=ALWAYS))
    assert roster.may_act(KEY, "VPO", 50) == ANNA


def test_a_key_that_was_disabled_before_it_was_added_stays_disabled() -> None:
    roster = Roster([changed("disabled"), changed("added", roles=("VPO",), valid=ALWAYS)])

    assert refused(roster, "VPO", 10) == "officer-disabled"


@pytest.mark.parametrize("kind", [kind for kind in EntryKind if kind is not EntryKind.OFFICER_CHANGED])
def test_entries_of_other_kinds_say_nothing_of_officers(kind: EntryKind) -> None:
    values: dict[str, Any] = sample(kind)
    roster = Roster([ADDED])

    roster.note(Entry(**values, at=14, blind=bytes(16), pair_seq=1 if "direction" in values else None))

    assert roster.keys == (KEY,)
    assert roster.may_act(KEY, "VPO", 14) == ANNA


def test_a_key_is_found_by_its_id() -> None:
    roster = Roster([ADDED])

    assert roster.key_of(key_id(KEY)) == KEY
    with pytest.raises(Refused) as caught:
        roster.key_of(key_id(SECOND))
    assert caught.value.code == "not-an-officer"


def test_an_officer_who_is_away_still_holds_the_duty_and_one_who_lost_it_does_not() -> None:
    roster = Roster([ADDED, changed("changed", valid=(12, 15)), changed("disabled", at=18)])

    assert [at for at in range(25) if roster.still_holds(KEY, "VPO", at)] == list(range(10, 18))
    assert not roster.still_holds(KEY, "DPO", 13)
    assert not roster.still_holds(SECOND, "VPO", 13)
    assert [roster.has_ended(key, at) for key in (KEY, SECOND) for at in (17, 18)] == [
        False,
        True,
        False,
        False,
    ]


def test_active_are_those_who_may_act_in_some_duty() -> None:
    roster = Roster([ADDED, changed("added", key=SECOND, person=BORIS, roles=("RLO",), valid=(15, 30))])

    assert roster.active(9) == {}
    assert roster.active(10) == {KEY: ANNA}
    assert roster.active(15) == {KEY: ANNA, SECOND: BORIS}
    assert roster.active(20) == {SECOND: BORIS}


def _oracle(entries: list[Entry], key: bytes, role: str, at: int) -> bytes | str:
    """Return who may act, or why not, by reading the whole list again for every question."""
    mine = [entry for entry in entries if entry.key == key]
    while mine and mine[0].action == "changed" and not mine[0].roles:
        mine = mine[1:]
    if not mine:
        return "not-an-officer"
    person = mine[0].person or b""
    ended = [e.at for e in mine if e.person != person or e.action not in ("added", "changed") or _odd(e)]
    if any(end <= at for end in ended):
        return "officer-disabled"
    absences = [e for e in mine if e.action == "changed" and not _odd(e) and e.person == person]
    if absences and _holds(absences[-1], at):
        return "officer-absent"
    held = [e for e in mine if e.action == "added" and e.person == person and _holds(e, at)]
    if not held:
        return "officer-not-valid"
    return person if any(role in (e.roles or ()) for e in held) else "not-your-duty"


def _odd(entry: Entry) -> bool:
    return entry.action == "changed" and bool(entry.roles)


def _holds(entry: Entry, at: int) -> bool:
    return (entry.valid_from or 0) <= at < (entry.valid_until or 0)


_KEYS, _PEOPLE, _ROLES = (KEY, SECOND), (ANNA, BORIS), ("CPO", "DPO", "VPO")
_TIMES = st.none() | st.integers(0, 12)


class RosterMachine(RuleBasedStateMachine):
    """Any entries in any order, in time that stands still or goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Entry] = []
        self.roster = Roster()
        self.now = 0

    @rule(
        action=st.sampled_from(("added", "added", "changed", "disabled", "revoked")),
        whose=st.tuples(st.sampled_from(_KEYS), st.sampled_from(_PEOPLE)),
        roles=st.none() | st.lists(st.sampled_from(_ROLES), unique=True).map(lambda one: tuple(sorted(one))),
        valid=st.tuples(_TIMES, _TIMES),
    )
    def something_changes(
        self,
        action: str,
        whose: tuple[bytes, bytes],
        roles: tuple[str, ...] | None,
        valid: tuple[int | None, int | None],
    ) -> None:
        entry = changed(action, at=self.now, key=whose[0], person=whose[1], roles=roles, valid=valid)
        self.entries.append(entry)
        self.roster.note(entry)

    @rule(key=st.sampled_from(_KEYS), roles=st.sampled_from([(one,) for one in _ROLES]))
    def somebody_is_added_for_long(self, key: bytes, roles: tuple[str, ...]) -> None:
        self.something_changes("added", (key, _PEOPLE[_KEYS.index(key)]), roles, (0, 12))

    @rule(step=st.integers(1, 3))
    def time_passes(self, step: int) -> None:
        self.now += step

    @invariant()
    def it_says_what_the_whole_list_says(self) -> None:
        again = Roster(self.entries)
        for key in _KEYS:
            for at in range(13):
                for role in _ROLES:
                    expected = _oracle(self.entries, key, role, at)
                    assert _answer(self.roster, key, role, at) == expected
                    assert _answer(again, key, role, at) == expected
        for at in range(13):
            assert self.roster.active(at).keys() == {
                key for key in _KEYS if _may_something(self.entries, key, at)
            }


def _answer(roster: Roster, key: bytes, role: str, at: int) -> bytes | str:
    try:
        return roster.may_act(key, role, at)
    except Refused as refusal:
        return refusal.code


def _may_something(entries: list[Entry], key: bytes, at: int) -> bool:
    return isinstance(_oracle(entries, key, "CPO", at), bytes) or (
        _oracle(entries, key, "CPO", at) == "not-your-duty"
    )


TestRosterMachine = RosterMachine.TestCase
