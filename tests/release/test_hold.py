"""Holds: the one table of what may become of them, and when enough people agreed.

Source: DESIGN section 6; THREATS A19, A20.
"""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Malformed, Refused
from gateway.record.vocabulary import Duty
from gateway.release.hold import (
    TRANSITIONS,
    Given,
    HoldEvent,
    HoldState,
    advance,
    missing,
    officers_tokens,
)

OPEN = {HoldState.HELD, HoldState.PARTLY_APPROVED}
PEOPLE = tuple(bytes((number,)) * 16 for number in range(1, 6))
DUTIES = tuple(duty.token for duty in Duty)

_EVENTS = st.lists(st.sampled_from(HoldEvent), max_size=12)
_GIVEN = st.lists(st.builds(Given, st.sampled_from(PEOPLE), st.sampled_from(DUTIES)), max_size=12)
_REQUIRED = st.dictionaries(st.sampled_from((*DUTIES, "OC")), st.integers(1, 4), max_size=4).map(
    lambda counts: tuple(f"{duty}:{count}" for duty, count in counts.items())
)


def test_two_states_are_open_and_each_event_moves_both() -> None:
    assert {state for state in HoldState if state.is_open} == OPEN
    assert set(TRANSITIONS) == {(state, event) for state in OPEN for event in HoldEvent}


@pytest.mark.parametrize("state", sorted(OPEN))
@pytest.mark.parametrize(
    ("event", "after"),
    [
        (HoldEvent.APPROVAL, HoldState.PARTLY_APPROVED),
        (HoldEvent.LAST_APPROVAL, HoldState.APPROVED),
        (HoldEvent.REFUSAL, HoldState.REFUSED),
        (HoldEvent.EXPIRY, HoldState.EXPIRED),
        (HoldEvent.NARROWING, HoldState.SUPERSEDED),
        (HoldEvent.CHANGE, HoldState.VOIDED),
    ],
)
def test_an_open_hold_becomes_what_the_event_says(
    state: HoldState, event: HoldEvent, after: HoldState
) -> None:
    assert advance(state, event) is after


@pytest.mark.parametrize("event", HoldEvent)
@pytest.mark.parametrize(
    ("state", "code"),
    [
        (HoldState.APPROVED, "hold-closed"),
        (HoldState.REFUSED, "hold-closed"),
        (HoldState.EXPIRED, "hold-expired"),
        (HoldState.SUPERSEDED, "hold-superseded"),
        (HoldState.VOIDED, "hold-voided"),
    ],
)
def test_nothing_happens_to_a_closed_hold(state: HoldState, code: str, event: HoldEvent) -> None:
    with pytest.raises(Refused) as refused:
        advance(state, event)

    assert refused.value.code == code


@given(st.sampled_from(HoldState), _EVENTS)
def test_a_hold_is_approved_by_its_last_approval_alone_and_stays_as_it_closed(
    start: HoldState, events: list[HoldEvent]
) -> None:
    state = start
    for event in events:
        before = state
        try:
            state = advance(before, event)
        except Refused:
            assert before not in OPEN
            continue

        assert before in OPEN
        assert (state is HoldState.APPROVED) == (event is HoldEvent.LAST_APPROVAL)
    if start not in OPEN:
        assert state is start


@given(_EVENTS.filter(lambda events: HoldEvent.LAST_APPROVAL not in events))
def test_no_events_without_a_last_approval_approve_a_hold(events: list[HoldEvent]) -> None:
    state = HoldState.HELD
    for event in events:
        if state.is_open:
            state = advance(state, event)

    assert state is not HoldState.APPROVED


def test_two_of_a_duty_are_two_persons() -> None:
    one, two = PEOPLE[:2]

    assert missing(("DUTY:2",), []) == ("DUTY:2",)
    assert missing(("DUTY:2",), [Given(one, "DUTY")]) == ("DUTY:1",)
    assert missing(("DUTY:2",), [Given(one, "DUTY")] * 5) == ("DUTY:1",)
    assert missing(("DUTY:2",), [Given(one, "DUTY"), Given(two, "DUTY")]) == ()


def test_one_person_never_counts_in_two_duties() -> None:
    one, two = PEOPLE[:2]
    both = [Given(one, "CPO"), Given(one, "VPO")]

    assert missing(("CPO:1", "VPO:1"), both) == ("VPO:1",)
    assert missing(("CPO:1", "VPO:1"), [*both, Given(two, "VPO")]) == ()


def test_an_approval_in_a_duty_that_nobody_asked_for_uses_its_person_up_for_nothing() -> None:
    one, two = PEOPLE[:2]

    assert missing(("CPO:1",), [Given(one, "DPO")]) == ("CPO:1",)
    assert missing(("CPO:1",), [Given(one, "DPO"), Given(one, "CPO")]) == ()
    # Nor does one more than was asked for.
    assert missing(("CPO:1", "VPO:1"), [Given(one, "VPO"), Given(two, "VPO"), Given(two, "CPO")]) == ()


def test_the_originators_consent_is_no_officers_to_give() -> None:
    assert officers_tokens(("OC:1", "VPO:1")) == {"VPO:1"}
    assert missing(("OC:1",), []) == ()
    assert missing(("OC:1", "VPO:1"), [Given(PEOPLE[0], "OC")]) == ("VPO:1",)


def test_the_order_of_what_is_required_does_not_matter() -> None:
    assert missing(("VPO:1", "CPO:2"), []) == missing(("CPO:2", "VPO:1"), []) == ("CPO:2", "VPO:1")


@pytest.mark.parametrize(
    "tokens", [("VPO",), ("VPO:0",), ("VPO:1", "VPO:2"), ("XXX:1",), ("",), ("OC:1", "vpo:1")]
)
def test_what_is_no_token_is_refused(tokens: tuple[str, ...]) -> None:
    with pytest.raises(Malformed):
        missing(tokens, [])


@given(_REQUIRED, _GIVEN, _GIVEN)
def test_approvals_that_come_later_never_make_more_missing(
    required: tuple[str, ...], given_: list[Given], later: list[Given]
) -> None:
    before, after = _counts(missing(required, given_)), _counts(missing(required, given_ + later))

    assert all(after[duty] <= before.get(duty, 0) for duty in after)


@given(_REQUIRED, _GIVEN)
def test_nothing_is_missing_only_if_each_duty_has_its_own_people(
    required: tuple[str, ...], given_: list[Given]
) -> None:
    needed = _counts(tuple(officers_tokens(required)))

    left = _counts(missing(required, given_))

    assert sum(needed.values()) - sum(left.values()) <= len({one.person for one in given_})
    if not left:
        assert _can_fill(needed, set(given_))


def _counts(tokens: tuple[str, ...]) -> dict[str, int]:
    return {duty: int(count) for duty, _, count in (token.partition(":") for token in tokens)}


def _can_fill(needed: dict[str, int], given_: set[Given]) -> bool:
    """Tell, by trying every choice of people, whether each duty gets as many of its own as it needs."""
    if not needed:
        return True
    (duty, count), *rest = needed.items()
    willing = sorted({one.person for one in given_ if one.duty == duty})
    return any(
        _can_fill(dict(rest), {one for one in given_ if one.person not in chosen})
        for chosen in combinations(willing, count)
    )
