"""A52: clocks are moved before, between and after the steps of an approval; nothing is revived by it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

import pytest

from gateway.errors import GatewayError, Refused
from gateway.flow.deliver import outgoing
from gateway.flow.review.claim import claim_hold
from gateway.flow.review.enrol import add_officers, disable_officer, note_absence
from gateway.flow.review.expire import expire_holds
from gateway.flow.review.narrow import narrow_hold
from gateway.ledger.entry import EntryKind
from gateway.ledger.findings import Severity
from gateway.record.vocabulary import Duty
from tests.flow import oracle
from tests.flow.federation import NL, RO, Homes
from tests.flow.forge import release_of
from tests.flow.review import CONSOLE, Crew, Person, audited, crew, enrol, judge, kinds_of, say
from tests.flow.test_approving import hold, nothing_left
from tests.flow.test_break_glass import released

STEPS: Final = {
    "an hour ahead": timedelta(hours=1),
    "an hour back": timedelta(hours=-1),
    "a day ahead": timedelta(days=1),
    "a day back": timedelta(days=-1),
    "ten years ahead": timedelta(days=3653),
    "ten years back": timedelta(days=-3653),
}
BACK: Final = [name for name in STEPS if name.endswith("back")]


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the sender."""
    made = crew()
    enrol(homes, made)
    homes.pass_time(minutes=1)
    return made


def refused(act: Callable[[], object]) -> str:
    """Return why something is refused."""
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.code


def attempt(act: Callable[[], object]) -> bool:
    """Return whether something was done."""
    try:
        act()
    except GatewayError:
        return False
    return True


@pytest.mark.parametrize("step", BACK)
def test_clock_set_back_stops_every_word_and_everything_that_leaves(
    homes: Homes, officers: Crew, step: str
) -> None:
    exchange, other = hold(homes, 1), hold(homes, 2)
    say(homes, other, officers.anna, Duty.VPO)
    say(homes, other, officers.bob, Duty.CPO)
    homes.now += STEPS[step]
    gateway, now = homes[NL], homes.now

    codes = {
        refused(lambda: say(homes, exchange, officers.anna, Duty.VPO)),
        refused(lambda: say(homes, exchange, officers.anna, Duty.VPO, refuse="other: no")),
        refused(
            lambda: narrow_hold(
                gateway, exchange, withhold=["van.identity"], generalise=[], caller=CONSOLE, now=now
            )
        ),
        refused(lambda: add_officers(gateway, [officers.carla.file(now, officers.anna, officers.bob)], now)),
        refused(lambda: outgoing(gateway, RO, now)),
    }

    assert codes == {"clock-behind"}
    homes.now -= STEPS[step]
    assert outgoing(homes[NL], RO, homes.now).exchanges == (other,)
    assert say(homes, exchange, officers.anna, Duty.VPO).state == "partly-approved"


@pytest.mark.parametrize("step", BACK)
def test_clock_set_back_revives_no_hold_that_has_ended(homes: Homes, officers: Crew, step: str) -> None:
    ended, tried = hold(homes, 1), hold(homes, 2)
    homes.pass_time(days=7)
    assert refused(lambda: say(homes, tried, officers.anna, Duty.VPO)) == "hold-expired"
    assert expire_holds(homes[NL], homes.now) == 2
    homes.now += STEPS[step]

    for exchange in (ended, tried):
        assert refused(partial(say, homes, exchange, officers.anna, Duty.VPO)) == "clock-behind"

    homes.now -= STEPS[step]
    for exchange in (ended, tried):
        assert refused(partial(say, homes, exchange, officers.anna, Duty.VPO)) == "hold-expired"
    assert nothing_left(homes[NL], ended) and nothing_left(homes[NL], tried)


def test_few_minutes_back_revive_neither_hold_nor_officer(homes: Homes, officers: Crew) -> None:
    """Clocks may differ by five minutes; what stands in the ledger has happened all the same."""
    exchange, gateway = hold(homes), homes[NL]
    disable_officer(gateway, "anna", homes.now)
    note_absence(gateway, "eva", homes.now, homes.now + timedelta(hours=1), homes.now)
    homes.pass_time(minutes=-4)

    assert refused(lambda: say(homes, exchange, officers.anna, Duty.VPO)) == "officer-disabled"
    assert refused(lambda: say(homes, exchange, officers.eva, Duty.VPO)) == "officer-absent"
    assert say(homes, exchange, officers.carla, Duty.VPO).state == "partly-approved"

    homes.pass_time(days=7, minutes=4)
    assert refused(lambda: say(homes, exchange, officers.bob, Duty.CPO)) == "hold-expired"
    homes.pass_time(minutes=-4)
    assert refused(lambda: say(homes, exchange, officers.bob, Duty.CPO)) == "hold-expired"
    assert nothing_left(gateway, exchange)


