"""The officers of the demo: three of the sender's, and the moment when one of them decides.

Their keys lie in the sender's home, under its passphrase: so it is in an exercise, and never otherwise.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import typer

from gateway import app
from gateway.cli.hold_screen import show_asked, show_view
from gateway.cli.remote_review import RemoteReview
from gateway.cli.review_desk import ReviewDesk
from gateway.cli.screen import Screen
from gateway.client.connection import Connection
from gateway.config import HomeConfig
from gateway.flow.gateway import Gateway
from gateway.flow.review.enrol import add_officers
from gateway.officer.verdict import check_views, signed_verdict
from gateway.record.moment import to_ms
from gateway.record.vocabulary import Duty
from gateway.tls.credential import Credential, new_request, read_credential
from gateway.tls.identity import Identity, Role
from keys.approval import Verdict
from keys.keystore import Kdf, Keystore
from keys.officer import PERSON_BYTES, Officer, new_officer, vouch
from keys.officer_file import OfficerFile
from keys.signer import Signer
from keys.use import KeyUse

FOLDER: Final = "officers"
_LIFE: Final = timedelta(days=30)

ANNA: Final = "anna"
BOB: Final = "bob"
CARLA: Final = "carla"
_CREW: Final = {
    ANNA: ("Anna Verzonnen", (Duty.RLO, Duty.VPO)),
    BOB: ("Bob Bedacht", (Duty.CPO, Duty.DPO)),
    CARLA: ("Carla Gefingeerd", (Duty.RLO, Duty.VPO, Duty.CPO, Duty.DUTY)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """One officer of the demo: key and connection are theirs alone."""

    handle: str
    signer: Signer
    credential: Credential


def enrol_crew(gateway: Gateway, config: HomeConfig, passphrase: bytes, kdf: Kdf) -> Mapping[str, Colleague]:
    """Enrol the officers: the first two vouch for each other, and both for the third; return them by handle.

    Each has a key file, and an identity file for `--gateway`, in a folder of the home.
    """
    folder = config.home / FOLDER
    folder.mkdir(mode=0o700)
    signers = {handle: _key(folder / f"{handle}.key", passphrase, kdf) for handle in _CREW}
    requests = {handle: new_request(_identity(gateway, handle)) for handle in _CREW}
    officers = {handle: _officer(handle, signer) for handle, signer in signers.items()}

    def file(handle: str, *others: str) -> OfficerFile:
        body = officers[handle].encode()
        signed = tuple(vouch(body, signers[one]) for one in (handle, *others))
        return OfficerFile(agency=gateway.me, handle=handle, request=requests[handle][1], signed=signed)

    now = app.system_clock()
    done = add_officers(gateway, [file(ANNA, BOB), file(BOB, ANNA)], now)
    done += add_officers(gateway, [file(CARLA, ANNA, BOB)], now)
    crew = {}
    for one in done:
        identity = requests[one.handle][0] + one.certificate.encode()
        place = folder / f"{one.handle}.pem"
        place.touch(mode=0o600)
        place.write_bytes(identity)
        crew[one.handle] = Colleague(
            handle=one.handle, signer=signers[one.handle], credential=read_credential(identity)
        )
    return crew


def _identity(gateway: Gateway, handle: str) -> Identity:
    return Identity(agency=gateway.me, role=Role.OFFICER, name=handle)


def _key(path: Path, passphrase: bytes, kdf: Kdf) -> Signer:
    keystore = Keystore.create(path, passphrase, kdf)
    keystore.put("officer-1", KeyUse.OFFICER, secrets.token_bytes(32))
    keystore.save()
    return keystore.signer(KeyUse.OFFICER)


def _officer(handle: str, signer: Signer) -> Officer:
    name, duties = _CREW[handle]
    now = app.system_clock().replace(microsecond=0)
    return new_officer(
        signer,
        person=secrets.token_bytes(PERSON_BYTES),
        name=name,
        duties=duties,
        valid_from_ms=to_ms(now),
        valid_until_ms=to_ms(now + _LIFE),
    )


def decide_as_officer(screen: Screen, local: str, crew: Mapping[str, Colleague], exchange: str) -> bool:
    """Have a colleague approve as victim protection officer, and whoever sits here decide as child protection
    officer; return whether it leaves.
    """
    with Connection(local, crew[ANNA].credential) as connection:
        _approve(RemoteReview(connection, exercise=True), exchange, Duty.VPO, crew[ANNA])
        screen.say("   Anna Verzonnen has approved it as victim protection officer. The second is you.")
    with Connection(local, crew[BOB].credential) as connection:
        desk = RemoteReview(connection, exercise=True)
        view = desk.show(exchange)
        check_views([view], datetime.now(UTC))
        show_view(screen, view)
        screen.say("")
        show_asked(screen, view)
        typed: str = typer.prompt(
            f"To approve this as CPO, type {view.recipient}; anything else leaves it held",
            default="",
            show_default=False,
        )
        if typed.strip() != view.recipient:
            screen.say("   Not approved: it stays held, and ends by itself after a week.")
            return False
        _approve(desk, exchange, Duty.CPO, crew[BOB])
    screen.say("   Approved: it leaves.", "green")
    return True


def _approve(desk: ReviewDesk, exchange: str, duty: Duty, officer: Colleague) -> None:
    view = desk.show(exchange)
    check_views([view], datetime.now(UTC))
    desk.answer(signed_verdict(view, duty, Verdict.APPROVE, "", officer.signer))
