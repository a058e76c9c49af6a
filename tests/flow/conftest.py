"""The federation every test of the flow starts from."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gateway import app
from policy.bundle import Bundle
from policy.engine import Engine
from tests.flow.federation import WITNESSES, Homes, found


@pytest.fixture(scope="session", autouse=True)
def engines() -> Iterator[None]:
    """Load every set of rules once for the whole run: most of what opening a gateway costs.

    An engine decides by its rules and what it is asked alone, and remembers nothing else.
    """
    loaded: dict[bytes, Engine] = {}

    def engine_of(bundle: Bundle, *, alarm: Callable[[str], None]) -> Engine:
        if bundle.digest not in loaded:
            loaded[bundle.digest] = Engine(bundle, alarm=alarm)
        return loaded[bundle.digest]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(app, "Engine", engine_of)
        yield


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """Return a folder with the closed homes of one federation, and when they were made."""
    folder = tmp_path_factory.mktemp("federation")
    # The mirror judges a directory's age by the machine's own clock, so the tests start from it.
    now = datetime.now(UTC).replace(microsecond=0)
    found(folder, now)
    return folder, now


@pytest.fixture(scope="session")
def reachable_template(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """Return a folder with the closed homes of a federation whose members witness each other's ledgers."""
    folder = tmp_path_factory.mktemp("reachable")
    now = datetime.now(UTC).replace(microsecond=0)
    found(folder, now, reachable=WITNESSES)
    return folder, now


@pytest.fixture
def homes(template: tuple[Path, datetime], tmp_path: Path) -> Iterator[Homes]:
    """Return homes of one's own, a minute after they were made."""
    yield from _copied(template, tmp_path / "homes")


@pytest.fixture
def witnessing(reachable_template: tuple[Path, datetime], tmp_path: Path) -> Iterator[Homes]:
    """Return homes of one's own that witness each other: none signs before it was told that it may."""
    yield from _copied(reachable_template, tmp_path / "witnessing")


@pytest.fixture(scope="module")
def quiet(template: tuple[Path, datetime], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Homes]:
    """Return homes that the tests of a module share because none of them changes anything there."""
    yield from _copied(template, tmp_path_factory.mktemp("quiet") / "homes")


def _copied(template: tuple[Path, datetime], folder: Path) -> Iterator[Homes]:
    source, made = template
    folder.mkdir()
    homes = Homes(source, folder, made + timedelta(minutes=1))
    yield homes
    homes.close()
    shutil.rmtree(folder)
