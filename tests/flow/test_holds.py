"""What happens to a hold beside approvals: it ends, is given less of, is voided, claimed, shown."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import text

from gateway.errors import Corrupt, NotFound, Refused
from gateway.flow.review.claim import CLAIM_LIFE, claim_hold
from gateway.flow.review.history import previous_of
from gateway.flow.review.listing import waiting
from gateway.flow.review.narrow import narrow_hold
from gateway.flow.review.showing import show_hold
from gateway.ledger.entry import EntryKind
from gateway.record.vocabulary import Duty, Lane
from gateway.release.release import parse_release
from gateway.store.record_queries import RecordQueries
from gateway.tls.identity import Identity, Role
from tests.flow.federation import NL, RO, TO_RO, Homes
from tests.flow.forge import release_of
from tests.flow.records import SECRET_NAME, small
from tests.flow.review import CONSOLE, Crew, crew, enrol, kinds_of, say
from tests.flow.seat import Seat
from tests.flow.test_approving import hold, nothing_left


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the sender."""
    made = crew()
    enrol(homes, made)
    return made


def _officer(name: str) -> Identity:
    return Identity(agency=NL, role=Role.OFFICER, name=name)


def test_less_is_another_release_that_nobody_has_approved_yet(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)
    before = homes[NL].read.hold(exchange)
    assert before is not None

    narrowed = narrow_hold(
        homes[NL], exchange, withhold=["van.identity"], generalise=[], caller=CONSOLE, now=homes.now
    )

    rounds = homes[NL].read.hold_rounds(exchange)
    assert [one.state for one in rounds] == ["superseded", "held"]
    assert rounds[1].digest != before.digest
    assert narrowed.required == ("CPO:1", "VPO:1")
    shown = show_hold(homes[NL], exchange, actor="officer/anna", now=homes.now)
    assert {line.path: line.rung for line in shown.lines}["van.identity"] == "withheld"
    assert shown.missing == ("CPO:1", "VPO:1")