def test_few_minutes_back_revive_nobody_who_vouches_reviews_or_claims(homes: Homes, officers: Crew) -> None:
    emergency, gateway = released(homes, officers), homes[NL]
    exchange = hold(homes, 2)
    disable_officer(gateway, "dirk", homes.now)
    homes.pass_time(minutes=-4)
    zoe = Person(handle="zoe", name="Zoe", duties=(Duty.VPO,))
    file = zoe.file(homes.now, officers.anna, officers.dirk)

    def claim() -> object:
        return claim_hold(gateway, exchange, officer="dirk", give_up=False, caller=CONSOLE, now=homes.now)

    assert refused(lambda: judge(homes, emergency, officers.dirk)) == "officer-disabled"
    assert refused(lambda: add_officers(gateway, [file], homes.now)) == "officer-disabled"
    assert refused(claim) == "officer-disabled"


@pytest.mark.parametrize("step", STEPS)
def test_officers_clock_that_is_off_is_refused(homes: Homes, officers: Crew, step: str) -> None:
    exchange = hold(homes)

    said = refused(lambda: say(homes, exchange, officers.anna, Duty.VPO, skew=STEPS[step]))

    assert said == "clock-skew"
    assert kinds_of(homes[NL], exchange)[-1] == EntryKind.HOLD_PLACED
    assert say(homes, exchange, officers.anna, Duty.VPO).state == "partly-approved"


def test_clock_far_ahead_ends_what_waits_and_releases_nothing(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)
    homes.now += STEPS["ten years ahead"]

    assert refused(lambda: say(homes, exchange, officers.bob, Duty.CPO)) in {
        "hold-expired",
        "officer-not-valid",
    }
    homes.now -= STEPS["ten years ahead"]

    assert refused(lambda: say(homes, exchange, officers.bob, Duty.CPO)) == "clock-behind"
    assert nothing_left(homes[NL], exchange)


@pytest.mark.parametrize(("step", "at"), [("an hour back", 2), ("a day ahead", 1), ("ten years ahead", 3)])
def test_promises_hold_where_a_clock_is_moved(homes: Homes, officers: Crew, step: str, at: int) -> None:
    _move(homes, officers, STEPS[step], at)


@pytest.mark.deep
@pytest.mark.parametrize("at", range(5))
@pytest.mark.parametrize("step", STEPS)
def test_promises_hold_whenever_a_clock_is_moved(homes: Homes, officers: Crew, step: str, at: int) -> None:
    _move(homes, officers, STEPS[step], at)


def _move(homes: Homes, officers: Crew, step: timedelta, at: int) -> None:
    """Around one of push, approve, approve, expire, send the clock is elsewhere, then right again."""
    held = [] if at else [hold(homes)]
    acts: list[Callable[[], object]] = [
        lambda: held.append(hold(homes)),
        lambda: say(homes, held[-1], officers.anna, Duty.VPO),
        lambda: say(homes, held[-1], officers.bob, Duty.CPO),
        lambda: expire_holds(homes[NL], homes.now),
        lambda: homes.carry(RO),
    ]
    done = []
    for number, act in enumerate(acts):
        homes.now += step if number == at else timedelta(0)
        done.append(attempt(act))
        homes.now -= step if number == at else timedelta(0)
    for act in acts[1:]:
        attempt(act)

    _check_promises(homes, held, done)


def _check_promises(homes: Homes, held: list[str], done: list[bool]) -> None:
    kinds = oracle.kinds(homes.home(NL))
    assert kinds.count("released") <= 1  # P2
    assert [one.code for one in audited(homes).findings if one.severity is Severity.FINDING] == []  # P3, P5
    arrived = oracle.counts(homes.opened(RO))["exchanges"]
    assert arrived == kinds.count("delivered")  # P1, P2
    if arrived:
        assert done[1] or done[2]
        assert release_of(homes[RO], held[-1]) == release_of(homes[NL], held[-1])  # P3
