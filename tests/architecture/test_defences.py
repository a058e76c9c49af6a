"""Every threat this version answers has its test, and a change that makes the test fall."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.defences import Defence, Unusable, main, names_a_test, read_list
from tests.project import ROOT

# The rows of the threat model that are answered in this version.
REQUIRED = {
    "A01", "A02", "A03", "A04", "A05", "A08", "A09", "A15", "A16", "A17", "A18", "A19", "A20", "A21", "A22",
    "A23", "A24", "A25", "A26", "A31", "A32", "A33", "A34", "A35", "A37", "A38", "A39", "A41", "A42", "A43",
    "A48", "A49", "A50", "A52", "A54", "F01", "F15", "F18", "F19", "F20", "F22",
}  # fmt: skip


def test_every_required_threat_has_an_entry() -> None:
    entered = {entry.threat for entry in read_list()}

    if not entered:
        pytest.skip("no defence is entered yet")

    assert not REQUIRED - entered


def test_every_entry_still_fits_its_file_and_names_a_test_that_exists() -> None:
    wrong = []
    for entry in read_list():
        try:
            entry.removed_from((ROOT / entry.file).read_text(encoding="utf-8"))
        except (OSError, Unusable) as exc:
            wrong.append(f"{entry.threat}: {exc}")
        if not names_a_test(entry.test):
            wrong.append(f"{entry.threat}: there is no {entry.test}")

    assert not wrong


_GATE = """\
def enter(age):
    if age < 18:
        raise ValueError("too young")
    return age
"""

_TEST = """\
import pytest

from policy.gate import enter


class TestGate:
    @pytest.mark.parametrize("age", [3, 17])
    def test_the_young_are_refused(self, age):
        with pytest.raises(ValueError):
            enter(age)


def test_the_old_may_enter():
    assert enter(70) == 70
"""

_CHECK = '    if age < 18:\n        raise ValueError("too young")\n'


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return a project of one module and one test."""
    root = tmp_path / "small"
    for name, text in {
        "pytest.ini": "[pytest]\n",
        "policy/__init__.py": "",
        "policy/gate.py": _GATE,
        "tests/__init__.py": "",
        "tests/test_gate.py": _TEST,
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def _enter(root: Path, test: str, find: str, replace: str) -> None:
    (root / "tests" / "defences.toml").write_text(
        "[[defence]]\n"
        f'threat = "A99"\ntest = "tests/test_gate.py::{test}"\nfile = "policy/gate.py"\n'
        f"find = '''\n{find}'''\nreplace = '''\n{replace}'''\n",
        encoding="utf-8",
    )


_YOUNG = "TestGate::test_the_young_are_refused"


def test_a_test_that_falls_with_its_defence_passes(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _enter(small, _YOUNG, _CHECK, "")

    assert main([], root=small) == 0

    assert "1 passed, 0 failed" in capsys.readouterr().out
    assert (small / "policy" / "gate.py").read_text(encoding="utf-8") == _GATE


def test_a_test_that_stays_green_is_reported_with_its_threat(
    small: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _enter(small, "test_the_old_may_enter", _CHECK, "")

    assert main(["--only", "A99"], root=small) == 1

    told = capsys.readouterr().out
    assert "A99" in told
    assert "stays green without the defence" in told


@pytest.mark.parametrize(
    ("find", "replace", "reason"),
    [
        (_CHECK, "    check(age)\n", "breaks the code"),
        ("def enter(age):\n", "def enter(age:\n", "did not run to a failure"),
        ("def enter(age):\n", "def admit(age):\n", "did not run to a failure"),
    ],
    ids=["name error", "syntax error", "import error"],
)
def test_a_change_that_proves_nothing_is_reported(
    small: Path, capsys: pytest.CaptureFixture[str], find: str, replace: str, reason: str
) -> None:
    _enter(small, _YOUNG, find, replace)

    assert main([], root=small) == 1

    assert reason in capsys.readouterr().out


@pytest.mark.parametrize(("find", "count"), [("nowhere", 0), ("age", 3)])
def test_a_text_that_does_not_stand_exactly_once_judges_nothing(
    small: Path, capsys: pytest.CaptureFixture[str], find: str, count: int
) -> None:
    _enter(small, _YOUNG, find, "")

    assert main([], root=small) == 2

    assert f"stands {count} times" in capsys.readouterr().out


def test_a_test_that_is_red_before_the_change_judges_nothing(small: Path) -> None:
    _enter(small, _YOUNG, _CHECK, "")
    (small / "policy" / "gate.py").write_text(_GATE.replace("18", "8"), encoding="utf-8")
    _enter(small, _YOUNG, _CHECK.replace("18", "8"), "")

    assert main([], root=small) == 2


def test_an_empty_list_judges_nothing(small: Path) -> None:
    (small / "tests" / "defences.toml").write_text("", encoding="utf-8")

    assert main([], root=small) == 2


@pytest.mark.parametrize(
    "changed",
    [
        {"find": " \n"},
        {"replace": "x"},
        {"file": "tests/test_gate.py"},
        {"file": "policy/../tests/test_gate.py"},
        {"test": "tests/test_gate.py"},
        {"test": "tests/test_gate.py::test_a[1]"},
    ],
    ids=str,
)
def test_an_entry_that_could_not_prove_anything_is_refused(changed: dict[str, str]) -> None:
    entry = {"threat": "A99", "test": "tests/test_gate.py::test_a", "file": "policy/gate.py", "find": "x"}

    with pytest.raises(Unusable):
        Defence(**({**entry, "replace": ""} | changed))


def test_unknown_members_of_the_list_are_refused(small: Path) -> None:
    (small / "tests" / "defences.toml").write_text('[[defence]]\nthread = "A1"\n', encoding="utf-8")

    with pytest.raises(Unusable):
        read_list(small)
