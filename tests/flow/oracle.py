"""What the tests look at: stored rows, ledger entries and raw bytes, read without the code under test."""

from __future__ import annotations

import base64
import json
import sqlite3
import subprocess
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from gateway.store.home import DATABASE

# Numbers of PROTOCOL 8, written out: an oracle must not ask the code what it means.
KINDS: Final = {
    1: "opened",
    2: "submitted",
    3: "decided",
    6: "released",
    7: "received",
    8: "refused",
    9: "delivered",
    11: "read",
    18: "erased",
    22: "policy-changed",
    24: "peer-admitted",
    27: "misbehaviour",
    28: "exported",
    31: "held",
    32: "quarantined",
    38: "refused-summary",
}


def query(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """Return what a query finds in a home's database, which may be open."""
    connection = sqlite3.connect(f"file:{home / DATABASE}?mode=ro", uri=True)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def counts(home: Path) -> dict[str, int]:
    """Return how many rows every table of a home holds."""
    tables = [name for (name,) in query(home, "SELECT name FROM sqlite_master WHERE type = 'table'")]
    return {name: query(home, f"SELECT count(*) FROM {name}")[0][0] for name in sorted(tables)}


def entries(home: Path, since: int = 0) -> list[dict[str, Any]]:
    """Return the ledger's entries from an index on, as the JSON they are."""
    rows = query(home, f"SELECT data FROM entries WHERE idx >= {since} ORDER BY idx")
    return [json.loads(data) for (data,) in rows]


def size(home: Path) -> int:
    """Return how many entries the ledger holds."""
    found: int = query(home, "SELECT count(*) FROM entries")[0][0]
    return found


def kinds(home: Path, since: int = 0) -> list[str]:
    """Return the kinds of the ledger's entries from an index on."""
    return [KINDS.get(entry["kind"], str(entry["kind"])) for entry in entries(home, since)]


def forms(text: str) -> list[bytes]:
    """Return the spellings a text could stand in somewhere, longest way round included."""
    plain = [text.encode(), text.encode("utf-16-le"), text.encode("utf-16-be")]
    escaped = json.dumps(text, ensure_ascii=True)[1:-1].encode()
    found = [*plain, escaped, escaped.replace(b"\\u", b"\\U").upper()]
    for data in plain:
        found += [data.hex().encode(), data.hex().upper().encode()]
        found += _base64_forms(data)
    return found


def _base64_forms(data: bytes) -> list[bytes]:
    """Return the base64 of data at each of its three alignments, without what its neighbours change."""
    found = []
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + data)
        core = text[(0, 2, 3)[shift] : len(text) - (0, 4, 4)[(shift + len(data)) % 3]]
        found += [core, core.replace(b"+", b"-").replace(b"/", b"_")]
    return [core for core in found if len(core) >= 6]


def places(texts: Iterable[str], blobs: dict[str, bytes]) -> list[tuple[str, str]]:
    """Return (text, name of the blob) wherever a text stands in a blob in any spelling."""
    spelled = {text: forms(text) for text in texts}
    return [
        (text, name)
        for name, data in blobs.items()
        for text, needles in spelled.items()
        if any(needle in data for needle in needles)
    ]


def files_of(*folders: Path) -> dict[str, bytes]:
    """Return every file below folders by name, write-ahead logs of open stores included.

    They are copied by another process: reading a database's file here would let go of its locks.
    """
    found: dict[str, bytes] = {}
    with TemporaryDirectory() as place:
        for folder in folders:
            subprocess.run(["cp", "-R", str(folder), place], check=True)
        for path in Path(place).rglob("*"):
            if path.is_file():
                found[str(path.relative_to(place))] = path.read_bytes()
    return found