def test_narrowed_release_leaves_without_what_is_withheld(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    narrow_hold(homes[NL], exchange, withhold=["van.identity"], generalise=[], caller=CONSOLE, now=homes.now)

    say(homes, exchange, officers.anna, Duty.VPO)
    say(homes, exchange, officers.bob, Duty.CPO)
    homes.carry(RO)

    row = homes[RO].read.exchange(exchange)
    assert row is not None and row.outcome == "received"
    assert b"XX-1-Y" not in release_of(homes[RO], exchange)
    assert SECRET_NAME.encode() in release_of(homes[RO], exchange)


def test_without_what_took_people_to_agree_the_rest_leaves_at_once(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    shown = show_hold(homes[NL], exchange, actor="officer/anna", now=homes.now)
    named = [line.path for line in shown.lines if line.category == "person.name" and line.entity == "victim"]

    narrowed = narrow_hold(homes[NL], exchange, withhold=named, generalise=[], caller=CONSOLE, now=homes.now)

    assert narrowed.outcome == "release"
    trip = homes.carry(RO)
    assert trip.answered is not None
    assert SECRET_NAME.encode() not in release_of(homes[RO], exchange)


def test_nothing_can_be_given_more_of(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)

    with pytest.raises(NotFound) as missing:
        narrow_hold(
            homes[NL], exchange, withhold=["victim.nothing"], generalise=[], caller=CONSOLE, now=homes.now
        )
    with pytest.raises(Refused) as nothing:
        narrow_hold(homes[NL], exchange, withhold=[], generalise=[], caller=CONSOLE, now=homes.now)

    assert missing.value.code == "no-such-field"
    assert nothing.value.code == "nothing-less"


def test_officer_without_a_needed_duty_gives_nothing_less(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)

    with pytest.raises(Refused) as refusal:
        narrow_hold(
            homes[NL],
            exchange,
            withhold=["van.identity"],
            generalise=[],
            caller=_officer("dirk"),
            now=homes.now,
        )

    assert refusal.value.code == "not-your-duty"


def test_rules_that_changed_void_the_hold_and_say_why(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)
    homes.close(NL)
    (homes.home(NL) / "rules.cedar").write_text(
        '@id("LOCAL-1")\n@layer("local")\n@reason("nothing about vans")\n@source("own")\n'
        "/// Nothing about vans.\n"
        "forbid (principal, action, resource is Comity::Portion)\n"
        'when { resource.category == Comity::Category::"vehicle.identity" };\n'
    )

    with pytest.raises(Refused) as refusal:
        say(homes, exchange, officers.bob, Duty.CPO)

    assert refusal.value.code == "hold-voided"
    assert "rules have changed" in refusal.value.message
    rounds = homes[NL].read.hold_rounds(exchange)
    assert [one.state for one in rounds] == ["voided", "held"]
    assert nothing_left(homes[NL], exchange)
    assert say(homes, exchange, officers.anna, Duty.VPO).missing == ("CPO:1",)


def test_approval_of_an_officer_disabled_since_counts_no_more(homes: Homes, officers: Crew) -> None:
    from gateway.flow.review.enrol import disable_officer

    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)
    homes.pass_time(minutes=1)
    disable_officer(homes[NL], "anna", homes.now)

    with pytest.raises(Refused) as refusal:
        say(homes, exchange, officers.bob, Duty.CPO)

    assert refusal.value.code == "hold-voided"
    assert nothing_left(homes[NL], exchange)


def test_claimed_hold_is_left_to_whoever_claimed_it(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    gateway = homes[NL]

    until = claim_hold(
        gateway, exchange, officer="carla", give_up=False, caller=_officer("carla"), now=homes.now
    )

    assert until == homes.now + CLAIM_LIFE
    with pytest.raises(Refused) as refusal:
        say(homes, exchange, officers.anna, Duty.VPO)
    assert refusal.value.code == "claimed"
    with pytest.raises(Refused):
        claim_hold(gateway, exchange, officer="anna", give_up=False, caller=_officer("anna"), now=homes.now)
    assert say(homes, exchange, officers.carla, Duty.VPO).state == "partly-approved"
    assert say(homes, exchange, officers.bob, Duty.CPO).state == "approved"


def test_claim_ends_by_itself_or_is_given_up(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    gateway = homes[NL]
    carla = _officer("carla")
    claim_hold(gateway, exchange, officer="carla", give_up=False, caller=carla, now=homes.now)
    claim_hold(gateway, exchange, officer="carla", give_up=True, caller=carla, now=homes.now)
    claim_hold(gateway, exchange, officer="eva", give_up=False, caller=_officer("eva"), now=homes.now)
    homes.pass_time(minutes=30)

    assert say(homes, exchange, officers.anna, Duty.VPO).state == "partly-approved"


def test_nobody_claims_for_another(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)

    with pytest.raises(Refused) as refusal:
        claim_hold(homes[NL], exchange, officer="anna", give_up=False, caller=_officer("bob"), now=homes.now)

    assert refusal.value.code == "other-officer"


def test_list_shows_the_most_urgent_first_and_who_must_act(homes: Homes, officers: Crew) -> None:
    slow, fast = hold(homes, 1), _urgent(homes, 2)
    say(homes, slow, officers.anna, Duty.VPO)

    found = waiting(homes[NL], homes.now).holds

    assert [line.exchange for line in found] == [fast, slow]
    assert found[1].missing == ("CPO:1",)
    assert found[1].given == (("VPO", "Anna de Vries", officers.anna.key_id),)
    assert found[1].left_s == 7 * 24 * 3600


def _urgent(homes: Homes, number: int) -> str:
    from gateway.flow.submit import push
    from tests.flow.federation import item

    pushed = replace(item(small(number), TO_RO, ask=("person.name",)), lane=Lane.URGENT)
    (answer,) = push(homes[NL], [pushed], homes.now)
    assert not isinstance(answer, Exception)
    return answer.exchanges[0].exchange_id


def test_list_is_filtered_by_duty_recipient_and_case(homes: Homes, officers: Crew) -> None:
    first, second = hold(homes, 1), hold(homes, 2)
    say(homes, first, officers.anna, Duty.VPO)
    gateway, now = homes[NL], homes.now

    def listed(**by: str) -> list[str]:
        return sorted(line.exchange for line in waiting(gateway, now, **by).holds)

    assert listed(duty="VPO") == [second]
    # Held in one millisecond, the two have no order of their own.
    assert listed(duty="CPO") == sorted([first, second])
    assert listed(peer="shelter.ngo") == []
    assert listed(case="x-2") == [second]
    assert listed(case="X-9") == []


def test_list_opens_no_record(homes: Homes, officers: Crew, monkeypatch: pytest.MonkeyPatch) -> None:
    exchange = hold(homes)
    opened: list[object] = []
    for name in ("body", "record_key", "bodies"):
        monkeypatch.setattr(RecordQueries, name, lambda *given, **named: opened.append(given))

    assert [line.exchange for line in waiting(homes[NL], homes.now).holds] == [exchange]
    assert opened == []


def test_officer_is_shown_what_leaves_from_the_bytes_that_are_signed(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    row = homes[NL].read.hold(exchange)
    assert row is not None

    shown = show_hold(homes[NL], exchange, actor="officer/anna", now=homes.now)

    body = base64.b64decode(shown.release)
    assert sha256(body).hexdigest() == shown.digest == row.digest.hex()
    assert parse_release(body).recipient == shown.recipient == RO
    lines = {line.path: line for line in shown.lines}
    assert SECRET_NAME in lines["victim.names"].text
    stays = [line for line in shown.lines if line.rung == "withheld"]
    assert stays
    assert all(line.exact and line.why and not line.text for line in stays)
    assert shown.changed == ""


def test_showing_a_hold_is_a_reading_in_the_ledger(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)

    show_hold(homes[NL], exchange, actor="officer/anna", now=homes.now)

    assert kinds_of(homes[NL], exchange)[-1] == EntryKind.READ


def test_officer_sees_what_the_recipient_was_told_before(homes: Homes, officers: Crew) -> None:
    released = homes.push(small(1), TO_RO).exchanges[0]
    assert released.outcome.value == "release"
    exchange = hold(homes, 1)

    shown = show_hold(homes[NL], exchange, actor="officer/anna", now=homes.now)

    told = {(one.whom, one.about) for one in shown.before}
    assert (RO, "victim") in told


def test_approvals_hold_as_long_as_nothing_changes(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)
    homes.pass_time(days=6)

    assert say(homes, exchange, officers.bob, Duty.CPO, skew=timedelta(0)).state == "approved"


def test_row_changed_behind_the_ledger_stops_everything(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    with homes[NL].store._writing.begin() as raw:
        raw.execute(text("UPDATE holds SET required = 'VPO:1'"))

    with pytest.raises(Corrupt) as refusal:
        say(homes, exchange, officers.anna, Duty.VPO)

    assert refusal.value.code == "ledger-differs"
    assert nothing_left(homes[NL], exchange)


def test_hold_whose_row_was_changed_hides_no_other(homes: Homes, officers: Crew) -> None:
    first, second = hold(homes), hold(homes)
    Seat(homes).change(
        "holds", f"UPDATE holds SET required = 'nobody', lane = 'x' WHERE exchange_id = '{first}'"
    )

    found = waiting(homes[NL], homes.now).holds

    assert [line.exchange for line in found] == [first, second]
    with pytest.raises(Corrupt):
        show_hold(homes[NL], first, actor="officer/anna", now=homes.now)


def test_history_counts_only_what_left_where_the_rest_leaves_at_once(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    shown = show_hold(homes[NL], exchange, actor="officer/anna", now=homes.now)
    named = [line.path for line in shown.lines if line.category == "person.name" and line.entity == "victim"]
    less = [*named, "victim.nationalities"]
    narrowed = narrow_hold(homes[NL], exchange, withhold=less, generalise=[], caller=CONSOLE, now=homes.now)
    assert narrowed.outcome == "release"

    told = {one.what for one in previous_of(homes[NL], hold(homes), homes.now) if one.about == "victim"}

    assert told
    assert not any("origin" in what or "identity" in what for what in told)
