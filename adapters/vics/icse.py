"""Reads the ICSE export: a table with semicolons, one media a row, of any length.

Source: `reference/formats.md` section 8.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import partial
from types import MappingProxyType
from typing import BinaryIO, Final

from adapters.codelist import CodeList, code_list
from adapters.contraband import refuse_bytes
from adapters.document import Json
from adapters.hashes import algorithm_of, read_hash
from adapters.loss import Loss
from adapters.row import Row
from adapters.spreadsheet import restore
from adapters.stream import Piece
from adapters.vics.context import BASELINE
from adapters.vics.media import Found, media_id, require_something, verbatim
from adapters.vics.pieces import Unit, read_pieces
from gateway.errors import Malformed
from gateway.record.folding import squeeze
from gateway.v1 import record_pb2 as pb

COLUMNS: Final = (
    *("MD5", "SHA1", "PhotoDNA", "Image ID", "Is distributed", "Victim identified", "Offender identified"),
    *("Series name", "Number of submissions", "File Available", "Media Type", "Baseline"),
)
"""The header of an export, in its order."""

FLAGS: Final = MappingProxyType(
    {
        "Is distributed": "distributed",
        "Victim identified": "victim_identified",
        "Offender identified": "offender_identified",
    }
)
"""Columns of yes and no, and their fields."""

KINDS: Final[CodeList[pb.ArtefactKind.ValueType]] = code_list(
    {
        "Image": pb.ARTEFACT_KIND_IMAGE,
        "Video": pb.ARTEFACT_KIND_VIDEO,
        "Audio": pb.ARTEFACT_KIND_AUDIO,
        "Document": pb.ARTEFACT_KIND_DOCUMENT,
        "Message": pb.ARTEFACT_KIND_MESSAGE,
        "Archive": pb.ARTEFACT_KIND_ARCHIVE,
        "Other": pb.ARTEFACT_KIND_OTHER,
    },
    other=pb.ARTEFACT_KIND_OTHER,
)

MAX_ROW: Final = 1024 * 1024
"""Longest row, in bytes."""

_HASHES: Final = ("MD5", "SHA1", "PhotoDNA")
_CANONICAL: Final = MappingProxyType({squeeze(name): name for name in COLUMNS})
_NO_FIELD: Final = "is the upkeep of the list, or the record has no field for it"


def read_export(source: BinaryIO, *, exercise: bool, after: int, strict: bool) -> Iterator[Piece]:
    """Yield the pieces of an export.

    Raises:
        Malformed: the document is wrong as a whole: code `wrong-document` (no column of hashes),
            `bad-encoding`, `not-csv` or `too-large`.
    """
    head = pb.Record()
    head.header.exercise = exercise
    yield from read_pieces(_units(source), heads=(head,), losses=(), after=after, strict=strict)


class _Lines:
    """The lines of a document; keeps the text of those of one row."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._first = True
        self.row: list[str] = []
        self._size = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._source.readline(MAX_ROW + 1):
            self._size += len(line)
            if self._size > MAX_ROW:
                raise Malformed("has a row of more than 1 MiB", field="document", code="too-large")
            try:
                text = line.decode("utf-8-sig" if self._first else "utf-8")
            except UnicodeDecodeError as exc:
                raise Malformed("is not UTF-8 text", field="document", code="bad-encoding") from exc
            self._first = False
            self.row.append(text)
            yield text

    def begin(self) -> str:
        """Return the text of the row that was read, and begin another."""
        text = "".join(self.row)
        self.row, self._size = [], 0
        return text


def _units(source: BinaryIO) -> Iterator[Unit]:
    lines = _Lines(source)
    header: list[str] = []
    position = 0
    try:
        for number, cells in enumerate(csv.reader(lines, delimiter=";", strict=True), 1):
            text = lines.begin()
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = _header(cells)
                continue
            position += 1
            read = partial(_read, header, cells, f"row[{number}]", position)
            yield Unit(position=position, case=0, path=f"row[{number}]", text=text, read=read)
    except csv.Error as exc:
        raise Malformed(f"is not CSV: {exc}", field="document", code="not-csv") from exc


def _header(cells: list[str]) -> list[str]:
    names = [_CANONICAL.get(squeeze(cell), cell.strip()) for cell in cells]
    twice = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if twice is not None:
        shown = twice[:64] if twice.isprintable() and twice else "header"
        raise Malformed("stands twice in the header", field=shown, code="duplicate-field")
    if not set(_HASHES).intersection(names):
        raise Malformed(
            "is neither a JSON list of VICS nor an ICSE export with semicolons and a column of hashes",
            field="document",
            code="wrong-document",
        )
    return names


def _read(header: list[str], cells: list[str], path: str, place: int) -> tuple[Found, list[Loss]]:
    if len(cells) != len(header):
        raise Malformed(
            f"has {len(cells)} cells where the header has {len(header)}", field=path, code="ragged-row"
        )
    values: dict[str, Json] = dict(zip(header, map(restore, cells), strict=True))
    refuse_bytes(values, path)
    losses: list[Loss] = []
    row = Row(values=values, path=path, losses=losses)
    artefact = pb.DigitalArtefact(id=media_id(row, "Image ID", place))
    for name in _HASHES:
        algorithm = algorithm_of(name)
        assert algorithm is not None
        if text := verbatim(row, name):
            artefact.hashes.append(read_hash(algorithm, text, row.where(name)))
    for name, field in FLAGS.items():
        if (flag := row.flag(name)) is not None:
            setattr(artefact.metadata, field, flag)
    if series := verbatim(row, "Series name"):
        artefact.metadata.series = series
    if kind := row.code("Media Type", KINDS):
        artefact.metadata.kind = kind
    if (baseline := row.flag("Baseline")) is not None:
        artefact.classifications.add(scheme=BASELINE, number=int(baseline))
    row.finish(_NO_FIELD)
    require_something(artefact, (), path)
    return Found(artefact=artefact, narratives=()), losses
