"""How a command reaches a home: which folder, which passphrase, and what stands over it."""

from __future__ import annotations

import getpass
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.screen import Screen
from gateway.config import HomeConfig, read_config
from gateway.errors import Malformed
from gateway.flow.gateway import Gateway
from keys.passphrase import read_passphrase

HomeOption = Annotated[
    Path,
    typer.Option(
        "--home", envvar="COMITY_HOME", help="Folder of this agency's gateway home.", show_default=False
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]


def now() -> datetime:
    """Return the time of this request, aware UTC; read once per command."""
    return datetime.now(UTC)


def read_home(home: Path, screen: Screen) -> HomeConfig:
    """Return a home's configuration, with its warnings on standard error."""
    config = read_config(home)
    for warning in config.warnings():
        screen.warn(warning)
    return config


def passphrase_for(config: HomeConfig, *, confirm: bool = False) -> bytes:
    """Return the passphrase of a home's keystore: from where the platform keeps it, or asked for."""
    return passphrase_of(
        f"the keys of {config.agency}", passphrase_file=config.passphrase_file, confirm=confirm
    )


def passphrase_of(what: str, *, passphrase_file: Path | None = None, confirm: bool = False) -> bytes:
    """Return the passphrase of something; it is asked for only where somebody sits who can answer.

    Raises:
        Misconfigured: code `no-passphrase`: no source holds one, and there is no terminal.
    """
    return read_passphrase(
        os.environ,
        passphrase_file=passphrase_file,
        prompt=(lambda: _ask(what, confirm=confirm)) if _has_terminal() else None,
    )


def _has_terminal() -> bool:
    # getpass asks at the controlling terminal, wherever standard input comes from; without one it would
    # take the passphrase from standard input, with a warning only.
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
    except OSError:
        return sys.stdin.isatty()
    return True


def _ask(what: str, *, confirm: bool) -> str:
    given = getpass.getpass(f"Passphrase of {what}: ")
    if confirm and getpass.getpass("The same again: ") != given:
        raise Malformed("the two differ", field="passphrase", code="usage")
    return given


def warn_standing(gateway: Gateway, screen: Screen) -> None:
    """Say on standard error what stands over everything done here."""
    if not gateway.notary.is_witnessed:
        screen.warn("Nobody witnesses this ledger: too few members publish a witness key.")
