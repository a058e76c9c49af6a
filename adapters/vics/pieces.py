"""The units of a list, whatever its form, made into pieces: packed, and turned down one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from adapters.contraband import CODE as MEDIA_BYTES
from adapters.loss import Loss
from adapters.stream import Piece, Reject
from adapters.vics.media import Found
from adapters.vics.packing import Pack
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

# What breaks one unit so that nobody knows where the next begins.
_WHOLE: Final = frozenset({"not-json"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One entry of a list: its place, the case it stands in, its text as it was; `read` makes it an artefact
    or raises Malformed.
    """

    position: int
    case: int
    path: str
    text: str
    read: Callable[[], tuple[Found, list[Loss]]]


def read_pieces(
    units: Iterable[Unit], *, heads: Sequence[pb.Record], losses: Iterable[Loss], after: int, strict: bool
) -> Iterator[Piece]:
    """Yield the pieces of a list. Records of a case begin as copies of its head; `losses` are the document's,
    told with the first record; `strict` refuses the document for one unit that is wrong.

    Raises:
        Malformed: code `empty-document` where there is no unit; whatever reading on raises.
    """
    return _Packing(heads=heads, losses=losses, after=after, strict=strict).of(units)


class _Packing:
    """What is packed and not yet come out, while a list is read."""

    def __init__(
        self, *, heads: Sequence[pb.Record], losses: Iterable[Loss], after: int, strict: bool
    ) -> None:
        self._heads = heads
        self._losses = () if after else tuple(losses)
        self._after = after
        self._strict = strict
        self._settled = after
        self._case = -1
        self._pack = Pack(head=pb.Record())

    def of(self, units: Iterable[Unit]) -> Iterator[Piece]:
        position = 0
        for unit in units:
            position = unit.position
            if position > self._after:
                yield from self._take(unit)
        if not position:
            raise Malformed("lists no media", field="document", code="empty-document")
        yield from self._close(position)

    def _take(self, unit: Unit) -> Iterator[Piece]:
        if unit.case != self._case:
            yield from self._close(unit.position - 1)
            self._case, self._pack = unit.case, Pack(head=self._heads[unit.case])
        try:
            found, losses = unit.read()
            if not self._pack.has_room(found):
                yield from self._close(unit.position - 1)
            self._pack.add(found, losses, unit.path)
        except Malformed as exc:
            if self._strict or exc.code in _WHOLE:
                raise
            if not self._pack:
                self._settled = unit.position
            yield Piece(position=self._settled, reject=_reject(unit, exc))

    def _close(self, position: int) -> Iterator[Piece]:
        if self._pack:
            self._settled = position
            yield Piece(position=position, draft=self._pack.close(self._losses))
            self._losses = ()


def _reject(unit: Unit, exc: Malformed) -> Reject:
    # What was turned down for holding media must not travel on in a reject file.
    row = "" if exc.code == MEDIA_BYTES else unit.text
    field = exc.field.removeprefix(unit.path).removeprefix(".")
    return Reject(where=unit.path, field=field, code=exc.code, message=exc.message, row=row)
