"""Reads and writes hash lists: Project VIC's VICS 2.0 and 1.3 (CAID too) as JSON, the ICSE export as CSV.

The shapes resemble what public tools read and write; the data models themselves are not public.

Source: `reference/formats.md` section 8.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence, Set
from datetime import date
from typing import BinaryIO

from adapters.adapter import Draft, Rendered, View
from adapters.caveats import Caveat
from adapters.document import MAX_DOCUMENT_BYTES
from adapters.stream import Piece
from adapters.vics import render as vics_render
from adapters.vics.icse import read_export
from adapters.vics.lists import read_list
from gateway.errors import Malformed

_BOM = b"\xef\xbb\xbf"
_BEGINNING_BYTES = 4096


class Vics:
    """The `vics` format: artefacts by their hashes, up to 512 a record; no persons, no markings."""

    name = "vics"
    binding = False  # it has no field for a marking
    forms = vics_render.FORMS

    def parse(self, data: bytes, *, today: date, exercise: bool) -> list[Draft]:
        """Return the drafts of a list of at most 8 MiB; a longer one is streamed.

        Raises:
            Malformed: the document or one of its media does not read; `field` names which.
        """
        if len(data) > MAX_DOCUMENT_BYTES:
            raise Malformed("is larger than 8 MiB; stream it instead", field="document", code="too-large")
        pieces = _read(io.BytesIO(data), exercise=exercise, after=0, strict=True)
        return [piece.draft for piece in pieces if piece.draft is not None]

    def stream(self, source: BinaryIO, *, today: date, exercise: bool, after: int = 0) -> Iterator[Piece]:
        """Yield the pieces of a list of any length, the units being its media.

        Raises:
            Malformed: the document is wrong as a whole, which is found before the first piece where it is
                JSON; code `not-seekable`: it can be read only once.
        """
        if not source.seekable():
            raise Malformed("can be read only once; name a file", field="document", code="not-seekable")
        yield from _read(source, exercise=exercise, after=after, strict=False)

    def render(self, views: Sequence[View], *, form: str, allowed: Set[Caveat] = frozenset()) -> Rendered:
        """Return one document of these views, in the form `vics-2.0`, `vics-1.3` or `icse-csv`.

        Raises:
            NotFound: code `unknown-form`.
            Refused: code `nothing-to-render`: there is no view, or one without a hash or file; `one-view`:
                the form cannot tell several apart; `minor-shown`: a view shows who a protected minor is;
                `caveat-lost`: VICS carries no caveat.
            Malformed: code `too-large`: the document is over 8 MiB.
        """

        def read(data: bytes) -> list[Draft]:
            return self.parse(data, today=date.max, exercise=False)

        return vics_render.render(views, form=form, allowed=allowed, read=read)


def _read(source: BinaryIO, *, exercise: bool, after: int, strict: bool) -> Iterator[Piece]:
    start = source.tell()
    beginning = source.read(_BEGINNING_BYTES).removeprefix(_BOM).lstrip()
    source.seek(start)
    if not beginning:
        raise Malformed("is empty", field="document", code="empty-document")
    reader = read_list if beginning.startswith((b"{", b"[")) else read_export
    yield from reader(source, exercise=exercise, after=after, strict=strict)
