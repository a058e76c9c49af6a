"""How a command reaches a running gateway: from its home, with a certificate for the moment, or remotely.

Whoever can open the home's keystore can run any command on it while the gateway is stopped. The same
passphrase opens the way through the local port while it runs: the certificate is made in memory, and ends in
minutes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gateway import app
from gateway.cli.door import now, passphrase_for, read_home
from gateway.cli.screen import Screen
from gateway.client.connection import Connection, read_identity
from gateway.config import ADDRESS, HomeConfig
from gateway.errors import Malformed, Misconfigured, Unreachable

RunningHome = Annotated[
    Path | None,
    typer.Option("--home", envvar="COMITY_HOME", help="Folder of the home that the gateway runs on."),
]
GatewayOption = Annotated[
    str, typer.Option("--gateway", help="HOST:PORT of a gateway's local port, instead of --home.")
]
IdentityOption = Annotated[
    Path | None, typer.Option("--identity", help="File with your key and certificate, for --gateway.")
]


@contextmanager
def remotely(gateway: str, identity: Path | None) -> Iterator[Connection]:
    """Give a connection to the gateway at an address, for whoever an identity file is of.

    Raises:
        Malformed: code `usage`: one of the two is missing, or the address is none.
        GatewayError: it does not answer, or not to this identity; see `Connection.greet`.
    """
    if not gateway or identity is None:
        raise Malformed("stands with --identity, and neither alone", field="--gateway", code="usage")
    if not ADDRESS.fullmatch(gateway):
        raise Malformed("is not HOST:PORT", field="--gateway", code="usage")
    with Connection(gateway, read_identity(identity)) as connection:
        connection.greet()
        yield connection


@contextmanager
def from_home(config: HomeConfig, passphrase: bytes) -> Iterator[Connection]:
    """Give a connection to the gateway that runs on a home, as its console.

    Raises:
        GatewayError: it does not answer; see `Connection.greet`.
    """
    credential = app.console_credential(config, passphrase, now())
    with Connection(config.local, credential) as connection:
        connection.greet()
        yield connection


@contextmanager
def reach(home: Path | None, gateway: str, identity: Path | None, screen: Screen) -> Iterator[Connection]:
    """Give a connection to the gateway that runs on a home, or at an address.

    Raises:
        Malformed: code `usage`: neither is named.
        Misconfigured: code `no-local`: the home names no local port.
        GatewayError: it does not answer; see `Connection.greet`.
    """
    if gateway or identity is not None:
        with remotely(gateway, identity) as connection:
            yield connection
        return
    if home is None:
        raise Malformed("names no home; or name --gateway and --identity", field="--home", code="usage")
    config = read_home(home, screen)
    if not config.local:
        raise Misconfigured(
            "names no local port, so nobody can ask this gateway", field="comity.toml:local", code="no-local"
        )
    with ExitStack() as opened:
        try:
            connection = opened.enter_context(from_home(config, passphrase_for(config)))
        except Unreachable as exc:
            raise Unreachable(f"{exc.message}; `comity serve` starts it", code=exc.code) from exc
        yield connection
