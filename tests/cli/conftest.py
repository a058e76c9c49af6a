"""Homes that played the case once, for the whole run: between running gateways, and by file.

Every test gets a copy of its own; nothing runs on it.
"""

from __future__ import annotations

import io
import os
import shutil
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.scenario import Scenario
from gateway.cli.screen import Screen
from keys.keystore import Kdf
from tests.cli.carried import play_by_file
from tests.cli.doors import NL, RO, ok
from tests.flow.federation import Homes, found


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A folder of homes after the case was played, and what the playing answered."""

    homes: Path
    result: dict[str, Any]
    told: str = ""

    def exchange(self, recipient: str, outcome: str = "delivered") -> str:
        """Return the id of the case's exchange with a recipient."""
        found = [
            one["id"]
            for one in self.result["exchanges"]
            if (one["recipient"], one["outcome"]) == (recipient, outcome)
        ]
        assert len(found) == 1
        return str(found[0])

    @property
    def record(self) -> str:
        """The id of the record that was carried."""
        return str(ok("inbox", "list", "--home", self.homes / RO)["items"][0]["record"])


@pytest.fixture(autouse=True)
def _no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep out what the machine's own environment would tell the commands."""
    for name in [name for name in os.environ if name.startswith("COMITY_")]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture(scope="session")
def first_play(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Play the case once between gateways that run, with keys that are cheap to open; nobody writes here.

    What it tells in a window of 80 columns is kept.
    """
    folder = tmp_path_factory.mktemp("first")
    told = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(told):
        patch.setenv("COLUMNS", "80")
        scenario = Scenario(
            Screen(as_json=False), folder, passphrase=b"a test passphrase", kdf=Kdf.CHEAP_FOR_TESTS
        )
        result = scenario.play()
    return Played(homes=folder, result=result, told=told.getvalue())


@pytest.fixture(scope="session")
def first_play_by_file(tmp_path_factory: pytest.TempPathFactory) -> Played:
    """Play the case once by file, between homes that have no address; nobody writes here."""
    folder = tmp_path_factory.mktemp("by-file")
    return Played(homes=folder, result=play_by_file(folder))


@pytest.fixture
def played(first_play: Played, tmp_path: Path) -> Played:
    """Return a copy that a test may change."""
    return _copy(first_play, tmp_path / "homes")


@pytest.fixture
def played_by_file(first_play_by_file: Played, tmp_path: Path) -> Played:
    """Return a copy of the homes without addresses: heads are signed there though nothing runs."""
    return _copy(first_play_by_file, tmp_path / "homes-by-file")


@pytest.fixture
def nl(played: Played) -> Path:
    """Return the home of the agency that recorded the case."""
    return played.homes / NL


@pytest.fixture
def export(played: Played, nl: Path, tmp_path: Path) -> Path:
    """Return an export of the sender's ledger."""
    out = tmp_path / "export"
    ok("audit", "export", out, "--home", nl)
    return out


def _copy(first: Played, homes: Path) -> Played:
    shutil.copytree(first.homes, homes)
    return Played(homes=homes, result=first.result, told=first.told)


@pytest.fixture(scope="session")
def plain_template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """Return a folder with the closed homes of a federation in which nothing has happened."""
    folder, now = tmp_path_factory.mktemp("plain"), datetime.now(UTC).replace(microsecond=0)
    found(folder, now)
    return folder, now


@pytest.fixture
def policy_homes(plain_template: tuple[Path, datetime], tmp_path: Path) -> Homes:
    """Return homes of one's own, closed."""
    source, made = plain_template
    folder = tmp_path / "plain"
    folder.mkdir()
    return Homes(source, folder, made)
