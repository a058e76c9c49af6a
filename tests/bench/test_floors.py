"""What the speed of this version must not fall below, as ratios taken in one run."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.project import ROOT

OF_THE_RAW_WIRE = 0.05
"""Exchanged records a second over messages of a raw echo; 0.10 is the target."""


def _measured() -> dict[str, Any]:
    script = str(ROOT / "benchmarks" / "exchange.py")
    command = [sys.executable, script, "--records", "600", "--json"]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=280)
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.mark.timed
@pytest.mark.timeout(600)
def test_exchange_reaches_its_share_of_the_raw_wire() -> None:
    first = _measured()
    # A busy neighbour takes from one side of a ratio more than from the other: one retry.
    found = first if first["ratio_to_r1"] >= OF_THE_RAW_WIRE else _measured()

    assert found["ratio_to_r1"] >= OF_THE_RAW_WIRE, found
