"""An originator is asked for consent: what it takes in, who decides, and what its answer says."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.errors import Refused
from gateway.flow.activate import activate_own
from gateway.flow.consult import arrivals
from gateway.flow.erase import Why, erase
from gateway.flow.keeping import CONSENT, read_body
from gateway.flow.review.approve import Word, answer_hold
from gateway.flow.verify import verify_received
from gateway.ledger.entry import EntryKind
from gateway.record.moment import to_ms
from gateway.record.vocabulary import Duty, Purpose
from gateway.release.consent import parse_consent, verify_consent
from gateway.release.consent_request import ConsentRequest
from keys.approval import RefusalReason, sign_approval
from tests.flow.federation import BORDER, NGO, NL, RO, Homes
from tests.flow.forwarding import (
    answer_of,
    asked,
    owner,
    received,
    request_of,
    send_request,
    state,
)
from tests.flow.review import CONSOLE, Crew, approval_for, crew, digest, enrol, kinds_of, say
from tests.flow.test_activation import NO_VEHICLES, SILENCE

NO_NAMES = NO_VEHICLES.replace("vehicle.identity", "person.name").replace("LO-VEHICLES", "LO-NAMES")


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the originator."""
    made = crew()
    enrol(homes, made)
    return made


def test_request_becomes_a_hold_for_a_releasing_officer(homes: Homes, officers: Crew) -> None:
    found = asked(homes, received(homes))

    hold = homes[NL].read.hold(found.request_id)

    assert hold is not None
    assert (hold.subject, hold.state, hold.required) == ("consent", "held", "RLO:1")
    assert (hold.peer, hold.purpose) == (BORDER, "investigation")
    assert state(homes[NL], found.request_id) == "held"
    assert not homes[NL].read.queued(RO)


def test_consent_names_both_agencies_the_purpose_and_no_leaf_that_was_not_asked_for(
    homes: Homes, officers: Crew
) -> None:
    found = asked(homes, received(homes))
    say(homes, found.request_id, officers.anna, Duty.RLO)

    answer = answer_of(homes, found)

    assert answer.consent is not None
    given = verify_consent(answer.consent, homes[NL].signing.public_key)
    asked_for = request_of(homes, found)
    assert (given.sender, given.recipient, given.purpose) == (RO, BORDER, Purpose.INVESTIGATION)
    assert given.statement == asked_for.statement
    assert set(given.leaves) <= set(asked_for.leaves)
    assert given.expires <= homes.now.date() + timedelta(days=30)


def test_originator_that_would_not_release_it_itself_refuses_by_itself(homes: Homes, officers: Crew) -> None:
    found = asked(homes, received(homes, rel=(RO,)))

    assert homes[NL].read.hold(found.request_id) is None
    assert list(kinds_of(homes[NL], found.request_id)) == [
        EntryKind.RECEIVED,
        EntryKind.DECIDED,
        EntryKind.SENT,
    ]
    assert answer_of(homes, found).refusal is RefusalReason.NOT_LAWFUL
    homes.carry(RO)
    assert state(homes[RO], found.answer.exchange_id) == "rejected"
    assert not homes[RO].read.queued(BORDER)


def test_consent_leaves_out_what_the_originator_would_not_release_itself(
    homes: Homes, officers: Crew
) -> None:
    found = asked(homes, received(homes, van=(RO,)))
    say(homes, found.request_id, officers.anna, Duty.RLO)
    homes.carry(RO)
    homes.carry(BORDER, sender=RO)

    answer, request = answer_of(homes, found), request_of(homes, found)

    assert answer.consent is not None
    given = verify_consent(answer.consent, homes[NL].signing.public_key)
    assert set(given.leaves) < set(request.leaves)
    (arrival,) = arrivals(homes[BORDER])
    portions = verify_received(homes[BORDER], arrival.exchange_id, homes.now).disclosure.portions
    assert not any(one.entity.startswith("vehicle/") for one in portions)


