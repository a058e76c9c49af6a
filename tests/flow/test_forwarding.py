"""What one agency received goes on to a third only once its originator agreed, to exactly that."""

from __future__ import annotations

import pytest

from gateway.errors import Conflict, NotFound, Refused
from gateway.flow.consult import arrivals
from gateway.flow.exchange import exchange_now
from gateway.flow.gateway import Gateway
from gateway.flow.passing.forward import Forwarded, forward
from gateway.flow.submit import Addressee
from gateway.flow.verify import verify, verify_received
from gateway.ledger.entry import EntryKind
from gateway.record.vocabulary import Duty, LegalBasis, Purpose
from policy.decision import Outcome
from tests.flow import records
from tests.flow.federation import BORDER, NGO, NL, RO, TO_RO, Homes
from tests.flow.review import Crew, crew, enrol, kinds_of, say

WHY = "The van was seen at the border."
TO_BORDER = Addressee(agency=BORDER)


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the originator."""
    made = crew()
    enrol(homes, made)
    return made


def received(homes: Homes, *, rel: tuple[str, ...] = (RO, BORDER)) -> str:
    """Let police.ro receive a record that its originator marked for these; return its exchange."""
    record = records.small()
    records.mark(record.header.marking, *rel)
    (exchange,) = homes.push(record, TO_RO).exchanges
    homes.carry(RO)
    return exchange.exchange_id


def asked(homes: Homes, exchange: str, addressee: Addressee = TO_BORDER, *, holder: str = RO) -> Forwarded:
    """Have a holder ask to pass on what came with an exchange, and carry the question to its originator."""
    found = forward(homes[holder], exchange, addressee, reason=WHY, actor="operator/test", now=homes.now)
    if found.request_id:
        homes.carry(NL, sender=holder)
    return found


def state(gateway: Gateway, exchange: str) -> str:
    """Return how an exchange stands."""
    return exchange_now(gateway, exchange).state


def test_record_goes_on_once_its_originators_officer_agreed_and_verifies_two_hops_away(
    homes: Homes, officers: Crew
) -> None:
    exchange = received(homes)

    found = asked(homes, exchange)

    assert (found.answer.outcome, found.answer.approvals) == (Outcome.HELD, ("OC:1",))
    assert found.originator == NL and found.portions > 0
    assert state(homes[RO], found.answer.exchange_id) == "held"
    assert not homes[RO].read.queued(BORDER)

    given = say(homes, found.request_id, officers.anna, Duty.RLO)

    assert (given.state, given.missing) == ("approved", ())
    homes.carry(RO)
    assert state(homes[RO], found.answer.exchange_id) == "released"
    homes.carry(BORDER, sender=RO)
    assert state(homes[RO], found.answer.exchange_id) == "delivered"
    (arrival,) = arrivals(homes[BORDER])
    assert (arrival.outcome, arrival.sender, arrival.originator) == ("received", RO, NL)
    assert verify(homes[BORDER], arrival.exchange_id, homes.now).originator == NL
    assert list(kinds_of(homes[RO], found.answer.exchange_id)) == [
        EntryKind.DECIDED,
        EntryKind.HELD,
        EntryKind.DECIDED,
        EntryKind.RELEASED,
        EntryKind.DELIVERED,
    ]
    assert list(kinds_of(homes[NL], found.request_id)) == [
        EntryKind.RECEIVED,
        EntryKind.DECIDED,
        EntryKind.HELD,
        EntryKind.APPROVED,
        EntryKind.SENT,
        EntryKind.DELIVERED,
    ]
