"""Units of work as data: what one stage wants to have happened, all of it or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple, get_args

from gateway.errors import Malformed
from gateway.ledger.entry import Draft
from gateway.store.changes import Change
from gateway.store.place import EntryAt
from gateway.store.rows import ReceiptRow, Row, SenderProofRow

ENTRY_FIELDS: Final = ("entry", "submitted_entry", "closing_entry")

WRITABLE: Final[frozenset[type[Any]]] = frozenset(get_args(Row) + get_args(Change))
"""The row types a unit may hold; the ledger's own tables belong to the writer."""


def entry_columns(row_type: type[Any]) -> tuple[int, ...]:
    """Return the positions of the columns that may hold `EntryAt`."""
    if row_type in (ReceiptRow, SenderProofRow):  # there `entry` is the peer's entry itself
        return ()
    return tuple(i for i, name in enumerate(row_type._fields) if name in ENTRY_FIELDS)


ENTRY_COLUMNS: Final = {row_type: entry_columns(row_type) for row_type in WRITABLE}


class About(NamedTuple):
    """A draft about an earlier draft of the same unit: `draft.about` holds any number until the commit."""

    draft: Draft
    about: EntryAt


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """Ledger entries to append, in order, and rows to write with them in one transaction.

    Rows of one type are written in the order given; inserts come before changes.

    Raises:
        Malformed: a row of a type no unit may write, or an `EntryAt` that names no draft of the unit, or
            not an earlier one.
    """

    drafts: tuple[Draft | About, ...] = ()
    rows: tuple[Row | Change, ...] = ()

    def __post_init__(self) -> None:
        for position, draft in enumerate(self.drafts):
            if type(draft) is About and not 0 <= draft.about.n < position:
                raise Malformed("names no earlier draft of its unit", field=f"drafts[{position}].about")
        for row in self.rows:
            columns = ENTRY_COLUMNS.get(type(row))
            if columns is None:
                raise Malformed("is not a row that a unit may write", field=f"rows.{type(row).__name__}")
            for column in columns:
                value = row[column]
                if type(value) is EntryAt and not 0 <= value.n < len(self.drafts):
                    raise Malformed("names no draft of its unit", field=f"rows.{type(row).__name__}")
