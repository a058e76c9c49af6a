"""A18: an officer's word or question about anything but a hold of this agency finds and changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from gateway.errors import GatewayError, NotFound, Refused
from gateway.flow.explain_exchange import explain_exchange
from gateway.flow.gateway import Gateway
from gateway.flow.review.claim import claim_hold
from gateway.flow.review.enrol import disable_officer, note_absence
from gateway.flow.review.history import history_of, previous_of, reach_of
from gateway.flow.review.narrow import narrow_hold
from gateway.flow.review.showing import show_hold
from gateway.record.vocabulary import Duty
from gateway.v1.record_pb2 import Record
from keys.approval import Verdict
from tests.flow import oracle
from tests.flow.federation import BORDER, NL, RO, TO_NL, TO_RO, Homes
from tests.flow.records import mark, small
from tests.flow.review import CONSOLE, Crew, approval_for, crew, enrol, judge, say
from tests.flow.test_approving import hold, nothing_left
from tests.flow.test_break_glass import released

NOBODYS = "01990000-0000-7000-8000-00000000a018"


@dataclass(frozen=True, kw_only=True)
class World:
    """A hold and an emergency at one agency, and ids of everything else there and elsewhere."""

    homes: Homes
    officers: Crew
    own: str
    emergency: str
    others: dict[str, str]

    @property
    def gateway(self) -> Gateway:
        """The agency's gateway."""
        return self.homes[NL]


@pytest.fixture(scope="module")
def world(quiet: Homes) -> Iterator[World]:
    """Return homes where everything that has an id has one."""
    officers, theirs = crew(), crew()
    enrol(quiet, officers)
    enrol(quiet, theirs, RO)
    emergency = released(quiet, officers, number=3)
    own = hold(quiet, 1)
    sent = quiet.push(small(2), TO_RO)
    quiet.carry(RO)
    at_ro = quiet.push(_for_nl(4), TO_NL, sender=RO, ask=("person.name",)).exchanges[0].exchange_id
    came = quiet.push(_for_nl(5), TO_NL, sender=RO).exchanges[0].exchange_id
    quiet.carry(NL, RO)
    row = quiet[NL].read.exchange(own)
    assert row is not None
    others = {
        "nobody's": NOBODYS,
        "another agency's hold": at_ro,
        "a received exchange": came,
        "a record": row.record_id,
        "a received record": _record_of(quiet[NL], came),
        "a person": officers.anna.person.hex(),
        "a key": officers.anna.key_id,
        "no id at all": "",
        "a path": "../../holds",
    }
    yield World(
        homes=quiet,
        officers=officers,
        own=own,
        emergency=emergency,
        others=others | {"a released exchange": sent.exchanges[0].exchange_id},
    )


def _for_nl(number: int) -> Record:
    record = small(number)
    mark(record.header.marking, "police.nl")
    return record


def _record_of(gateway: Gateway, exchange: str) -> str:
    row = gateway.read.exchange(exchange)
    assert row is not None
    return row.record_id


OTHERS = (
    "nobody's",
    "another agency's hold",
    "a received exchange",
    "a record",
    "a received record",
    "a person",
    "a key",
    "no id at all",
    "a path",
    "a released exchange",
)
ASKED: dict[str, Callable[[World, str], object]] = {
    "ShowHold": lambda w, one: show_hold(w.gateway, one, actor="officer/anna", now=w.homes.now),
    "NarrowHold": lambda w, one: narrow_hold(
        w.gateway, one, withhold=["van.identity"], generalise=[], caller=CONSOLE, now=w.homes.now
    ),
    "ClaimHold": lambda w, one: claim_hold(
        w.gateway, one, officer="anna", give_up=False, caller=CONSOLE, now=w.homes.now
    ),
    "TellPrevious": lambda w, one: previous_of(w.gateway, one, w.homes.now),
}
OUTGOING: dict[str, Callable[[World, str], object]] = {
    "TellHistory": lambda w, one: history_of(w.gateway, one),
    "TellReach": lambda w, one: reach_of(w.gateway, one),
    "ExplainExchange": lambda w, one: explain_exchange(w.gateway, one),
}


def _everything(world: World) -> list[object]:
    home = world.homes.home(NL)
    tables = oracle.counts(home)
    return [oracle.query(home, f"SELECT * FROM {name}") for name in sorted(tables)]


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("asked", ASKED)
def test_what_never_was_held_here_is_not_found(world: World, asked: str, other: str) -> None:
    before = _everything(world)

    with pytest.raises(NotFound) as missing:
        ASKED[asked](world, world.others[other])

    assert missing.value.code == "no-such-hold"
    assert _everything(world) == before


