"""A fresh store in a home of its own, with a clock that only a test moves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.store.store import Store
from tests.store.material import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock(1_760_000_000)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def store(home: Path, clock: Clock) -> Iterator[Store]:
    with Store.create(home, clock=clock) as store:
        yield store
