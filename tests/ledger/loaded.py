"""Reads the reference vectors and the hashes in them."""

from __future__ import annotations

import json
from base64 import b64decode
from typing import Any

from tests.reference import reference


def vectors(name: str) -> Any:
    """Return a vector file of the ledger reference."""
    return json.loads(reference(f"tlog/{name}.json").read_text(encoding="utf-8"))


def raw(text: str | None) -> bytes:
    """Return base64 as bytes; None is empty."""
    return b64decode(text or "")


def raws(texts: list[str] | None) -> list[bytes]:
    """Return a list of base64 as bytes; None is empty."""
    return [raw(text) for text in texts or []]
