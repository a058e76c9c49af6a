"""What officers are told of by a notification, once each, without a word of any record."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from gateway.flow.gateway import Gateway
from gateway.flow.review import notices
from gateway.flow.review.expire import expire_holds
from gateway.flow.review.narrow import narrow_hold
from gateway.flow.review.notices import Mark, Notice, look
from gateway.flow.review.showing import show_hold
from gateway.flow.submit import push
from gateway.record.vocabulary import Duty, Lane
from gateway.store.record_queries import RecordQueries
from tests.flow import oracle
from tests.flow.federation import NL, RO, TO_RO, Homes, item
from tests.flow.records import SECRET_NAME, small
from tests.flow.review import CONSOLE, Crew, crew, enrol, say
from tests.flow.test_approving import hold
from tests.flow.test_emergency import IN_DANGER, THREAT


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the sender, where everything so far was told."""
    made = crew()
    enrol(homes, made)
    assert told(homes) == []
    return made


def told(homes: Homes) -> list[Notice]:
    """Look as a gateway does that was just started, and return what there is to tell."""
    found = look(homes[NL], None, homes.now)
    assert found.whole
    return list(found.notices)


def seen(found: Sequence[Notice]) -> list[tuple[str, str]]:
    """Return what was told of which exchange."""
    return [(one.event.value, one.exchange) for one in found]


def _pushed(homes: Homes, lane: Lane, number: int = 7) -> str:
    wanted = replace(item(small(number), TO_RO, ask=("person.name",)), lane=lane)
    (answer,) = push(homes[NL], [wanted], homes.now)
    assert not isinstance(answer, Exception)
    return answer.exchanges[0].exchange_id


def test_new_hold_is_told_with_who_must_act_and_until_when(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)

    (notice,) = told(homes)

    assert json.loads(notice.encode()) == {
        "event": "hold-new",
        "agency": NL,
        "exchange": exchange,
        "lane": "routine",
        "recipient": RO,
        "missing": ["CPO:1", "VPO:1"],
        "expires_at": (homes.now + timedelta(days=7)).isoformat(),
        "due_at": "",
        "why": "",
    }


