"""A19: the second pair of eyes is another person's, who had no part, and who may still act when it leaves."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import Conflict, NotFound, Refused
from gateway.flow.gateway import Gateway
from gateway.flow.review import approve, leaving
from gateway.flow.review.enrol import add_officers, disable_officer, note_absence
from gateway.flow.submit import push
from gateway.record.vocabulary import Duty
from gateway.tls.identity import Identity, Role
from keys.ed25519 import Ed25519Signer
from tests.flow.federation import NL, RO, TO_RO, Homes, item
from tests.flow.records import small
from tests.flow.review import Crew, Person, crew, enrol, kinds_of, say
from tests.flow.test_approving import hold, nothing_left

NAME = ("person.name",)


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the sender."""
    made = crew()
    enrol(homes, made)
    return made


def by(homes: Homes, *, author: str = "", actor: str = "system/test") -> str:
    """Push what is held, written or submitted by somebody."""
    record = small()
    if author:
        record.header.author = author
    (answer,) = push(homes[NL], [replace(item(record, TO_RO, ask=NAME), actor=actor)], homes.now)
    assert not isinstance(answer, Exception)
    return answer.exchanges[0].exchange_id


def refused(homes: Homes, exchange: str, who: Person, duty: Duty = Duty.VPO) -> str:
    """Have an officer approve in vain; return the reason, which is in the ledger too."""
    with pytest.raises(Refused) as refusal:
        say(homes, exchange, who, duty)
    assert nothing_left(homes[NL], exchange)
    return refusal.value.code


@pytest.mark.parametrize("author", ["Anna de Vries", "anna", "ANNA DE VRIES", "  Anna  de  Vries ", "Anna"])
def test_who_wrote_the_record_does_not_approve_it(homes: Homes, officers: Crew, author: str) -> None:
    exchange = by(homes, author=author.strip())

    assert refused(homes, exchange, officers.anna) == "own-submission"
    assert say(homes, exchange, officers.carla, Duty.VPO).state == "partly-approved"


def test_author_by_person_id_does_not_approve(homes: Homes, officers: Crew) -> None:
    exchange = by(homes, author=officers.anna.person.hex())

    assert refused(homes, exchange, officers.anna) == "own-submission"


@pytest.mark.parametrize("actor", ["system/anna", "operator/anna", "system/ANNA"])
def test_who_submitted_it_does_not_approve_it(homes: Homes, officers: Crew, actor: str) -> None:
    exchange = by(homes, actor=actor)

    assert refused(homes, exchange, officers.anna) == "own-submission"
    assert say(homes, exchange, officers.carla, Duty.VPO).state == "partly-approved"


def another_key(homes: Homes, of: Person, vouchers: tuple[Person, Person], **changes: object) -> Person:
    """Enrol another key for a person."""
    second = replace(of, signer=Ed25519Signer(os.urandom(32)), **changes)  # type: ignore[arg-type]
    add_officers(homes[NL], [second.file(homes.now, *vouchers)], homes.now)
    return second


def test_one_person_with_two_keys_is_one_person(homes: Homes, officers: Crew) -> None:
    second = another_key(homes, officers.eva, (officers.anna, officers.bob))
    exchange = hold(homes)
    say(homes, exchange, officers.eva, Duty.VPO)

    assert refused(homes, exchange, second, Duty.CPO) == "already-approved"


def test_author_does_not_approve_with_a_key_enrolled_under_another_name(homes: Homes, officers: Crew) -> None:
    second = another_key(homes, officers.anna, (officers.bob, officers.carla), name="A. de Vries")
    wrote = by(homes, author="Anna de Vries")
    abbreviated = by(homes, author="A. de Vries")

    assert refused(homes, wrote, second) == "own-submission"
    assert refused(homes, abbreviated, officers.anna) == "own-submission"


@pytest.mark.parametrize("same", ["handle", "person"])
def test_nobody_has_two_accounts_and_no_account_two_people(homes: Homes, officers: Crew, same: str) -> None:
    """A second handle for one person, and a second person under one handle."""
    new = {"handle": {"person": os.urandom(16)}, "person": {"handle": "anna-two"}}[same]
    twin = replace(officers.anna, signer=Ed25519Signer(os.urandom(32)), **new)  # type: ignore[arg-type]

    with pytest.raises(Conflict) as conflict:
        add_officers(homes[NL], [twin.file(homes.now, officers.bob, officers.carla)], homes.now)

    assert conflict.value.code == "handle-taken"


