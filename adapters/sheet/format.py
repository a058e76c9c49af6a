"""Reads and writes spreadsheets saved as CSV, by a column map: what small organisations have.

One row is one record. Rows that do not read are turned down one by one, with the column and the reason, and
the others go on.

Source: RFC 4180; OWASP, CSV Injection.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from datetime import date
from io import BytesIO
from typing import BinaryIO

from adapters.adapter import Draft, Rendered, View
from adapters.caveats import Caveat
from adapters.document import MAX_DOCUMENT_BYTES
from adapters.loss import Effect, Loss
from adapters.sheet import render as sheet_render
from adapters.sheet.column import Column, fold_heading
from adapters.sheet.column_map import ColumnMap, named
from adapters.sheet.default import default_map
from adapters.sheet.draw import BadRow, check, draw
from adapters.sheet.rows import Row, Table
from adapters.spreadsheet import write_line
from adapters.stream import Piece, Reject
from gateway.errors import Malformed


class Sheet:
    """The `csv` adapter. Without a column map headings are those of the default one, as many as there are."""

    name = "csv"
    binding = False  # whoever opens a spreadsheet is bound by nothing that stands in it
    forms = sheet_render.FORMS

    def __init__(self, columns: ColumnMap | None = None) -> None:
        self._map = columns or default_map()
        self._is_default = columns is None

    def parse(self, data: bytes, *, today: date, exercise: bool) -> list[Draft]:
        """Return one draft a row.

        Raises:
            Malformed: the document or one of its rows does not read; `field` names the row, as a spreadsheet
                counts it, and the column.
        """
        if len(data) > MAX_DOCUMENT_BYTES:
            raise Malformed("is larger than 8 MiB", field="document", code="too-large")
        drafts = []
        for piece in self.stream(BytesIO(data), today=today, exercise=exercise):
            if piece.reject is not None:
                found = piece.reject
                field = f"{found.where}.{found.field}" if found.field else found.where
                raise Malformed(found.message, field=field, code=found.code)
            if piece.draft is not None:
                drafts.append(piece.draft)
        if not drafts:
            raise Malformed("has a header and no row", field="document", code="empty-document")
        return drafts

    def stream(self, source: BinaryIO, *, today: date, exercise: bool, after: int = 0) -> Iterator[Piece]:
        """Yield one piece a row that holds anything; positions are rows as a spreadsheet counts them.

        Raises:
            Malformed: the document breaks a rule of form as a whole, or has no column that the map knows.
        """
        for piece, _ in self.stream_units(source, today=today, exercise=exercise, after=after):
            yield piece

    def stream_units(
        self, source: BinaryIO, *, today: date, exercise: bool, after: int = 0
    ) -> Iterator[tuple[Piece, str]]:
        """Yield what `stream` yields, each piece with its row as one line of CSV, harmless to open."""
        table = Table(source)
        columns, unread = self._find_columns(table.header)
        for number, cells in table.rows():
            # What no column reads is told once, with the first record that there is.
            if number <= after and not unread:
                continue
            piece = self._piece(
                table, columns, (number, cells), today=today, exercise=exercise, unread=unread
            )
            if piece.draft is not None:
                unread = ()
            if number > after:
                yield piece, write_line(cells)

    def unit_header(self, source: BinaryIO) -> str:
        """Return the header of a document as one line of CSV, for a file of its rejected rows."""
        return write_line(Table(source).header)

    def render(self, views: Sequence[View], *, form: str, allowed: Set[Caveat] = frozenset()) -> Rendered:
        """Return one CSV document, a row a view, under the headings of the column map.

        Raises:
            NotFound: code `unknown-form`.
            Refused: code `nothing-to-render`: there is no view, or one of which a row can say nothing;
                code `caveat-lost`.
            Malformed: code `too-large`: a row is over 4 MiB, or the document over 8 MiB.
        """
        return sheet_render.render(views, self._map, form=form, allowed=allowed)

    def _find_columns(self, header: list[str]) -> tuple[list[tuple[int, Column]], tuple[Loss, ...]]:
        """Return the columns that the map knows, in its order, and the losses of those it does not."""
        places = {fold_heading(heading): at for at, heading in enumerate(header) if heading}
        found = [
            (places[fold_heading(column.heading)], column)
            for column in self._map.columns
            if fold_heading(column.heading) in places
        ]
        if not found:
            raise Malformed(
                "has no heading that the column map knows; `comity adapt columns` prints the known ones",
                field="row[1]",
                code="missing-column",
            )
        known = {column.heading for _, column in found}
        for column in self._map.columns:
            if not self._is_default and column.required and column.heading not in known:
                raise Malformed(
                    "stands in the column map and not in the sheet; mend the heading, or mark it optional",
                    field=named(column.heading),
                    code="missing-column",
                )
        read = {at for at, _ in found}
        unread = [heading[:64] or "without a heading" for at, heading in enumerate(header) if at not in read]
        why = "the column map does not know this column"
        return found, tuple(Loss(path=one, effect=Effect.DROPPED, why=why) for one in dict.fromkeys(unread))

    def _piece(
        self,
        table: Table,
        columns: list[tuple[int, Column]],
        row: Row,
        *,
        today: date,
        exercise: bool,
        unread: tuple[Loss, ...],
    ) -> Piece:
        number, cells = row
        where = f"row[{number}]"
        try:
            if table.is_ragged(cells):
                raise BadRow(
                    f"has {len(cells)} cells where the header has {len(table.header)}",
                    where=where,
                    column="",
                    code="ragged-row",
                )
            stated = [(column, cells[at]) for at, column in columns]
            drawing = draw(self._map, stated, where, exercise=exercise)
            check(drawing, today)
        except BadRow as exc:
            reject = Reject(
                where=where, field=exc.column, code=exc.code, message=exc.message, row=write_line(cells)
            )
            return Piece(position=number, reject=reject)
        return Piece(position=number, draft=Draft(record=drawing.record, losses=(*unread, *drawing.losses)))
