"""Writing files so that a crash leaves the old bytes or the new ones, on disk, never a mixture."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Final

PRIVATE_MODE: Final = 0o600
PUBLIC_MODE: Final = 0o644


def write_private(path: Path, data: bytes) -> None:
    """Replace a file that only its owner may read."""
    _replace(path, data, PRIVATE_MODE)


def write_public(path: Path, data: bytes) -> None:
    """Replace a file that anybody may read."""
    _replace(path, data, PUBLIC_MODE)


def _replace(path: Path, data: bytes, mode: int) -> None:
    # Same directory: a rename is atomic only inside one file system. The mode is right from the first byte.
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_directory(path.parent)


def sync_directory(path: Path) -> None:
    """Make the names in a directory last: without it a crash may bring back an earlier file."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(path: Path) -> None:
    """Make every plain file and every name below a directory last; links are names."""
    for folder, _, files in os.walk(path):
        for name in files:
            if not (Path(folder) / name).is_symlink():
                descriptor = os.open(Path(folder) / name, os.O_RDONLY | os.O_CLOEXEC)
                try:
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
        sync_directory(Path(folder))
