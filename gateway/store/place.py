"""Places in the ledger that are known only once a unit is committed."""

from __future__ import annotations

from typing import NamedTuple


class EntryAt(NamedTuple):
    """Stands for the ledger index that the unit's n-th draft (from 0) will get."""

    n: int
