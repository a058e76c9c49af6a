"""Enrolments in a ledger: each officer was vouched for by others who could, and not by the entry alone.

Whoever runs a gateway can have it write that somebody is an officer. What makes one are the signatures that
the entry commits to: the officer's own, and those of two officers before, or, of the first two, the other's.

Source: PROTOCOL section 4 (Officer); THREATS A19.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from gateway.errors import GatewayError, Malformed, Refused
from gateway.ledger.commitment import CommitmentType
from gateway.ledger.entry import Entry, EntryKind
from gateway.ledger.findings import Findings
from gateway.ledger.openings import Opened
from gateway.ledger.roster import ADDED, Roster
from keys.officer import COUNTERSIGNERS, Enrolment, verify_enrolment
from keys.signer import key_id

_LENGTH_BYTES: Final = 4


def pack_signed(signed: Sequence[bytes]) -> bytes:
    """Return the Signed objects of an enrolment in one, each preceded by its length (u32 big-endian)."""
    return b"".join(len(one).to_bytes(_LENGTH_BYTES, "big") + one for one in signed)


def unpack_signed(data: bytes) -> tuple[bytes, ...]:
    """Return the Signed objects of an enrolment; data cut short is Malformed."""
    signed, at = [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + _LENGTH_BYTES], "big")
        one = data[at + _LENGTH_BYTES : at + _LENGTH_BYTES + size]
        if len(one) != size:
            raise Malformed("ends within a signed object", field="enrolment")
        signed.append(one)
        at += _LENGTH_BYTES + size
    return tuple(signed)


class Enrolments:
    """Judges the enrolments of one ledger; `opened` is what its commitments stand for, as far as shown."""

    def __init__(self, opened: Opened, file_of: Callable[[int], str], found: Findings) -> None:
        self._opened = opened
        self._file_of = file_of
        self._found = found
        self._roster = Roster()
        self._first: dict[str, tuple[int, Entry]] = {}
        self._waiting: list[tuple[int, Entry]] = []
        self._closed = 0

    def read(self, index: int, entry: Entry) -> None:
        """Take in the next entry of the ledger."""
        if entry.kind is not EntryKind.OFFICER_CHANGED:
            return
        if entry.action == ADDED and entry.key is not None:
            if len(self._first) < COUNTERSIGNERS:
                # Of the first two each vouches for the other: they are judged once both are known.
                self._first.setdefault(key_id(entry.key), (index, entry))
                self._waiting.append((index, entry))
            else:
                self._judge(index, entry, self._voucher, COUNTERSIGNERS)
        self._roster.note(entry)

    def finish(self) -> None:
        """Judge the first two, and say what was not judged."""
        for index, entry in self._waiting:
            self._judge(index, entry, self._first_voucher, 1)
        if self._closed:
            message = f"{self._closed} enrolment(s) of officers were believed, their signatures not opened"
            self._found.not_judged("enrolments-unopened", message)

    def _judge(
        self, index: int, entry: Entry, person_of: Callable[[str, int], tuple[bytes, bytes]], needed: int
    ) -> None:
        signed = self._opened.get((index, CommitmentType.JUSTIFICATION))
        if signed is None:
            self._closed += 1
            return
        try:
            enrolment = verify_enrolment(
                unpack_signed(signed), lambda identifier: person_of(identifier, entry.at)[0]
            )
            persons = {person_of(one, entry.at)[1] for one in enrolment.vouchers} - {entry.person}
        except GatewayError as exc:
            message = f"does not show that the officer was enrolled: {exc}"
            self._found.add("enrolment-invalid", message, file=self._file_of(index), index=index)
            return
        if not _says_the_same(entry, enrolment):
            message = "is not what the officer and those who vouched have signed"
            self._found.add("enrolment-invalid", message, file=self._file_of(index), index=index)
        elif len(persons) < needed:
            message = f"enrols an officer whom {len(persons)} of {needed} others vouched for"
            self._found.add("officer-not-vouched", message, file=self._file_of(index), index=index)

    def _voucher(self, identifier: str, at: int) -> tuple[bytes, bytes]:
        key = self._roster.key_of(identifier)
        self._roster.roles_at(key, at)
        return key, self._roster.person_of(key)

    def _first_voucher(self, identifier: str, _: int) -> tuple[bytes, bytes]:
        if identifier not in self._first:
            raise Refused("is no enrolled officer's key", field="officer", code="not-an-officer")
        entry = self._first[identifier][1]
        return entry.key or b"", entry.person or b""


def _says_the_same(entry: Entry, enrolment: Enrolment) -> bool:
    officer = enrolment.officer
    said = (officer.public_key, officer.person, tuple(sorted(duty.token for duty in officer.duties)))
    times = (-(-officer.valid_from_ms // 1000), officer.valid_until_ms // 1000)
    return said == (entry.key, entry.person, entry.roles) and times == (entry.valid_from, entry.valid_until)
