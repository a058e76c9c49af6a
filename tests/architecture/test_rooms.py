"""The house is laid out as designed: one direction, pure rooms, generated classes with their owners."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

from tests.project import PACKAGES, ROOT, python_files

# Rooms that own the signed, hashed or sealed bytes of an object; nobody else knows its generated class.
_OWNERS = {"record", "release", "sealing", "ledger", "keys", "wire"}
# These two are the record content itself, which adapters and the doors read too.
_CONTENT = {"record_pb2", "marking_pb2"}
# The edge of the wire: requests and answers of services are translated here, and nowhere further in.
_EDGE = {"wire", "services", "client", "delivery", "cli"}
_OF_SERVICES = {
    "submission_pb2",
    "peer_pb2",
    "operation_pb2",
    "explanation_pb2",
    "review_pb2",
    "forwarding_pb2",
    "document_pb2",
}
# Enumerations and pairs of names that requests and answers share with signed objects.
_SHARED = {"disclosure_pb2", "envelope_pb2", "release_pb2"}
_PURE = ("gateway/record", "gateway/release", "gateway/sealing", "gateway/ledger", "policy", "adapters")
_CLOCKS = {"now", "utcnow", "today"}
_NOUNLESS = {"base", "common", "helper", "helpers", "manager", "misc", "util", "utils"}


def _room(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[1] if parts[0] == "gateway" else parts[0]


def _generated_classes(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "gateway.v1":
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("gateway.v1."):
            found.add((node.module or "").rpartition(".")[2])
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names if alias.name.startswith("gateway.v1.")]
            found.update(name.rpartition(".")[2] for name in names)
    return found


def test_import_contracts_hold() -> None:
    lint = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo", "--no-cache"],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert lint.returncode == 0, lint.stdout + lint.stderr


def test_pure_rooms_ask_no_clock_for_the_time() -> None:
    asked = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in python_files(*_PURE)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CLOCKS
    ]

    assert asked == []


def test_no_import_contract_carries_an_exception() -> None:
    assert "ignore_imports" not in (ROOT / "pyproject.toml").read_text(encoding="utf-8")


def test_generated_classes_stay_with_the_rooms_that_own_the_bytes() -> None:
    strangers = {}
    for path in python_files(*PACKAGES):
        known = set(_CONTENT)
        if _room(path) in _EDGE:
            known |= _OF_SERVICES
        if path.name in ("translate.py", "reading.py", "remote.py"):
            known |= _SHARED
        if _room(path) not in _OWNERS and _generated_classes(path) - known:
            strangers[str(path.relative_to(ROOT))] = sorted(_generated_classes(path) - known)

    assert strangers == {}


def test_rooms_of_signed_bytes_know_no_service() -> None:
    knowing = [
        str(path.relative_to(ROOT))
        for path in python_files(*PACKAGES)
        if _room(path) not in _EDGE and _generated_classes(path) & _OF_SERVICES
    ]

    assert knowing == []


def test_every_module_is_named_after_a_noun_of_the_field() -> None:
    assert [str(path) for path in python_files(*PACKAGES, "tests") if path.stem in _NOUNLESS] == []


def test_every_folder_of_a_package_is_a_package() -> None:
    folders = {path.parent for path in python_files(*PACKAGES)}

    assert [str(folder) for folder in folders if not (folder / "__init__.py").is_file()] == []
