"""What officers signed, as far as an export opens it: by whom, about what, and whether they might then.

Officers are those whom the ledger's own `officer-changed` entries had enrolled by then.

Source: PROTOCOL sections 4 and 10; THREATS A19, A25.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.errors import Refused, VerificationFailed
from gateway.ledger.commitment import CommitmentType
from gateway.ledger.entry import Entry
from gateway.ledger.openings import Opened
from gateway.ledger.roster import Roster
from keys.approval import Approval, Verdict, peek_approval, verify_approval

WHY_NOT: Final = {
    "not-an-officer": "under a key that no officer was enrolled with",
    "officer-disabled": "by an officer who was disabled",
    "officer-absent": "by an officer who was away",
    "officer-not-valid": "by an officer whose enrolment did not hold",
    "not-your-duty": "by an officer who did not hold that duty",
}
"""Why somebody was no officer who might say it, by the code of the roster's refusal."""

LAG_S: Final = 5
"""How long after a word was taken its entry may be dated: nobody is blamed for what ended in between."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A verdict that one officer signed and might give: what it says, under which key, and whose that is."""

    approval: Approval
    key: bytes
    person: bytes


class Verdicts:
    """Reads what officers signed, entry by entry, beside the roster as it stood at each.

    `unread` counts the verdicts that are not opened.
    """

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._roster = Roster()
        self._seen: set[bytes] = set()
        self.unread = 0

    def note(self, entry: Entry) -> None:
        """Take in what the next entry says of officers."""
        self._roster.note(entry)

    def spoken(self, index: int, entry: Entry, *verdicts: Verdict) -> Spoken | None:
        """Return the verdict in the justification of an entry; None where it is not opened.

        `verdicts` are those that the kind of entry stands for. What it is about is the caller's to check.

        Raises:
            Malformed, VerificationFailed: it is not what an officer signed for this entry.
            Refused: whose it is might not say it then; the code is one of the roster's.
        """
        if CommitmentType.JUSTIFICATION not in dict(entry.commits or ()):
            raise _wrong("commits to nothing that an officer signed")
        signed = self._opened.get((index, CommitmentType.JUSTIFICATION))
        if signed is None:
            self.unread += 1
            return None
        claimed = peek_approval(signed)
        key = self._roster.key_of(claimed.officer)
        approval = verify_approval(signed, key)
        named = approval.officer.encode()
        if self._opened.get((index, CommitmentType.ACTOR), named) != named:
            raise _wrong("is not by the officer whom its entry names")
        if approval.verdict not in verdicts:
            raise _wrong("says something else than its entry")
        if approval.exchange_id != entry.exchange:
            raise _wrong("is about another exchange")
        if entry.duty is not None and approval.duty.token != entry.duty:
            raise _wrong("was given in another duty than its entry says")
        person = self._may_act(key, approval.duty.token, entry.at)
        if signed in self._seen:
            raise _wrong("stands in an earlier entry already")
        self._seen.add(signed)
        return Spoken(approval=approval, key=key, person=person)

    def _may_act(self, key: bytes, duty: str, at: int) -> bytes:
        try:
            return self._roster.may_act(key, duty, at)
        except Refused as refusal:
            # That somebody was disabled an earlier entry says, whatever the time.
            if self._roster.has_ended(key, at):
                raise
            try:
                return self._roster.may_act(key, duty, at - LAG_S)
            except Refused:
                raise refusal from None

    def check_decision(self, approval: Approval, decided: Entry, index: int) -> None:
        """Check that a verdict is about the decision at an index, as far as that is opened.

        Raises:
            VerificationFailed: it is about another.
        """
        purpose = approval.purpose.token.encode()
        for what, said, due in (
            ("recipient", approval.recipient, decided.peer),
            ("purpose", purpose, self._opened.get((index, CommitmentType.PURPOSE), purpose)),
            ("set of rules", approval.policy, decided.policy),
            ("directory", approval.directory, decided.directory),
        ):
            if said != due:
                raise _wrong(f"is about another {what} than was decided on")
        if self._opened.get((index, CommitmentType.DECISION), approval.decision) != approval.decision:
            raise _wrong("is about another decision than its exchange's last")

    def still_holds(self, spoken: Spoken, at: int) -> bool:
        """Tell whether who gave a verdict has not lost the duty by a time."""
        duty = spoken.approval.duty.token
        return not self._roster.has_ended(spoken.key, at) and (
            self._roster.still_holds(spoken.key, duty, at)
            or self._roster.still_holds(spoken.key, duty, at - LAG_S)
        )

    def payload(self, index: int) -> bytes | None:
        """Return the bytes that an entry's payload commitment stands for, where they are opened."""
        return self._opened.get((index, CommitmentType.PAYLOAD))


def _wrong(message: str) -> VerificationFailed:
    return VerificationFailed(message, code="approval-invalid")
