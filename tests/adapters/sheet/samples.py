"""Short sheets of invented people, and ways to what is read of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date
from io import BytesIO
from typing import Any, Final

from adapters.sheet.column_map import ColumnMap
from adapters.sheet.format import Sheet
from adapters.sheet.map_file import read_map
from adapters.stream import Piece, Reject
from gateway.v1 import record_pb2 as pb

TODAY: Final = date(2031, 6, 1)

OWN_MAP: Final = """\
dates = "day-first"
separator = "|"
absent = ["k.A."]

[columns]
"Fall" = { path = "header.case_references.number", optional = true }
"Opfer Name" = { path = "persons[victim].names.full", optional = true }
"Geboren" = { path = "persons[victim].birth", optional = true }
"Opfer Geschlecht" = { path = "persons[victim].sex", optional = true, codes = { w = "female", m = "male" } }
"Täter Name" = { path = "persons[suspect].names.full", optional = true }
"Zweck" = { path = "incident.purposes", optional = true, codes = { "Arbeit" = "forced-labour" } }
"Ort" = { path = "location.site.town", optional = true }
"Wann" = { path = "incident.occurred.start", optional = true }

[constants]
"persons[victim].role" = "presumed-victim"
"persons[suspect].role" = "suspect"
"incident.location" = "location"

[[ties]]
from = "persons[victim]"
to = "incident"

[[ties]]
from = "persons[suspect]"
to = "incident"
"""


def sheet(*rows: Mapping[str, str], delimiter: str = ",") -> bytes:
    """Return rows as CSV, as a spreadsheet program writes them, under the headings of the first."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(rows[0])
    writer.writerows([row.get(heading, "") for heading in rows[0]] for row in rows)
    return text.getvalue().encode("utf-8", "surrogatepass")


def own_map() -> ColumnMap:
    """Return the map of a sheet with other headings."""
    return read_map(OWN_MAP.encode())


def pieces(data: bytes, columns: ColumnMap | None = None, **options: Any) -> list[Piece]:
    """Return all pieces of a document."""
    return list(Sheet(columns).stream(BytesIO(data), today=TODAY, exercise=True, **options))


def read(*rows: Mapping[str, str], columns: ColumnMap | None = None) -> pb.Record:
    """Return the record of one row."""
    (draft,) = Sheet(columns).parse(sheet(*rows), today=TODAY, exercise=True)
    return draft.record


def rejected(*rows: Mapping[str, str], columns: ColumnMap | None = None) -> Reject:
    """Return why one row is turned down."""
    (piece,) = pieces(sheet(*rows), columns)
    assert piece.reject is not None
    return piece.reject
