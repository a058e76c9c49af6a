"""The floors under the pipeline, measured on this machine in this run: what no code above them can beat."""

from __future__ import annotations

import os
import sqlite3
import statistics
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from keys.ed25519 import Ed25519Signer, verify
from keys.sealing import PRIVATE_BYTES, SealingKey, seal

BODY = os.urandom(4096)


def microseconds(work: Callable[[], object], *, repeat: int, rounds: int = 5) -> float:
    """Return the median over rounds of the mean time of one call, in microseconds."""
    means = []
    for _ in range(rounds):
        started = time.perf_counter()
        for _ in range(repeat):
            work()
        means.append((time.perf_counter() - started) / repeat * 1e6)
    return statistics.median(means)


def cryptography_floors() -> dict[str, float]:
    """Return microseconds of one call of each primitive on 4 KiB."""
    signer = Ed25519Signer(os.urandom(32))
    signature = signer.sign(BODY)
    key = SealingKey(os.urandom(PRIVATE_BYTES))
    sealed = seal(key.public_key, BODY, b"info")
    leaves = [os.urandom(96) for _ in range(43)]
    return {
        "43 leaf hashes": microseconds(lambda: [sha256(leaf).digest() for leaf in leaves], repeat=300),
        "Ed25519 sign": microseconds(lambda: signer.sign(BODY), repeat=300),
        "Ed25519 verify": microseconds(lambda: verify(signer.public_key, BODY, signature), repeat=300),
        "hybrid seal": microseconds(lambda: seal(key.public_key, BODY, b"info"), repeat=100),
        "hybrid open": microseconds(lambda: key.open(sealed, b"info"), repeat=100),
    }


def disk_floors(folder: Path) -> dict[str, float]:
    """Return microseconds of one fsync, and rows a second of raw sqlite3 (WAL, FULL) by rows a commit."""
    with (folder / "floor").open("wb", buffering=0) as stream:

        def flush() -> None:
            stream.write(BODY)
            os.fsync(stream.fileno())

        floors = {"fsync (us)": microseconds(flush, repeat=50)}
    for size in (1, 64):
        floors[f"sqlite rows/s at {size} a commit"] = _rows_a_second(folder / f"floor-{size}.db", size)
    return floors


def _rows_a_second(path: Path, size: int) -> float:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE t(id BLOB UNIQUE, body BLOB)")
    commits = max(4, 2000 // size // 4)
    started = time.perf_counter()
    for _ in range(commits):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT INTO t VALUES (?, ?)", [(os.urandom(16), BODY) for _ in range(size)])
        connection.execute("COMMIT")
    elapsed = time.perf_counter() - started
    connection.close()
    return commits * size / elapsed
