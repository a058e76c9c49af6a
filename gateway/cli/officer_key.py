"""An officer's own key: in an encrypted file of their own, or held by an ssh-agent; never on the gateway."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.door import passphrase_of
from gateway.config import read_config
from gateway.errors import GatewayError, Malformed, Unreachable
from keys.keystore import Kdf, Keystore
from keys.signer import Signer
from keys.ssh_agent import AgentSigner, find_agent_key
from keys.use import KeyUse

KeyOption = Annotated[
    Path | None, typer.Option("--key", help="File with your officer's key, as `officer enrol` made it.")
]
AgentOption = Annotated[
    str,
    typer.Option("--agent", help="Key id or comment of an ssh-ed25519 key that your ssh-agent holds."),
]


def signer_of(key: Path | None, agent: str, home: Path | None = None) -> Signer:
    """Return what signs for an officer.

    Raises:
        Malformed: code `usage`: not exactly one of the two is named.
        GatewayError: the file does not open, or the agent has no such key.
    """
    if (key is None) == (not agent):
        raise Malformed("stands with --agent or alone, one of the two", field="--key", code="usage")
    if key is None:
        return _of_agent(agent)
    secret, cheap = _exercise_secret(key, home)
    passphrase = passphrase_of(f"the officer's key {key.name}", passphrase_file=secret)
    return Keystore.open(key, passphrase, allow_cheap=cheap).signer(KeyUse.OFFICER)


def new_key(key: Path, randomness: bytes, home: Path | None = None) -> Signer:
    """Make an officer's key in a new file, under a passphrase that is asked for twice.

    Raises:
        Conflict: code `exists`.
    """
    secret, cheap = _exercise_secret(key, home)
    passphrase = passphrase_of(f"the new key {key.name}", passphrase_file=secret, confirm=True)
    keystore = Keystore.create(key, passphrase, Kdf.CHEAP_FOR_TESTS if cheap else Kdf.MODERATE)
    keystore.put("officer-1", KeyUse.OFFICER, randomness)
    keystore.save()
    return keystore.signer(KeyUse.OFFICER)


def _of_agent(agent: str) -> Signer:
    socket = os.environ.get("SSH_AUTH_SOCK", "")
    if not socket:
        raise Unreachable("no ssh-agent: SSH_AUTH_SOCK is not set", code="no-agent", field="--agent")
    return AgentSigner(Path(socket), find_agent_key(Path(socket), agent))


def _exercise_secret(key: Path, home: Path | None) -> tuple[Path | None, bool]:
    """Return the passphrase file of an exercise home that the key lies in, and whether cheap keys pass there.

    In an exercise the keys of officers may lie beside the gateway's, under the same passphrase.
    """
    if home is None or not key.resolve().is_relative_to(home.resolve()):
        return None, False
    try:
        config = read_config(home)
    except GatewayError:
        return None, False
    return config.passphrase_file, config.exercise
