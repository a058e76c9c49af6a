"""A20: whatever an approval is bound to changes after it was given, and nothing leaves on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from gateway.errors import Corrupt, GatewayError, Stale
from gateway.flow.deliver import outgoing
from gateway.flow.keeping import RELEASE, body_rows, owner_of, read_body
from gateway.flow.question_again import record_of
from gateway.record.vocabulary import Duty, LegalBasis, ObligationCode, Purpose
from gateway.release.obligation import Obligation
from gateway.release.release import Release, parse_release, release_digest
from tests.flow import records
from tests.flow.federation import NGO, NL, RO, TO_RO, Homes
from tests.flow.forge import release_of
from tests.flow.records import SECRET_NAME
from tests.flow.review import Crew, crew, digest, enrol, say
from tests.flow.seat import Seat
from tests.flow.test_approving import hold
from tests.flow.test_before_leaving import CHANGED_RULES


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the sender."""
    made = crew()
    enrol(homes, made)
    return made


def _rewritten(change: Callable[[Release], Release], *, told: bool = False) -> Callable[[Homes, str], None]:
    """Return what encrypts another release in the place of the one approved; `told` the hold says so too.

    Only whoever has the agency's storage secret can do that: a worse administrator than most.
    """

    def alter(homes: Homes, exchange: str) -> None:
        gateway = homes[NL]
        row = gateway.read.exchange(exchange)
        assert row is not None
        owner = owner_of(gateway, record_of(gateway, row))
        other = change(parse_release(read_body(gateway, owner, RELEASE, exchange))).encode()
        (made,) = body_rows(gateway, owner, {RELEASE: other}, part=exchange)
        sql = "UPDATE bodies SET ciphertext = :c WHERE kind = 'release' AND part = :p"
        assert Seat(homes).change("bodies", sql, c=made.ciphertext, p=exchange) == 1
        if told:
            Seat(homes).change("holds", "UPDATE holds SET digest = :d", d=release_digest(other))

    return alter


def _set(table: str, column: str, value: Any) -> Callable[[Homes, str], None]:
    def alter(homes: Homes, exchange: str) -> None:
        Seat(homes).change(table, f"UPDATE {table} SET {column} = :v", v=value)

    return alter


def _later(release: Release) -> Release:
    return replace(release, expires_at=release.expires_at + timedelta(days=30))


def _without_duties(release: Release) -> Release:
    return replace(release, obligations=())


def _another_duty(release: Release) -> Release:
    more = Obligation(code=ObligationCode.REVIEW_72H, due_at_ms=2_000_000_000_000)
    codes = {one.code: one for one in (*release.obligations, more)}
    return replace(release, obligations=tuple(codes[code] for code in sorted(codes)))


def _less_marked(release: Release) -> Release:
    return replace(release, marking=replace(release.marking, notes=frozenset({"for anybody"})))


def _rules(homes: Homes, exchange: str) -> None:
    federation = homes.federation()
    federation.set_baseline(CHANGED_RULES)
    federation.publish()
    homes.pass_time(minutes=2)
    homes.refresh(NL)


def _directory(homes: Homes, exchange: str) -> None:
    federation = homes.federation()
    federation.add_member(replace(federation.members()[RO], alert=True))
    federation.publish()
    homes.pass_time(minutes=2)
    homes.refresh(NL)


def _time(homes: Homes, exchange: str) -> None:
    homes.pass_time(days=15)


CHANGES: Final[dict[str, Callable[[Homes, str], None]]] = {
    "content": _rewritten(lambda one: replace(one, disclosure=one.disclosure[:-1])),
    "content, told": _rewritten(_less_marked, told=True),
    "recipient": _rewritten(lambda one: replace(one, recipient=NGO)),
    "recipient, told": _rewritten(lambda one: replace(one, recipient=NGO), told=True),
    "recipient of the hold": _set("holds", "peer", NGO),
    "recipient of the exchange": _set("exchanges", "peer", NGO),
    "purpose": _rewritten(lambda one: replace(one, purpose=Purpose.PROSECUTION)),
    "purpose, told": _rewritten(lambda one: replace(one, purpose=Purpose.PROSECUTION), told=True),
    "purpose of the hold": _set("holds", "purpose", "prosecution"),
    "legal basis": _rewritten(lambda one: replace(one, legal_basis=LegalBasis.COURT_ORDER), told=True),
    "rules": _rules,
    "rules of the hold": _set("holds", "policy_digest", digest("rules")),
    "directory": _directory,
    "directory of the hold": _set("holds", "directory_version", digest("directory")),
    "obligations": _rewritten(_without_duties),
    "obligations, told": _rewritten(_without_duties, told=True),
    "another obligation": _rewritten(_another_duty, told=True),
    "end of use": _rewritten(_later),
    "end of use, told": _rewritten(_later, told=True),
    "end of the hold": _set("holds", "expires_at", 2_500_000_000_000),
    "time": _time,
}


@pytest.mark.parametrize("what", CHANGES)
def test_nothing_leaves_on_approvals_of_something_else(homes: Homes, officers: Crew, what: str) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)

    CHANGES[what](homes, exchange)

    with pytest.raises(GatewayError) as refusal:
        say(homes, exchange, officers.bob, Duty.CPO)
    if what == "directory":
        # Decided anew, the name that took people to agree is forbidden; what never needed anybody leaves.
        assert refusal.value.code == "hold-voided"
        assert SECRET_NAME.encode() not in release_of(homes[NL], exchange)
    else:
        assert _left(homes) == []


