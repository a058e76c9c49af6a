"""What one agency received goes on to a third only once its originator agreed, to exactly that."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.errors import Conflict, Malformed, NotFound, Refused
from gateway.flow.audit import export_ledger, trust_of
from gateway.flow.consult import arrivals, show_arrival
from gateway.flow.exchange import exchange_now
from gateway.flow.inbox import arrived_after
from gateway.flow.passing.ending import end_unanswered
from gateway.flow.passing.forward import ANSWER_LIFE, forward
from gateway.flow.submit import Addressee
from gateway.flow.verify import verify, verify_received
from gateway.ledger.entry import EntryKind
from gateway.ledger.findings import Severity
from gateway.ledger.inspection import inspect
from gateway.record.vocabulary import Duty, LegalBasis, ObligationCode, Purpose
from gateway.release.onward import candidates
from gateway.v1 import marking_pb2
from policy.decision import Outcome
from tests.flow import records
from tests.flow.federation import BORDER, NGO, NL, RO, TO_RO, Homes
from tests.flow.forwarding import ACTOR, TO_BORDER, WHY, asked, received, shown, state
from tests.flow.review import Crew, crew, enrol, kinds_of, say


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the originator."""
    made = crew()
    enrol(homes, made)
    return made


def passed_on(homes: Homes, officers: Crew) -> tuple[str, str]:
    """Pass a record on with consent; return what police.ro received and what the border did."""
    exchange = received(homes)
    found = asked(homes, exchange)
    say(homes, found.request_id, officers.anna, Duty.RLO)
    homes.carry(RO)
    homes.carry(BORDER, sender=RO)
    (arrival,) = arrivals(homes[BORDER])
    assert arrival.outcome == "received"
    return exchange, arrival.exchange_id


def test_record_goes_on_once_its_originators_officer_agreed_and_verifies_two_hops_away(
    homes: Homes, officers: Crew
) -> None:
    exchange = received(homes)

    found = asked(homes, exchange)

    assert (found.answer.outcome, found.answer.approvals) == (Outcome.HELD, ("OC:1",))
    assert found.originator == NL and found.portions > 0

    given = say(homes, found.request_id, officers.anna, Duty.RLO)

    assert (given.state, given.missing) == ("approved", ())
    homes.carry(RO)
    assert state(homes[RO], found.answer.exchange_id) == "released"
    homes.carry(BORDER, sender=RO)
    assert state(homes[RO], found.answer.exchange_id) == "delivered"
    (arrival,) = arrivals(homes[BORDER])
    assert (arrival.outcome, arrival.sender, arrival.originator) == ("received", RO, NL)
    homes.close()
    assert verify(homes[BORDER], arrival.exchange_id, homes.now).originator == NL


def test_ledgers_on_both_sides_say_what_happened_and_verify(homes: Homes, officers: Crew) -> None:
    found = asked(homes, received(homes))
    say(homes, found.request_id, officers.anna, Duty.RLO)
    homes.carry(RO)
    homes.carry(BORDER, sender=RO)

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
    for agency in (NL, RO, BORDER):
        files = export_ledger(homes[agency], homes.now, openings=True)
        report = inspect(files, trust_of(homes[agency].directory))
        assert [one for one in report.findings if one.severity is Severity.FINDING] == []


def test_nothing_but_the_question_leaves_before_the_originator_agreed(homes: Homes, officers: Crew) -> None:
    """A22: what is passed on without consent is held."""
    exchange = received(homes)

    found = asked(homes, exchange, carried=False)

    assert state(homes[RO], found.answer.exchange_id) == "held"
    assert not homes[RO].read.queued(BORDER)
    (waiting,) = homes[RO].read.queued(NL)
    assert (waiting.kind, waiting.exchange_id) == ("consent-request", found.request_id)
    homes.carry(NL, sender=RO)
    assert not homes[RO].read.queued(BORDER)
    assert EntryKind.RELEASED not in kinds_of(homes[RO], found.answer.exchange_id)


def test_question_and_answer_are_no_arrivals(homes: Homes, officers: Crew) -> None:
    found = asked(homes, received(homes))
    say(homes, found.request_id, officers.anna, Duty.RLO)
    homes.carry(RO)

    assert arrivals(homes[NL]) == []
    assert len(arrivals(homes[RO])) == 1
    for agency, count in ((NL, 0), (RO, 1)):
        handed = arrived_after(
            homes[agency], Purpose.INVESTIGATION, -1, limit=9, actor="system/test", now=homes.now
        )
        assert len(handed) == count


