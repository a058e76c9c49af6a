"""What an officer is shown before agreeing that a record is passed on; no more leaves than is shown."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from gateway.errors import VerificationFailed
from gateway.flow.deliver import outgoing
from gateway.flow.passing.asked import GIVEN, ORIGINATOR, WAITING
from gateway.flow.passing.consenting import answer_letter
from gateway.flow.review.expire import expire_holds
from gateway.flow.review.lines import WITHHELD
from gateway.flow.review.narrow import narrow_hold
from gateway.flow.review.showing import HoldView, show_hold
from gateway.flow.seal import sealed
from gateway.officer.shown import checked_matter
from gateway.record.vocabulary import Duty
from gateway.release.consent import verify_consent
from gateway.store.passing_rows import ConsentMoved
from gateway.store.place import EntryAt
from gateway.store.unit import Unit
from tests.flow.federation import BORDER, NL, RO, Homes
from tests.flow.forwarding import WHY, answer_of, answer_to, asked, received, request_of, state
from tests.flow.review import CONSOLE, Crew, crew, enrol, say


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the originator."""
    made = crew()
    enrol(homes, made)
    return made


def shown(homes: Homes, exchange: str, agency: str = NL) -> HoldView:
    """Return what an officer sees of a hold."""
    return show_hold(homes[agency], exchange, actor=CONSOLE.actor, now=homes.now)


def test_consent_is_shown_beside_the_record_with_who_asks_and_why(homes: Homes, officers: Crew) -> None:
    found = asked(homes, received(homes))

    view = shown(homes, found.request_id)

    assert (view.subject, view.recipient, view.asked_by, view.reason) == ("consent", BORDER, RO, WHY)
    assert (view.missing, view.changed) == (("RLO:1",), "")
    leaving = {line.path: line.text for line in view.lines if line.rung != WITHHELD}
    assert "XX-1-Y" in leaving["van.identity"]
    staying = {line.path for line in view.lines if line.rung == WITHHELD}
    assert "victim.names" in staying
    assert len(leaving) == len(request_of(homes, found).leaves)


def test_consent_that_is_shown_otherwise_than_it_would_be_signed_is_not_signed(
    homes: Homes, officers: Crew
) -> None:
    view = shown(homes, asked(homes, received(homes)).request_id)
    checked_matter(view)
    shorter = [one for one in view.lines if one.rung == WITHHELD]
    line = next(one for one in view.lines if one.rung != WITHHELD)

    for lie in (
        replace(view, lines=shorter),
        replace(view, portions=view.portions[1:]),
        replace(view, portions=[base64.b64encode(b"x").decode(), *view.portions[1:]]),
        replace(view, recipient=RO),
        replace(view, lines=[replace(one, text="harmless") if one is line else one for one in view.lines]),
    ):
        with pytest.raises(VerificationFailed) as refusal:
            checked_matter(lie)
        assert refusal.value.code == "other-bytes"


def test_officer_agrees_to_less_and_the_consent_names_less(homes: Homes, officers: Crew) -> None:
    found = asked(homes, received(homes))

    done = narrow_hold(
        homes[NL],
        found.request_id,
        withhold=["van.identity"],
        generalise=[],
        caller=CONSOLE,
        now=homes.now,
    )
    say(homes, found.request_id, officers.anna, Duty.RLO)

    assert done.outcome == "held"
    answer, request = answer_of(homes, found), request_of(homes, found)
    assert answer.consent is not None
    given = verify_consent(answer.consent, homes[NL].signing.public_key)
    assert len(given.leaves) == len(request.leaves) - 1
    homes.carry(RO)
    assert state(homes[RO], found.answer.exchange_id) == "released"


def test_onward_release_is_shown_as_it_came(homes: Homes, officers: Crew) -> None:
    exchange = received(homes, notes=("Read before use.",), carried=False)
    say(homes, exchange, officers.anna, Duty.RLO)
    homes.carry(RO)
    enrol(homes, crew(), agency=RO)
    found = asked(homes, exchange)
    say(homes, found.request_id, officers.carla, Duty.RLO)
    homes.carry(RO)

    view = shown(homes, found.answer.exchange_id, RO)

    assert (view.subject, view.missing, view.changed) == ("release", ("RLO:1",), "")
    assert any("XX-1-Y" in line.text for line in view.lines)
    assert "Read before use." in view.restrictions
    checked_matter(view)


def test_consent_that_nobody_gives_in_time_expires(homes: Homes, officers: Crew) -> None:
    found = asked(homes, received(homes))
    hold = homes[NL].read.hold(found.request_id)
    assert hold is not None
    homes.pass_time(days=7)

    assert expire_holds(homes[NL], homes.now) == 1

    assert state(homes[NL], found.request_id) == "expired"
    assert state(homes[RO], found.answer.exchange_id) == "held"
    assert not homes[NL].read.queued(RO)


def test_consent_in_the_outbox_that_no_officer_approved_is_not_sent(homes: Homes, officers: Crew) -> None:
    found = asked(homes, received(homes))
    gateway, request = homes[NL], request_of(homes, found)
    answer = answer_to(homes, request)
    made = sealed(gateway, answer_letter(request, answer.encode(), bytes(32)), EntryAt(0), homes.now)
    given = ConsentMoved(ORIGINATOR, RO, request.request_id, WAITING, GIVEN, "", EntryAt(0))
    gateway.store.writer.commit_one(Unit(drafts=(made.draft,), rows=(made.row, given)))

    leaving = outgoing(gateway, RO, homes.now)

    assert leaving.batch is None
    ((_, why),) = leaving.held_back
    assert "approvals do not verify" in why


def test_consent_that_was_approved_and_a_refusal_are_sent(homes: Homes, officers: Crew) -> None:
    exchange = received(homes)
    refused = asked(homes, exchange)
    say(homes, refused.request_id, officers.anna, Duty.RLO, refuse="not-lawful")
    homes.carry(RO)
    given = asked(homes, exchange)
    say(homes, given.request_id, officers.anna, Duty.RLO)

    assert outgoing(homes[NL], RO, homes.now).exchanges == (given.request_id,)
