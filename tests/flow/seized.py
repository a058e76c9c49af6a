"""What whoever holds a home with all its keys can read there."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any, Final

from gateway.store import vault
from tests.flow import oracle
from tests.flow.federation import Homes

Row = tuple[Any, ...]

_SHORTEST: Final = 6


def readable(homes: Homes, agency: str) -> bytes:
    """Return all that whoever has the database and the storage secret can read."""
    gateway, home = homes[agency], homes.home(agency)
    found = b""
    for *owner, wrapped in oracle.query(home, "SELECT * FROM record_keys"):
        key = vault.unwrap(gateway.storage_secret, vault.record_owner(*owner), wrapped)
        for *place, ciphertext in oracle.query(home, "SELECT * FROM bodies"):
            if place[:3] == owner:
                found += vault.open_body(key, vault.body_aad(*place), ciphertext)
    return found


def rows(home: Path) -> set[tuple[str, Row]]:
    """Return every row of every table."""
    return {
        (table, row) for table in oracle.counts(home) for row in oracle.query(home, f"SELECT * FROM {table}")
    }


def as_bytes(found: set[tuple[str, Row]]) -> bytes:
    """Return rows as bytes to be searched: texts and numbers as they are written, bytes as they are."""
    values = [value for _, row in sorted(found, key=repr) for value in row]
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for value in values)


def spellings(data: bytes) -> list[bytes]:
    """Return data raw, in hex, and in base64 at each alignment, without what its neighbours change."""
    found = [data, data.hex().encode(), data.hex().upper().encode()]
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + data)
        core = text[(0, 2, 3)[shift] : len(text) - (0, 4, 4)[(shift + len(data)) % 3]]
        found += [core, core.replace(b"+", b"-").replace(b"/", b"_")]
    return [one for one in found if len(one) >= _SHORTEST]


def found_in(needles: list[bytes], data: bytes) -> list[bytes]:
    """Return the needles that stand in data in any spelling."""
    return [needle for needle in needles if any(one in data for one in spellings(needle))]