def test_restrictions_in_words_are_read_by_an_officer_on_both_sides(homes: Homes, officers: Crew) -> None:
    record_notes = ("Read before use.",)
    exchange = _received_with_notes(homes, officers, record_notes)
    receiving = crew()
    enrol(homes, receiving, agency=RO)

    found = asked(homes, exchange)
    assert found.answer.approvals == ("OC:1", "RLO:1")
    say(homes, found.request_id, officers.carla, Duty.RLO)
    homes.carry(RO)

    onward = found.answer.exchange_id
    hold = homes[RO].read.hold(onward)
    assert hold is not None and (hold.subject, hold.required) == ("release", "OC:1,RLO:1")
    assert not homes[RO].read.queued(BORDER)
    say(homes, onward, receiving.carla, Duty.RLO, agency=RO)
    homes.carry(BORDER, sender=RO)
    assert state(homes[RO], onward) == "delivered"
    (arrival,) = arrivals(homes[BORDER])
    restrictions = verify_received(homes[BORDER], arrival.exchange_id, homes.now).release.marking.notes
    assert set(record_notes) <= restrictions


def _received_with_notes(homes: Homes, officers: Crew, notes: tuple[str, ...]) -> str:
    exchange = received(homes, notes=notes, carried=False)
    say(homes, exchange, officers.anna, Duty.RLO)
    homes.carry(RO)
    return exchange


REFUSED: dict[str, dict[str, Any]] = {
    "other-bytes": {"release": digest("other")},
    "other-recipient": {"recipient": NGO},
    "other-purpose": {"purpose": Purpose.PROSECUTION},
    "other-decision": {"decision": digest("other")},
    "other-end": {"expires_at_ms": 2_000_000_000_000},
}


@pytest.mark.parametrize("code", REFUSED)
def test_word_for_anything_else_than_the_consent_held_is_refused(
    homes: Homes, officers: Crew, code: str
) -> None:
    found = asked(homes, received(homes))

    with pytest.raises(Refused) as refusal:
        say(homes, found.request_id, officers.anna, Duty.RLO, **REFUSED[code])

    assert refusal.value.code == code
    assert kinds_of(homes[NL], found.request_id)[-1] == EntryKind.HOLD_PLACED
    assert not homes[NL].read.queued(RO)


def test_word_that_does_not_count_lets_no_consent_leave(homes: Homes, officers: Crew) -> None:
    found = asked(homes, received(homes))
    request = found.request_id

    with pytest.raises(Refused) as duty:
        say(homes, request, officers.bob, Duty.CPO)
    with pytest.raises(Refused) as skew:
        say(homes, request, officers.anna, Duty.RLO, skew=timedelta(minutes=6))
    homes.now += timedelta(days=7)
    with pytest.raises(Refused) as late:
        say(homes, request, officers.anna, Duty.RLO)

    assert (duty.value.code, skew.value.code) == ("duty-not-needed", "clock-skew")
    assert late.value.code == "hold-expired"
    assert not homes[NL].read.queued(RO)


def test_consent_cannot_be_approved_by_what_was_signed_for_a_release(homes: Homes, officers: Crew) -> None:
    found = asked(homes, received(homes))
    gateway = homes[NL]
    signed = sign_approval(
        approval_for(gateway, found.request_id, officers.anna, Duty.RLO), officers.anna.signer
    )
    word = Word(signed=signed, at_ms=to_ms(homes.now), caller=CONSOLE)
    answer_hold(gateway, word, homes.now)

    with pytest.raises(Refused) as again:
        answer_hold(gateway, word, homes.now)

    assert again.value.code == "hold-closed"


def test_consent_is_void_when_the_rules_have_changed_and_is_decided_anew(
    homes: Homes, officers: Crew
) -> None:
    found = asked(homes, received(homes))
    fresh, _ = activate_own(homes[NL], SILENCE, homes.now)
    approval = approval_for(fresh, found.request_id, officers.anna, Duty.RLO)
    signed = sign_approval(approval, officers.anna.signer)

    with pytest.raises(Refused) as void:
        answer_hold(fresh, Word(signed=signed, at_ms=to_ms(homes.now), caller=CONSOLE), homes.now)

    assert void.value.code == "hold-voided"
    hold = fresh.read.hold(found.request_id)
    assert hold is not None and hold.state == "voided"
    row = fresh.read.consent_of_exchange(found.request_id)
    assert row is not None and row.state == "refused"
    homes.close(NL)
    homes.carry(RO)
    assert state(homes[RO], found.answer.exchange_id) == "rejected"


