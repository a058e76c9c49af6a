"""How an exchange stands, for whoever submitted it: its state, what it waits for, and why it ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gateway.errors import NotFound
from gateway.flow.carry import pack, unpack
from gateway.flow.exchange import Exchange, exchange_now, find_records
from gateway.flow.submit import Addressee
from gateway.ledger.entry import Draft, EntryKind
from keys.directory import Directory
from policy.bundle import shipped_baseline
from tests.flow import forge, oracle, records
from tests.flow.federation import NGO, NL, RO, TO_NGO, TO_RO, Homes


def _pushed(homes: Homes, to: Addressee = TO_RO, *, ask: tuple[str, ...] = (), number: int = 1) -> str:
    (exchange,) = homes.push(records.small(number), to, ask=ask).exchanges
    return exchange.exchange_id


def _now(homes: Homes, exchange: str, agency: str = NL) -> Exchange:
    return exchange_now(homes[agency], exchange)


def _seen(one: Exchange) -> tuple[str, bool, str]:
    return one.state, one.open, one.code


def test_released_exchange_waits_until_its_receipt_is_back(homes: Homes) -> None:
    exchange = _pushed(homes)

    waiting = _now(homes, exchange)
    homes.carry(RO)
    done = _now(homes, exchange)

    assert _seen(waiting) == ("released", True, "")
    assert (waiting.id, waiting.peer, waiting.direction, waiting.version) == (exchange, RO, "out", 1)
    assert waiting.created_at == homes.now
    assert waiting.expires_at is None
    assert _seen(done) == ("delivered", False, "")
    assert (done.record_id, done.created_at) == (waiting.record_id, waiting.created_at)


def test_held_exchange_says_whose_approval_it_waits_for(homes: Homes) -> None:
    held = _now(homes, _pushed(homes, ask=("person.name",)))

    assert _seen(held) == ("held", True, "")
    assert held.duties == ("CPO:1", "VPO:1")
    assert held.expires_at is not None and held.expires_at > homes.now


def test_denied_exchange_is_closed_from_the_start(homes: Homes) -> None:
    denied = _now(homes, _pushed(homes, TO_NGO))

    assert (denied.state, denied.open, denied.peer) == ("denied", False, NGO)


def test_received_exchange_is_shown_to_its_recipient_as_come_in(homes: Homes) -> None:
    exchange = _pushed(homes)
    homes.carry(RO)

    there = _now(homes, exchange, RO)

    assert _seen(there) == ("received", False, "")
    assert (there.peer, there.direction) == (NL, "in")


@pytest.mark.parametrize(("kind", "state"), [("refused", "refused"), ("quarantined", "quarantined")])
def test_exchange_the_other_side_did_not_take_says_its_code(homes: Homes, kind: str, state: str) -> None:
    exchange = _pushed(homes)
    ((message, envelope),) = oracle.query(homes.home(NL), "SELECT message_id, envelope_digest FROM outbox")
    code = {"refused": "expired", "quarantined": "floor-forbids"}[kind]
    answer = forge.acknowledgement(
        homes[RO],
        NL,
        exchange=exchange,
        message=message,
        envelope=envelope,
        kind=EntryKind[kind.upper()],
        code=code,
    )

    unpack(homes[NL], forge.reply(RO, NL, answer), homes.now)

    assert _seen(_now(homes, exchange)) == (state, False, code)


def test_exchange_past_its_deadline_is_undeliverable_and_says_so(homes: Homes) -> None:
    exchange = _pushed(homes)
    later = homes.now + timedelta(days=15)
    gateway = replace(homes[NL], directory=_fresh(homes, later))

    with pytest.raises(NotFound):
        pack(gateway, RO, later)

    assert _seen(exchange_now(gateway, exchange)) == ("undeliverable", False, "expired")


def test_exchange_decided_by_rules_since_changed_is_undeliverable_and_says_so(homes: Homes) -> None:
    exchange = _pushed(homes)
    homes.pass_time(seconds=2)
    federation = homes.federation()
    federation.set_baseline(shipped_baseline() + "\n// The rules were changed.\n")
    federation.publish()
    homes.refresh(NL)

    with pytest.raises(NotFound):
        pack(homes[NL], RO, homes.now)

    assert _seen(_now(homes, exchange)) == ("undeliverable", False, "rules")


def test_unknown_and_quarantined_are_told_in_the_same_words(homes: Homes) -> None:
    """Nobody learns from the answer that something came and was locked away."""
    body = forge.release(homes[NL], records.small(), RO, homes.now, forge.only("person.name")).encode()
    forged = forge.announce(homes[NL], RO, body, homes.now)
    unpack(homes[RO], forge.sent(homes[NL], RO, forged), homes.now)
    locked = forged.header.exchange_id
    assert oracle.kinds(homes.home(RO))[-1] == "quarantined"

    told = [_not_found(homes, exchange) for exchange in (locked, "01900000-0000-7000-8000-000000000000", "")]

    assert told[0] == told[1] == told[2]


def test_exchange_of_others_is_unknown_here(homes: Homes) -> None:
    """A18: an id is authority over nothing at an agency that takes no part in it."""
    exchange = _pushed(homes)
    homes.carry(RO)

    with pytest.raises(NotFound):
        _now(homes, exchange, NGO)


def test_records_are_found_by_the_own_reference_with_where_they_went(homes: Homes) -> None:
    first = homes.push(records.small(1), TO_RO, TO_NGO)
    homes.pass_time(minutes=1)
    second = homes.push(records.small(1), TO_RO)
    homes.push(records.small(2))

    found = find_records(homes[NL], "X-1")

    assert [one.record_id for one in found] == [first.record_id, second.record_id]
    assert {(one.version, one.state) for one in found} == {(1, "current")}
    assert {(one.peer, one.state) for one in found[0].exchanges} == {(RO, "released"), (NGO, "denied")}
    assert [one.id for one in found[1].exchanges] == [second.exchanges[0].exchange_id]


@pytest.mark.parametrize("reference", ["", "X", "X-10", "x-1", " X-1", "X-%", "X-_", "' OR 1=1 --"])
def test_other_reference_finds_nothing(homes: Homes, reference: str) -> None:
    homes.push(records.small(1))
    unnamed = records.small(2)
    unnamed.header.ClearField("own_reference")
    homes.push(unnamed)

    assert find_records(homes[NL], reference) == []
    assert len(find_records(homes[NL], "X-1")) == 1


def test_erased_record_is_found_by_its_reference_no_more(homes: Homes) -> None:
    answer = homes.push(records.small(1))
    other = homes.push(records.small(1))
    drafts = (Draft(kind=EntryKind.ERASED, exchange=answer.exchanges[0].exchange_id),)

    homes[NL].store.erase_record(NL, answer.record_id, 1, drafts=drafts)

    assert [one.record_id for one in find_records(homes[NL], "X-1")] == [other.record_id]


def test_reference_of_what_came_is_not_found_by_its_recipient(homes: Homes) -> None:
    """An own reference stays at home: neither it nor its tag travels."""
    homes.push(records.small(1))
    homes.carry(RO)

    assert find_records(homes[RO], "X-1") == []


def test_times_are_aware_and_in_utc(homes: Homes) -> None:
    one = _now(homes, _pushed(homes, ask=("person.name",)))

    assert one.created_at.tzinfo is UTC
    assert one.expires_at is not None and one.expires_at.tzinfo is UTC


def _not_found(homes: Homes, exchange: str) -> tuple[object, ...]:
    with pytest.raises(NotFound) as refused:
        _now(homes, exchange, RO)
    told = refused.value
    return str(told), told.code, told.field, told.facts


def _fresh(homes: Homes, later: datetime) -> Directory:
    """Return the directory as if it had been renewed since."""
    directory = homes[NL].directory
    end = later + timedelta(days=1)
    return replace(directory, expires_at=end, keys_expire=dict.fromkeys(directory.keys_expire, end))
