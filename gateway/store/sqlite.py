"""SQLite: all that is true of it alone. One process, one writing connection, readers that cannot write.

Releases before 3.51.3 can corrupt a WAL when one connection checkpoints while another commits. Here exactly
one connection writes and checkpoints, so the race cannot arise: automatic checkpoints are off everywhere,
readers are closed before the writer, and a lock file keeps other processes out.

Source: THREATS, notes for the stores; ADR 0002; https://sqlite.org/pragma.html.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import QueuePool

from gateway.errors import Locked, Misconfigured, Unreachable

OLDEST: Final = (3, 37, 0)
"""The oldest release whose features are used and tested (WITHOUT ROWID, row values, trusted_schema)."""

BUSY_TIMEOUT_MS: Final = 5_000
WAL_CHECKPOINT_BYTES: Final = 16 * 1024 * 1024
WAL_KEPT_BYTES: Final = 8 * 1024 * 1024
READERS: Final = 8

_COMMON: Final = (
    ("busy_timeout", BUSY_TIMEOUT_MS),
    ("synchronous", "FULL"),
    ("foreign_keys", "ON"),
    ("trusted_schema", "OFF"),
    ("cell_size_check", "ON"),
    ("mmap_size", 0),
    ("temp_store", "MEMORY"),
    ("wal_autocheckpoint", 0),
)
_WRITER: Final = (
    ("journal_mode", "WAL"),
    ("secure_delete", "ON"),
    # Without it REPLACE removes a row and no DELETE trigger hears of it.
    ("recursive_triggers", "ON"),
    # A checkpointed log is cut back to this when it is next used, so its size says how much is unchecked.
    ("journal_size_limit", WAL_KEPT_BYTES),
)


def check_version() -> None:
    """Refuse a library older than what this code was tested with.

    Raises:
        Misconfigured: code `sqlite-version`.
    """
    if sqlite3.sqlite_version_info < OLDEST:
        needed = ".".join(map(str, OLDEST))
        raise Misconfigured(f"SQLite {sqlite3.sqlite_version} is older than {needed}", code="sqlite-version")


def writer_engine(path: Path) -> Engine:
    """Return the engine with the one connection that writes; every transaction begins IMMEDIATE."""
    engine = _engine(path, pool_size=1)
    _prepare(engine, (*_COMMON, *_WRITER), begin="BEGIN IMMEDIATE")
    return engine


def reader_engine(path: Path) -> Engine:
    """Return the engine of the connections that only read: opened after, and closed before, the writer's."""
    engine = _engine(path, pool_size=READERS)
    _prepare(engine, (*_COMMON, ("query_only", "ON")), begin="BEGIN")
    return engine


def check_writer(connection: Connection) -> None:
    """Refuse a connection on which the settings that durability rests on did not take.

    Raises:
        Misconfigured: code `sqlite-settings`; a file system without shared memory cannot hold a WAL.
    """
    settings = (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("secure_delete", 1))
    for name, wanted in settings:
        found = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
        if found != wanted:
            raise Misconfigured(f"{name} is {found}", code="sqlite-settings", field="store")


def check_integrity(connection: Connection) -> list[str]:
    """Return what SQLite finds wrong with its file; empty for a sound one. Reads the whole file."""
    found = connection.exec_driver_sql("PRAGMA integrity_check").scalars().all()
    return [] if found == ["ok"] else [str(line) for line in found]


def checkpoint_if_large(engine: Engine, path: Path) -> None:
    """Copy the write-ahead log into the database when it passed its threshold. Waits for nobody.

    Call it between transactions, from the thread that writes.
    """
    log = wal_path(path)
    if log.exists() and log.stat().st_size > WAL_CHECKPOINT_BYTES:
        _outside_transaction(engine, "PRAGMA wal_checkpoint(PASSIVE)")


def empty_wal(engine: Engine) -> None:
    """Copy the write-ahead log into the database and cut it to nothing, so that no old page stays in it.

    Raises:
        Locked: a reader held an old snapshot for longer than the busy timeout; call again.
    """
    busy, _, _ = _outside_transaction(engine, "PRAGMA wal_checkpoint(TRUNCATE)")
    if busy:
        raise Locked("a reader holds the write-ahead log", code="wal-busy", field="store")


def checkpoint_all(engine: Engine) -> None:
    """Copy what the write-ahead log holds into the database, as far as no reader is in the way."""
    _outside_transaction(engine, "PRAGMA wal_checkpoint(PASSIVE)")


def wal_path(path: Path) -> Path:
    """Return where SQLite keeps the write-ahead log of a database."""
    return path.with_name(path.name + "-wal")


def is_duplicate(error: BaseException | None) -> bool:
    """Return whether a driver's error says that a key is taken already."""
    name = getattr(error, "sqlite_errorname", "")
    return name in ("SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_ROWID")


def is_full(error: DBAPIError) -> bool:
    """Return whether the disk is full: then nothing of the transaction was kept and it may be tried again."""
    return getattr(error.orig, "sqlite_errorname", "") == "SQLITE_FULL"


def append_only(table: str) -> tuple[str, ...]:
    """Return the statements that forbid changing and removing rows of a table."""
    return tuple(
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    )


def _engine(path: Path, *, pool_size: int) -> Engine:
    return create_engine(
        URL.create("sqlite+pysqlite", database=str(path)),
        # What a statement carried belongs in no message and no log.
        hide_parameters=True,
        poolclass=QueuePool,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=BUSY_TIMEOUT_MS / 1000,
        connect_args={"check_same_thread": False, "isolation_level": None},
    )


def _prepare(engine: Engine, pragmas: tuple[tuple[str, object], ...], *, begin: str) -> None:
    @event.listens_for(engine, "connect")
    def settings(connection: sqlite3.Connection, _record: object) -> None:
        for name, value in pragmas:
            connection.execute(f"PRAGMA {name} = {value}").fetchall()

    # The driver's own transactions are off: it begins DEFERRED, and a reader that then writes fails at once.
    @event.listens_for(engine, "begin")
    def explicit_begin(connection: Connection) -> None:
        connection.exec_driver_sql(begin)


def _outside_transaction(engine: Engine, statement: str) -> tuple[Any, ...]:
    """Run a statement that no transaction may surround, and return its row."""
    raw = engine.raw_connection()
    try:
        with contextlib.closing(raw.cursor()) as cursor:
            cursor.execute(statement)
            return tuple(cursor.fetchone() or ())
    except sqlite3.Error as exc:
        raise Unreachable("the store failed between transactions", code="store") from exc
    finally:
        raw.close()
