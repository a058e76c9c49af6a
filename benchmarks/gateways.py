"""Two gateways as processes, for measuring."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.homes import found
from gateway import app
from gateway.client.connection import Connection
from gateway.config import read_config
from gateway.flow.access import add_access
from gateway.tls.authority import Authority
from gateway.tls.credential import new_request
from gateway.tls.identity import Identity, Role
from gateway.v1 import operation_pb2 as pb
from gateway.wire.methods import method
from keys.keystore import Keystore


def free_address() -> str:
    """Return an address of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


@dataclass(slots=True, kw_only=True)
class Served:
    """One gateway process, and how to ask it."""

    agency: str
    local: str
    identity: Path
    authority: Authority
    process: subprocess.Popen[str]
    console: Connection

    def delivered(self) -> int:
        """Return how many exchanges are delivered."""
        asked = method("Operation", "GetStatus")
        found = self.console.ask(asked, pb.GetStatusRequest(), pb.GetStatusResponse)
        return sum(one.count for one in found.exchanges if one.state == "delivered")

    def peak_mib(self) -> float:
        """Return the process's peak resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024

    @staticmethod
    def now() -> datetime:
        """Return the time."""
        return datetime.now(UTC)


def found_served(place: Path) -> list[AbstractContextManager[Served]]:
    """Make police.nl and police.ro in a folder; return what runs each of them."""
    addresses = {agency: (free_address(), free_address()) for agency in ("police.nl", "police.ro")}
    passphrase = found(place, addresses)
    return [_served(place, agency, passphrase) for agency in addresses]


@contextmanager
def _served(place: Path, agency: str, passphrase: bytes) -> Iterator[Served]:
    config = read_config(place / agency)
    now = datetime.now(UTC)
    with app.open_gateway(config, passphrase, now) as gateway:
        key, request = new_request(Identity(agency=agency, role=Role.SYSTEM, name="bench"))
        life = timedelta(days=1)
        _, certificate = add_access(gateway, "system", "bench", request_pem=request, life=life, now=now)
    identity = place / f"{agency}.pem"
    identity.touch(mode=0o600)
    identity.write_bytes(key + certificate)
    command = [sys.executable, "-m", "gateway.cli.main", "serve", "--home", str(config.home), "--json"]
    with (config.home / "gateway.log").open("w") as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        assert process.stdout is not None
        if not json.loads(process.stdout.readline() or "{}").get("ok"):
            raise RuntimeError(f"{agency} did not start:\n{(config.home / 'gateway.log').read_text()}")
        keystore = Keystore.open(config.keystore, passphrase, allow_cheap=True)
        authority = app.authority_of(config, keystore)
        console = Identity(agency=agency, role=Role.OPERATOR, name="console")
        with Connection(config.local, authority.credential(console, now, timedelta(minutes=15))) as asking:
            yield Served(
                agency=agency,
                local=config.local,
                identity=identity,
                authority=authority,
                process=process,
                console=asking,
            )
    finally:
        process.terminate()
        process.wait()
