"""Three running gateways to attack, with every way in an attacker has, and what they say meanwhile."""

from __future__ import annotations

import io
import logging
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from cryptography import x509

from gateway.app import console_credential
from gateway.client import Push
from gateway.delivery.pulse import heard
from gateway.flow.gateway import Gateway
from gateway.observe import Libraries, start_log
from gateway.serve import Running
from gateway.services.caller import Port
from gateway.tls.authority import Authority
from gateway.tls.credential import Credential
from gateway.tls.identity import Identity, Role
from gateway.tls.verification import pem_of
from tests.flow import oracle
from tests.live.attacks.wire import Wire
from tests.live.houses import NGO, NL, PASSPHRASE, RO, TO_RO, House, case, copy_houses

LIFE = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What a process has used: seconds of processor, most bytes of memory at any time, open files."""

    cpu_s: float
    memory_bytes: int
    files: int

    @classmethod
    def of(cls, pid: int) -> Spent:
        """Read it from /proc.

        Source: proc(5), fields utime and stime of stat, VmHWM of status.
        """
        place = Path("/proc") / str(pid)
        ticks = (place / "stat").read_text().rpartition(")")[2].split()
        lines = (place / "status").read_text().splitlines()
        most = next(line.split()[1] for line in lines if line.startswith("VmHWM"))
        return cls(
            cpu_s=(int(ticks[11]) + int(ticks[12])) / os.sysconf("SC_CLK_TCK"),
            memory_bytes=int(most) * 1024,
            files=len(list((place / "fd").iterdir())),
        )


@dataclass
class Town:
    """Houses that run on threads; `log` is all they log."""

    houses: dict[str, House]
    log: io.StringIO
    _stack: ExitStack = field(default_factory=ExitStack)

    def home(self, agency: str = NL) -> Path:
        """Return the folder of a home."""
        return self.houses[agency].home

    def running(self, agency: str = NL) -> Running:
        """Return what runs there."""
        found = self.houses[agency].running
        assert found is not None
        return found

    def authority(self, agency: str) -> Authority:
        """Return the certificate authority of an agency."""
        return self.running(agency).gateway.authority

    def work(self, agency: str, job: Any) -> Any:
        """Return what a job (gateway, now) returns, done by that gateway's own worker."""
        return self.houses[agency].on_loop(lambda running: running._worker.run(job))

    def issued(
        self, agency: str, role: Role, name: str = "", *, by: str = "", filed: bool = True
    ) -> Credential:
        """Return a credential of an agency, by its own authority or another's; on file at its local port."""
        identity = Identity(agency=agency, role=role, name=name)
        made = self.authority(by or agency).credential(identity, datetime.now(UTC), LIFE)
        if filed and role is not Role.GATEWAY:
            serial = x509.load_pem_x509_certificate(made.certificate).serial_number
            running = self.running(agency)
            running.serials = running.serials | {f"{serial:x}"}
        return made

    def wire(self, port: Port, shown: Credential | None, agency: str = NL, **options: Any) -> Wire:
        """Return a connection to a port of an agency's gateway; closed with the town."""
        address = self.address(port, agency)
        authority = pem_of(self.houses[agency].config.authority.read_bytes())
        made = Wire(address, server=agency, authority=authority, shown=shown, options=list(options.items()))
        return self._stack.enter_context(made)

    def as_peer(self, carrier: str = RO, agency: str = NL) -> Wire:
        """Return a connection of a peer's gateway."""
        return self.wire(Port.PEER, self.issued(carrier, Role.GATEWAY), agency)

    def as_system(self, agency: str = NL) -> Wire:
        """Return a connection of the own system `records`."""
        return self.wire(Port.LOCAL, self.houses[agency].credential(), agency)

    def as_operator(self, agency: str = NL) -> Wire:
        """Return a connection of an operator."""
        return self.wire(Port.LOCAL, self.issued(agency, Role.OPERATOR, "duty"), agency)

    def welcome(self, port: Port) -> Credential:
        """Return whom police.nl lets in at a port: the gateway of police.ro, or its own console."""
        if port is Port.PEER:
            return self.issued(RO, Role.GATEWAY)
        return console_credential(self.houses[NL].config, PASSPHRASE, datetime.now(UTC))

    def address(self, port: Port, agency: str = NL) -> str:
        """Return the address of a port."""
        config = self.houses[agency].config
        return config.listen if port is Port.PEER else config.local

    def spent(self, agency: str = NL) -> Spent:
        """Return what a gateway that runs as a process has used so far."""
        process = self.houses[agency].process
        assert process is not None
        return Spent.of(process.pid)

    def counts(self, agency: str = NL) -> dict[str, int]:
        """Return how many rows the tables hold, without those that heads bring by themselves."""
        by_itself = {"checkpoints", "heads", "linked_heads", "meta", "nodes", "peer_heads"}
        return {name: n for name, n in oracle.counts(self.home(agency)).items() if name not in by_itself}

    def honest_call_works(self, recipient: str = RO) -> bool:
        """Push a record and see it delivered: whatever was done before has stopped nothing."""
        client = self.houses[NL].client()
        (exchange,) = client.push_one(Push(record=case(), to=[TO_RO])).exchanges
        states = [one.state for one in client.watch(exchange.exchange_id, timeout_s=60)]
        return exchange.recipient == recipient and states[-1] == "delivered"

    def close(self) -> None:
        """Close every connection."""
        self._stack.close()


@contextmanager
def living(template: Path, folder: Path, *processes: str) -> Iterator[Town]:
    """Run the three houses, each ready to sign, and log as a gateway does; these as processes."""
    folder.mkdir()
    houses = copy_houses(template, folder, NL, RO, NGO)
    log = io.StringIO()
    start_log(log)
    town = Town(houses=houses, log=log)
    try:
        for agency in processes:
            houses[agency].start()
        threads = [house for agency, house in houses.items() if agency not in processes]
        for house in threads:
            house.begin()
        for house in threads:
            house.on_loop(_ready)
        yield town
    finally:
        town.close()
        for house in houses.values():
            house.close()
        structlog.reset_defaults()
        root = logging.getLogger()
        root.handlers = [one for one in root.handlers if not isinstance(one, Libraries)]


async def _ready(running: Running) -> None:
    def trouble(gateway: Gateway, _: datetime) -> str:
        return gateway.notary.trouble

    while await running._worker.run(trouble):
        await heard(running._worker.pulse.ticket(), 0.2)
