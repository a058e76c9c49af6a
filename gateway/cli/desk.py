"""What commands do with an agency's own data: on its home while the gateway is stopped, else through it.

Both desks answer with the same values, so a command need not know which one it has.

Source: DESIGN section 12.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from gateway import app
from gateway.cli import door
from gateway.cli.reach import from_home
from gateway.cli.remote import RemoteDesk
from gateway.cli.screen import Screen
from gateway.client.connection import Connection
from gateway.config import HomeConfig
from gateway.errors import GatewayError, Locked, Unreachable
from gateway.flow import (
    access,
    activate,
    audit,
    carry,
    consult,
    document,
    explain,
    explain_act,
    explain_exchange,
    inquiry,
    preview,
    simulate,
    submit,
    verify,
)
from gateway.flow.gateway import Gateway
from gateway.flow.repeat import PushAnswer

ACTOR = "operator/cli"


class Desk(Protocol):
    """One agency's gateway, stopped or running."""

    agency: str
    exercise: bool

    def push(self, items: Sequence[submit.PushItem]) -> list[PushAnswer | GatewayError]:
        """Submit records."""
        ...

    def preview(self, item: submit.PushItem) -> preview.Preview:
        """Say what a push would show."""
        ...

    def show_own(self, record_id: str, purpose: str) -> consult.Shown:
        """Show an own record."""
        ...

    def show_arrival(self, exchange_id: str, purpose: str) -> consult.Shown:
        """Show what came with an exchange."""
        ...

    def verify(self, identifier: str) -> verify.Verified:
        """Verify a stored record."""
        ...

    def arrivals(self) -> list[consult.Arrival]:
        """List what arrived."""
        ...

    def pack(self, recipient: str, only: Collection[str] | None) -> carry.Packed:
        """Write what waits for a recipient into a bundle."""
        ...

    def unpack(self, data: bytes) -> carry.Carried:
        """Take in a bundle."""
        ...

    def export(self, *, openings: bool) -> dict[str, bytes]:
        """Return the files of an export of the ledger."""
        ...

    def write_document(self, order: document.Order) -> document.Written:
        """Write what came with some exchanges as a document of a foreign format."""
        ...

    def check_document(self, certificate: bytes, *, digest: bytes, size: int) -> str:
        """Return the id of the key a certificate is signed under, once it holds for a document."""
        ...

    def explain(self, asked: inquiry.Inquiry) -> inquiry.Explained:
        """Say what would be decided about a record."""
        ...

    def explain_act(self, asked: inquiry.Inquiry, act: inquiry.Act) -> inquiry.Weighed:
        """Say what the rules say to an act."""
        ...

    def explain_exchange(self, exchange_id: str) -> inquiry.Explained:
        """Say what was decided about an exchange."""
        ...

    def simulate(
        self, proposal: simulate.Proposal, last: int
    ) -> Iterator[tuple[int, bytes, list[inquiry.Plain]]]:
        """Yield how many exchanges there are, the digest of the proposed rules, and the next of them."""
        ...

    def add_access(
        self,
        role: str,
        name: str,
        request: bytes,
        life: timedelta,
        pulling: access.Pulling | None = None,
    ) -> tuple[access.Access, bytes]:
        """Issue a certificate."""
        ...

    def list_access(self) -> list[access.Access]:
        """List every certificate issued."""
        ...

    def revoke_access(self, role: str, name: str) -> list[access.Access]:
        """Revoke every certificate of a name."""
        ...


@contextmanager
def open_desk(home: Path, screen: Screen) -> Iterator[Desk]:
    """Give a home's desk: the home itself, or the gateway that runs on it.

    Raises:
        Locked: another process holds the home, which names no local port to ask at.
        Unreachable: code `no-gateway`: another process holds the home and does not answer there.
    """
    config = door.read_home(home, screen)
    passphrase = door.passphrase_for(config)
    with ExitStack() as opened:
        try:
            gateway = opened.enter_context(app.open_gateway(config, passphrase, door.now()))
        except Locked as held:
            if not config.local:
                raise
            ask = partial(_asked, opened, config, passphrase, held)
            yield RemoteDesk(ask(), exercise=config.exercise, renew=ask)
        else:
            door.warn_standing(gateway, screen)
            yield HomeDesk(gateway)


def activate_rules(home: Path, screen: Screen, own: str) -> activate.Activated:
    """Take rules of the agency's own into force: on the home itself, or through the gateway that runs on it.

    Raises:
        Malformed, Misconfigured: the rules do not load; nothing has changed. As `open_desk` besides.
    """
    config = door.read_home(home, screen)
    passphrase = door.passphrase_for(config)
    try:
        return app.activate_at_rest(config, passphrase, own, door.now())
    except Locked as held:
        if not config.local:
            raise
        with ExitStack() as opened:
            connection = _asked(opened, config, passphrase, held)
            return RemoteDesk(connection, exercise=config.exercise).activate_rules(own)


