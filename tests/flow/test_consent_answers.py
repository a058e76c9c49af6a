"""An answer counts only from the originator that was asked, signed by it, for exactly what was asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gateway.errors import NotFound
from gateway.flow.deliver import outgoing
from gateway.flow.erase import Why, erase
from gateway.flow.passing.forward import ANSWER_LIFE, Forwarded
from gateway.ledger.entry import EntryKind
from gateway.record.vocabulary import Duty, Purpose
from gateway.release.consent_answer import ConsentAnswer
from gateway.release.consent_request import ConsentRequest
from keys.approval import RefusalReason
from tests.flow.federation import BORDER, NGO, NL, RO, Homes
from tests.flow.forwarding import (
    answer_of,
    answer_to,
    asked,
    received,
    request_of,
    send_answer,
    shown,
    state,
)
from tests.flow.review import Crew, crew, digest, enrol, kinds_of, say


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the originator."""
    made = crew()
    enrol(homes, made)
    return made


def waiting(homes: Homes) -> tuple[Forwarded, ConsentRequest]:
    """Return an exchange at police.ro that waits for its originator, and the request."""
    found = asked(homes, received(homes))
    return found, request_of(homes, found)


def nothing_left(homes: Homes, found: Forwarded) -> bool:
    """Tell whether nothing of an exchange was released or waits to be."""
    left = EntryKind.RELEASED in kinds_of(homes[RO], found.answer.exchange_id)
    return not left and not homes[RO].read.queued(BORDER)


def test_answer_that_holds_lets_the_release_leave(homes: Homes) -> None:
    found, request = waiting(homes)

    assert send_answer(homes, answer_to(homes, request)) == [("received", "")]

    assert state(homes[RO], found.answer.exchange_id) == "released"
    homes.carry(BORDER, sender=RO)
    assert state(homes[RO], found.answer.exchange_id) == "delivered"


def test_answer_to_fewer_portions_lets_only_those_leave(homes: Homes) -> None:
    found, request = waiting(homes)
    some = tuple(sorted(request.leaves))[:2]

    assert send_answer(homes, answer_to(homes, request, leaves=some)) == [("received", "")]

    homes.carry(BORDER, sender=RO)
    (arrived,) = homes[BORDER].read.arrived(outcome="received")
    assert set(shown(homes[BORDER], arrived.exchange_id, homes)) <= set(some)
    assert found.portions > 2


