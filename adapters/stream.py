"""Lists too long for the memory of one machine, read piece by piece: the shape of a format that streams.

A list of hashes or a table of cases holds hundreds of thousands of units. One that is wrong is turned down
with the words of the source, for a reject file, and the others go on; a document that is wrong as a whole is
`Malformed`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import BinaryIO, Protocol, runtime_checkable

from adapters.adapter import Draft
from gateway.errors import Malformed


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """One input unit that was turned down: what a reject file holds, so that it can be mended and read again.

    `where` names the unit as a person finds it (`row[17]`, `value[3]`), `field` the field within it or `""`;
    `code` and `message` say what is wrong and never hold the value. `row` is the unit as it was, as text: it
    may hold personal data, and stays out of logs.
    """

    where: str
    field: str
    code: str
    message: str
    row: str

    def __post_init__(self) -> None:
        if not (self.where and self.code and self.message):
            raise Malformed("names no place, code or reason", field="reject", code="empty-reject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What came of the input read since the piece before: one draft, or one unit that was turned down.

    `position` counts input units (rows, media items) from the beginning of the document: whatever stands up
    to it has come out in this piece or one before. Once they are safely kept, a later run goes on with
    `after=position`. It never falls. Where several units make one draft, a unit turned down among them comes
    out before their draft, with the position before them, and comes again if the run is broken off there.
    """

    position: int
    draft: Draft | None = None
    reject: Reject | None = None

    def __post_init__(self) -> None:
        if (self.draft is None) == (self.reject is None) or self.position < 0:
            raise Malformed("is neither one draft nor one reject", field="piece", code="bad-piece")


@runtime_checkable
class StreamAdapter(Protocol):
    """Reads lists of one format in bounded memory. Stateless, as an `Adapter` is."""

    @property
    def name(self) -> str:
        """The format's name on the command line, e.g. `vics`."""
        ...

    def stream(self, source: BinaryIO, *, today: date, exercise: bool, after: int = 0) -> Iterator[Piece]:
        """Yield the pieces of a document in its order, leaving out the units up to the position `after`.

        Nothing but the open document is held between two pieces, however long it is. The units left out are
        still read, so that a document that broke its form before them is refused again. Resuming after a
        draft gives the pieces that followed it.

        Raises:
            Malformed: the document breaks a rule of form as a whole, found when it is come to; the pieces
                before stand.
        """
        ...
