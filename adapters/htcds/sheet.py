"""One case on its way into HTCDS: its rows by table, and which entity the reader will find where."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from adapters.document import Json
from adapters.htcds.cells import Cells, in_a_cell
from adapters.htcds.tables import FIELDS
from adapters.spreadsheet import write_table
from gateway.v1 import record_pb2

ORGANISATIONS = "organisation"
PERSONS = "person"
VICTIMS = "victim_context"
PERPETRATORS = "perpetrator_context"
CASES = "case"
REFERRALS = "referral"
COMMENTS = "case_comment"
EVENTS = "historic_trafficking_events"
SUPPORT = "support_plan"

_TABLES = (ORGANISATIONS, PERSONS, VICTIMS, PERPETRATORS, CASES, REFERRALS, COMMENTS, EVENTS, SUPPORT)
# Of these alone the reader makes nothing: there must be somebody or something that the case speaks of.
_SPEAKING = frozenset({ORGANISATIONS, PERSONS, VICTIMS, PERPETRATORS, COMMENTS, EVENTS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The rows of one record; a `flat` one has room for a single row of each table, as CSV has.

    `names` says which entity of the record is meant by an id that the reader will give; `reasons` why an
    entity was left out, where that is not for want of a table.
    """

    record: record_pb2.Record
    flat: bool
    rows: dict[str, list[Cells]] = field(default_factory=lambda: {table: [] for table in _TABLES})
    names: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    victims: dict[str, Cells] = field(default_factory=dict)
    """The victim rows, by the ids of their persons."""
    events: list[str] = field(default_factory=list)
    """The ids of the incidents that have an event row, in the order of the rows."""
    protected: list[record_pb2.Person] = field(default_factory=list)
    """The persons of the document who do not stand in the perpetrator table."""

    def add(self, table: str, cells: Cells) -> int:
        """Add a row; return its number, which counts from 1."""
        self.rows[table].append(cells)
        return len(self.rows[table])

    def has_room(self, table: str) -> bool:
        """Tell whether the table takes a further row."""
        return not (self.flat and self.rows[table])

    def speaks(self) -> bool:
        """Tell whether the case speaks of anybody or anything at all."""
        owned = any("cas_CaseOwner" in cells.values for cells in self.rows[CASES])
        return owned or any(any(rows) for table, rows in self.rows.items() if table in _SPEAKING)

    def as_tables(self) -> Mapping[str, Json]:
        """Return the case as an object of tables; victim row i belongs to person row i."""
        return {
            table: [dict(cells.values) for cells in rows] for table, rows in self.rows.items() if any(rows)
        }

    def as_row(self) -> Mapping[str, str]:
        """Return the case as one row of CSV, all tables beside each other."""
        return {
            name: in_a_cell(value)
            for rows in self.rows.values()
            for cells in rows
            for name, value in cells.values.items()
        }


def write_json(sheets: Sequence[Sheet]) -> str:
    """Return one object, or an array of them where there are several cases."""
    cases = [sheet.as_tables() for sheet in sheets]
    document = cases if len(cases) > 1 else cases[0]
    return json.dumps(document, ensure_ascii=False, indent=2, default=_number) + "\n"


def write_csv(sheets: Sequence[Sheet]) -> str:
    """Return one row a case, under the fields that any of them has, in the order of the standard."""
    rows = [sheet.as_row() for sheet in sheets]
    header = [name for name in FIELDS.values() if any(name in row for row in rows)]
    return write_table(header, [[row.get(name, "") for name in header] for row in rows])


def _number(value: object) -> float:
    if isinstance(value, Decimal):
        return float(value)  # a coordinate has nine digits at most, which a double holds as they are
    raise TypeError(value)
