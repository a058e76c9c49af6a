"""Emergency releases in a ledger: each is reviewed by a data protection officer within 72 hours.

Source: PROTOCOL section 8; THREATS A24.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gateway.ledger.entry import Entry
from gateway.ledger.findings import Findings, Severity
from gateway.ledger.verdicts import Spoken
from gateway.record.vocabulary import Duty

REVIEW_S: Final = 72 * 60 * 60
"""How long a review may take, in the ledger's own time."""


class Emergencies:
    """Keeps the `break-glass` entries that wait for their review."""

    def __init__(self, file_of: Callable[[int], str], found: Findings) -> None:
        self._file_of = file_of
        self._found = found
        self._invoked: dict[int, Entry] = {}
        self._waiting: set[int] = set()

    def note(self, index: int, entry: Entry) -> None:
        """Take in a `break-glass` entry."""
        self._invoked[index] = entry
        self._waiting.add(index)

    def check_review(self, index: int, entry: Entry, spoken: Spoken | None) -> None:
        """Check a `break-glass-reviewed` entry; `spoken` is what the reviewer signed, where it is opened."""
        about = -1 if entry.about is None else entry.about
        invoked = self._invoked.get(about)
        if invoked is None or invoked.exchange != entry.exchange:
            message = "reviews no emergency release of its exchange"
            self._found.add("approval-misplaced", message, file=self._file_of(index), index=index)
            return
        if spoken is not None and spoken.approval.duty is not Duty.DPO:
            message = "was not given by a data protection officer"
            self._found.add("approval-by-non-officer", message, file=self._file_of(index), index=index)
            return
        if spoken is not None and spoken.approval.recipient != invoked.peer:
            message = "what the officer signed does not count: is about another recipient"
            self._found.add("approval-invalid", message, file=self._file_of(index), index=index)
            return
        if about in self._waiting:
            self._waiting.discard(about)
            self._check_time(about, entry.at)

    def finish(self, latest: int) -> None:
        """Report what still waits at the time of the last entry (POSIX seconds)."""
        for index in sorted(self._waiting):
            self._check_time(index, latest)

    def _check_time(self, index: int, until: int) -> None:
        if until - self._invoked[index].at > REVIEW_S:
            self._found.add(
                "review-overdue",
                "was an emergency release that nobody reviewed within 72 hours",
                severity=Severity.NOTICE,
                file=self._file_of(index),
                index=index,
            )
