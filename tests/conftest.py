"""What holds for every test run: which tests wait, what may be skipped, how Hypothesis searches."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_TESTS = Path(__file__).resolve().parent
_SHARED = _TESTS.parents[1] / "shared"

# A machine under load must not turn a slow example into a failure; a reproduction line is printed with every
# failure. In CI the examples follow from the test alone, so that a red run is red again at once.
settings.register_profile("default", max_examples=50, deadline=None, print_blob=True)
settings.register_profile("ci", settings.get_profile("default"), derandomize=True)
settings.register_profile(
    "deep",
    settings.get_profile("default"),
    max_examples=2_000,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

WAITING = ("deep", "timed")


def in_ci() -> bool:
    """Return whether this run decides about a change."""
    return os.environ.get("CI") == "true"


def pytest_configure(config: pytest.Config) -> None:
    """Choose the Hypothesis profile, unless the command line did."""
    if config.getoption("--hypothesis-profile", None):
        return
    if "deep" in config.option.markexpr:
        settings.load_profile("deep")
    else:
        settings.load_profile("ci" if in_ci() else "default")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests that wait for `make deep`, unless `-m` names their mark."""
    waiting = [mark for mark in WAITING if mark not in config.option.markexpr]
    left_out = [item for item in items if any(item.get_closest_marker(mark) for mark in waiting)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def skip_reasons(reporter: pytest.TerminalReporter) -> dict[str, list[str]]:
    """Return the tests that were skipped, by reason."""
    found: dict[str, list[str]] = {}
    for report in reporter.stats.get("skipped", []):
        told = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        found.setdefault(told.removeprefix("Skipped: "), []).append(report.nodeid)
    return found


def refused_skips(reasons: dict[str, list[str]], *, shared: Path = _SHARED) -> list[str]:
    """Return the reasons that this run does not accept.

    Where the reference material stands beside the project its absence is no reason anywhere; in CI a reason
    must stand in `allowed_skips.txt`.
    """
    lines = (_TESTS / "allowed_skips.txt").read_text(encoding="utf-8").splitlines()
    allowed = {line.strip() for line in lines if line.strip() and not line.startswith("#")}
    refused = [reason for reason in reasons if "reference material" in reason and shared.is_dir()]
    if in_ci():
        refused += [reason for reason in reasons if reason not in allowed and reason not in refused]
    return refused


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print every reason for which a test was skipped, and which of them is not accepted."""
    reasons = skip_reasons(terminalreporter)
    refused = refused_skips(reasons)
    for reason, tests in sorted(reasons.items()):
        verdict = "NOT ACCEPTED: " if reason in refused else ""
        terminalreporter.write_line(f"skipped {len(tests)}: {verdict}{reason}")
        if verdict:
            for test in sorted(set(tests)):
                terminalreporter.write_line(f"    {test}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail the run for a skip that is not accepted; with xdist the controller alone sees them all."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if hasattr(session.config, "workerinput") or reporter is None:
        return
    if refused_skips(skip_reasons(reporter)) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
