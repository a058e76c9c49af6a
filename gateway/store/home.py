"""The home directory as the store needs it: private, and held by one process at a time."""

from __future__ import annotations

import fcntl
import os
import stat
from pathlib import Path
from typing import Final

from gateway.errors import Conflict, Locked, Misconfigured, NotFound

DATABASE: Final = "store.db"
LOCK: Final = "lock"

_PRIVATE_DIRECTORY: Final = 0o700
_PRIVATE_FILE: Final = 0o600
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


class HomeLock:
    """Holds a home for this process until released, or until the process ends however it ends.

    Raises:
        Locked: code `home-locked`; the fact `pid` names who holds it, as far as the file says.
        Misconfigured: the lock file is no file of ours.
    """

    def __init__(self, home: Path) -> None:
        path = home / LOCK
        try:
            self._descriptor = os.open(
                path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, _PRIVATE_FILE
            )
        except OSError as exc:
            raise Misconfigured("the lock file cannot be opened", code="home-lock", field="home") from exc
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            holder = os.pread(self._descriptor, 20, 0).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise Locked(
                f"process {holder or 'unknown'} holds this home", code="home-locked", pid=holder
            ) from exc
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let the next process in. The file stays: removing it would let two processes hold two of them."""
        if self._descriptor >= 0:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = -1


def create_home(home: Path) -> None:
    """Make the directory if it is absent, and private in any case."""
    home.mkdir(mode=_PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    home.chmod(_PRIVATE_DIRECTORY)


def create_database(home: Path) -> Path:
    """Return the path of a new, empty, private database file; SQLite gives its log the same mode.

    Raises:
        Conflict: code `home-exists`: there is one already.
    """
    path = home / DATABASE
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _PRIVATE_FILE))
    except FileExistsError as exc:
        raise Conflict("this home has a store already", code="home-exists", field="home") from exc
    return path


def find_database(home: Path) -> Path:
    """Return the path of the home's database.

    Raises:
        NotFound: code `no-store`: there is none.
        Misconfigured: code `home-open`: the directory or the database is open to other users.
    """
    path = home / DATABASE
    if not path.is_file():
        raise NotFound("this home has no store", code="no-store", field="home")
    for found in (home, path):
        if found.stat().st_mode & _OTHERS:
            raise Misconfigured(
                f"{found.name} is open to other users: take their permissions away",
                code="home-open",
                field="home",
            )
    return path


def remove_database(path: Path) -> None:
    """Remove a database that was never finished, with its log."""
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
