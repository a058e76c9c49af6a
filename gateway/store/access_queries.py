"""Questions about the agency's own systems and people: known pushes, places in the inbox, access."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import bindparam, select

from gateway.store import tables
from gateway.store.rows import AccessRow, CursorRow, PushRow
from gateway.store.source import Source, by

_accesses = tables.accesses
# As many places as a batch has pushes, always: a query of one form is compiled once.
_PLACES: Final = [f"tag_{number}" for number in range(32)]
_KNOWN: Final = select(tables.pushes).where(tables.pushes.c.tag.in_([bindparam(name) for name in _PLACES]))
_CURSOR: Final = by(tables.cursors, "reader", "purpose")
_ACCESS: Final = by(_accesses, "serial")
_NAMED: Final = by(_accesses, "role", "name").order_by(_accesses.c.entry)
_ALL: Final = select(_accesses).order_by(_accesses.c.entry)


class AccessQueries(Source):
    """What the own systems and people have here."""

    def known_pushes(self, tags: Sequence[bytes]) -> dict[bytes, PushRow]:
        """Return those of these pushes that are known, by tag."""
        known: dict[bytes, PushRow] = {}
        for start in range(0, len(tags), len(_PLACES)):
            asked = tags[start : start + len(_PLACES)]
            # What is left of the places asks for the first once more.
            filled = [*asked, *[asked[0]] * (len(_PLACES) - len(asked))]
            values = dict(zip(_PLACES, filled, strict=True))
            known |= {row.tag: row for row in self._all(_KNOWN, PushRow._make, **values)}
        return known

    def cursor(self, reader: str, purpose: str) -> int | None:
        """Return how far a reader has taken over what arrived for a purpose; None if it never did."""
        row = self._one(_CURSOR, CursorRow._make, reader=reader, purpose=purpose)
        return None if row is None else row.position

    def access(self, serial: str) -> AccessRow | None:
        """Return one certificate that was issued."""
        return self._one(_ACCESS, AccessRow._make, serial=serial)

    def accesses(self) -> list[AccessRow]:
        """Return every certificate that was issued, oldest first."""
        return self._all(_ALL, AccessRow._make)

    def accesses_of(self, role: str, name: str) -> list[AccessRow]:
        """Return every certificate issued to one name, oldest first."""
        return self._all(_NAMED, AccessRow._make, role=role, name=name)
