"""What a decision may cost, beside bare Cedar in one run; the counted work is asserted in tests/policy."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.project import ROOT

WARM_US = 100.0
"""A decision made before, about a whole record of 40 portions."""
COLD_OF_BARE = 8.0
"""A portion never decided before, over one bare decision with as many rules; about 5 when quiet."""


def _measured() -> dict[str, float]:
    command = [sys.executable, str(ROOT / "benchmarks" / "policy.py"), "--json"]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=280)
    found: dict[str, float] = json.loads(run.stdout)
    return found


@pytest.mark.timed
def test_warm_decision_takes_next_to_nothing_and_a_cold_one_few_evaluations() -> None:
    found = _measured()

    assert found["rules"] >= 100
    assert found["warm_decision_us"] < WARM_US
    assert found["cold_portion_us"] < COLD_OF_BARE * found["bare_cedar_us"]
