"""Three homes that played the case once, for the whole run; every test gets a copy of its own."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.scenario import Scenario
from gateway.cli.screen import Screen
from keys.keystore import Kdf
from tests.cli.doors import NL, RO, ok


@dataclass(frozen=True, slots=True, kw_only=True)
class Played:
    """A folder of homes after the case was played, and what the playing answered."""

    homes: Path
    result: dict[str, Any]

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
    """Play the case once, with keys that are cheap to open; nobody writes here."""
    folder = tmp_path_factory.mktemp("first")
    scenario = Scenario(
        Screen(as_json=True), folder, passphrase=b"a test passphrase", kdf=Kdf.CHEAP_FOR_TESTS
    )
    return Played(homes=folder, result=scenario.play())


@pytest.fixture
def played(first_play: Played, tmp_path: Path) -> Played:
    """Return a copy that a test may change."""
    homes = tmp_path / "homes"
    shutil.copytree(first_play.homes, homes)
    return Played(homes=homes, result=first_play.result)


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