@pytest.mark.parametrize("other", OTHERS[:-1])
@pytest.mark.parametrize("asked", OUTGOING)
def test_what_never_was_sent_from_here_is_not_found(world: World, asked: str, other: str) -> None:
    before = _everything(world)

    with pytest.raises(NotFound):
        OUTGOING[asked](world, world.others[other])

    assert _everything(world) == before


@pytest.mark.parametrize("asked", [*ASKED, *OUTGOING])
def test_own_hold_is_found(homes: Homes, asked: str) -> None:
    officers = crew()
    enrol(homes, officers)
    own = hold(homes)
    world = World(homes=homes, officers=officers, own=own, emergency="", others={})

    assert {**ASKED, **OUTGOING}[asked](world, own) is not None


IDS = ("nobody's", "another agency's hold", "a received exchange", "a record", "a released exchange")


@pytest.mark.parametrize("verdict", Verdict)
@pytest.mark.parametrize("other", IDS)
def test_word_about_what_was_not_held_here_is_not_found(world: World, other: str, verdict: Verdict) -> None:
    before = _everything(world)
    refuse = "" if verdict is Verdict.APPROVE else "other: no"

    with pytest.raises(NotFound) as missing:
        _about(world, world.others[other], refuse)

    assert missing.value.code == "no-such-hold"
    assert _everything(world) == before


def _about(world: World, other: str, refuse: str) -> None:
    """Say of another id what would be said of the own hold."""
    say(world.homes, world.own, world.officers.anna, Duty.VPO, refuse=refuse, exchange_id=other)


@pytest.mark.parametrize("other", IDS)
def test_review_of_what_was_no_emergency_here_is_not_found(world: World, other: str) -> None:
    before = _everything(world)

    with pytest.raises(NotFound) as missing:
        judge(world.homes, world.emergency, world.officers.dirk, exchange_id=world.others[other])

    assert missing.value.code == "no-such-review"
    assert _everything(world) == before


def test_review_of_a_hold_that_was_no_emergency_is_not_found(world: World) -> None:
    with pytest.raises(NotFound):
        judge(world.homes, world.own, world.officers.dirk)


def test_approval_names_one_exchange_and_the_content_of_another(homes: Homes) -> None:
    officers = crew()
    enrol(homes, officers)
    first, second = hold(homes, 1), hold(homes, 2)
    content = approval_for(homes[NL], second, officers.anna, Duty.VPO)
    parts: tuple[str, ...] = ("release", "decision")

    for taken in [(one,) for one in parts] + [parts]:
        with pytest.raises(Refused) as refusal:
            said = {name: getattr(content, name) for name in taken}
            say(homes, first, officers.anna, Duty.VPO, **said)
        assert refusal.value.code in {"other-bytes", "other-decision"}

    for one in (first, second):
        row = homes[NL].read.hold(one)
        assert row is not None and row.state == "held"
        assert homes[NL].read.approvals(one) == []
        assert nothing_left(homes[NL], one)


def test_approval_of_an_earlier_round_is_none_of_the_next(homes: Homes) -> None:
    officers = crew()
    enrol(homes, officers)
    exchange = hold(homes)
    earlier = approval_for(homes[NL], exchange, officers.anna, Duty.VPO)
    ASKED["NarrowHold"](World(homes=homes, officers=officers, own="", emergency="", others={}), exchange)

    with pytest.raises(Refused) as refusal:
        say(homes, exchange, officers.anna, Duty.VPO, release=earlier.release, decision=earlier.decision)

    assert refusal.value.code == "other-bytes"
    assert homes[NL].read.approvals(exchange) == []


def test_word_of_another_agencys_officer_counts_nowhere_else(homes: Homes) -> None:
    ours, theirs = crew(), crew()
    enrol(homes, ours)
    enrol(homes, theirs, RO)
    exchange = hold(homes)

    with pytest.raises(Refused) as refusal:
        say(homes, exchange, theirs.anna, Duty.VPO)

    assert refusal.value.code == "not-an-officer"
    assert nothing_left(homes[NL], exchange)


@pytest.mark.parametrize("handle", ["", "nobody", "system", "ANNA", "anna%", "../anna"])
def test_officer_who_is_not_here_is_neither_disabled_nor_away(homes: Homes, handle: str) -> None:
    officers = crew()
    enrol(homes, officers)
    before = oracle.counts(homes.home(NL))

    with pytest.raises(GatewayError) as disabled:
        disable_officer(homes[NL], handle, homes.now)
    with pytest.raises(GatewayError) as away:
        note_absence(homes[NL], handle, homes.now, homes.now, homes.now)

    assert {disabled.value.code, away.value.code} == {"no-such-officer"}
    assert oracle.counts(homes.home(NL)) == before


def test_border_police_has_no_holds_of_others(homes: Homes) -> None:
    exchange = hold(homes)

    with pytest.raises(NotFound):
        show_hold(homes[BORDER], exchange, actor="officer/anna", now=homes.now)