@pytest.mark.parametrize("what", CHANGES)
def test_nothing_is_sent_once_what_was_approved_has_changed(homes: Homes, officers: Crew, what: str) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)
    say(homes, exchange, officers.bob, Duty.CPO)

    CHANGES[what](homes, exchange)

    # The exchange's own row says only for people where it went: what was sealed goes to whom it was sealed.
    assert _left(homes) in ([], [exchange] if what == "recipient of the exchange" else [])
    assert outgoing_to(homes, NGO) == ()


def outgoing_to(homes: Homes, peer: str) -> tuple[str, ...]:
    """Return the exchanges that would be sent to a peer; none while the directory is too old to send by."""
    try:
        return outgoing(homes[NL], peer, homes.now).exchanges
    except Stale:
        return ()


def _left(homes: Homes) -> list[str]:
    """Return the exchanges that would be sent to anybody."""
    return [one for peer in (RO, NGO) for one in outgoing_to(homes, peer)]


@pytest.mark.parametrize("column", ["decision_digest", "policy_digest", "directory_version"])
def test_hold_that_the_ledger_does_not_bear_out_is_not_acted_on(
    homes: Homes, officers: Crew, column: str
) -> None:
    """Both tables say the same, and neither says what was decided: it is not even decided anew."""
    exchange = hold(homes)
    for table in ("holds", "exchanges"):
        Seat(homes).change(table, f"UPDATE {table} SET {column} = :v", v=digest("other"))

    with pytest.raises(Corrupt) as differs:
        say(homes, exchange, officers.anna, Duty.VPO)

    assert differs.value.code == "ledger-differs"
    assert [row.state for row in homes[NL].read.hold_rounds(exchange)] == ["held"]
    assert _left(homes) == []


def test_hold_does_not_last_longer_than_the_ledger_lets_it(homes: Homes, officers: Crew) -> None:
    """Nobody has approved it yet, so that no signature says when it ends."""
    exchange = hold(homes)
    Seat(homes).change("holds", "UPDATE holds SET expires_at = expires_at + 86400000")

    with pytest.raises(Corrupt) as differs:
        say(homes, exchange, officers.anna, Duty.VPO)

    assert differs.value.code == "ledger-differs"


SPOILT: Final[dict[str, tuple[str, str]]] = {
    "an approval is gone": ("approvals", "DELETE FROM approvals WHERE seq = 2"),
    "all approvals are gone": ("approvals", "DELETE FROM approvals"),
    "an approval is a refusal": ("approvals", "UPDATE approvals SET verdict = 'refuse' WHERE seq = 1"),
    "an approval is another's": ("approvals", "UPDATE approvals SET person = zeroblob(16) WHERE seq = 1"),
    "what was signed is gone": ("bodies", "DELETE FROM bodies WHERE kind LIKE 'approval/%'"),
    "what was signed is damaged": (
        "bodies",
        "UPDATE bodies SET ciphertext = zeroblob(200) WHERE kind = 'approval/1'",
    ),
    "what was approved is gone": ("bodies", "DELETE FROM bodies WHERE kind = 'release'"),
    "an officer is gone": ("officers", "DELETE FROM officers WHERE handle = 'anna'"),
    "an officer has another key": (
        "officers",
        "UPDATE officers SET public_key = zeroblob(32) WHERE handle = 'anna'",
    ),
    "an officer has other duties": ("officers", "UPDATE officers SET duties = 'RLO' WHERE handle = 'anna'"),
    "the hold is open again": ("holds", "UPDATE holds SET state = 'held'"),
    "the hold was refused": ("holds", "UPDATE holds SET state = 'refused'"),
    "the hold is gone": ("holds", "DELETE FROM holds"),
    "the exchange is gone": ("exchanges", "DELETE FROM exchanges"),
    "the envelope is another": ("outbox", "UPDATE outbox SET sealed = zeroblob(4096)"),
    "the header is another": ("outbox", "UPDATE outbox SET header = zeroblob(100)"),
    "the entry is another": ("outbox", "UPDATE outbox SET entry = entry - 1"),
    "the ledger's enrolment is another": (
        "entries",
        "UPDATE entries SET data = CAST(replace(data, 'VPO', 'DPO') AS BLOB) WHERE kind = 35",
    ),
}


@pytest.mark.parametrize("how", SPOILT)
def test_outbox_sends_nothing_whose_approvals_do_not_verify(homes: Homes, officers: Crew, how: str) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)
    say(homes, exchange, officers.bob, Duty.CPO)
    seat, (table, sql) = Seat(homes), SPOILT[how]
    assert seat.change(table, sql) >= 1

    leaving = outgoing(homes[NL], RO, homes.now)

    assert leaving.batch is None
    assert [one for one, _ in leaving.held_back] == [exchange]
    assert all(why for _, why in leaving.held_back)
    seat.put_back()
    assert outgoing(homes[NL], RO, homes.now).exchanges == (exchange,)
    homes.carry(RO)
    assert release_of(homes[RO], exchange) == release_of(homes[NL], exchange)


@pytest.mark.parametrize("column", ["peer", "lane", "kind", "created_at", "expires_at", "envelope_digest"])
def test_what_nobody_held_is_not_sent_either_where_its_row_was_changed(homes: Homes, column: str) -> None:
    (exchange,) = homes.push(records.small(), TO_RO).exchanges
    value = {"peer": NGO, "lane": "urgent", "kind": "notice", "envelope_digest": digest("other")}
    seat = Seat(homes)
    sql = (
        f"UPDATE outbox SET {column} = :v"
        if column in value
        else f"UPDATE outbox SET {column} = {column} + 9"
    )
    seat.change("outbox", sql, **({"v": value[column]} if column in value else {}))

    assert _left(homes) == []

    seat.put_back()
    assert _left(homes) == [exchange.exchange_id]
