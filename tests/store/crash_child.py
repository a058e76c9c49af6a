"""Commits as fast as it can and says so only afterwards, until it is killed.

Run as `python -m tests.store.crash_child HOME ROUND`: one line on standard output per acknowledged unit, its
number and its ledger index.
"""

from __future__ import annotations

import os
import sys
from concurrent.futures import Future
from pathlib import Path

from gateway.store.group import GroupWriter
from gateway.store.sequence import Committed
from gateway.store.store import Store
from tests.store.material import release_unit

UNITS = 100_000


def main(home: Path, first: int) -> None:
    with Store.open(home) as store, GroupWriter(store.writer) as group:

        def acknowledge(number: int, future: Future[Committed]) -> None:
            os.write(1, f"{number} {future.result().first_index}\n".encode())

        for number in range(first, first + UNITS):
            future = group.submit(release_unit(number), wait_s=60)
            future.add_done_callback(lambda done, number=number: acknowledge(number, done))  # type: ignore[misc]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