def test_what_goes_on_is_at_most_what_came_under_at_least_its_restrictions(
    homes: Homes, officers: Crew
) -> None:
    exchange, onward = passed_on(homes, officers)

    came, went = (shown(homes[agency], one, homes) for agency, one in ((RO, exchange), (BORDER, onward)))

    assert went.items() <= came.items()
    before = verify_received(homes[RO], exchange, homes.now)
    after = verify_received(homes[BORDER], onward, homes.now)
    assert after.release.marking.rel == frozenset({BORDER})
    assert after.release.expires_at <= before.release.expires_at
    assert {one.code for one in before.release.obligations} <= {one.code for one in after.release.obligations}
    assert after.consent is not None and set(went) <= set(after.consent.leaves)


def test_what_the_rules_say_is_passed_on_to_nobody_stays(homes: Homes, officers: Crew) -> None:
    exchange, onward = passed_on(homes, officers)

    before = candidates(verify_received(homes[RO], exchange, homes.now))
    after = candidates(verify_received(homes[BORDER], onward, homes.now))

    assert any(one.role.protected and one.category == "person.sex" for one in before)
    assert not any(one.role.protected and one.category == "person.sex" for one in after)


def test_facts_attested_for_one_agency_are_not_attested_for_the_next(homes: Homes, officers: Crew) -> None:
    _, onward = passed_on(homes, officers)

    attested = {
        fact.token
        for one in verify_received(homes[BORDER], onward, homes.now).disclosure.classes
        for fact in one.facts
    }

    assert attested <= {"not-current", "not-abuse-material"}


def test_third_agency_is_not_told_who_else_has_it(homes: Homes, officers: Crew) -> None:
    _, onward = passed_on(homes, officers)

    seen = show_arrival(homes[BORDER], onward, purpose="investigation", actor=ACTOR, now=homes.now)

    assert NGO not in str(seen) and WHY not in str(seen)
    assert ObligationCode.NO_ONWARD.token in seen.obligations


def test_third_hop_asks_the_same_originator_anew(homes: Homes, officers: Crew) -> None:
    _, onward = passed_on(homes, officers)
    homes.pass_time(minutes=1)

    found = asked(homes, onward, Addressee(agency=RO), holder=BORDER)

    assert found.originator == NL
    assert state(homes[BORDER], found.answer.exchange_id) == "held"
    # The record is not marked for somebody whom its originator did not name, but police.ro it did.
    assert homes[NL].read.hold(found.request_id) is not None
    say(homes, found.request_id, officers.anna, Duty.RLO)
    homes.carry(BORDER)
    homes.carry(RO, sender=BORDER)
    assert state(homes[BORDER], found.answer.exchange_id) == "delivered"
    assert [one.sender for one in arrivals(homes[RO])] == [NL, BORDER]


def test_own_policy_that_denies_sends_no_question_and_says_why(homes: Homes) -> None:
    exchange = received(homes)
    before = homes[RO].read.head().size

    to_shelter = Addressee(agency=NGO, purpose=Purpose.VICTIM_PROTECTION, legal_basis=LegalBasis.CONSENT)
    found = asked(homes, exchange, to_shelter)

    assert (found.answer.outcome, found.request_id) == (Outcome.DENIED, "")
    assert found.answer.reasons
    assert not homes[RO].read.queued(NL)
    assert homes[RO].read.head().size == before + 1
    assert list(kinds_of(homes[RO], found.answer.exchange_id)) == [EntryKind.DECIDED]


def test_same_question_is_not_asked_twice_while_it_waits(homes: Homes, officers: Crew) -> None:
    exchange = received(homes)
    found = asked(homes, exchange)

    with pytest.raises(Conflict) as again:
        asked(homes, exchange)

    assert again.value.code == "already-asked"
    say(homes, found.request_id, officers.anna, Duty.RLO, refuse="not-lawful")
    homes.carry(RO)
    assert asked(homes, exchange).request_id


