"""What is held leaves when the people it needs have agreed to exactly that, and never before."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.errors import GatewayError, NotFound, Refused, VerificationFailed
from gateway.flow.gateway import Gateway
from gateway.flow.review.approve import Word, answer_hold
from gateway.ledger.entry import EntryKind
from gateway.ledger.findings import Severity
from gateway.record.moment import to_ms
from gateway.record.vocabulary import Duty, Purpose
from gateway.tls.identity import Identity, Role
from keys.approval import sign_approval
from policy.decision import Outcome
from tests.flow.federation import NL, RO, TO_RO, Homes
from tests.flow.records import small
from tests.flow.review import CONSOLE, Crew, approval_for, audited, crew, digest, enrol, kinds_of, say

NAME = ("person.name",)


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the sender."""
    made = crew()
    enrol(homes, made)
    return made


def hold(homes: Homes, number: int = 1) -> str:
    """Push a record whose name is asked for, and return the exchange that is held."""
    answer = homes.push(small(number), TO_RO, ask=NAME)
    (exchange,) = answer.exchanges
    assert exchange.outcome is Outcome.HELD
    assert exchange.approvals == ("CPO:1", "VPO:1")
    return exchange.exchange_id


def nothing_left(gateway: Gateway, exchange: str) -> bool:
    """Tell whether nothing of an exchange was released or waits to be."""
    row = gateway.read.exchange(exchange)
    assert row is not None
    left = EntryKind.RELEASED in kinds_of(gateway, exchange)
    return not left and row.message_id is None and not gateway.read.queued(row.peer)


def test_release_leaves_with_the_last_approval_and_arrives(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)

    first = say(homes, exchange, officers.anna, Duty.VPO)

    assert (first.state, first.missing) == ("partly-approved", ("CPO:1",))
    assert nothing_left(homes[NL], exchange)

    last = say(homes, exchange, officers.bob, Duty.CPO)

    assert (last.state, last.missing) == ("approved", ())
    assert homes.carry(RO).answered is not None
    row = homes[NL].read.exchange(exchange)
    assert row is not None and row.state == "delivered"
    assert list(kinds_of(homes[NL], exchange)) == [
        EntryKind.DECIDED,
        EntryKind.HELD,
        EntryKind.APPROVED,
        EntryKind.APPROVED,
        EntryKind.RELEASED,
        EntryKind.DELIVERED,
    ]


def test_ledger_with_an_approved_release_verifies(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)
    say(homes, exchange, officers.bob, Duty.CPO)

    report = audited(homes)

    assert [one for one in report.findings if one.severity is Severity.FINDING] == []
    assert report.exit_code == 0
    assert report.size == homes[NL].read.head().size - 1


def test_refusal_closes_the_hold_and_nothing_leaves(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)

    answer = say(homes, exchange, officers.anna, Duty.VPO, refuse="more-than-needed: the age band will do")

    assert answer.state == "refused"
    assert nothing_left(homes[NL], exchange)
    with pytest.raises(Refused) as closed:
        say(homes, exchange, officers.bob, Duty.CPO)
    assert closed.value.code == "hold-closed"


REFUSED: dict[str, dict[str, Any]] = {
    "other-bytes": {"release": digest("other")},
    "other-recipient": {"recipient": "border.xx"},
    "other-purpose": {"purpose": Purpose.PROSECUTION},
    "other-decision": {"decision": digest("other")},
    "other-end": {"expires_at_ms": 2_000_000_000_000},
}


@pytest.mark.parametrize("code", REFUSED)
def test_word_for_anything_else_than_what_is_held_is_refused(homes: Homes, officers: Crew, code: str) -> None:
    exchange = hold(homes)
    before = homes[NL].read.head().size

    with pytest.raises(Refused) as refusal:
        say(homes, exchange, officers.anna, Duty.VPO, **REFUSED[code])

    assert refusal.value.code == code
    assert homes[NL].read.head().size == before + 1
    assert kinds_of(homes[NL], exchange)[-1] == EntryKind.HOLD_PLACED
    assert nothing_left(homes[NL], exchange)
    assert say(homes, exchange, officers.anna, Duty.VPO).state == "partly-approved"


def test_one_person_speaks_once(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.eva, Duty.VPO)

    with pytest.raises(Refused) as refusal:
        say(homes, exchange, officers.eva, Duty.CPO)

    assert refusal.value.code == "already-approved"
    assert nothing_left(homes[NL], exchange)


