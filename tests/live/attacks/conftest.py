"""Gateways to attack, shared by the tests of a module: what an attack may not change it does not spoil."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.live.attacks.town import Town, living
from tests.live.houses import NL


@pytest.fixture(scope="module")
def town(live_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Return three running gateways."""
    with living(live_template, tmp_path_factory.mktemp("town") / "houses") as town:
        yield town


@pytest.fixture(scope="module")
def besieged(live_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Return three running gateways, that of police.nl a process of its own: its cost can be measured."""
    with living(live_template, tmp_path_factory.mktemp("besieged") / "houses", NL) as town:
        assert town.honest_call_works()
        yield town
