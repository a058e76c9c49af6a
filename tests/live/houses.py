"""Gateways that really run: homes with addresses on loopback, as threads of this process or as processes.

Ports stand in the signed directory, so one federation is founded for each test process and its closed homes
are copied for every test; tests of one process run one after the other.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import IO, Any, Final

from gateway import app
from gateway import home as gateway_home
from gateway.client import Gateway, Push, To
from gateway.client.connection import Connection
from gateway.config import HomeConfig, read_config
from gateway.flow.access import add_access
from gateway.flow.audit import export_ledger, trust_of
from gateway.ledger.findings import Report
from gateway.ledger.inspection import inspect
from gateway.record.json_form import from_json
from gateway.serve import Running
from gateway.tls.credential import Credential, new_request, read_credential
from gateway.tls.identity import Identity, Role
from gateway.v1 import operation_pb2 as pb
from gateway.wire.methods import method
from keys.enrolment import parse_enrolment
from keys.federation import Federation
from keys.keystore import Kdf
from keys.member import MemberKind, Regime, Unit, UnitFunction
from policy.bundle import shipped_baseline

PASSPHRASE: Final = b"of running homes"
NL: Final = "police.nl"
RO: Final = "police.ro"
NGO: Final = "shelter.ngo"
SYSTEM: Final = "records"
START_S: Final = 60.0

_DESCRIBED: Final = {
    NL: (MemberKind.LEO, "NL", UnitFunction.ANTI_TRAFFICKING),
    RO: (MemberKind.LEO, "RO", UnitFunction.ANTI_TRAFFICKING),
    NGO: (MemberKind.NGO, "NL", UnitFunction.VICTIM_SUPPORT),
}
TO_RO: Final = To(agency=RO, purpose="investigation", basis="law-enforcement-task")
TO_NL: Final = To(agency=NL, purpose="investigation", basis="law-enforcement-task")
TO_NGO: Final = To(agency=NGO, purpose="victim-protection", basis="consent")


# Below those the kernel gives to connections: one of these could be taken while a gateway is down. Processes
# that test at the same time begin apart.
_PORTS: Final = cycle(range(10_000, 32_000))
for _ in range(os.getpid() * 64 % 22_000):
    next(_PORTS)


def free_port() -> int:
    """Return a port of loopback that nobody listens on, and that no connection is given."""
    for port in _PORTS:
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("the ports never end")


def found(
    folder: Path,
    now: datetime,
    agencies: tuple[str, ...] = (NL, RO, NGO),
    *,
    endpoints: Mapping[str, str] | None = None,
    reachable: bool = True,
) -> None:
    """Make homes joined in one federation, each with a system `records`; all closed.

    `endpoints` says where others find an agency, if not where it listens. Homes that are not `reachable` have
    a local port only: their letters go by file, and nobody witnesses.
    """
    federation = Federation.create(folder / "federation", PASSPHRASE, now, Kdf.CHEAP_FOR_TESTS)
    federation.set_baseline(shipped_baseline())
    for agency in agencies:
        endpoint = (endpoints or {}).get(agency, "")
        enrolment = make_home(folder, agency, now, endpoint, reachable=reachable)
        federation.enrol(parse_enrolment(enrolment.read_bytes()))
    federation.publish()
    for agency in agencies:
        config = read_config(folder / agency)
        app.join(config, PASSPHRASE, federation.repository_path, now)
        with app.open_gateway(config, PASSPHRASE, now) as gateway:
            key, request = new_request(Identity(agency=agency, role=Role.SYSTEM, name=SYSTEM))
            _, certificate = add_access(
                gateway, "system", SYSTEM, request_pem=request, life=timedelta(days=30), now=now
            )
        identity = folder / f"{agency}.pem"
        identity.touch(mode=0o600)
        identity.write_bytes(key + certificate)


def make_home(
    folder: Path, agency: str, now: datetime, endpoint: str = "", *, reachable: bool = True
) -> Path:
    """Make one home with free ports, one for its own and, if reachable, one for others; return its enrolment
    file.
    """
    kind, country, function = _DESCRIBED.get(agency, _DESCRIBED[NL])
    home = folder / agency
    home.mkdir(mode=0o700)
    secret = home / "passphrase"
    secret.touch(mode=0o600)
    secret.write_bytes(PASSPHRASE)
    address = f"127.0.0.1:{free_port()}" if reachable else ""
    config = HomeConfig(
        home=home,
        agency=agency,
        exercise=True,
        passphrase_file=secret,
        listen=address,
        endpoint=endpoint or address,
        local=f"127.0.0.1:{free_port()}",
    )
    description = gateway_home.Description(
        agency=agency,
        kind=kind,
        country=country,
        regime=Regime.LED,
        display_name=agency,
        units=(Unit(name="unit", functions=(function,)),),
    )
    return gateway_home.create_home(config, description, PASSPHRASE, now, kdf=Kdf.CHEAP_FOR_TESTS)


@dataclass(slots=True)
class House:
    """One agency's home and whatever runs on it."""

    agency: str
    folder: Path
    process: subprocess.Popen[str] | None = None
    _stack: ExitStack = field(default_factory=ExitStack)
    running: Running | None = None
    _thread: _Thread | None = None

    @property
    def home(self) -> Path:
        """Folder of the home."""
        return self.folder / self.agency

    @property
    def config(self) -> HomeConfig:
        """What comity.toml says."""
        return read_config(self.home)

    @property
    def identity(self) -> Path:
        """Identity file of the system `records`."""
        return self.folder / f"{self.agency}.pem"

    def start(self, *command: str, wait: bool = True) -> None:
        """Run `comity serve` as a process (or another command that serves), and wait until it does."""
        log = self._stack.enter_context((self.home / "gateway.log").open("a"))
        words = command or (sys.executable, "-m", "gateway.cli.main", "serve")
        surroundings = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
        self.process = subprocess.Popen(
            [*words, "--home", str(self.home), "--json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=surroundings,
        )
        if wait:
            self.await_ready()

    def await_ready(self) -> None:
        """Wait until the process says that it serves."""
        assert self.process is not None and self.process.stdout is not None
        line = _line(self.process.stdout)
        assert line and json.loads(line)["ok"], f"{self.agency} did not start; see {self.home}/gateway.log"

    def stop(self) -> int:
        """Stop what runs, as an operator would; return the exit code of a process."""
        if self._thread is not None:
            self._thread.stop()
            self._thread = self.running = None
            return 0
        return self._end(signal.SIGTERM)

    def kill(self) -> int:
        """End a process at once; return its exit code, which is its own if it had ended before."""
        return self._end(signal.SIGKILL)

    def _end(self, number: signal.Signals) -> int:
        process, self.process = self.process, None
        if process is None:
            return 0
        process.send_signal(number)
        code = process.wait(30)
        assert process.stdout is not None
        process.stdout.close()
        return code

    def begin(self) -> Running:
        """Run the gateway on a thread of this process, and wait until it serves."""
        self._thread = _Thread(self.config)
        self.running = self._thread.start()
        return self.running

    def on_loop(self, work: Callable[[Running], Any]) -> Any:
        """Run a coroutine function on the loop of the gateway that runs here, and return its result."""
        assert self._thread is not None and self.running is not None
        return self._thread.run(work(self.running))

    def client(self, **options: Any) -> Gateway:
        """Return a client of the system `records`; close it."""
        return self._stack.enter_context(Gateway(self.config.local, self.identity, **options))

    def credential(self) -> Credential:
        """Return the credential of the system `records`."""
        return read_credential(self.identity.read_bytes())

    @contextmanager
    def console(self) -> Iterator[Connection]:
        """Give a connection of the console."""
        credential = app.console_credential(self.config, PASSPHRASE, datetime.now(UTC))
        with Connection(self.config.local, credential) as connection:
            yield connection

    def status(self) -> pb.GetStatusResponse:
        """Return how the gateway stands."""
        with self.console() as connection:
            return connection.ask(
                method("Operation", "GetStatus"), pb.GetStatusRequest(), pb.GetStatusResponse
            )

    def audit(self) -> Report:
        """Return what an auditor finds in an export of this closed home, by keys of the directory alone."""
        now = datetime.now(UTC)
        with app.open_gateway(self.config, PASSPHRASE, now) as gateway:
            return inspect(export_ledger(gateway, now), trust_of(gateway.directory))

    def close(self) -> None:
        """End everything."""
        self._stack.close()
        if self.process is not None:
            self.kill()
        self.stop()


class _Thread:
    """A gateway on a loop of its own."""

    def __init__(self, config: HomeConfig) -> None:
        self._config = config
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=config.agency, daemon=True)
        self._stack = ExitStack()

    def start(self) -> Running:
        now = datetime.now(UTC)
        gateway = self._stack.enter_context(app.open_gateway(self._config, PASSPHRASE, now))
        self._thread.start()

        async def begin() -> Running:
            running = Running(self._config, gateway)
            await running.start()
            return running

        running: Running = self.run(begin())
        self.running = running
        return running

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(START_S)

    def stop(self) -> None:
        self.run(self.running.stop())
        # As asyncio.run does for a process: what a thread began in the home it ends before others open it.
        self.run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(START_S)
        self._loop.close()
        self._stack.close()


def case(*, reference: str = "") -> bytes:
    """Return the case of the demo as record bytes."""
    from importlib.resources import files

    text = json.loads(files("gateway.cli").joinpath("case.json").read_text("utf-8"))
    if reference:
        text["header"]["own_reference"] = reference
    return from_json(json.dumps(text))


def copy_houses(template: Path, folder: Path, *agencies: str) -> dict[str, House]:
    """Return houses of a test's own, copied from closed ones."""
    for agency in agencies:
        shutil.copytree(template / agency, folder / agency)
        shutil.copy2(template / f"{agency}.pem", folder / f"{agency}.pem")
    return {agency: House(agency, folder) for agency in agencies}


def _line(stream: IO[str]) -> str:
    found: list[str] = []
    reader = threading.Thread(target=lambda: found.append(stream.readline()), daemon=True)
    reader.start()
    reader.join(START_S)
    return found[0] if found else ""


__all__ = ["House", "Push", "To", "case", "copy_houses", "found", "make_home"]
