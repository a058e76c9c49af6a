"""Running gateways for a test, ended however the test ends."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog

from gateway.observe import start_log
from tests.live.houses import NGO, NL, RO, House, copy_houses, found


@pytest.fixture(scope="session")
def live_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the closed homes of a federation whose members can be reached."""
    folder = tmp_path_factory.mktemp("live")
    found(folder, datetime.now(UTC).replace(microsecond=0))
    return folder


@pytest.fixture
def houses(live_template: Path, tmp_path: Path) -> Iterator[dict[str, House]]:
    """Return the three houses, nothing running yet."""
    folder = tmp_path / "houses"
    folder.mkdir()
    made = copy_houses(live_template, folder, NL, RO, NGO)
    yield made
    for house in made.values():
        house.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def pair_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the closed homes of a federation of two, who witness each other."""
    folder = tmp_path_factory.mktemp("pair")
    found(folder, datetime.now(UTC).replace(microsecond=0), (NL, RO))
    return folder


@pytest.fixture
def pair(pair_template: Path, tmp_path: Path) -> Iterator[dict[str, House]]:
    """Return two houses, nothing running yet."""
    folder = tmp_path / "pair"
    folder.mkdir()
    made = copy_houses(pair_template, folder, NL, RO)
    yield made
    for house in made.values():
        house.close()
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def events() -> Iterator[io.StringIO]:
    """Return where the log goes: gateways and commands share one process here, and one standard output."""
    stream = io.StringIO()
    start_log(stream)
    yield stream
    structlog.reset_defaults()
