"""Approvals in a ledger: that nothing left without the officers its last decision asked for.

What the entries show by themselves is always judged: order, duties, counts, and that each approval commits to
the bytes that left. Who approved is judged where the export opens it. An approval that does not count is a
finding at its own entry, and missing at the release.

Source: PROTOCOL sections 4, 8 and 10; THREATS A19, A21, A25.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, NamedTuple

from gateway.errors import GatewayError, Refused
from gateway.ledger.commitment import CommitmentType
from gateway.ledger.emergencies import Emergencies
from gateway.ledger.entry import Entry, EntryKind
from gateway.ledger.findings import Findings
from gateway.ledger.openings import Opened
from gateway.ledger.verdicts import LAG_S, WHY_NOT, Spoken, Verdicts
from keys.approval import Verdict

ORIGINATOR_CONSENT: Final = "OC"
"""What a release may rest on beside the approvals of officers: the leave of whoever recorded it."""


class _Given(NamedTuple):
    """An approval that counts: where it stands, and what was signed, None where that is not opened."""

    entry: int
    duty: str
    payload: bytes | None
    spoken: Spoken | None


@dataclass(slots=True)
class _Case:
    """What one exchange has seen since its last decision."""

    decided: Entry | None = None
    decided_at: int = -1
    held: set[int] = field(default_factory=set)
    given: list[_Given] = field(default_factory=list)
    rejected: bool = False
    released: set[bytes] = field(default_factory=set)


class Approvals:
    """Reads a ledger's entries once, in order, and judges each release by its exchange's last decision."""

    def __init__(self, *, opened: Opened, file_of: Callable[[int], str], found: Findings) -> None:
        self._verdicts = Verdicts(opened)
        self._emergencies = Emergencies(file_of, found)
        self._file_of = file_of
        self._found = found
        self._cases: dict[str, _Case] = {}

    def read(self, index: int, entry: Entry) -> None:
        """Judge the next entry."""
        self._verdicts.note(entry)
        if entry.exchange is None:
            return
        case = self._cases.setdefault(entry.exchange, _Case())
        if entry.kind is EntryKind.DECIDED:
            # A new decision voids the approvals before it.
            self._cases[entry.exchange] = _Case(decided=entry, decided_at=index)
        elif entry.kind is EntryKind.HELD:
            self._check_held(index, entry, case)
        elif entry.kind is EntryKind.APPROVED:
            self._check_approved(index, entry, case)
        elif entry.kind is EntryKind.REJECTED:
            case.rejected = True
            self._check_verdict(index, entry, case, Verdict.REFUSE)
        elif entry.kind is EntryKind.RELEASED:
            self._check_released(index, entry, case)
        elif entry.kind is EntryKind.BREAK_GLASS:
            self._emergencies.note(index, entry)
        elif entry.kind is EntryKind.BREAK_GLASS_REVIEWED:
            self._check_review(index, entry)

    def finish(self, latest: int) -> None:
        """Say what is still open at the time of the last entry (POSIX seconds), and what was not judged."""
        self._emergencies.finish(latest)
        if self._verdicts.unread:
            message = (
                f"{self._verdicts.unread} verdicts of officers were counted, their signatures not judged"
            )
            self._found.not_judged("approval-signatures", message)

    def _check_held(self, index: int, entry: Entry, case: _Case) -> None:
        decided = case.decided
        if decided is None or entry.about != case.decided_at:
            self._add("held", "does not answer its exchange's last decision", index)
            return
        if (decided.duties, decided.peer) != (entry.duties, entry.peer):
            self._add("held", "names another peer or other duties than the decision", index)
        case.held.add(index)

    def _check_approved(self, index: int, entry: Entry, case: _Case) -> None:
        counts, spoken = self._check_verdict(index, entry, case, Verdict.APPROVE)
        if not counts:
            return
        for earlier in case.given:
            if spoken is None or earlier.spoken is None:
                continue
            if spoken.person == earlier.spoken.person:
                message = f"was given by the same person as the approval in entry {earlier.entry}"
                self._add("same-person", message, index)
                return
            if spoken.approval.release != earlier.spoken.approval.release:
                message = f"is over other bytes than the approval in entry {earlier.entry}"
                self._add("other-bytes", message, index)
                return
        payload = dict(entry.commits or ()).get(CommitmentType.PAYLOAD)
        case.given.append(_Given(index, entry.duty or "", payload, spoken))

    def _check_verdict(
        self, index: int, entry: Entry, case: _Case, verdict: Verdict
    ) -> tuple[bool, Spoken | None]:
        """Return whether a verdict counts for its exchange, and what was signed where that is opened."""
        decided = case.decided
        if decided is None or entry.about not in case.held or entry.peer != decided.peer:
            message = "answers no hold of its exchange's last decision for that peer"
            self._add("approval-misplaced", message, index)
            return False, None
        try:
            spoken = self._verdicts.spoken(index, entry, verdict)
            if spoken is not None:
                self._verdicts.check_decision(spoken.approval, decided, case.decided_at)
        except GatewayError as exc:
            self._add_refused(index, exc)
            return False, None
        if spoken is not None and _over(spoken, entry.at):
            self._add("approval-invalid", "was given after its hold had ended", index)
            return False, None
        return True, spoken

    def _check_review(self, index: int, entry: Entry) -> None:
        try:
            spoken = self._verdicts.spoken(index, entry, *Verdict)
        except GatewayError as exc:
            self._add_refused(index, exc)
            return
        self._emergencies.check_review(index, entry, spoken)

    def _check_released(self, index: int, entry: Entry, case: _Case) -> None:
        decided = case.decided
        if decided is None or decided.peer != entry.peer:
            self._add("undecided", "was released without a decision for that peer", index)
            return
        if decided.outcome == "deny":
            self._add("denied", "was released although the last decision denied it", index)
        if case.rejected:
            self._add("rejected", "was released although an officer refused it", index)
        had = Counter(given.duty for given in case.given if self._stands(index, entry, given, case))
        if any(given.spoken for given in case.given) and self._verdicts.payload(index) is None:
            message = "is not opened: the digest that its officers signed was not compared with its bytes"
            self._found.not_judged("payload-unopened", message, file=self._file_of(index), index=index)
        case.released.add(entry.commit or b"")
        for token in decided.duties or ():
            duty, needed = token.split(":")
            if duty == ORIGINATOR_CONSENT:
                # Another agency gives it, Signed and inside the release; no officer here approves it.
                message = "rests on the consent of its originator, which stands in the release"
                self._found.not_judged("consent-unopened", message, file=self._file_of(index), index=index)
            elif had[duty] < int(needed):
                message = f"was released with {had[duty]} of {needed} approvals by {duty}"
                self._add("unapproved", message, index)

    def _stands(self, index: int, entry: Entry, given: _Given, case: _Case) -> bool:
        """Return whether an approval still counts for what is released, and report why where it does not."""
        of = f"the approval in entry {given.entry}"
        body = self._verdicts.payload(index)
        if given.payload != entry.commit:
            self._add("other-bytes", f"was released with other bytes than {of} commits to", index)
        elif given.spoken is None:
            return True
        elif body is not None and sha256(body).digest() != given.spoken.approval.release:
            self._add("other-bytes", f"was released with other bytes than were signed with {of}", index)
        elif entry.commit in case.released:
            return True  # The same bytes, sealed anew: what was true when they first left is enough.
        elif _over(given.spoken, entry.at):
            self._add("approval-invalid", f"was released after the hold of {of} had ended", index)
        elif not self._verdicts.still_holds(given.spoken, entry.at):
            message = f"was released on {of}, by an officer who had lost that duty since"
            self._add("approval-by-non-officer", message, index)
        else:
            return True
        return False

    def _add_refused(self, index: int, exc: GatewayError) -> None:
        if isinstance(exc, Refused):
            self._add("approval-by-non-officer", f"was given {WHY_NOT.get(exc.code, exc.message)}", index)
        else:
            self._add("approval-invalid", f"what the officer signed does not count: {exc}", index)

    def _add(self, code: str, message: str, index: int) -> None:
        self._found.add(code, message, file=self._file_of(index), index=index)


def _over(spoken: Spoken, at: int) -> bool:
    return spoken.approval.expires_at_ms < (at - LAG_S) * 1000
