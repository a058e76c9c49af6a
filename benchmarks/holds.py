"""Holds: listing 10,000 that wait for officers, at home and through a running gateway, beside bare SQL.

Prints a table, and one JSON object with --json. Ratios are taken within this run.
Usage: python benchmarks/holds.py [--holds N] [--repeat N] [--json]
"""

from __future__ import annotations

import argparse
import gc
import json
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.gateways import found_served
from gateway import app
from gateway.cli.remote_review import RemoteReview
from gateway.config import read_config
from gateway.flow.gateway import Gateway
from gateway.flow.review.listing import waiting
from gateway.record.moment import to_ms
from gateway.store.home import DATABASE
from gateway.store.review_rows import ApprovalRow, HoldRow
from gateway.store.unit import Unit

AGENCY: Final = "police.nl"
HOLDS: Final = 10_000
_LANES: Final = ("routine", "urgent", "threat-to-life")
_REQUIRED: Final = ("CPO:1,VPO:1", "RLO:2", "DUTY:2")
_GIVEN: Final = ("VPO", "RLO", "DUTY")
_OFFICERS: Final = 12
_BARE: Final = (
    "SELECT * FROM holds WHERE state IN ('held', 'partly-approved') ORDER BY expires_at, exchange_id",
    "SELECT approvals.* FROM approvals JOIN holds USING (exchange_id, round) "
    "WHERE state IN ('held', 'partly-approved') ORDER BY exchange_id, seq",
    "SELECT * FROM officers",
)


def fill(gateway: Gateway, count: int, now: datetime) -> None:
    """Write holds that are open, every second of them with one approval; listing asks the ledger nothing."""
    rows: list[HoldRow | ApprovalRow] = []
    at_ms, ends_ms = to_ms(now), to_ms(now + timedelta(days=7))
    for number in range(count):
        exchange, kind = f"01990000-0000-7000-8000-{number:012x}", number % len(_LANES)
        given, digest = number % 2 == 1, number.to_bytes(32, "big")
        rows.append(
            HoldRow(
                exchange,
                1,
                "release",
                "partly-approved" if given else "held",
                "police.ro",
                "investigation",
                _LANES[kind],
                AGENCY,
                exchange,
                1,
                _REQUIRED[kind],
                digest,
                digest,
                digest,
                digest,
                at_ms,
                ends_ms + number * 1_000,
                "",
                "",
                0,
                1,
                None,
            )
        )
        if given:
            person = (number % _OFFICERS).to_bytes(16, "big")
            key = f"ed25519-{number % _OFFICERS}"
            rows.append(ApprovalRow(exchange, 1, 1, key, person, _GIVEN[kind], "approve", at_ms, 1))
    gateway.store.writer.commit_one(Unit(rows=tuple(rows)))


def timed_ms(work: Callable[[], object], repeat: int) -> float:
    """Return the median time of one call in milliseconds."""
    laps = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        laps.append((time.perf_counter() - start) * 1e3)
    return statistics.median(laps)


def measure(place: Path, count: int, repeat: int) -> dict[str, float]:
    """Return the figures in milliseconds."""
    served, _ = found_served(place)
    config, now = read_config(place / AGENCY), app.system_clock()
    passphrase = (config.home / "passphrase").read_bytes()
    with app.open_gateway(config, passphrase, now) as gateway:
        fill(gateway, count, now)
        listed = waiting(gateway, now).holds
        flow = timed_ms(lambda: waiting(gateway, now), repeat)
        bare = timed_ms(lambda: selected(config.home / DATABASE), repeat)
    with served as running:
        desk = RemoteReview(running.console, exercise=True)
        asked = desk.waiting().holds
        remote = timed_ms(desk.waiting, repeat)
    if not len(listed) == len(asked) == count:
        raise RuntimeError(f"{len(listed)} and {len(asked)} of {count} holds were listed")
    return {"holds": count, "bare_ms": bare, "flow_ms": flow, "running_ms": remote, "ratio": flow / bare}


def selected(database: Path) -> int:
    """Return how many rows the same questions find, asked of the database itself."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        return sum(len(connection.execute(sql).fetchall()) for sql in _BARE)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--holds", type=int, default=HOLDS)
    parser.add_argument("--repeat", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    # As every command does once it has begun.
    gc.freeze()
    with tempfile.TemporaryDirectory() as place:
        figures = measure(Path(place), asked.holds, asked.repeat)
    if asked.json:
        print(json.dumps(figures))
        return
    print(f"{figures['holds']:.0f} holds that wait, half of them approved once, medians")
    print(f"  bare SELECT of the same rows             {figures['bare_ms']:8.1f} ms")
    print(
        f"  listed at home                           {figures['flow_ms']:8.1f} ms ({figures['ratio']:.1f} x)"
    )
    print(f"  asked of a running gateway, parsed       {figures['running_ms']:8.1f} ms")


if __name__ == "__main__":
    main()
