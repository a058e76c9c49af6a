"""A home's store: opened by one process, with one writer and as many readers as are needed."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from gateway.errors import GatewayError, NotFound
from gateway.ledger.entry import Draft
from gateway.store import schema, sqlite
from gateway.store.home import HomeLock, create_database, create_home, find_database, remove_database
from gateway.store.queries import Reader
from gateway.store.rows import EraseRecord
from gateway.store.sequence import Committed
from gateway.store.unit import Unit
from gateway.store.writer import Outcome, Writer


def _now() -> int:
    return int(time.time())


class Store:
    """The store of one home, made by `create` or `open`; a context manager that closes itself.

    `writer` commits units, `read` answers questions. `clock()` returns POSIX seconds, `random(n)` n random
    bytes.
    """

    def __init__(
        self,
        path: Path,
        lock: HomeLock,
        *,
        clock: Callable[[], int],
        random: Callable[[int], bytes],
        migrate: bool,
    ) -> None:
        self._path = path
        self._lock = lock
        # The writer comes first and goes last: recovery after a crash is writing, and only it may write.
        self._writing = sqlite.writer_engine(path)
        self._reading = sqlite.reader_engine(path)
        try:
            sqlite.check_version()
            with self._writing.connect() as connection:
                sqlite.check_writer(connection)
            (schema.migrate if migrate else schema.check)(self._writing)
            self.writer = Writer(
                self._writing,
                clock,
                random,
                readers=self._reading,
                between=partial(sqlite.checkpoint_if_large, self._writing, path),
            )
            self.read = Reader(self._reading)
            # A crash between an erasure and its scrubbing leaves old pages in the log: the first scrub looks.
            self._unscrubbed = True
            # A store whose tree does not hold together is found out at its start, not at the first commit.
            self.writer.head()
        except BaseException:
            self._dispose()
            raise

    @classmethod
    def create(
        cls, home: Path, *, clock: Callable[[], int] = _now, random: Callable[[int], bytes] = os.urandom
    ) -> Self:
        """Make a new store in a home, which is made too if it is absent, and open it.

        Raises:
            Conflict: code `home-exists`: the home has a store already.
            Locked: another process holds the home.
            Misconfigured: SQLite is too old, or the file system cannot hold its log.
        """
        create_home(home)
        lock = HomeLock(home)
        try:
            path = create_database(home)
            try:
                return cls(path, lock, clock=clock, random=random, migrate=True)
            except BaseException:
                remove_database(path)
                raise
        except BaseException:
            lock.release()
            raise

    @classmethod
    def open(
        cls,
        home: Path,
        *,
        clock: Callable[[], int] = _now,
        random: Callable[[int], bytes] = os.urandom,
        migrate: bool = False,
    ) -> Self:
        """Open the store of a home; with `migrate` an older schema is brought up to date first.

        Raises:
            NotFound: the home has no store.
            Locked: another process holds the home; the fact `pid` says which.
            Misconfigured: code `schema-old`, `schema-newer`, `home-open` or as `create`.
            Corrupt: head, nodes and newest entry do not belong together.
        """
        path = find_database(home)
        lock = HomeLock(home)
        try:
            return cls(path, lock, clock=clock, random=random, migrate=migrate)
        except BaseException:
            lock.release()
            raise

    def erase_record(
        self, originator: str, record_id: str, version: int, *, drafts: tuple[Draft, ...] = ()
    ) -> Committed | None:
        """Destroy what makes one record version readable: its key, its exchanges' keys, bodies and envelopes.

        `drafts` (the `erased` entry) are appended in the same transaction. The row stays, as `erased`. A
        second call finishes what a crash may have left and returns None. Nothing of what was destroyed is in
        the files afterwards.

        Raises:
            NotFound: there is no such record version.
            Locked: code `wal-busy`: erased, but a reader keeps old pages in the log; call again.
            GatewayError: the unit was refused; see `Writer.commit`.
        """
        record = self.read.record(originator, record_id, version)
        if record is None:
            raise NotFound("is not here", field="record")
        committed: Committed | None = None
        if record.state != "erased":
            erase = EraseRecord(originator, record_id, version)
            (outcome,) = self.erase([Unit(drafts=drafts, rows=(erase,))])
            if isinstance(outcome, GatewayError):
                raise outcome
            committed = outcome
        self.scrub()
        return committed

    def erase(self, units: Sequence[Unit]) -> list[Outcome]:
        """Commit units that erase, as `Writer.commit` does; `scrub` makes it complete."""
        self._unscrubbed = True
        return self.writer.commit(units)

    def scrub(self) -> None:
        """Leave nothing of what was erased in the write-ahead log. Cheap when nothing was.

        Raises:
            Locked: code `wal-busy`: a reader keeps old pages in the log; call again.
        """
        if self._unscrubbed:
            self.writer.between(partial(sqlite.empty_wal, self._writing))
            self._unscrubbed = False

    def close(self) -> None:
        """Close every connection and let go of the home. Safe to call twice."""
        self._dispose()
        self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _dispose(self) -> None:
        self._reading.dispose()
        with contextlib.suppress(GatewayError):
            sqlite.checkpoint_all(self._writing)
        self._writing.dispose()
