"""The files of this project, for the tests that read the project itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("gateway", "policy", "adapters", "keys")

_NOT_OURS = {
    ".git",
    ".venv",
    ".hypothesis",
    ".import_linter_cache",
    ".mypy_cache",
    ".pytest_cache",
    ".ruff_cache",
    "__pycache__",
    "build",
    "dist",
    "node_modules",
}


def project_files(*folders: str) -> Iterator[Path]:
    """Yield every file of the project, or of these folders of it: no environment, no cache, no build."""
    for start in [ROOT / folder for folder in folders] or [ROOT]:
        yield from _walk(start)


def python_files(*folders: str) -> Iterator[Path]:
    """Yield the Python modules written by hand; generated code is another test's matter."""
    generated = ROOT / "gateway" / "v1"
    return (p for p in project_files(*folders) if p.suffix == ".py" and generated not in p.parents)


def _walk(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.iterdir()):
        if path.name in _NOT_OURS or path.name.endswith(".egg-info"):
            continue
        if path.is_dir():
            yield from _walk(path)
        elif path.is_file():
            yield path