def test_key_of_one_person_is_never_anothers(homes: Homes, officers: Crew) -> None:
    thief = Person(handle="zoe", name="Zoe", duties=(Duty.VPO,), signer=officers.anna.signer)

    with pytest.raises(Refused) as refusal:
        add_officers(homes[NL], [thief.file(homes.now, officers.bob, officers.carla)], homes.now)

    assert refusal.value.code == "key-in-use"


def test_two_new_officers_do_not_share_a_key(homes: Homes, officers: Crew) -> None:
    shared = Ed25519Signer(os.urandom(32))
    two = [Person(handle=one, name=one.title(), duties=(Duty.VPO,), signer=shared) for one in ("yan", "zoe")]
    files = [one.file(homes.now, officers.bob, officers.carla) for one in two]

    with pytest.raises(Refused) as refusal:
        add_officers(homes[NL], files, homes.now)

    assert refusal.value.code == "key-in-use"


def test_nobody_speaks_over_the_connection_of_another(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    caller = Identity(agency=NL, role=Role.OFFICER, name="carla")

    with pytest.raises(Refused) as refusal:
        say(homes, exchange, officers.anna, Duty.VPO, caller=caller)

    assert refusal.value.code == "other-officer"


def lose(homes: Homes, how: str) -> None:
    """Let Anna not act any more."""
    gateway, now = homes[NL], homes.now
    if how == "disabled":
        disable_officer(gateway, "anna", now)
    else:
        note_absence(gateway, "anna", now, now + timedelta(days=2), now)


@pytest.mark.parametrize(("how", "code"), [("disabled", "officer-disabled"), ("absent", "officer-absent")])
def test_officer_who_may_not_act_approves_nothing(homes: Homes, officers: Crew, how: str, code: str) -> None:
    exchange = hold(homes)
    lose(homes, how)

    assert refused(homes, exchange, officers.anna) == code
    assert say(homes, exchange, officers.carla, Duty.VPO).state == "partly-approved"


def short(homes: Homes, officers: Crew, starts: timedelta, ends: timedelta) -> Person:
    """Enrol somebody for a span around now."""
    zoe = Person(handle="zoe", name="Zoe de Groot", duties=(Duty.VPO,))
    began = homes.now + starts + timedelta(days=1)
    file = zoe.file(began, officers.anna, officers.bob, life=ends - starts - timedelta(days=1))
    add_officers(homes[NL], [file], homes.now)
    return zoe


def test_enrolment_counts_neither_before_it_begins_nor_after_it_ends(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    zoe = short(homes, officers, timedelta(days=1), timedelta(days=3))

    assert refused(homes, exchange, zoe) == "officer-not-valid"
    homes.pass_time(days=3, seconds=-1)
    assert say(homes, exchange, zoe, Duty.VPO).state == "partly-approved"
    other = hold(homes)
    homes.pass_time(seconds=1)
    assert refused(homes, other, zoe) == "officer-not-valid"


@pytest.mark.parametrize("how", ["disabled", "absent"])
def test_role_lost_before_the_last_approval_voids_the_hold(homes: Homes, officers: Crew, how: str) -> None:
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)
    homes.pass_time(seconds=1)
    lose(homes, how)

    assert refused(homes, exchange, officers.bob, Duty.CPO) == "hold-voided"

    assert [row.state for row in homes[NL].read.hold_rounds(exchange)] == ["voided", "held"]
    say(homes, exchange, officers.carla, Duty.VPO)
    assert say(homes, exchange, officers.bob, Duty.CPO).state == "approved"


def test_role_that_ended_by_itself_voids_the_hold(homes: Homes, officers: Crew) -> None:
    exchange = hold(homes)
    zoe = short(homes, officers, timedelta(days=-1), timedelta(days=3))
    say(homes, exchange, zoe, Duty.VPO)
    homes.pass_time(days=3)

    assert refused(homes, exchange, officers.bob, Duty.CPO) == "hold-voided"


def test_role_lost_between_the_check_and_the_release_holds_it_back(
    homes: Homes, officers: Crew, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The word was checked when she was disabled; what was written then is judged again as it leaves."""
    exchange = hold(homes)
    say(homes, exchange, officers.anna, Duty.VPO)
    whole = leaving.leaving

    def late(gateway: Gateway, *given: object, **named: object) -> object:
        made = whole(gateway, *given, **named)  # type: ignore[arg-type]
        disable_officer(gateway, "anna", homes.now)
        return made

    monkeypatch.setattr(approve, "leaving", late)
    say(homes, exchange, officers.bob, Duty.CPO)

    with pytest.raises(NotFound, match="approvals do not verify"):
        homes.carry(RO)

    assert list(kinds_of(homes[RO], exchange)) == []