def test_everything_is_told_once_whatever_stops_in_between(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    assert seen(told(homes)) == [("hold-new", exchange)]

    homes.close(NL)

    assert told(homes) == []


def test_what_happened_while_nobody_looked_is_told_afterwards(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    homes.close(NL)
    homes.pass_time(hours=3)

    assert seen(told(homes)) == [("hold-new", exchange)]


def test_hold_closed_before_anybody_looked_is_told_as_closed_alone(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO, refuse="more-than-needed")

    (notice,) = told(homes)

    assert (notice.event, notice.why, notice.missing) == ("hold-closed", "refused", ())


def test_first_approval_is_no_news_and_the_last_closes_the_hold(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    told(homes)

    say(homes, exchange, officers.anna, Duty.VPO)
    first = told(homes)
    say(homes, exchange, officers.bob, Duty.CPO)
    (last,) = told(homes)

    assert first == []
    assert (last.event, last.exchange, last.why) == ("hold-closed", exchange, "approved")


def test_hold_decided_anew_is_told_with_why_and_needs_everybody_again(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)
    told(homes)

    narrow_hold(homes[NL], exchange, withhold=["van.identity"], generalise=[], caller=CONSOLE, now=homes.now)

    (notice,) = told(homes)
    assert (notice.event, notice.why) == ("hold-changed", "superseded")
    assert notice.missing == ("CPO:1", "VPO:1")


def test_hold_that_needs_nobody_any_more_is_told_as_closed(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    told(homes)
    shown = show_hold(homes[NL], exchange, actor="officer/anna", now=homes.now)
    named = [line.path for line in shown.lines if line.category == "person.name" and line.entity == "victim"]

    narrow_hold(homes[NL], exchange, withhold=named, generalise=[], caller=CONSOLE, now=homes.now)

    (notice,) = told(homes)
    assert (notice.event, notice.why) == ("hold-closed", "superseded")


@pytest.mark.parametrize(
    ("lane", "lead"),
    [
        (Lane.ROUTINE, timedelta(hours=24)),
        (Lane.URGENT, timedelta(hours=4)),
        (Lane.THREAT_TO_LIFE, timedelta(minutes=30)),
    ],
)
def test_end_of_a_hold_is_told_ahead_once_by_its_lane(
    homes: Homes, officers: Crew, lane: Lane, lead: timedelta
) -> None:
    exchange = _pushed(homes, lane)
    told(homes)
    homes.now += timedelta(days=7) - lead - timedelta(seconds=1)
    early = told(homes)

    homes.pass_time(seconds=1)

    assert early == []
    assert seen(told(homes)) == [("hold-expiring", exchange)]
    homes.pass_time(minutes=5)
    assert told(homes) == []


def test_hold_that_was_closed_is_not_told_as_ending(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO, refuse="more-than-needed")
    told(homes)

    homes.pass_time(days=6, hours=1)

    assert told(homes) == []


def test_end_of_a_hold_is_told(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    homes.pass_time(days=6, hours=23)
    told(homes)
    homes.pass_time(hours=1)

    expire_holds(homes[NL], homes.now)

    assert seen(told(homes)) == [("hold-expired", exchange)]


def test_emergency_is_told_as_it_leaves_before_its_review_is_due_and_when_it_is_late(
    homes: Homes, officers: Crew
) -> None:
    (answer,) = push(homes[NL], [IN_DANGER], homes.now)
    assert not isinstance(answer, Exception)
    exchange = answer.exchanges[0].exchange_id
    told(homes)
    for who in (officers.bob, officers.carla):
        say(homes, exchange, who, Duty.DUTY)
    released = told(homes)
    due_at = (homes.now + timedelta(hours=72)).isoformat()

    homes.pass_time(hours=47, minutes=59)
    early = told(homes)
    homes.pass_time(minutes=1)
    near = told(homes)
    homes.pass_time(hours=24)
    late = told(homes)

    assert seen(released) == [("hold-closed", exchange), ("emergency-released", exchange)]
    assert early == []
    assert seen(near) == [("review-due", exchange)]
    assert seen(late) == [("review-overdue", exchange)]
    assert {(one.due_at, one.recipient, one.lane) for one in (*released[1:], *near, *late)} == {
        (due_at, RO, "threat-to-life")
    }


def test_notices_hold_nothing_of_a_record_and_nobodys_name(
    homes: Homes, officers: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A37: a hook's program, its log and whatever it sends on are outside the gateway."""
    exchanges = [hold(homes, 1), hold(homes, 2)]
    (answer,) = push(homes[NL], [IN_DANGER], homes.now)
    assert not isinstance(answer, Exception)
    say(homes, exchanges[0], officers.anna, Duty.VPO)
    say(homes, exchanges[1], officers.anna, Duty.VPO, refuse="more-than-needed: SECRET words")
    for who in (officers.bob, officers.carla):
        say(homes, answer.exchanges[0].exchange_id, who, Duty.DUTY)
    opened: list[object] = []
    for name in ("body", "record_key", "bodies"):
        monkeypatch.setattr(RecordQueries, name, lambda *given, **named: opened.append(given), raising=False)

    found = told(homes)

    words = [SECRET_NAME, THREAT, "SECRET words", "XX-1-Y", "X-1", "investigation", answer.record_id]
    words += [word for one in vars(officers).values() for word in (one.name, one.handle, one.key_id)]
    written = {one.event.value: one.encode() for one in found}
    assert set(written) == {"hold-new", "hold-closed", "emergency-released"}
    assert oracle.places(words, written) == []
    assert opened == []


def test_long_ledger_is_gone_through_a_part_at_a_time(
    homes: Homes, officers: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "ENTRIES_A_LOOK", 4)
    exchanges = [hold(homes, number) for number in range(1, 6)]

    found: list[Notice] = []
    mark, looks = None, 0
    while True:
        one = look(homes[NL], mark, homes.now)
        found, mark, looks = [*found, *one.notices], one.mark, looks + 1
        if one.whole:
            break

    assert sorted(notice.exchange for notice in found) == sorted(exchanges)
    assert looks > 3


def test_look_that_finds_nothing_writes_nothing(homes: Homes, officers: Crew) -> None:
    stored = homes[NL].read.meta(notices.MARK)
    mark = look(homes[NL], None, homes.now).mark
    homes.pass_time(minutes=1)

    after = look(homes[NL], mark, homes.now).mark

    assert after.at_ms > mark.at_ms
    assert homes[NL].read.meta(notices.MARK) == stored


def test_first_look_of_a_home_begins_with_what_is_to_come(homes: Homes) -> None:
    enrol(homes, crew())
    hold(homes, 1)

    assert told(homes) == []
    later = hold(homes, 2)
    assert seen(told(homes)) == [("hold-new", later)]


def test_clock_that_was_far_ahead_once_does_not_silence_what_comes(homes: Homes, officers: Crew) -> None:
    """A52: the mark of a wrong clock is not believed."""
    exchange = hold(homes)
    wrong = Mark(homes[NL].read.head().size, 2**50)

    found = look(homes[NL], wrong, homes.now)
    homes.pass_time(days=6)

    assert seen(look(homes[NL], found.mark, homes.now).notices) == [("hold-expiring", exchange)]


def test_clock_a_little_back_tells_nothing_twice(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    homes.pass_time(days=6, minutes=1)
    assert ("hold-expiring", exchange) in seen(told(homes))

    homes.pass_time(minutes=-2)
    back = told(homes)
    homes.pass_time(minutes=2)

    assert (back, told(homes)) == ([], [])


def test_row_changed_by_hand_keeps_no_other_from_being_told(homes: Homes, officers: Crew) -> None:
    exchanges = [hold(homes, number) for number in (1, 2)]
    _spoil(homes[NL], exchanges[0])

    assert sorted(seen(told(homes))) == sorted(("hold-new", one) for one in exchanges)


def _spoil(gateway: Gateway, exchange: str) -> None:
    with gateway.store._writing.begin() as raw:
        raw.execute(text(f"UPDATE holds SET required = 'nobody' WHERE exchange_id = '{exchange}'"))
