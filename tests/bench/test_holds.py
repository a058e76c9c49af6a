"""What listing 10,000 holds may cost, at home and through a running gateway."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.project import ROOT

LISTED_MS = 300.0
"""At home; about 130 when quiet."""
RUNNING_OF_BARE = 15.0
"""Asked of a running gateway and parsed, over bare SELECT of the same rows; about 7 when quiet."""


def _measured() -> dict[str, float]:
    command = [sys.executable, str(ROOT / "benchmarks" / "holds.py"), "--json"]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=280, cwd=ROOT)
    found: dict[str, float] = json.loads(run.stdout)
    return found


@pytest.mark.timed
@pytest.mark.timeout(600)
def test_ten_thousand_holds_are_listed_before_anybody_notices() -> None:
    first = _measured()
    # A busy neighbour takes its share of any figure: one retry.
    found = first if _is_fast(first) else _measured()

    assert found["holds"] == 10_000
    assert _is_fast(found), found


def _is_fast(found: dict[str, float]) -> bool:
    return found["flow_ms"] < LISTED_MS and found["running_ms"] < RUNNING_OF_BARE * found["bare_ms"]
