"""The file of rejected rows: what was turned down as it stood, with the place and the reason, to be mended.

It is made when the first row is rejected, holds personal data, and is its owner's alone. Every cell is made
harmless: whoever mends it opens it in a spreadsheet.

Source: THREATS A51.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from adapters.sheet.column_map import REJECT_HEADINGS
from adapters.spreadsheet import write_line
from gateway.cli.files import require_new
from gateway.errors import Conflict, Corrupt, NotFound

_END: Final = b"\r\n"


class RejectFile:
    """One reject file, written on from where it is known to be whole."""

    def __init__(self, path: Path, header: str, size_bytes: int, *, resumed: bool) -> None:
        """Take the header of the units as one line of CSV, and how much of the file is kept, 0 for a new one;
        `resumed` says that an earlier run may have made it and been stopped before that was noted.

        Raises:
            Conflict, NotFound: a new file could not be written there.
            Corrupt: code `reject-file`: the file to write on is gone, or shorter than it was.
        """
        self.path = path
        self.size_bytes = size_bytes
        self._first = f"{header},{write_line(REJECT_HEADINGS)}".encode() + _END
        if size_bytes:
            self._cut_back()
            return
        if resumed and self._is_ours():
            path.unlink()
        require_new(path)

    def add(self, unit: str, where: str, field: str, rule: str) -> bytes:
        """Return the line of one rejected unit: its own line of CSV, and what is said of it."""
        return f"{unit},{write_line((where, field, rule))}".encode() + _END

    def write(self, lines: bytes) -> None:
        """Write lines so that they are there after a power cut; the first ones make the file.

        Raises:
            Conflict: code `exists`.
            NotFound: code `no-file`: it cannot be written.
        """
        if not lines:
            return
        flags = os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        if not self.size_bytes:
            flags |= os.O_CREAT | os.O_EXCL
            lines = self._first + lines
        with os.fdopen(self._open(flags), "ab") as stream:
            stream.write(lines)
            stream.flush()
            os.fsync(stream.fileno())
        self.size_bytes += len(lines)

    def _is_ours(self) -> bool:
        if self.path.is_symlink() or not self.path.is_file():
            return False
        with self.path.open("rb") as stream:
            begun = stream.read(len(self._first))
        return self._first.startswith(begun)

    def _cut_back(self) -> None:
        """Take off what was written behind the last acknowledged batch: its rows come again."""
        with os.fdopen(self._open(os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW), "r+b") as stream:
            if os.fstat(stream.fileno()).st_size < self.size_bytes:
                raise Corrupt(
                    "is shorter than it was when the push stopped; put it back, or push --from-start",
                    field=str(self.path),
                    code="reject-file",
                )
            stream.truncate(self.size_bytes)
            os.fsync(stream.fileno())

    def _open(self, flags: int) -> int:
        try:
            return os.open(self.path, flags, 0o600)
        except FileExistsError as exc:
            raise Conflict("exists already", field=str(self.path), code="exists") from exc
        except OSError as exc:
            raise NotFound(
                f"cannot be written: {exc.strerror}", field=str(self.path), code="no-file"
            ) from exc
