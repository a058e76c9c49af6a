"""The roster as this gateway has it: what its own ledger says of officers, proved against the ledger's head.

A row of the store says what an officer is called; whether a key counts is read from the ledger alone. A row
or entry that the ledger does not bear out stops every approval.

Source: THREATS A19, A21.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import Corrupt, GatewayError, Refused
from gateway.flow.gateway import Gateway
from gateway.ledger.entry import Entry, EntryKind, parse
from gateway.ledger.roster import ADDED, DISABLED, Roster
from gateway.ledger.tree import leaf_hash, verify_inclusion
from gateway.store.review_rows import OfficerChangeRow, OfficerRow
from keys.signer import key_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Officers:
    """Who may approve, and what they are called; `rows` are the enrolments by key id, oldest first."""

    roster: Roster
    rows: Mapping[str, tuple[OfficerRow, ...]]

    def row(self, identifier: str) -> OfficerRow:
        """Return the newest enrolment of a key.

        Raises:
            Refused: code `not-an-officer`.
        """
        if identifier not in self.rows:
            raise Refused("is no enrolled officer's key", field="officer", code="not-an-officer")
        return self.rows[identifier][-1]

    def by_handle(self, handle: str) -> list[OfficerRow]:
        """Return the newest enrolment of every key of a person, by the name in the certificate."""
        return [rows[-1] for rows in self.rows.values() if rows[-1].handle == handle]

    def called(self, person: bytes) -> tuple[frozenset[str], frozenset[str]]:
        """Return the handles and names, folded, that a person was ever enrolled with, under any key."""
        own = [row for rows in self.rows.values() for row in rows if row.person == person]
        names = frozenset(" ".join(row.name.casefold().split()) for row in own)
        return frozenset(row.handle.casefold() for row in own), names

    def name_of(self, identifier: str) -> str:
        """Return what the holder of a key is called; the key id where nobody knows."""
        return self.rows[identifier][-1].name if identifier in self.rows else identifier


def proved_entries(gateway: Gateway, indices: Collection[int]) -> dict[int, Entry]:
    """Return entries of the own ledger, each proved to lie under its head.

    Raises:
        Corrupt: code `ledger-differs`: what is stored is not what was written.
    """
    wanted = sorted(set(indices))
    head = gateway.read.head()
    if not wanted:
        return {}
    found: dict[int, Entry] = {}
    try:
        proofs = gateway.read.inclusion_proofs(wanted, head.size)
        for index, proof in zip(wanted, proofs, strict=True):
            data = gateway.read.entry(index).data
            verify_inclusion(index=index, size=head.size, leaf=leaf_hash(data), proof=proof, root=head.root)
            found[index] = parse(data)
    except GatewayError as exc:
        raise Corrupt("an entry of the ledger was changed", code="ledger-differs", field="ledger") from exc
    return found


def officers_of(gateway: Gateway) -> Officers:
    """Return who may approve here.

    Raises:
        Corrupt: code `ledger-differs`: rows and ledger do not agree on an officer.
    """
    rows, changes = gateway.read.officers(), gateway.read.officer_changes()
    noted = {row.entry for row in rows} | {change.entry for change in changes}
    indices = {index for index in noted if isinstance(index, int)}
    indices |= {row.idx for row in gateway.read.officer_entries()}
    entries = proved_entries(gateway, indices)
    if any(entry.kind is not EntryKind.OFFICER_CHANGED for entry in entries.values()):
        raise _differs()
    if {index for index, entry in entries.items() if entry.action == ADDED} != {row.entry for row in rows}:
        raise _differs()
    for row in rows:
        _check_row(row, entries)
    for change in changes:
        _check_change(change, entries)
    by_key: dict[str, tuple[OfficerRow, ...]] = {}
    for row in rows:
        by_key[row.key_id] = (*by_key.get(row.key_id, ()), row)
    return Officers(roster=Roster(entry for _, entry in sorted(entries.items())), rows=by_key)


def _check_row(row: OfficerRow, entries: Mapping[int, Entry]) -> None:
    entry = entries[row.entry] if isinstance(row.entry, int) else None
    said = None if entry is None else (entry.action, entry.person, entry.key, entry.roles)
    times = None if entry is None else (entry.valid_from, entry.valid_until)
    duties = tuple(row.duties.split(","))
    if said != (ADDED, row.person, row.public_key, duties) or row.key_id != key_id(row.public_key):
        raise _differs()
    if times != seconds(row.valid_from, row.valid_until):
        raise _differs()


def _check_change(change: OfficerChangeRow, entries: Mapping[int, Entry]) -> None:
    entry = entries[change.entry] if isinstance(change.entry, int) else None
    if entry is None or entry.action != change.action or entry.key is None:
        raise _differs()
    times = (0, 0) if change.action == DISABLED else seconds(change.starts_at, change.ends_at)
    if key_id(entry.key) != change.key_id or (entry.valid_from or 0, entry.valid_until or 0) != times:
        raise _differs()


def seconds(starts_ms: int, ends_ms: int) -> tuple[int, int]:
    """Return a span of milliseconds in the whole seconds that lie in it, as entries say them."""
    return -(-starts_ms // 1000), ends_ms // 1000


def at_seconds(now: datetime) -> int:
    """Return a time as entries say it."""
    return int(now.timestamp())


def _differs() -> Corrupt:
    return Corrupt(
        "the store and the ledger do not agree on an officer", code="ledger-differs", field="officers"
    )
