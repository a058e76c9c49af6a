"""Agencies for the tests of the flow: real homes on disk, one directory, and somebody who carries files.

Making keys and a directory takes time, so one federation is made for the whole run and copied, closed, for
every test. The clock stands still: `Homes.now` is the only time there is, and a test moves it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import pytest

from gateway import app
from gateway import home as gateway_home
from gateway.config import HomeConfig, read_config
from gateway.errors import GatewayError
from gateway.flow.carry import Carried, pack, unpack
from gateway.flow.gateway import Gateway
from gateway.flow.repeat import PushAnswer
from gateway.flow.submit import Addressee, PushItem, push
from gateway.record.vocabulary import LegalBasis, Purpose
from gateway.store.store import Store
from gateway.v1.record_pb2 import Record
from keys.enrolment import parse_enrolment
from keys.federation import Federation
from keys.keystore import Kdf
from keys.member import MemberKind, Regime, Unit, UnitFunction
from policy.bundle import shipped_baseline

PASSPHRASE: Final = b"of invented homes"
PASSPHRASE_FILE: Final = "passphrase"

NL: Final = "police.nl"
RO: Final = "police.ro"
NGO: Final = "shelter.ngo"
BORDER: Final = "border.xx"
BANK: Final = "bank.private"

_DESCRIBED: Final = {
    NL: (MemberKind.LEO, "NL", UnitFunction.ANTI_TRAFFICKING),
    RO: (MemberKind.LEO, "RO", UnitFunction.ANTI_TRAFFICKING),
    NGO: (MemberKind.NGO, "NL", UnitFunction.VICTIM_SUPPORT),
    BORDER: (MemberKind.LEO, "XX", UnitFunction.BORDER),
    BANK: (MemberKind.PRIVATE, "NL", UnitFunction.ANALYSIS),
}
AGENCIES: Final = tuple(_DESCRIBED)
WITNESSES: Final = (NL, RO, NGO, BORDER)
"""Who has an endpoint in a federation that is reachable, and so witnesses the others; the bank has none."""

TO_RO: Final = Addressee(
    agency=RO, purpose=Purpose.INVESTIGATION, legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK
)
TO_NL: Final = replace(TO_RO, agency=NL)
TO_NGO: Final = Addressee(agency=NGO, purpose=Purpose.VICTIM_PROTECTION, legal_basis=LegalBasis.CONSENT)


@contextmanager
def _dated(seconds: Callable[[], int]) -> Iterator[None]:
    """Date what ledgers are opened with by another clock, however long the whole run has taken so far."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "Store", SimpleNamespace(open=partial(Store.open, clock=seconds)))
        patch.setattr(gateway_home, "Store", SimpleNamespace(create=partial(Store.create, clock=seconds)))
        yield


def found(folder: Path, now: datetime, *, reachable: Collection[str] = ()) -> None:
    """Make every home in a folder, and the federation they have joined, all closed.

    Those reachable publish an endpoint, which is only a name here: nothing listens.
    """
    federation = Federation.create(folder / "federation", PASSPHRASE, now, Kdf.CHEAP_FOR_TESTS)
    federation.set_baseline(shipped_baseline())
    with _dated(lambda: int(now.timestamp())):
        for agency in AGENCIES:
            enrolment = make_home(folder, agency, now, reachable=agency in reachable)
            federation.enrol(parse_enrolment(enrolment.read_bytes()))
        federation.publish()
        for agency in AGENCIES:
            app.join(read_config(folder / agency), PASSPHRASE, federation.repository_path, now)


def make_home(
    folder: Path, agency: str, now: datetime, *, exercise: bool = True, reachable: bool = False
) -> Path:
    """Make one agency's home, which has joined nothing yet; return its enrolment file."""
    kind, country, function = _DESCRIBED.get(agency, _DESCRIBED[NL])
    description = gateway_home.Description(
        agency=agency,
        kind=kind,
        country=country,
        regime=Regime.LED,
        display_name=agency,
        units=(Unit(name="unit", functions=(function,)),),
    )
    home = folder / agency
    home.mkdir(mode=0o700)
    secret = home / PASSPHRASE_FILE
    secret.touch(mode=0o600)
    secret.write_bytes(PASSPHRASE)
    config = HomeConfig(
        home=home,
        agency=agency,
        exercise=exercise,
        passphrase_file=secret if exercise else None,
        listen="127.0.0.1:4433" if reachable else "",
        endpoint=endpoint_of(agency) if reachable else "",
    )
    return gateway_home.create_home(config, description, PASSPHRASE, now, kdf=Kdf.CHEAP_FOR_TESTS)


