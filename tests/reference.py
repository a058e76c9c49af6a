"""Where the reference material stands, when it stands beside the project."""

from __future__ import annotations

from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[1].parent / "shared" / "reference"


def reference(path: str) -> Path:
    """Return a file or folder of the reference material.

    Skips the calling test, with the reason printed, where the material is absent; where it is present a
    missing file is a failure, so that a renamed vector cannot pass unseen.
    """
    if not _ROOT.is_dir():
        pytest.skip("reference material is absent")
    found = _ROOT / path
    assert found.exists(), f"reference file is missing: {path}"
    return found
