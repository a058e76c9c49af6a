"""The file of a long push: opened to be read twice, and read as units that travel in batches.

Source: ADR 0014.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final

from adapters.spreadsheet import write_line
from adapters.stream import Piece, StreamAdapter
from gateway.cli.files import NO_FILE
from gateway.errors import Malformed, NotFound

BATCH: Final = 64
BATCH_BYTES: Final = 4 * 1024 * 1024
_DIGESTED_BYTES: Final = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One piece with what it was read from, as one line of CSV."""

    piece: Piece
    text: str


def open_source(file: Path) -> BinaryIO:
    """Open a file that is read more than once; what cannot be is NotFound, code `no-file`."""
    try:
        source = file.open("rb")
    except OSError as exc:
        raise NotFound(f"cannot be read: {exc.strerror}", field=str(file), code=NO_FILE) from exc
    if not source.seekable():
        source.close()
        raise Malformed("is no file that can be read twice: save it first", field=str(file), code="usage")
    return source


def header_of(adapter: StreamAdapter, source: BinaryIO) -> str:
    """Return the line that stands above the units of a document, as one line of CSV."""
    source.seek(0)
    found: Callable[[BinaryIO], str] | None = getattr(adapter, "unit_header", None)
    return found(source) if found is not None else write_line(["unit"])


def units_of(adapter: StreamAdapter, source: BinaryIO, **options: Any) -> Iterator[Unit]:
    """Yield the pieces of a document, each with what it was read from where the format tells it."""
    found: Callable[..., Iterator[tuple[Piece, str]]] | None = getattr(adapter, "stream_units", None)
    if found is not None:
        for piece, text in found(source, **options):
            yield Unit(piece=piece, text=text)
        return
    for piece in adapter.stream(source, **options):
        text = piece.reject.row if piece.reject is not None else ""
        yield Unit(piece=piece, text=write_line([text]))


def batches(units: Iterable[Unit], after: int) -> Iterator[list[Unit]]:
    """Yield the units behind a position, as many as travel together."""
    batch: list[Unit] = []
    size_bytes, before, moved = 0, after, True
    for unit in units:
        size_bytes += len(unit.text)
        # A run goes on behind a position: what has not moved it would come again.
        if moved and batch and (len(batch) >= BATCH or size_bytes > BATCH_BYTES):
            yield batch
            batch, size_bytes = [], len(unit.text)
        batch.append(unit)
        moved, before = unit.piece.position > before, unit.piece.position
    if batch:
        yield batch


def digest_of(source: BinaryIO) -> str:
    """Return the SHA-256 of the whole file, in hex."""
    source.seek(0)
    found = sha256()
    while data := source.read(_DIGESTED_BYTES):
        found.update(data)
    return found.hexdigest()


def hex_of(data: str | bytes) -> str:
    """Return the SHA-256 of a text or of bytes, in hex."""
    return sha256(data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape")).hexdigest()