@pytest.mark.parametrize(
    "changes",
    [
        {"recipient": NGO},
        {"sender": NGO},
        {"purpose": Purpose.VICTIM_PROTECTION},
        {"statement": digest("other")},
        {"leaves": (digest("other"),)},
        {"signer": RO},
        {"signer": BORDER},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_consent_that_does_not_cover_what_was_asked_is_refused(homes: Homes, changes: dict[str, Any]) -> None:
    """A22: a consent for something else, ended, or of somebody else's hand."""
    found, request = waiting(homes)

    assert send_answer(homes, answer_to(homes, request, **changes)) == [("refused", "consent-invalid")]

    assert state(homes[RO], found.answer.exchange_id) == "held"
    assert nothing_left(homes, found)


def test_consent_that_has_ended_on_its_way_is_refused(homes: Homes) -> None:
    found, request = waiting(homes)
    answer = answer_to(homes, request, days=0)
    homes.now += timedelta(days=1)

    assert send_answer(homes, answer) == [("refused", "consent-invalid")]
    assert nothing_left(homes, found)


def test_consent_without_a_true_anchor_is_refused(homes: Homes) -> None:
    found, request = waiting(homes)
    answer = replace(answer_to(homes, request), anchor=b"x")

    assert send_answer(homes, answer) == [("refused", "consent-invalid")]
    assert nothing_left(homes, found)


def test_consent_whose_signature_does_not_hold_is_refused(homes: Homes) -> None:
    found, request = waiting(homes)
    answer = answer_to(homes, request)
    assert answer.consent is not None
    last = answer.consent[-1] ^ 1
    forged = replace(answer, consent=answer.consent[:-1] + bytes((last,)))

    assert send_answer(homes, forged) == [("refused", "consent-invalid")]
    assert nothing_left(homes, found)


@pytest.mark.parametrize("sender", [BORDER, NGO])
def test_answer_of_somebody_else_than_the_originator_is_refused(homes: Homes, sender: str) -> None:
    found, request = waiting(homes)
    consented = answer_to(homes, request)
    refused = ConsentAnswer(request_id=request.request_id, refusal=RefusalReason.NO_CONSENT)

    for answer in (consented, refused):
        assert send_answer(homes, answer, sender=sender) == [("refused", "consent-invalid")]

    assert state(homes[RO], found.answer.exchange_id) == "held"
    assert nothing_left(homes, found)


def test_answer_to_what_nobody_asked_is_refused(homes: Homes) -> None:
    found, request = waiting(homes)
    other = replace(request, request_id="0199a000-0000-7000-8000-000000000001")

    assert send_answer(homes, answer_to(homes, other)) == [("refused", "consent-invalid")]
    assert nothing_left(homes, found)


def test_answer_within_another_exchange_is_refused(homes: Homes) -> None:
    found, request = waiting(homes)
    onward = found.answer.exchange_id

    assert send_answer(homes, answer_to(homes, request), exchange_id=onward) == [("refused", "malformed")]
    assert nothing_left(homes, found)


def test_second_answer_changes_nothing(homes: Homes, officers: Crew) -> None:
    found, request = waiting(homes)
    say(homes, found.request_id, officers.anna, Duty.RLO)
    trip = homes.carry(RO)
    before = kinds_of(homes[RO], found.answer.exchange_id)

    repeated = homes.bring(trip.there, RO)
    anew = send_answer(homes, answer_of(homes, found))
    refused = send_answer(
        homes, ConsentAnswer(request_id=request.request_id, refusal=RefusalReason.NO_CONSENT)
    )

    assert repeated.answered is not None
    assert [one.outcome for one in repeated.answered.acknowledged] == ["repeated"]
    assert anew == refused == [("refused", "consent-invalid")]
    assert kinds_of(homes[RO], found.answer.exchange_id) == before
    assert len(homes[RO].read.queued(BORDER)) == 1


def test_consent_after_a_refusal_is_refused(homes: Homes, officers: Crew) -> None:
    found, request = waiting(homes)
    say(homes, found.request_id, officers.anna, Duty.RLO, refuse="not-lawful")
    homes.carry(RO)

    assert send_answer(homes, answer_to(homes, request)) == [("refused", "consent-invalid")]
    assert state(homes[RO], found.answer.exchange_id) == "rejected"
    assert nothing_left(homes, found)


def test_answer_that_comes_too_late_is_refused(homes: Homes) -> None:
    found, request = waiting(homes)
    homes.now += ANSWER_LIFE
    homes.federation().publish()
    homes.refresh(RO, NL)

    assert send_answer(homes, answer_to(homes, request)) == [("refused", "expired")]
    assert state(homes[RO], found.answer.exchange_id) == "expired"
    assert nothing_left(homes, found)


def test_release_whose_consent_has_ended_does_not_leave(homes: Homes) -> None:
    found, request = waiting(homes)
    send_answer(homes, answer_to(homes, request, days=1))
    assert outgoing(homes[RO], BORDER, homes.now).batch is not None
    homes.now += timedelta(days=2)

    leaving = outgoing(homes[RO], BORDER, homes.now)

    assert leaving.batch is None
    ((exchange, why),) = leaving.held_back
    assert exchange == found.answer.exchange_id and "consent has ended" in why


def test_record_that_was_erased_takes_its_question_along(homes: Homes) -> None:
    found = asked(homes, received(homes), carried=False)
    request = request_of(homes, found)
    (record,) = homes[RO].read.records("received")

    assert erase(homes[RO], [record], Why.USE_ENDED) == 1

    assert not homes[RO].read.queued(NL)
    assert state(homes[RO], found.answer.exchange_id) == "erased"
    with pytest.raises(NotFound):
        homes.carry(NL, sender=RO)
    assert send_answer(homes, answer_to(homes, request)) == [("refused", "expired")]
