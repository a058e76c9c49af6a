"""Officers for the tests of the flow: keys, enrolments, and what they say to a hold."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cache
from hashlib import sha256
from typing import Any, Final

from gateway.flow.audit import export_ledger, trust_of
from gateway.flow.gateway import Gateway
from gateway.flow.review.approve import Answered, Word, answer_hold
from gateway.flow.review.emergency import Found, review_emergency
from gateway.flow.review.enrol import Enrolled, add_officers
from gateway.ledger.findings import Report
from gateway.ledger.inspection import inspect
from gateway.record.moment import to_ms
from gateway.record.vocabulary import Duty, Purpose
from gateway.tls.credential import new_request
from gateway.tls.identity import Identity, Role
from keys.approval import Approval, Verdict, sign_approval
from keys.ed25519 import Ed25519Signer
from keys.officer import new_officer, vouch
from keys.officer_file import OfficerFile
from tests.flow.federation import NL, Homes

LIFE: Final = timedelta(days=365)
CONSOLE: Final = Identity(agency=NL, role=Role.OPERATOR, name="console")


@dataclass(frozen=True, kw_only=True)
class Person:
    """An officer with the key in hand."""

    handle: str
    name: str
    duties: tuple[Duty, ...]
    signer: Ed25519Signer = field(default_factory=lambda: Ed25519Signer(os.urandom(32)))
    person: bytes = field(default_factory=lambda: os.urandom(16))

    def file(
        self, now: datetime, *others: Person, agency: str = NL, request: bool = True, life: timedelta = LIFE
    ) -> OfficerFile:
        """Return the file that asks to be enrolled, countersigned by others."""
        officer = new_officer(
            self.signer,
            person=self.person,
            name=self.name,
            duties=self.duties,
            valid_from_ms=to_ms(now - timedelta(days=1)),
            valid_until_ms=to_ms(now + life),
        )
        identity = Identity(agency=agency, role=Role.OFFICER, name=self.handle)
        made = OfficerFile(
            agency=agency,
            handle=self.handle,
            request=_request(identity) if request else b"",
            signed=(vouch(officer.encode(), self.signer),),
        )
        for other in others:
            made = made.countersigned(other.signer)
        return made

    @property
    def key_id(self) -> str:
        """The key id of the officer's key."""
        return self.signer.key_id


@cache
def _request(identity: Identity) -> bytes:
    return new_request(identity)[1]


@dataclass(frozen=True, kw_only=True)
class Crew:
    """Officers enrolled at one agency: `anna` releases and protects victims, `bob` children, and so on."""

    anna: Person
    bob: Person
    carla: Person
    dirk: Person
    eva: Person


def crew() -> Crew:
    """Return five officers, not enrolled yet."""
    return Crew(
        anna=Person(handle="anna", name="Anna de Vries", duties=(Duty.RLO, Duty.VPO)),
        bob=Person(handle="bob", name="Bob Jansen", duties=(Duty.CPO, Duty.DPO, Duty.DUTY)),
        carla=Person(handle="carla", name="Carla Smit", duties=(Duty.RLO, Duty.VPO, Duty.DUTY)),
        dirk=Person(handle="dirk", name="Dirk Visser", duties=(Duty.DPO, Duty.JUD)),
        eva=Person(handle="eva", name="Eva Mulder", duties=(Duty.RLO, Duty.VPO, Duty.CPO, Duty.DUTY)),
    )


def enrol(homes: Homes, officers: Crew, agency: str = NL) -> list[Enrolled]:
    """Enrol all five: the first two together, the others vouched for by them."""
    gateway, now = homes[agency], homes.now
    anna, bob = officers.anna, officers.bob
    first = [anna.file(now, bob, agency=agency), bob.file(now, anna, agency=agency)]
    done = add_officers(gateway, first, now)
    others = [
        one.file(now, anna, bob, agency=agency) for one in (officers.carla, officers.dirk, officers.eva)
    ]
    return done + add_officers(gateway, others, now)


def approval_for(
    gateway: Gateway, exchange_id: str, who: Person, duty: Duty, /, *, refuse: str = "", **changes: Any
) -> Approval:
    """Return what an officer would sign of a hold as it stands; `refuse` is the reason of a refusal."""
    hold = gateway.read.hold(exchange_id)
    assert hold is not None
    made = Approval(
        release=hold.digest,
        exchange_id=exchange_id,
        recipient=hold.peer,
        purpose=Purpose.from_token(hold.purpose, "purpose"),
        decision=hold.decision_digest,
        policy=hold.policy_digest,
        directory=hold.directory_version,
        duty=duty,
        verdict=Verdict.REFUSE if refuse else Verdict.APPROVE,
        reason=refuse,
        officer=who.key_id,
        expires_at_ms=hold.expires_at,
    )
    return replace(made, **changes)


def say(
    homes: Homes,
    exchange_id: str,
    who: Person,
    duty: Duty,
    /,
    *,
    agency: str = NL,
    refuse: str = "",
    skew: timedelta = timedelta(0),
    caller: Identity | None = None,
    signer: Ed25519Signer | None = None,
    **changes: Any,
) -> Answered:
    """Have an officer approve or refuse a hold."""
    gateway = homes[agency]
    approval = approval_for(gateway, exchange_id, who, duty, refuse=refuse, **changes)
    signed = sign_approval(approval, signer or who.signer)
    word = Word(signed=signed, at_ms=to_ms(homes.now + skew), caller=caller or CONSOLE)
    return answer_hold(gateway, word, homes.now)


def judge(
    homes: Homes,
    exchange_id: str,
    who: Person,
    /,
    *,
    agency: str = NL,
    duty: Duty = Duty.DPO,
    refuse: str = "",
    caller: Identity | None = None,
    **changes: Any,
) -> Found:
    """Have a data protection officer review an emergency release."""
    gateway = homes[agency]
    if (due := gateway.read.review(exchange_id)) is not None:
        changes = {"expires_at_ms": due.due_at} | changes
    approval = approval_for(gateway, exchange_id, who, duty, refuse=refuse, **changes)
    signed = sign_approval(approval, who.signer)
    word = Word(signed=signed, at_ms=to_ms(homes.now), caller=caller or CONSOLE)
    return review_emergency(gateway, word, homes.now)


def audited(homes: Homes, agency: str = NL) -> Report:
    """Return what an auditor finds in an export with openings, by the keys of the directory."""
    gateway = homes[agency]
    return inspect(export_ledger(gateway, homes.now, openings=True), trust_of(gateway.directory))


def kinds_of(gateway: Gateway, exchange_id: str) -> Sequence[int]:
    """Return the kinds of an exchange's entries, in order."""
    return [row.kind for row in gateway.read.entries_of_exchange(exchange_id)]


def digest(text: str) -> bytes:
    """Return 32 bytes that are not what is expected."""
    return sha256(text.encode()).digest()