def endpoint_of(agency: str) -> str:
    """Return what a reachable agency says it can be called by."""
    return f"gateway.{agency}:4433"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One bundle there and its reply back; `there` is the bundle's bytes."""

    there: bytes
    arrived: Carried
    answered: Carried | None


@dataclass(slots=True)
class Homes:
    """The homes of one test in a folder of its own, each copied from `template` when first asked for."""

    template: Path
    folder: Path
    now: datetime
    _open: dict[str, tuple[Gateway, ExitStack]] = field(default_factory=dict)

    def __getitem__(self, agency: str) -> Gateway:
        """Return an agency's open gateway."""
        if agency not in self._open:
            stack = ExitStack()
            self._open[agency] = stack.enter_context(self._gateway(agency)), stack
        return self._open[agency][0]

    def home(self, agency: str) -> Path:
        """Return the folder of an agency's home."""
        return self._place(agency)

    def _place(self, name: str) -> Path:
        place = self.folder / name
        if not place.exists():
            shutil.copytree(self.template / name, place)
        return place

    def opened(self, agency: str) -> Path:
        """Return the folder of an agency's home once its gateway is open."""
        return self.home(self[agency].me)

    @contextmanager
    def _gateway(self, agency: str) -> Iterator[Gateway]:
        config = read_config(self.home(agency))
        with ExitStack() as opened:
            with _dated(self._seconds):
                gateway = opened.enter_context(app.open_gateway(config, PASSPHRASE, self.now))
            yield gateway

    def _seconds(self) -> int:
        return int(self.now.timestamp())

    def close(self, *agencies: str) -> None:
        """Close these gateways, or all: what is on disk then is all there is."""
        for agency in agencies or tuple(self._open):
            if agency in self._open:
                self._open.pop(agency)[1].close()

    def pass_time(self, **amount: int) -> None:
        """Move the one clock; gateways stay open."""
        self.now += timedelta(**amount)

    def keep(self, agency: str) -> Path:
        """Return a copy of an agency's closed home as it is now."""
        self.close(agency)
        kept = self.folder / f"kept-{agency}-{len(list(self.folder.iterdir()))}"
        shutil.copytree(self.home(agency), kept)
        return kept

    def put_back(self, agency: str, kept: Path, *names: str) -> None:
        """Put the home back as it was kept, or only the files of these names in it."""
        self.close(agency)
        if not names:
            shutil.rmtree(self.folder / agency)
            shutil.copytree(kept, self.folder / agency)
        for name in names:
            shutil.copy2(kept / name, self.home(agency) / name)

    def federation(self) -> Federation:
        """Return the federation's own side of the directory, open for changes."""
        return Federation.open(self._place("federation"), PASSPHRASE, self.now, allow_cheap=True)

    def refresh(self, *agencies: str) -> None:
        """Let these agencies fetch the directory anew."""
        for agency in agencies:
            self.close(agency)
            source = self._place("federation") / "repository"
            with _dated(self._seconds):
                app.join(read_config(self.home(agency)), PASSPHRASE, source, self.now)

    def push(
        self, record: Record | bytes, *addressees: Addressee, ask: tuple[str, ...] = (), sender: str = NL
    ) -> PushAnswer:
        """Submit one record; a refusal is raised."""
        (answer,) = push(self[sender], [item(record, *addressees, ask=ask)], self.now)
        if isinstance(answer, GatewayError):
            raise answer
        return answer

    def refused(
        self, record: Record | bytes, *addressees: Addressee, ask: tuple[str, ...] = (), sender: str = NL
    ) -> GatewayError:
        """Submit one record that must be refused; return the refusal."""
        (answer,) = push(self[sender], [item(record, *addressees, ask=ask)], self.now)
        assert isinstance(answer, GatewayError)
        return answer

    def carry(self, recipient: str, sender: str = NL) -> Trip:
        """Carry what waits to a recipient, and its receipts back."""
        there, _ = pack(self[sender], recipient, self.now)
        return self.bring(there, recipient, sender)

    def bring(self, there: bytes, recipient: str, sender: str = NL) -> Trip:
        """Carry a bundle to a recipient, and its receipts back."""
        arrived = unpack(self[recipient], there, self.now)
        answered = unpack(self[sender], arrived.reply, self.now) if arrived.reply is not None else None
        return Trip(there=there, arrived=arrived, answered=answered)


def item(record: Record | bytes, *addressees: Addressee, ask: tuple[str, ...] = ()) -> PushItem:
    """Return a record to be pushed, as bytes or as a message."""
    data = record if isinstance(record, bytes) else record.SerializeToString(deterministic=True)
    return PushItem(record=data, addressees=addressees or (TO_RO,), ask=frozenset(ask), actor="system/test")