def _asked(opened: ExitStack, config: HomeConfig, passphrase: bytes, held: Locked) -> Connection:
    try:
        return opened.enter_context(from_home(config, passphrase))
    except Unreachable as exc:
        # Whether it is a gateway that hangs, one that only starts, or another command, cannot be told here.
        raise Unreachable(f"{held.message}, and {exc.message}", code="no-gateway") from exc


class HomeDesk:
    """The desk of a home that no gateway runs on."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.agency = gateway.me
        self.exercise = gateway.exercise

    def push(self, items: Sequence[submit.PushItem]) -> list[PushAnswer | GatewayError]:
        """Submit records."""
        return submit.push(self._gateway, items, door.now())

    def preview(self, item: submit.PushItem) -> preview.Preview:
        """Say what a push would show."""
        return preview.preview(self._gateway, item, door.now())

    def show_own(self, record_id: str, purpose: str) -> consult.Shown:
        """Show an own record."""
        return consult.show_own(self._gateway, record_id, purpose=purpose, actor=ACTOR, now=door.now())

    def show_arrival(self, exchange_id: str, purpose: str) -> consult.Shown:
        """Show what came with an exchange."""
        return consult.show_arrival(self._gateway, exchange_id, purpose=purpose, actor=ACTOR, now=door.now())

    def verify(self, identifier: str) -> verify.Verified:
        """Verify a stored record."""
        return verify.verify(self._gateway, identifier, door.now())

    def arrivals(self) -> list[consult.Arrival]:
        """List what arrived."""
        return consult.arrivals(self._gateway)

    def pack(self, recipient: str, only: Collection[str] | None) -> carry.Packed:
        """Write what waits for a recipient into a bundle."""
        return carry.packed(*carry.pack(self._gateway, recipient, door.now(), only=only))

    def unpack(self, data: bytes) -> carry.Carried:
        """Take in a bundle."""
        return carry.unpack(self._gateway, data, door.now())

    def export(self, *, openings: bool) -> dict[str, bytes]:
        """Return the files of an export of the ledger."""
        return audit.export_ledger(self._gateway, door.now(), openings=openings)

    def write_document(self, order: document.Order) -> document.Written:
        """Write what came with some exchanges as a document of a foreign format."""
        return document.write_document(self._gateway, order, actor=ACTOR, now=door.now())

    def check_document(self, certificate: bytes, *, digest: bytes, size: int) -> str:
        """Return the id of the key a certificate is signed under, once it holds for a document."""
        return document.check_document(self._gateway, certificate, digest=digest, size=size)

    def explain(self, asked: inquiry.Inquiry) -> inquiry.Explained:
        """Say what would be decided about a record."""
        return explain.explain_record(self._gateway, asked, door.now())

    def explain_act(self, asked: inquiry.Inquiry, act: inquiry.Act) -> inquiry.Weighed:
        """Say what the rules say to an act."""
        return explain_act.explain_act(self._gateway, asked, act, door.now())

    def explain_exchange(self, exchange_id: str) -> inquiry.Explained:
        """Say what was decided about an exchange."""
        return explain_exchange.explain_exchange(self._gateway, exchange_id)

    def simulate(
        self, proposal: simulate.Proposal, last: int
    ) -> Iterator[tuple[int, bytes, list[inquiry.Plain]]]:
        """Yield how many exchanges there are, the digest of the proposed rules, and the next of them."""
        ids = simulate.newest(self._gateway, last)
        engine = simulate.proposed_engine(self._gateway, proposal)
        yield len(ids), engine.policy_digest, []
        for start in range(0, len(ids), simulate.AT_ONCE):
            some = ids[start : start + simulate.AT_ONCE]
            yield len(ids), engine.policy_digest, simulate.simulate(self._gateway, engine, some, door.now())

    def add_access(
        self,
        role: str,
        name: str,
        request: bytes,
        life: timedelta,
        pulling: access.Pulling | None = None,
    ) -> tuple[access.Access, bytes]:
        """Issue a certificate."""
        return access.add_access(
            self._gateway,
            role,
            name,
            request_pem=request,
            life=life,
            now=door.now(),
            pulling=pulling,
        )

    def list_access(self) -> list[access.Access]:
        """List every certificate issued."""
        return access.list_access(self._gateway)

    def revoke_access(self, role: str, name: str) -> list[access.Access]:
        """Revoke every certificate of a name."""
        return access.revoke_access(self._gateway, role, name, door.now())
