"""A test that did not run proves nothing: skips are told, and in CI only known ones pass."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import refused_skips
from tests.project import ROOT

_ABSENT = "reference material is absent"


def _run(
    folder: Path, body: str, *, ci: bool, extra: tuple[str, ...] = ()
) -> subprocess.CompletedProcess[str]:
    (folder / "pytest.ini").write_text("[pytest]\nmarkers =\n  deep: x\n  timed: x\n", encoding="utf-8")
    (folder / "test_sample.py").write_text(f"import pytest\n\n\n{body}", encoding="utf-8")
    surroundings = {k: v for k, v in os.environ.items() if k != "CI" and not k.startswith("PYTEST_")}
    surroundings |= {"PYTHONPATH": str(ROOT)} | ({"CI": "true"} if ci else {})
    return subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", *extra],
        check=False,
        cwd=folder,
        env=surroundings,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_unknown_reason_fails_the_run_in_ci_and_is_printed(tmp_path: Path) -> None:
    run = _run(tmp_path, "def test_a():\n    pytest.skip('no time')\n", ci=True)

    assert run.returncode == 1
    assert "NOT ACCEPTED: no time" in run.stdout


def test_unknown_reason_is_printed_and_passes_on_a_desk(tmp_path: Path) -> None:
    run = _run(tmp_path, "def test_a():\n    pytest.skip('no time')\n", ci=False)

    assert run.returncode == 0
    assert "skipped 1: no time" in run.stdout


def test_unknown_reason_is_seen_through_parallel_workers(tmp_path: Path) -> None:
    run = _run(tmp_path, "def test_a():\n    pytest.skip('no time')\n", ci=True, extra=("-n", "1"))

    assert run.returncode == 1


def test_absent_reference_material_is_accepted_only_where_it_is_absent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")

    assert refused_skips({_ABSENT: ["a"]}, shared=tmp_path) == [_ABSENT]
    assert refused_skips({_ABSENT: ["a"]}, shared=tmp_path / "nowhere") == []


@pytest.mark.parametrize("mark", ["deep", "timed"])
def test_waiting_tests_run_only_when_their_mark_is_named(tmp_path: Path, mark: str) -> None:
    body = f"def test_a():\n    pass\n\n\n@pytest.mark.{mark}\ndef test_b():\n    pass\n"

    assert "1 passed, 1 deselected" in _run(tmp_path, body, ci=False).stdout
    assert "1 passed, 1 deselected" in _run(tmp_path, body, ci=False, extra=("-m", mark)).stdout