@pytest.mark.parametrize(
    ("addressee", "code"),
    [
        (Addressee(agency=NL), "to-originator"),
        (Addressee(agency=RO), "unknown-recipient"),
        (Addressee(agency="nobody.xx"), "unknown-recipient"),
        (Addressee(agency=BORDER, unit="nowhere"), "unknown-unit"),
    ],
)
def test_forward_to_whom_it_cannot_go_is_refused(homes: Homes, addressee: Addressee, code: str) -> None:
    exchange = received(homes)

    with pytest.raises(Refused) as refusal:
        asked(homes, exchange, addressee)

    assert refusal.value.code == code


def test_forward_of_what_never_came_is_refused(homes: Homes) -> None:
    exchange = received(homes)

    for agency, identifier in ((NL, exchange), (RO, "0199a000-0000-7000-8000-000000000001")):
        with pytest.raises(NotFound):
            forward(homes[agency], identifier, TO_BORDER, reason=WHY, actor=ACTOR, now=homes.now)


def test_forward_without_a_reason_writes_nothing(homes: Homes) -> None:
    exchange = received(homes)
    before = homes[RO].read.head().size

    with pytest.raises(Malformed):
        forward(homes[RO], exchange, TO_BORDER, reason=" ", actor=ACTOR, now=homes.now)

    assert homes[RO].read.head().size == before


def test_what_may_be_used_no_more_is_not_passed_on(homes: Homes) -> None:
    exchange = received(homes)
    homes.now += timedelta(days=3650)

    with pytest.raises(Refused) as refusal:
        forward(homes[RO], exchange, TO_BORDER, reason=WHY, actor=ACTOR, now=homes.now)

    assert refusal.value.code == "use-ended"


def test_refusal_closes_the_exchange_and_tells_its_reason_without_its_words(
    homes: Homes, officers: Crew
) -> None:
    found = asked(homes, received(homes))

    answer = say(homes, found.request_id, officers.anna, Duty.RLO, refuse="victim-safety: she is at risk")
    trip = homes.carry(RO)

    assert answer.state == "refused"
    now = exchange_now(homes[RO], found.answer.exchange_id)
    assert (now.state, now.code) == ("rejected", "victim-safety")
    assert not homes[RO].read.queued(BORDER)
    row = homes[RO].read.consent_of_exchange(found.answer.exchange_id)
    assert row is not None and (row.state, row.refusal) == ("refused", "victim-safety")
    assert b"she is at risk" not in trip.there


def test_question_that_nobody_answers_ends(homes: Homes, officers: Crew) -> None:
    found = asked(homes, received(homes))
    assert end_unanswered(homes[RO], homes.now) == 0
    homes.now += ANSWER_LIFE

    done = end_unanswered(homes[RO], homes.now)

    assert (done, end_unanswered(homes[RO], homes.now)) == (1, 0)
    assert state(homes[RO], found.answer.exchange_id) == "expired"


def test_question_that_cannot_be_delivered_ends_its_exchange(homes: Homes) -> None:
    found = asked(homes, received(homes), carried=False)
    homes.now += timedelta(days=15)
    homes.federation().publish()
    homes.refresh(RO)

    with pytest.raises(NotFound):
        homes.carry(NL, sender=RO)

    assert state(homes[RO], found.answer.exchange_id) == "expired"
    assert list(kinds_of(homes[RO], found.request_id)) == [EntryKind.SENT, EntryKind.UNDELIVERABLE]


def test_own_record_that_rests_on_anothers_consent_does_not_leave_by_officers_alone(
    homes: Homes, officers: Crew
) -> None:
    """A22: what another agency contributed waits for that agency, whoever approves here."""
    record = records.small()
    needed = record.header.marking.consent.add(kind=marking_pb2.CONSENT_KIND_ONWARD)
    needed.originator = BORDER
    (exchange,) = homes.push(record, TO_RO, ask=("person.name",)).exchanges
    assert exchange.approvals == ("CPO:1", "OC:1", "VPO:1")

    say(homes, exchange.exchange_id, officers.anna, Duty.VPO)
    last = say(homes, exchange.exchange_id, officers.bob, Duty.CPO)

    assert (last.state, last.missing) == ("partly-approved", ("OC:1",))
    assert EntryKind.RELEASED not in kinds_of(homes[NL], exchange.exchange_id)
    assert not homes[NL].read.queued(RO)
