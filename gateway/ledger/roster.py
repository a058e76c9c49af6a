"""The roster: what `officer-changed` entries, read in order, say of who may approve at a time.

A gateway and an auditor replay the same entries, so both come to the same answer.

`added` lets a key act for a person in its roles from `valid_from` until `valid_until`; several add up, which
is how a duty is delegated with an end date. `changed` without roles says that the key's person is away from
`valid_from` until `valid_until`; the newest such entry replaces the one before. `disabled` ends a key for
good. Times are POSIX seconds, beginnings included and ends not.

Source: PROTOCOL section 4 (Officer) and 8; ADR 0019.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from gateway.errors import Refused
from gateway.ledger.entry import Entry, EntryKind
from keys.signer import key_id

ADDED: Final = "added"
CHANGED: Final = "changed"
DISABLED: Final = "disabled"


class _Grant(NamedTuple):
    roles: frozenset[str]
    valid_from: int
    valid_until: int

    def holds(self, at: int) -> bool:
        return self.valid_from <= at < self.valid_until


@dataclass(slots=True)
class _Key:
    person: bytes
    grants: list[_Grant] = field(default_factory=list)
    away: tuple[int, int] = (0, 0)
    disabled_at: int | None = None

    def end(self, at: int) -> None:
        """End it at a time, or leave it ended if it was before."""
        self.disabled_at = at if self.disabled_at is None else min(at, self.disabled_at)

    def has_ended(self, at: int) -> bool:
        return self.disabled_at is not None and self.disabled_at <= at


class Roster:
    """Who may approve, as one ledger tells it. Keys are raw public keys, persons 16 bytes."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self._keys: dict[bytes, _Key] = {}
        self._by_id: dict[str, bytes] = {}
        for entry in entries:
            self.note(entry)

    def note(self, entry: Entry) -> None:
        """Take the next entry in; one of another kind, or without key and person, says nothing here."""
        if entry.kind is not EntryKind.OFFICER_CHANGED or entry.key is None or entry.person is None:
            return
        is_absence = entry.action == CHANGED and not entry.roles
        if is_absence and entry.key not in self._keys:
            return  # Nobody is away who was never here.
        known = self._keys.setdefault(entry.key, _Key(entry.person))
        self._by_id[key_id(entry.key)] = entry.key
        if known.person != entry.person:
            # One key is one person's: what says otherwise ends it, whoever wrote it.
            known.end(entry.at)
        elif is_absence:
            known.away = (entry.valid_from or 0, entry.valid_until or 0)
        elif entry.action == ADDED:
            roles = frozenset(entry.roles or ())
            known.grants.append(_Grant(roles, entry.valid_from or 0, entry.valid_until or 0))
        else:
            # Disabled, revoked, or something this version does not know: it ends here.
            known.end(entry.at)

    def __contains__(self, key: bytes) -> bool:
        return key in self._keys

    @property
    def keys(self) -> tuple[bytes, ...]:
        """Every key that was ever enrolled, oldest first."""
        return tuple(self._keys)

    def key_of(self, identifier: str) -> bytes:
        """Return the enrolled key with this key id.

        Raises:
            Refused: code `not-an-officer`.
        """
        key = self._by_id.get(identifier)
        if key is None:
            raise Refused("is no enrolled officer's key", field="officer", code="not-an-officer")
        return key

    def person_of(self, key: bytes) -> bytes:
        """Return whose key it is.

        Raises:
            Refused: code `not-an-officer`.
        """
        known = self._keys.get(key)
        if known is None:
            raise Refused("is no enrolled officer's key", field="officer", code="not-an-officer")
        return known.person

    def roles_at(self, key: bytes, at: int) -> frozenset[str]:
        """Return the duties a key may act in at a time.

        Raises:
            Refused: code `not-an-officer`, `officer-disabled`, `officer-absent`, or `officer-not-valid`: the
                enrolment has not begun or has ended.
        """
        self.person_of(key)
        known = self._keys[key]
        if known.has_ended(at):
            raise Refused("this officer was disabled", field="officer", code="officer-disabled")
        if known.away[0] <= at < known.away[1]:
            raise Refused("this officer is away", field="officer", code="officer-absent")
        held = [grant.roles for grant in known.grants if grant.holds(at)]
        if not held:
            raise Refused(
                "this officer's enrolment does not hold now", field="officer", code="officer-not-valid"
            )
        return frozenset().union(*held)

    def may_act(self, key: bytes, role: str, at: int) -> bytes:
        """Return the person who may act with this key in this duty at a time.

        Raises:
            Refused: as `roles_at`; or code `not-your-duty`.
        """
        if role not in self.roles_at(key, at):
            raise Refused(f"this officer does not hold the duty {role}", field="duty", code="not-your-duty")
        return self.person_of(key)

    def still_holds(self, key: bytes, role: str, at: int) -> bool:
        """Tell whether a key holds a duty at a time, be its officer away or not: what somebody approved
        before going away stands, what somebody approved who has lost the duty does not.
        """
        known = self._keys.get(key)
        if known is None or known.has_ended(at):
            return False
        return any(role in grant.roles and grant.holds(at) for grant in known.grants)

    def has_ended(self, key: bytes, at: int) -> bool:
        """Tell whether a key was disabled, for good, by a time."""
        return key in self._keys and self._keys[key].has_ended(at)

    def away(self, key: bytes) -> tuple[int, int]:
        """Return the newest absence of a key, (0, 0) for none."""
        return self._keys[key].away

    def active(self, at: int) -> dict[bytes, bytes]:
        """Return the keys that may act in some duty at a time, with their persons."""
        found = {}
        for key, known in self._keys.items():
            try:
                self.roles_at(key, at)
            except Refused:
                continue
            found[key] = known.person
        return found
