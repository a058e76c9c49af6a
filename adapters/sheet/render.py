"""Writes a sheet from what disclosures show: a row a view, under the headings of the column map."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import Final

from adapters.adapter import Rendered, View
from adapters.caveats import Caveat, require_caveats
from adapters.document import MAX_DOCUMENT_BYTES
from adapters.sheet.column_map import ColumnMap
from adapters.sheet.layout import Layout, drawn, lay_out
from adapters.sheet.losses import losses_of
from adapters.sheet.rows import MAX_ROW_BYTES
from adapters.spreadsheet import write_table
from gateway.errors import Malformed, NotFound, Refused

CSV: Final = "csv"
FORMS: Final = (CSV,)


def render(views: Sequence[View], column_map: ColumnMap, *, form: str, allowed: Set[Caveat]) -> Rendered:
    """Return one document of the views, a row each, and what it does not say as they do.

    Raises:
        NotFound: code `unknown-form`.
        Refused: code `nothing-to-render` or `caveat-lost`.
        Malformed: code `too-large`.
    """
    if form not in FORMS:
        raise NotFound(f"is none of: {', '.join(FORMS)}", field="form", code="unknown-form")
    rows: list[Layout] = []
    losses = []
    for number, view in enumerate(views):
        layout = lay_out(view.record, column_map)
        drawing = drawn(layout) if layout is not None else None
        if layout is None or drawing is None:
            raise _silent(f"views[{number}]")
        # The row is read again as its reader will: what it finds is what was carried.
        lost = losses_of(view.record, drawing.record, layout.names)
        require_caveats(view.record, lost, where=f"views[{number}]", allowed=allowed)
        rows.append(layout)
        losses.append(lost)
    if not rows:
        raise _silent("views")
    data = _document(rows, column_map)
    return Rendered(data=data, losses=tuple(losses), names=tuple(layout.names for layout in rows))


def _document(rows: Sequence[Layout], column_map: ColumnMap) -> bytes:
    headings = [one.heading for one in column_map.columns]
    header = [heading for heading in headings if any(heading in layout.cells for layout in rows)]
    table = [[layout.cells.get(heading, "") for heading in header] for layout in rows]
    document = write_table(header, table).encode()
    longest = max(sum(len(cell.encode()) for cell in row) for row in table)
    # A cell grows by the marks around it and the apostrophes within: at most to twice its size.
    if len(document) > MAX_DOCUMENT_BYTES or longest > MAX_ROW_BYTES // 2:
        raise Malformed("is larger than a sheet can be read again", field="views", code="too-large")
    return document


def _silent(where: str) -> Refused:
    return Refused("shows nothing that a row could say", field=where, code="nothing-to-render")
