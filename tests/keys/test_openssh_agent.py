"""The agent most people run, OpenSSH's own, started for the test: it holds keys, and we sign with them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from gateway.errors import NotFound, Refused, Unreachable
from keys.ed25519 import Ed25519Signer, verify
from keys.ssh_agent import AgentSigner, agent_keys, find_agent_key
from tests.waiting import until

OWN, OTHER = Ed25519Signer(b"\x01" * 32), Ed25519Signer(b"\x02" * 32)

_NO_KEYS = 1
"""What `ssh-add -l` ends with at an agent that holds nothing; without an agent it is 2."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSSH:
    """A running agent: its folder, its process, and what its programs are told."""

    folder: Path
    process: subprocess.Popen[bytes]
    surroundings: dict[str, str]

    @property
    def socket(self) -> Path:
        """Where it listens."""
        return self.folder / "agent"

    def add(self, *words: str) -> int:
        """Run `ssh-add` and return how it ended."""
        return subprocess.run(
            ["ssh-add", *words],
            check=False,
            env=self.surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            timeout=30,
        ).returncode

    def hold(self, name: str, key: bytes, *words: str) -> None:
        """Give it a private key in OpenSSH's format; the name of the file becomes the comment."""
        file = self.folder / name
        file.touch(mode=0o600)
        file.write_bytes(key)
        assert self.add(*words, str(file)) == 0


def _private(seed: bytes) -> bytes:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())


@pytest.fixture
def agent() -> Iterator[OpenSSH]:
    """Start an agent of our own in a folder of its own, which asks a script for passphrases and yes or no."""
    program = shutil.which("ssh-agent")
    if program is None or shutil.which("ssh-add") is None:
        pytest.skip("OpenSSH is not installed")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        asked = folder / "asked"
        # Whether a use is allowed is told by how it ends; everything else it is asked for is a passphrase.
        asked.write_text(
            f'#!/bin/sh\ncase "$*" in Allow*) test -e {folder}/yes ;; *) echo open sesame ;; esac\n'
        )
        asked.chmod(0o700)
        surroundings = {
            "PATH": os.environ["PATH"],
            "SSH_AUTH_SOCK": str(folder / "agent"),
            "SSH_ASKPASS": str(asked),
            "SSH_ASKPASS_REQUIRE": "force",
            "DISPLAY": "none",
        }
        process = subprocess.Popen(
            [program, "-D", "-a", str(folder / "agent")],
            env=surroundings,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started = OpenSSH(folder=folder, process=process, surroundings=surroundings)
        try:
            until(lambda: started.add("-l") == _NO_KEYS)
            yield started
        finally:
            process.kill()
            process.wait(timeout=30)


def test_a_key_in_openssh_s_agent_signs(agent: OpenSSH) -> None:
    agent.hold("own", _private(b"\x01" * 32))

    found = find_agent_key(agent.socket, OWN.key_id[:8])
    made = AgentSigner(agent.socket, found).sign(b"message")

    assert (found.public_key, found.comment) == (OWN.public_key, str(agent.folder / "own"))
    assert made == OWN.sign(b"message")
    verify(OWN.public_key, b"message", made)


def test_keys_of_other_types_are_not_listed(agent: OpenSSH) -> None:
    ecdsa = generate_private_key(SECP256R1())
    agent.hold("ecdsa", ecdsa.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()))
    agent.hold("own", _private(b"\x01" * 32))
    agent.hold("other", _private(b"\x02" * 32))

    listed = agent_keys(agent.socket)

    assert [key.key_id for key in listed] == [OWN.key_id, OTHER.key_id]


def test_a_locked_agent_shows_no_key_and_signs_with_none_until_it_is_unlocked(agent: OpenSSH) -> None:
    agent.hold("own", _private(b"\x01" * 32))
    key = find_agent_key(agent.socket, OWN.key_id)

    assert agent.add("-x") == 0
    with pytest.raises(NotFound) as unseen:
        find_agent_key(agent.socket, OWN.key_id)
    with pytest.raises(Refused) as refused:
        AgentSigner(agent.socket, key).sign(b"message")

    assert "ssh-add -X" in unseen.value.message
    assert refused.value.code == "agent-refused"
    assert agent.add("-X") == 0
    assert AgentSigner(agent.socket, key).sign(b"message") == OWN.sign(b"message")


def test_a_confirmation_that_is_declined_signs_nothing_and_one_that_is_given_signs(agent: OpenSSH) -> None:
    agent.hold("own", _private(b"\x01" * 32), "-c")
    key = find_agent_key(agent.socket, OWN.key_id)

    with pytest.raises(Refused) as refused:
        AgentSigner(agent.socket, key).sign(b"message")
    (agent.folder / "yes").touch()
    made = AgentSigner(agent.socket, key).sign(b"message")

    assert "declined" in refused.value.message
    assert made == OWN.sign(b"message")


def test_a_key_taken_away_signs_nothing(agent: OpenSSH) -> None:
    agent.hold("own", _private(b"\x01" * 32))
    key = find_agent_key(agent.socket, OWN.key_id)

    assert agent.add("-D") == 0

    with pytest.raises(Refused):
        AgentSigner(agent.socket, key).sign(b"message")


def test_an_agent_that_was_stopped_is_no_agent(agent: OpenSSH) -> None:
    agent.hold("own", _private(b"\x01" * 32))
    key = find_agent_key(agent.socket, OWN.key_id)

    agent.process.kill()
    agent.process.wait(timeout=30)

    with pytest.raises(Unreachable):
        AgentSigner(agent.socket, key).sign(b"message")
