"""The constraints file holds all that the project asks for, by hash, and no place to fetch it from."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.project import PACKAGES, ROOT, python_files

_PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
_TEXT = (ROOT / "requirements" / "constraints.txt").read_text(encoding="utf-8")
_PIN = re.compile(r"(?m)^(\S.*?) \\\n((?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)")


def _pins() -> dict[str, Requirement]:
    pins = [Requirement(pin) for pin, _ in _PIN.findall(_TEXT)]
    return {canonicalize_name(pin.name): pin for pin in pins}


def test_every_dependency_is_pinned_within_what_the_project_asks() -> None:
    asked = [
        *_PROJECT["build-system"]["requires"],
        *_PROJECT["project"]["dependencies"],
        *(line for lines in _PROJECT["project"]["optional-dependencies"].values() for line in lines),
    ]
    pins = _pins()

    missing = []
    for line in asked:
        need = Requirement(line)
        pin = pins.get(canonicalize_name(need.name))
        version = "" if pin is None else str(pin.specifier).removeprefix("==")
        if pin is None or not need.specifier.contains(version, prereleases=True):
            missing.append(line)

    assert missing == [], "run `make lock`"


def test_every_line_is_a_pin_a_hash_or_a_comment() -> None:
    rest = _PIN.sub("", _TEXT)

    assert [line for line in rest.splitlines() if not line.startswith("#")] == []
    assert all(re.fullmatch(r"==[\w.!+]+", str(pin.specifier)) for pin in _pins().values())


def test_no_place_to_fetch_from_is_named() -> None:
    assert "/" not in _TEXT.replace("\\\n", "")


def _imported(*folders: str) -> set[str]:
    """Return the top-level names imported anywhere in the folders, but for Python's own and ours."""
    found: set[str] = set()
    for path in python_files(*folders):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                found.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                found.add((node.module or "").partition(".")[0])
    return found - set(sys.stdlib_module_names) - {*PACKAGES, "tests", "benchmarks", "docs"}


def _undeclared(imported: set[str], declared: list[str]) -> set[str]:
    names = {canonicalize_name(Requirement(line).name) for line in declared}
    distributions = packages_distributions()
    return {
        name
        for name in imported
        if names.isdisjoint(canonicalize_name(found) for found in distributions.get(name, ()))
    }


def test_the_product_imports_only_what_it_declares() -> None:
    assert _undeclared(_imported(*PACKAGES), _PROJECT["project"]["dependencies"]) == set()


def test_the_tests_import_only_what_is_declared() -> None:
    declared = [*_PROJECT["project"]["dependencies"], *_PROJECT["project"]["optional-dependencies"]["dev"]]

    assert _undeclared(_imported("tests", "benchmarks", "docs", "proto"), declared) == set()
