"""The case of the demo played by file: three homes without any address, envelopes carried between them."""

from __future__ import annotations

from contextlib import AbstractContextManager
from importlib.resources import files
from pathlib import Path
from typing import Any

from gateway import app
from gateway import home as gateway_home
from gateway.cli.founding import MEMBERS
from gateway.config import HomeConfig, read_config
from gateway.flow.carry import pack, unpack
from gateway.flow.gateway import Gateway
from gateway.flow.preview import preview, withheld_everywhere
from gateway.flow.submit import Addressee, PushItem, push
from gateway.record.json_form import from_json
from gateway.record.vocabulary import LegalBasis, Purpose
from keys.enrolment import parse_enrolment
from keys.federation import Federation
from keys.keystore import Kdf
from policy.bundle import shipped_baseline
from tests.cli.doors import NGO, NL, RO

PASSPHRASE = b"a passphrase by file"
_RO = Addressee(agency=RO, purpose=Purpose.INVESTIGATION, legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK)
_NGO = Addressee(agency=NGO, purpose=Purpose.VICTIM_PROTECTION, legal_basis=LegalBasis.CONSENT)


def play_by_file(folder: Path) -> dict[str, Any]:
    """Found the federation, push the case to both recipients, carry it there and the receipts back.

    Returns of the demo's result what tests ask for: `exchanges` and `protected`.
    """
    _found(folder)
    case = from_json(files("gateway.cli").joinpath("case.json").read_text("utf-8"))
    item = PushItem(record=case, addressees=(_RO, _NGO), actor="system/records")
    with _open(folder, NL) as gateway:
        protected = withheld_everywhere(preview(gateway, item, app.system_clock()))
        (answer,) = push(gateway, [item], app.system_clock())
        assert not isinstance(answer, Exception)
        bundles = {agency: pack(gateway, agency, app.system_clock())[0] for agency in (RO, NGO)}
    replies = [_taken_in(folder, agency, bundle) for agency, bundle in bundles.items()]
    with _open(folder, NL) as gateway:
        closed = [one for reply in replies for one in unpack(gateway, reply, app.system_clock()).acknowledged]
    recipients = {one.exchange_id: one.recipient for one in answer.exchanges}
    return {
        "exchanges": [
            {"id": one.exchange_id, "recipient": recipients[one.exchange_id], "outcome": one.outcome}
            for one in closed
        ],
        "protected": protected,
    }


def _found(folder: Path) -> None:
    now = app.system_clock().replace(microsecond=0)
    federation = Federation.create(folder / "federation", PASSPHRASE, now, Kdf.CHEAP_FOR_TESTS)
    federation.set_baseline(shipped_baseline())
    for member in MEMBERS:
        home = folder / member.agency
        home.mkdir(mode=0o700)
        secret = home / "passphrase"
        secret.touch(mode=0o600)
        secret.write_bytes(PASSPHRASE)
        config = HomeConfig(home=home, agency=member.agency, exercise=True, passphrase_file=secret)
        enrolment = gateway_home.create_home(config, member, PASSPHRASE, now, kdf=Kdf.CHEAP_FOR_TESTS)
        federation.enrol(parse_enrolment(enrolment.read_bytes()))
    federation.publish()
    for member in MEMBERS:
        config = read_config(folder / member.agency)
        app.join(config, PASSPHRASE, federation.repository_path, app.system_clock())


def _taken_in(folder: Path, agency: str, bundle: bytes) -> bytes:
    with _open(folder, agency) as gateway:
        reply = unpack(gateway, bundle, app.system_clock()).reply
        assert reply is not None
        return reply


def _open(folder: Path, agency: str) -> AbstractContextManager[Gateway]:
    return app.open_gateway(read_config(folder / agency), PASSPHRASE, app.system_clock())
