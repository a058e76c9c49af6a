"""VICS lists read in bounded memory: once for the frame, once for the media.

The first reading makes sure that the document is whole and finds what is said of its cases, which may stand
behind their media; the second reads the media. So nothing of a broken document is taken in, and a case number
reaches every record of its case.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import BinaryIO, Final

from adapters.contraband import refuse_bytes
from adapters.document import Json, read_json
from adapters.loss import Effect, Loss
from adapters.row import Row
from adapters.stream import Piece
from adapters.vics.context import MEMBERS, Context, read_context
from adapters.vics.media import Found, read_media, verbatim
from adapters.vics.pieces import Unit, read_pieces
from adapters.vics.scanner import Scanner
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

MAX_MEDIA: Final = 1024 * 1024
"""Longest text of one media of a list, in characters: what is longer could be no part of a record."""

MAX_FRAME: Final = 64 * 1024
"""Longest text of one member beside the media."""

MAX_CASES: Final = 1024
"""Most cases of one document."""

_MEDIA: Final = "Media"
_VALUE: Final = "value"
_NO_FIELD: Final = "the record has no field for it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """All of a document but its media; `heads` begin the records of each case, a hash set being one."""

    context: Context
    heads: tuple[pb.Record, ...]
    losses: tuple[Loss, ...]


@dataclass(slots=True, kw_only=True)
class _Framing:
    """A frame on its way."""

    exercise: bool
    context: Context | None = None
    heads: list[pb.Record] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)

    def of_document(self, scanner: Scanner) -> Frame:
        if scanner.peek() != "{":
            raise Malformed("is not one object of VICS", field="document", code="wrong-document")
        others: dict[str, Json] = {}
        listed = False
        for name in scanner.members():
            if name in MEMBERS and self.context is None:
                self.context = read_context(_member(scanner, name))
            elif name == _VALUE:
                listed = True
                self.of_value(scanner)
            else:
                others[name] = _member(scanner, "document")
        scanner.end()
        if self.context is None or not listed:
            raise Malformed("has no address and list of VICS", field="document", code="wrong-document")
        Row(values=others, path="", losses=self.losses).finish(_NO_FIELD)
        return Frame(context=self.context, heads=tuple(self.heads), losses=tuple(self.losses))

    def of_value(self, scanner: Scanner) -> None:
        if self.context is None:
            raise Malformed(
                "stands before the address of its categories", field=_VALUE, code="wrong-document"
            )
        if scanner.peek() != "[":
            raise Malformed("is not a list", field=_VALUE, code="bad-type")
        if not self.context.cases:
            self.heads.append(self.head({}, _VALUE))
            for _ in scanner.elements():
                scanner.value(0)
            return
        for number in scanner.elements():
            if number == MAX_CASES:
                raise Malformed(f"holds more than {MAX_CASES} cases", field=_VALUE, code="too-large")
            self.of_case(scanner, f"{_VALUE}[{number}]")

    def of_case(self, scanner: Scanner, path: str) -> None:
        if scanner.peek() != "{":
            raise Malformed("is not an object", field=path, code="bad-type")
        values: dict[str, Json] = {}
        media = 0
        for name in scanner.members():
            if name == _MEDIA and scanner.peek() == "[":
                for _ in scanner.elements():
                    scanner.value(0)
                    media += 1
            else:
                values[name] = _member(scanner, path)
        if values.get(_MEDIA) is not None:
            raise Malformed("is not a list", field=f"{path}.{_MEDIA}", code="bad-type")
        self.heads.append(self.head(values, path))
        if not media:
            self.losses.append(
                Loss(path=path, effect=Effect.DROPPED, why="a case without media tells of no file")
            )

    def head(self, values: dict[str, Json], path: str) -> pb.Record:
        refuse_bytes(values, path)
        record = pb.Record()
        record.header.exercise = self.exercise
        row = Row(values=values, path=path, losses=self.losses)
        row.seen.add(_MEDIA)
        number, authority = verbatim(row, "CaseNumber"), verbatim(row, "ContactOrganization")
        if number or authority:
            record.header.case_references.add(number=number or None, authority=authority or None)
        if program := verbatim(row, "SourceApplicationName"):
            record.header.provenance.append(program)
        row.finish(_NO_FIELD)
        return record


def read_frame(source: BinaryIO, *, exercise: bool) -> Frame:
    """Return the frame of a document, read to its end.

    Raises:
        Malformed: the document is broken, no JSON or none of VICS.
    """
    return _Framing(exercise=exercise).of_document(Scanner(source))


def read_units(source: BinaryIO, context: Context) -> Iterator[Unit]:
    """Yield the media of a document whose frame was read."""
    scanner = Scanner(source)
    position = 0
    for name in scanner.members():
        if name != _VALUE:
            scanner.value(0)
            continue
        for case, path in _cases(scanner, context):
            for number in scanner.elements():
                position += 1
                text = scanner.value(MAX_MEDIA)
                yield Unit(
                    position=position,
                    case=case,
                    path=f"{path}[{number}]",
                    text=text or "",
                    read=partial(_read, text, f"{path}[{number}]", position, context.scheme),
                )


def read_list(source: BinaryIO, *, exercise: bool, after: int, strict: bool) -> Iterator[Piece]:
    """Yield the pieces of a list, those of one case after those of another (`pieces.read_pieces`). The source
    is read twice from where it stands.

    Raises:
        Malformed: the document is wrong as a whole.
    """
    start = source.tell()
    frame = read_frame(source, exercise=exercise)
    source.seek(start)
    units = read_units(source, frame.context)
    yield from read_pieces(units, heads=frame.heads, losses=frame.losses, after=after, strict=strict)


def _cases(scanner: Scanner, context: Context) -> Iterator[tuple[int, str]]:
    """Yield the place and path of each list of media, before it."""
    if not context.cases:
        yield 0, _VALUE
        return
    for case in scanner.elements():
        for name in scanner.members():
            if name == _MEDIA and scanner.peek() == "[":
                yield case, f"{_VALUE}[{case}].{_MEDIA}"
            else:
                scanner.value(0)


def _member(scanner: Scanner, path: str) -> Json:
    text = scanner.value(MAX_FRAME)
    if text is None:
        raise Malformed("holds a member of more than 64 KiB", field=path, code="too-large")
    return read_json(text)


def _read(text: str | None, path: str, position: int, scheme: str) -> tuple[Found, list[Loss]]:
    if text is None:
        raise Malformed("is larger than 1 MiB", field=path, code="too-large")
    values = read_json(text)
    if not isinstance(values, dict):
        raise Malformed("is not an object", field=path, code="bad-type")
    return read_media(values, path, scheme=scheme, place=position)
