"""Files that a person names on the command line: read whole, and written only where nothing stands."""

from __future__ import annotations

import os
from pathlib import Path

from gateway.errors import Conflict, Malformed, NotFound

NO_FILE = "no-file"


def read_file(path: Path, *, most: int | None = None) -> bytes:
    """Return a file's bytes; of one that may hold at most so many, no more than those are ever read.

    Raises:
        NotFound: code `no-file`: it cannot be read; the reason is the system's.
        Malformed: code `too-large`: it holds more bytes than `most`.
    """
    try:
        with path.open("rb") as stream:
            data = stream.read(-1 if most is None else most + 1)
    except OSError as exc:
        raise NotFound(f"cannot be read: {exc.strerror}", field=str(path), code=NO_FILE) from exc
    if most is not None and len(data) > most:
        raise Malformed(f"is larger than {most // 1024 // 1024} MiB", field=str(path), code="too-large")
    return data


def read_text(path: Path) -> str:
    """Return a file's text.

    Raises:
        NotFound: code `no-file`: it cannot be read.
        Malformed: code `bad-encoding`: it is not UTF-8.
    """
    return as_text(read_file(path), path)


def as_text(data: bytes, path: Path) -> str:
    """Return the text of a file's bytes; other than UTF-8 is Malformed, code `bad-encoding`."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise Malformed("is not UTF-8", field=str(path), code="bad-encoding") from exc


def require_new(path: Path) -> None:
    """Refuse early, before anything is done for it, a file that could not be written anew.

    Raises:
        Conflict: code `exists`.
        NotFound: code `no-file`: the folder it would stand in is not there, or is not ours to write to.
    """
    if path.exists() or path.is_symlink():
        raise Conflict("exists already", field=str(path), code="exists")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise NotFound("cannot be written: no such folder, or no right to", field=str(path), code=NO_FILE)


def write_new(path: Path, data: bytes) -> None:
    """Write a file that must not exist yet, readable by its owner only.

    Raises:
        Conflict: code `exists`.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as exc:
        raise Conflict("exists already", field=str(path), code="exists") from exc
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(data)
