"""The generated classes in `gateway/v1` are exactly what `proto/` says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.project import ROOT, project_files

_GENERATED = ROOT / "gateway" / "v1"


def test_generated_code_is_what_the_wire_contract_generates(tmp_path: Path) -> None:
    subprocess.run([sys.executable, ROOT / "proto" / "generate.py", tmp_path], check=True, timeout=120)

    fresh = {path.name: path.read_bytes() for path in (tmp_path / "gateway" / "v1").iterdir()}
    kept = {path.name: path.read_bytes() for path in project_files("gateway/v1")}
    assert kept.pop("__init__.py") == b""
    assert kept.keys() == fresh.keys(), "run `make proto`, and delete what no .proto file stands for"
    assert [name for name in fresh if fresh[name] != kept[name]] == [], "run `make proto`"


def test_wire_contract_keeps_its_own_rules() -> None:
    lint = subprocess.run(
        [Path(sys.executable).parent / "buf", "lint"],
        check=False,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert lint.returncode == 0, lint.stdout + lint.stderr


def test_no_module_stands_among_the_generated_ones() -> None:
    strange = [p.name for p in _GENERATED.glob("*.py") if not p.name.endswith(("_pb2.py", "_pb2_grpc.py"))]

    assert strange == ["__init__.py"]
