"""What is checked again before a release leaves: the rules, the directory, and what time alone changes."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.flow.carry import pack, unpack
from gateway.flow.consult import arrivals
from gateway.flow.deliver import BATCH_MAX, Outgoing, outgoing
from gateway.flow.repeat import PushAnswer
from gateway.flow.submit import push
from gateway.v1 import record_pb2 as pb
from policy.bundle import shipped_baseline
from policy.decision import Outcome
from tests.flow import oracle, records
from tests.flow.federation import NGO, NL, RO, TO_NGO, Homes, item

CHANGED_RULES = shipped_baseline() + "\n// The rules were changed.\n"


def _publish(homes: Homes, baseline: str = CHANGED_RULES) -> None:
    federation = homes.federation()
    federation.set_baseline(baseline)
    federation.publish()


def _held_back(leaving: Outgoing) -> list[str]:
    assert leaving.batch is None
    return [exchange for exchange, _ in leaving.held_back]


def test_release_decided_a_moment_before_other_rules_came_into_force_stays(homes: Homes) -> None:
    """Both in one second: what is dated by the second must not count as later."""
    second = homes.now
    homes.now = second + timedelta(milliseconds=300)
    (exchange,) = homes.push(records.small()).exchanges
    homes.now = second
    _publish(homes)
    homes.now = second + timedelta(milliseconds=700)
    homes.refresh(NL)

    assert _held_back(outgoing(homes[NL], RO, homes.now)) == [exchange.exchange_id]
    with pytest.raises(Exception, match="the rules changed"):
        pack(homes[NL], RO, homes.now)


def test_release_leaves_days_later_where_it_would_be_decided_the_same(homes: Homes) -> None:
    (exchange,) = homes.push(records.demonstration(), TO_NGO).exchanges
    homes.pass_time(days=3)

    leaving = outgoing(homes[NL], NGO, homes.now)

    assert exchange.outcome is Outcome.RELEASE
    assert leaving.exchanges == (exchange.exchange_id,)


def _supported(homes: Homes, consent_ends_in: int, retained_for: int = 365) -> pb.Record:
    """Return a record of an adult the shelter cares for, who agreed that it knows her name."""
    record = records.small()
    record.header.retain_until = (homes.now.date() + timedelta(days=retained_for)).isoformat()
    victim = record.persons[0]
    victim.age_status = pb.AGE_STATUS_ADULT
    victim.birth.year = 1999
    victim.care.add(provider=NGO)
    consent = victim.consents.add(status=pb.CONSENT_STATUS_GIVEN, recipients=[NGO])
    consent.purposes.append(records.VICTIM_PROTECTION)
    consent.given_on = homes.now.date().isoformat()
    consent.expires = (homes.now.date() + timedelta(days=consent_ends_in)).isoformat()
    return record


def test_release_that_rests_on_a_consent_stays_once_the_consent_has_ended(homes: Homes) -> None:
    (exchange,) = homes.push(_supported(homes, consent_ends_in=1), TO_NGO).exchanges
    tomorrow, after = homes.now + timedelta(days=1), homes.now + timedelta(days=2)

    assert exchange.outcome is Outcome.RELEASE
    assert outgoing(homes[NL], NGO, tomorrow).exchanges == (exchange.exchange_id,)
    assert _held_back(outgoing(homes[NL], NGO, after)) == [exchange.exchange_id]


def test_release_stays_once_the_retention_of_its_record_has_passed(homes: Homes) -> None:
    record = _supported(homes, consent_ends_in=90, retained_for=1)
    (exchange,) = homes.push(record, TO_NGO).exchanges

    assert outgoing(homes[NL], NGO, homes.now + timedelta(days=1)).exchanges == (exchange.exchange_id,)
    assert _held_back(outgoing(homes[NL], NGO, homes.now + timedelta(days=2))) == [exchange.exchange_id]


def test_erased_record_does_not_leave_though_it_was_decided(homes: Homes) -> None:
    answer = homes.push(records.small())
    homes[NL].store.erase_record(NL, answer.record_id, 1)

    assert outgoing(homes[NL], RO, homes.now).batch is None
    assert outgoing(homes[NL], RO, homes.now + timedelta(days=1)).batch is None


def test_what_is_held_back_is_said_and_holds_back_nothing_else(homes: Homes) -> None:
    homes.push(_supported(homes, consent_ends_in=1), TO_NGO)
    homes.pass_time(days=2)
    (second,) = homes.push(_supported(homes, consent_ends_in=30), TO_NGO).exchanges

    bundle, leaving = pack(homes[NL], NGO, homes.now)
    unpack(homes[NGO], bundle, homes.now)

    assert leaving.exchanges == (second.exchange_id,)
    assert len(leaving.held_back) == 1
    assert [one.exchange_id for one in arrivals(homes[NGO])] == [second.exchange_id]
    assert oracle.counts(homes.home(NL))["outbox"] == 2


def test_what_may_leave_is_found_behind_any_number_that_may_not(homes: Homes) -> None:
    """More than a page of releases stays here for good: the rules they were decided by are gone."""
    old = [item(records.small(number)) for number in range(2 * BATCH_MAX + 3)]
    assert all(isinstance(one, PushAnswer) for one in push(homes[NL], old, homes.now))
    _publish(homes)
    homes.pass_time(minutes=5)
    homes.refresh(NL)
    (first,) = homes.push(records.small(1001)).exchanges
    (second,) = homes.push(records.small(1002)).exchanges

    leaving = outgoing(homes[NL], RO, homes.now)
    named = outgoing(homes[NL], RO, homes.now, only={second.exchange_id})

    assert set(leaving.exchanges) == {first.exchange_id, second.exchange_id}
    assert len(leaving.held_back) == len(old)
    assert named.exchanges == (second.exchange_id,)
