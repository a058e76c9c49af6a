"""A hold that nobody approves in time ends refused: while its gateway runs, or when its home is opened."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from gateway.errors import Refused
from gateway.flow.exchange import exchange_now
from gateway.flow.review import expire
from gateway.flow.review.expire import expire_holds, next_expiry_ms
from gateway.flow.review.listing import waiting
from gateway.flow.status import status_of
from gateway.ledger.entry import EntryKind, parse
from gateway.record.vocabulary import Duty
from tests.flow.federation import NL, Homes
from tests.flow.review import Crew, crew, enrol, say
from tests.flow.test_approving import hold, nothing_left


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the sender."""
    made = crew()
    enrol(homes, made)
    return made


def test_hold_that_nobody_approves_ends_refused(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)
    assert next_expiry_ms(homes[NL], homes.now) is not None
    homes.pass_time(days=7)

    assert expire_holds(homes[NL], homes.now) == 1

    row, found = homes[NL].read.hold(exchange), homes[NL].read.exchange(exchange)
    assert row is not None and found is not None
    assert (row.state, found.state) == ("expired", "expired")
    assert nothing_left(homes[NL], exchange)
    assert expire_holds(homes[NL], homes.now) == 0
    assert next_expiry_ms(homes[NL], homes.now) is None
    last = parse(list(homes[NL].read.entries_of_exchange(exchange))[-1].data)
    assert (last.kind, last.outcome, last.rules) == (EntryKind.DECIDED, "deny", ("hold-expired",))


def test_hold_does_not_end_a_moment_early(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    homes.pass_time(days=7, seconds=-1)

    assert expire_holds(homes[NL], homes.now) == 0
    row = homes[NL].read.hold(exchange)
    assert row is not None and row.state == "held"


def test_hold_that_cannot_be_ended_keeps_no_other_from_ending(
    homes: Homes, officers: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expire, "BATCH", 1)
    broken = hold(homes, 1)
    homes.pass_time(seconds=1)
    others = [hold(homes, number) for number in (2, 3)]
    with homes[NL].store._writing.begin() as raw:
        raw.execute(text(f"UPDATE holds SET required = 'VPO:1' WHERE exchange_id = '{broken}'"))
    homes.pass_time(days=7)

    ended = [expire_holds(homes[NL], homes.now) for _ in range(3)]

    assert ended == [1, 1, 0]
    assert {_state(homes, one) for one in others} == {"expired"}
    assert _state(homes, broken) == "held"


def _state(homes: Homes, exchange: str) -> str:
    row = homes[NL].read.hold(exchange)
    assert row is not None
    return row.state


def test_closed_home_ends_what_has_ended_before_it_shows_anything(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    homes.close(NL)
    homes.pass_time(days=7)

    assert waiting(homes[NL], homes.now).holds == ()
    assert _state(homes, exchange) == "expired"


def test_home_whose_clock_is_behind_opens_ends_nothing_and_says_so(
    homes: Homes, officers: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A52: a clock set back revives nothing, and keeps nobody from seeing that it was."""
    exchange = hold(homes)
    with homes[NL].store._writing.begin() as raw:
        raw.execute(text("UPDATE holds SET expires_at = 0"))
    homes.close(NL)
    homes.pass_time(days=-1)

    told = status_of(homes[NL], homes.now).warnings

    assert any("clock is behind its own ledger" in one for one in told)
    assert _state(homes, exchange) == "held"
    with pytest.raises(Refused) as refusal:
        expire_holds(homes[NL], homes.now)
    assert refusal.value.code == "clock-behind"


@pytest.mark.parametrize(("ends", "state"), [(True, "expired"), (False, "rejected")])
def test_exchange_whose_hold_is_closed_is_closed_for_who_watches_it(
    homes: Homes, officers: Crew, ends: bool, state: str
) -> None:
    exchange = hold(homes)
    before = exchange_now(homes[NL], exchange)

    if ends:
        homes.pass_time(days=7)
        expire_holds(homes[NL], homes.now)
    else:
        say(homes, exchange, officers.anna, Duty.VPO, refuse="more-than-needed")

    after = exchange_now(homes[NL], exchange)
    assert (before.state, before.open) == ("held", True)
    assert (after.state, after.open) == (state, False)