def test_duty_that_nobody_needs_is_refused(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)

    for who, duty in ((officers.carla, Duty.VPO), (officers.dirk, Duty.DPO)):
        with pytest.raises(Refused) as refusal:
            say(homes, exchange, who, duty)
        assert refusal.value.code == "duty-not-needed"


def test_duty_an_officer_does_not_hold_is_refused(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)

    with pytest.raises(Refused) as refusal:
        say(homes, exchange, officers.dirk, Duty.VPO)

    assert refusal.value.code == "not-your-duty"


def test_key_nobody_enrolled_is_refused(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)

    with pytest.raises(Refused) as refusal:
        say(homes, exchange, crew().anna, Duty.VPO)

    assert refusal.value.code == "not-an-officer"
    assert kinds_of(homes[NL], exchange)[-1] == EntryKind.HOLD_PLACED


def test_signature_of_another_is_refused(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)

    with pytest.raises(GatewayError):
        say(homes, exchange, officers.anna, Duty.VPO, signer=officers.bob.signer)

    assert nothing_left(homes[NL], exchange)


def test_officer_does_not_speak_through_the_connection_of_another(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    bobs = Identity(agency=NL, role=Role.OFFICER, name="bob")
    annas = Identity(agency=NL, role=Role.OFFICER, name="anna")

    with pytest.raises(Refused) as refusal:
        say(homes, exchange, officers.anna, Duty.VPO, caller=bobs)

    assert refusal.value.code == "other-officer"
    assert say(homes, exchange, officers.anna, Duty.VPO, caller=annas).state == "partly-approved"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_clock_that_is_off_is_refused(homes: Homes, officers: Crew, minutes: int) -> None:
    exchange = hold(homes)

    with pytest.raises(Refused) as refusal:
        say(homes, exchange, officers.anna, Duty.VPO, skew=timedelta(minutes=minutes))

    assert refusal.value.code == "clock-skew"
    assert say(homes, exchange, officers.anna, Duty.VPO, skew=timedelta(minutes=minutes // 2)).missing


def test_nothing_is_approved_once_the_hold_has_ended(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    homes.pass_time(days=7)

    with pytest.raises(Refused) as refusal:
        say(homes, exchange, officers.anna, Duty.VPO)

    assert refusal.value.code == "hold-expired"
    assert nothing_left(homes[NL], exchange)


def test_what_was_never_held_is_not_found(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    released = homes.push(small(2), TO_RO).exchanges[0].exchange_id
    gateway = homes[NL]
    other = replace(approval_for(gateway, exchange, officers.anna, Duty.VPO), exchange_id=released)
    word = Word(signed=sign_approval(other, officers.anna.signer), at_ms=to_ms(homes.now), caller=CONSOLE)

    with pytest.raises(NotFound) as missing:
        answer_hold(gateway, word, homes.now)

    assert missing.value.code == "no-such-hold"


def test_two_words_at_once_count_once(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)
    say(homes, exchange, officers.bob, Duty.CPO)

    with pytest.raises(Refused):
        say(homes, exchange, officers.bob, Duty.CPO)

    released = [kind for kind in kinds_of(homes[NL], exchange) if kind == EntryKind.RELEASED]
    assert len(released) == 1


def test_forged_signature_is_refused_and_noted(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    liar = type(officers.anna)(
        handle="anna", name="Anna", duties=officers.anna.duties, person=officers.anna.person
    )

    with pytest.raises((Refused, VerificationFailed)):
        say(homes, exchange, liar, Duty.VPO)

    assert kinds_of(homes[NL], exchange)[-1] == EntryKind.HOLD_PLACED


def test_own_officer_gives_the_originators_leave_for_a_purpose_its_marking_leaves_out(
    homes: Homes, officers: Crew
) -> None:
    answer = homes.push(small(1), replace(TO_RO, purpose=Purpose.PROSECUTION)).exchanges[0]
    assert answer.approvals == ("OC:1", "RLO:1")

    with pytest.raises(Refused) as refusal:
        say(homes, answer.exchange_id, officers.bob, Duty.CPO)
    said = say(homes, answer.exchange_id, officers.anna, Duty.RLO)

    assert refusal.value.code == "duty-not-needed"
    assert said.state == "approved"
    trip = homes.carry(RO)
    assert trip.answered is not None
    assert [one.outcome for one in trip.answered.acknowledged] == ["delivered"]
