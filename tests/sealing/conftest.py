"""Fresh houses for every test."""

from __future__ import annotations

import pytest

from tests.sealing.house import House


@pytest.fixture
def police() -> House:
    return House("police.nl")


@pytest.fixture
def shelter() -> House:
    return House("shelter.ngo")


@pytest.fixture
def border() -> House:
    return House("border.xa")
