"""Takes every defence away in a copy of the project and sees that its test falls: `python -m tests.defences`.

A test that stays green without its defence shows nothing. Every entry of `defences.toml` is one textual
change; it is made alone, in a temporary copy, and the named test must then fail by itself: a change that
breaks an import or a name proves nothing either, and is reported as such.
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from tests.project import PACKAGES, ROOT

LIST = Path("tests") / "defences.toml"

_TEST_LIMIT_S = 600
_NOT_COPIED = shutil.ignore_patterns(
    ".git", ".venv", "__pycache__", ".*_cache", ".hypothesis", "build", "dist", "*.egg-info"
)
# What Python raises when a change broke the code itself rather than took a defence away.
_BROKEN = (
    "ImportError",
    "IndentationError",
    "ModuleNotFoundError",
    "NameError",
    "SyntaxError",
    "UnboundLocalError",
)


class Unusable(Exception):
    """An entry that cannot be played as written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defence:
    """One defence, the change that removes it, and the test that must then fail.

    Raises:
        Unusable: the entry is empty, changes nothing, or changes a test instead of the product.
    """

    threat: str
    test: str
    file: str
    find: str
    replace: str

    def __post_init__(self) -> None:
        if not self.find.strip() or self.find == self.replace:
            raise Unusable(f"{self.threat}: the change is empty")
        if PurePosixPath(self.file).parts[0] not in PACKAGES or ".." in PurePosixPath(self.file).parts:
            raise Unusable(f"{self.threat}: {self.file} is not in a package of the product")
        if not self.test.startswith("tests/") or "::" not in self.test or "[" in self.test:
            raise Unusable(f"{self.threat}: {self.test} does not name a test function")

    def removed_from(self, text: str) -> str:
        """Return the file's text without the defence.

        Raises:
            Unusable: the text to find does not stand there exactly once.
        """
        count = text.count(self.find)
        if count != 1:
            raise Unusable(f"{self.threat}: the text to change stands {count} times in {self.file}")
        return text.replace(self.find, self.replace)


def read_list(root: Path = ROOT) -> list[Defence]:
    """Return all entries of `defences.toml`.

    Raises:
        Unusable: an unknown or missing member, or an entry that changes nothing.
    """
    table = tomllib.loads((root / LIST).read_text(encoding="utf-8"))
    if set(table) - {"defence"}:
        raise Unusable(f"unknown tables: {sorted(set(table) - {'defence'})}")
    entries = []
    for number, row in enumerate(table.get("defence", []), start=1):
        try:
            entries.append(Defence(**row))
        except TypeError as exc:
            raise Unusable(f"entry {number}: {exc}") from exc
    return entries


def names_a_test(test: str, root: Path = ROOT) -> bool:
    """Return whether a test id names a function, or a method of a class, that stands in its file."""
    file, *names = test.split("::")
    path = root / file
    if not path.is_file():
        return False
    body: Sequence[ast.stmt] = ast.parse(path.read_text(encoding="utf-8")).body
    for name in names:
        kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
        found = [node for node in body if isinstance(node, kinds) and node.name == name]
        if not found:
            return False
        body = found[0].body
    return True


def copy_project(root: Path, into: Path) -> Path:
    """Copy the project to a place that looks the same from inside, reference material beside it."""
    copy = into / "project"
    shutil.copytree(root, copy, ignore=_NOT_COPIED)
    shared = root.parent / "shared"
    if shared.is_dir():
        (into / "shared").symlink_to(shared, target_is_directory=True)
    return copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a run of tests said: its exit code, the tests that failed and why, its output."""

    code: int
    failed: dict[str, str]
    output: str


def run_tests(copy: Path, tests: Sequence[str]) -> Outcome:
    """Run tests in the copy, on the copy's code: no bytecode is kept, so that every change is seen."""
    report = copy.parent / "report.xml"
    report.unlink(missing_ok=True)
    surroundings = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_") and k != "COMITY_HOME"}
    surroundings |= {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    # Deep tests too, with the usual number of examples; one failing case of a test is enough.
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", "deep or timed or not deep"]
    command += ["--hypothesis-profile=default", "--exitfirst"]
    run = subprocess.run(
        [*command, f"--junitxml={report}", "-o", "junit_family=xunit1", *tests],
        check=False,
        cwd=copy,
        env=surroundings,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_TEST_LIMIT_S,
    )
    failed: dict[str, str] = {}
    if report.is_file():
        for case in ET.parse(report).iter("testcase"):
            failure = case.find("failure")
            if failure is not None:
                # A class stands between file and name as the tail of the dotted class name.
                file = case.get("file", "")
                inner = case.get("classname", "").removeprefix(file.removesuffix(".py").replace("/", "."))
                name = f"{file}{inner.replace('.', '::')}::{case.get('name', '').partition('[')[0]}"
                failed[name] = failure.get("message", "")
    return Outcome(code=run.returncode, failed=failed, output=run.stdout)


def judge(defence: Defence, outcome: Outcome) -> str:
    """Return why a run without the defence does not show that its test works; empty where it does."""
    if outcome.code == 0:
        return f"{defence.test} stays green without the defence"
    if outcome.code != 1 or defence.test not in outcome.failed:
        return (
            f"{defence.test} did not run to a failure (pytest exit {outcome.code})\n{outcome.output[-2000:]}"
        )
    reason = outcome.failed[defence.test]
    if reason.startswith(_BROKEN):
        return f"the change breaks the code instead of taking a defence away: {reason.splitlines()[0]}"
    return ""


def play(defence: Defence, copy: Path) -> str:
    """Take one defence away in the copy, run its test, put the file back; return what is wrong, or ""."""
    target = copy / defence.file
    whole = target.read_text(encoding="utf-8")
    try:
        target.write_text(defence.removed_from(whole), encoding="utf-8")
        return judge(defence, run_tests(copy, [defence.test]))
    except subprocess.TimeoutExpired:
        return f"{defence.test} did not end within {_TEST_LIMIT_S} s without the defence"
    finally:
        target.write_text(whole, encoding="utf-8")


def main(arguments: Sequence[str] | None = None, *, root: Path = ROOT) -> int:
    """Play the list; return 0 when every test fell with its defence, 1 when not, 2 when it cannot tell."""
    parser = argparse.ArgumentParser(prog="python -m tests.defences", description="Takes every defence away.")
    parser.add_argument("--only", metavar="THREAT", help="play the entries of one threat, e.g. A15")
    only = parser.parse_args(arguments).only
    try:
        entries = [entry for entry in read_list(root) if only in (None, entry.threat)]
        for entry in entries:
            entry.removed_from((root / entry.file).read_text(encoding="utf-8"))
    except (OSError, Unusable) as exc:
        print(f"{LIST}: {exc}")
        return 2
    if not entries:
        print("no entry to play")
        return 2
    with tempfile.TemporaryDirectory(prefix="comity-defences-") as folder:
        copy = copy_project(root, Path(folder))
        with_all = run_tests(copy, sorted({entry.test for entry in entries}))
        if with_all.code != 0:
            print(f"with every defence in place the tests are not green:\n{with_all.output[-4000:]}")
            return 2
        wrong = 0
        for entry in entries:
            said = play(entry, copy)
            wrong += bool(said)
            print(f"{'WRONG' if said else 'fell '}  {entry.threat}  {said or entry.test}", flush=True)
    print(f"{len(entries) - wrong} passed, {wrong} failed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