def test_consent_held_anew_is_of_a_new_round(homes: Homes, officers: Crew) -> None:
    found = asked(homes, received(homes))
    fresh, _ = activate_own(homes[NL], NO_NAMES, homes.now)
    approval = approval_for(fresh, found.request_id, officers.anna, Duty.RLO)
    signed = sign_approval(approval, officers.anna.signer)

    with pytest.raises(Refused):
        answer_hold(fresh, Word(signed=signed, at_ms=to_ms(homes.now), caller=CONSOLE), homes.now)

    rounds = fresh.read.hold_rounds(found.request_id)
    assert [(one.round, one.state) for one in rounds] == [(1, "voided"), (2, "held")]
    body = read_body(fresh, owner(fresh, found.request_id), CONSENT, found.request_id)
    assert parse_consent(body).recipient == BORDER


def changed(homes: Homes, **changes: Any) -> ConsentRequest:
    """Return a request that police.ro might send, changed."""
    found = asked(homes, received(homes), carried=False)
    return replace(request_of(homes, found), **changes)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"statement": digest("other")}, "statement-invalid"),
        ({"version": 2}, "statement-invalid"),
        ({"record_id": "0199a000-0000-7000-8000-000000000001"}, "statement-invalid"),
        ({"exercise": False}, "exercise-mismatch"),
        ({"sender": BORDER, "recipient": NGO}, "malformed"),
        ({"originator": BORDER, "recipient": NGO}, "malformed"),
        ({"leaves": (digest("no leaf"),)}, "disclosure-invalid"),
    ],
)
def test_request_about_nothing_that_can_be_asked_is_refused_for_good(
    homes: Homes, changes: dict[str, Any], code: str
) -> None:
    request = changed(homes, **changes)

    assert send_request(homes, request) == [("refused", code)]
    assert homes[NL].read.hold(request.request_id) is None


def test_request_as_it_should_be_is_received(homes: Homes) -> None:
    request = changed(homes)

    assert send_request(homes, request) == [("received", "")]
    assert send_request(homes, request) == [("refused", "malformed")]


def test_request_under_another_exchange_than_its_own_is_refused(homes: Homes) -> None:
    request = changed(homes)
    other = "0199a000-0000-7000-8000-000000000001"

    assert send_request(homes, request, exchange_id=other) == [("refused", "malformed")]


def test_leaf_that_was_withheld_or_is_a_decoy_is_refused_alike(homes: Homes) -> None:
    """Or the answer would tell which leaves of a statement are portions."""
    exchange = received(homes)
    request = request_of(homes, asked(homes, exchange, carried=False))
    disclosure = verify_received(homes[RO], exchange, homes.now).disclosure
    hidden = sorted(set(disclosure.statement.leaves) - set(disclosure.leaves))

    codes = set()
    for number, leaf in enumerate(hidden):
        one = replace(
            request,
            leaves=(leaf,),
            request_id=f"0199a000-0000-7000-8000-{number:012d}",
        )
        codes.add(tuple(send_request(homes, one)))

    assert codes == {(("refused", "disclosure-invalid"),)}


def test_agency_that_was_shown_nothing_may_ask_for_nothing(homes: Homes) -> None:
    request = changed(homes, sender=NGO, recipient=BORDER)

    assert send_request(homes, request, sender=NGO) == [("refused", "disclosure-invalid")]


def test_request_refused_at_the_door_ends_its_exchange(homes: Homes, officers: Crew) -> None:
    found = asked(homes, received(homes), carried=False)
    gateway = homes[NL]
    (record,) = gateway.read.records("own")
    erase(gateway, [record], Why.USE_ENDED)

    homes.carry(NL, sender=RO)

    assert state(homes[RO], found.answer.exchange_id) == "rejected"
