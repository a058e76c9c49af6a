"""The example for programmers, run as it stands between two gateways."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.doors import MINORS_NAME, write_case
from tests.live.houses import NL, RO, House
from tests.project import ROOT

pytestmark = pytest.mark.usefixtures("events")
EXAMPLE = ROOT / "examples" / "push_and_read.py"


def run(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run the example in a process of its own."""
    return subprocess.run(
        [sys.executable, str(EXAMPLE), *map(str, arguments)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
        env={"PYTHONPATH": str(ROOT)},
    )


def test_example_pushes_watches_and_reads(pair: dict[str, House]) -> None:
    for house in pair.values():
        house.begin()
    nl, ro = pair[NL], pair[RO]
    case = write_case(nl.folder / "case.json")
    arguments = (case, RO, nl.config.local, nl.identity, ro.config.local, ro.identity)

    first, second = run(*arguments), run(*arguments)

    assert (first.returncode, first.stderr) == (0, "")
    assert f"{RO}: release" in first.stdout
    assert f"{RO}: delivered" in first.stdout
    assert f"from {NL}, until 2031-12-31" in first.stdout
    assert "persons {" in first.stdout
    assert MINORS_NAME[0] not in first.stdout
    # The same key is one push, and what was acknowledged is not handed out again.
    assert second.returncode == 0
    assert f"{RO}: delivered" in second.stdout
    assert "from " not in second.stdout


def test_example_says_why_a_record_is_refused(pair: dict[str, House]) -> None:
    nl = pair[NL]
    nl.begin()
    case = write_case(nl.folder / "case.json", header={})

    done = run(case, RO, nl.config.local, nl.identity)

    assert done.returncode == 1
    assert done.stderr.startswith("refused: header: holds nothing")


def test_example_is_short_and_uses_the_client_alone() -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()

    assert len(lines) < 40
    assert [line for line in lines if "gateway." in line and "import" in line] == [
        "from gateway.client import Gateway, Push, To"
    ]
