"""A ledger in which officers approve what is held, and what opens it: police.nl releases to police.ro."""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from gateway.ledger.commitment import CommitmentType, commit, salt
from gateway.ledger.enrolments import pack_signed
from gateway.ledger.entry import Direction, Draft, EntryKind, parse
from gateway.ledger.export import Opening
from gateway.ledger.inspection import Report, Severity, inspect
from gateway.ledger.trust import Trust, TrustedLog
from gateway.record.vocabulary import Duty, Purpose
from keys.approval import Approval, Verdict
from keys.officer import new_officer, vouch
from keys.signed import SignedType, sign
from tests.keys.officers import person, signer
from tests.ledger.ledgers import DIRECTORY, EXCHANGE, MESSAGE, OPENED_AT, POLICY, Book, K

PEER = "police.ro"
BODY, PAYLOAD_SALT = b"release bytes", b"\x05" * 32
HOLD_S = 24 * 60 * 60
ALL_DUTIES = tuple(sorted(duty.token for duty in Duty))


def commits(**contents: bytes) -> tuple[tuple[CommitmentType, bytes], ...]:
    """Return commitments under the exchange's key, by the names of their types."""
    kinds = {CommitmentType(name): content for name, content in sorted(contents.items())}
    return tuple((kind, commit(salt(K, kind), kind, content)) for kind, content in kinds.items())


def payload(body: bytes = BODY) -> bytes:
    """Return the commitment to release bytes."""
    return commit(PAYLOAD_SALT, CommitmentType.PAYLOAD, body)


@dataclass
class Desk:
    """One exchange, step by step; each step returns the index of its entry.

    `openings` opens everything but the release; `now` is the time of the next entry.
    """

    book: Book = field(default_factory=lambda: Book("police.nl", 1))
    openings: list[Opening] = field(default_factory=list)
    now: int = OPENED_AT + 1
    round: int = 0
    decided: int = -1
    held: int = -1
    envelopes: int = 0

    def append(self, kind: EntryKind, **members: Any) -> int:
        index = self.book.append(Draft(kind=kind, **members), at=self.now)
        self.now += 1
        return index

    def officer(self, action: str = "added", number: int = 1, **members: Any) -> int:
        """Change an officer; one added holds every duty from now on for a year, if not said otherwise."""
        facts: dict[str, Any] = {"person": person(number), "key": signer(number).public_key}
        if action == "added":
            facts |= {"roles": ALL_DUTIES, "valid_from": self.now, "valid_until": self.now + 365 * HOLD_S}
        facts |= members
        if action != "added":
            return self.append(EntryKind.OFFICER_CHANGED, action=action, **facts)
        contents = {"justification": pack_signed(_enrolment(number, facts))}
        index = self.append(
            EntryKind.OFFICER_CHANGED, action=action, **{"commits": commits(**contents), **facts}
        )
        self._open(index, contents)
        return index

    def hold(self, *duties: str, outcome: str = "hold") -> int:
        """Decide, and hold for these duties."""
        self.round += 1
        contents = {"decision": self.decision, "purpose": Purpose.VICTIM_PROTECTION.token.encode()}
        self.decided = self.append(
            EntryKind.DECIDED,
            exchange=EXCHANGE,
            peer=PEER,
            policy=POLICY,
            outcome=outcome,
            rules=("VP-01",),
            duties=duties,
            commits=commits(**contents),
            directory=DIRECTORY,
        )
        self._open(self.decided, contents)
        self.held = self.append(
            EntryKind.HELD, exchange=EXCHANGE, peer=PEER, duties=duties, about=self.decided
        )
        return self.held

    @property
    def decision(self) -> bytes:
        return sha256(b"decision %d" % self.round).digest()

    def signed(self, number: int, duty: Duty = Duty.VPO, *, by: int | None = None, **changes: Any) -> bytes:
        """Return what an officer signs about the hold; `by` is another key that signs in this one's name."""
        facts: dict[str, Any] = {
            "release": sha256(BODY).digest(),
            "exchange_id": EXCHANGE,
            "recipient": PEER,
            "purpose": Purpose.VICTIM_PROTECTION,
            "decision": self.decision,
            "policy": POLICY,
            "directory": DIRECTORY,
            "duty": duty,
            "verdict": Verdict.APPROVE,
            "reason": "",
            "officer": signer(number).key_id,
            "expires_at_ms": (OPENED_AT + HOLD_S) * 1000,
        }
        approval = Approval(**{**facts, **changes})
        if by is None:
            return sign(SignedType.APPROVAL, approval.encode(), signer(number))
        forged = sign(SignedType.APPROVAL, approval.encode(), signer(by))
        return forged.replace(signer(by).key_id.encode(), signer(number).key_id.encode())

    def verdict(
        self,
        kind: EntryKind,
        signed: bytes,
        *,
        actor: int = 1,
        content: bytes = BODY,
        opened: bool = True,
        **members: Any,
    ) -> int:
        """Enter what an officer signed."""
        contents = {"actor": signer(actor).key_id.encode(), "justification": signed}
        over = ((CommitmentType.PAYLOAD, payload(content)),) if kind is EntryKind.APPROVED else ()
        facts: dict[str, Any] = {
            "exchange": EXCHANGE,
            "peer": PEER,
            "about": self.held,
            "commits": tuple(sorted((*commits(**contents), *over))),
        }
        if kind is not EntryKind.BREAK_GLASS_REVIEWED:
            facts["duty"] = "VPO"
        index = self.append(kind, **{**facts, **members})
        if opened:
            self._open(index, contents)
        return index

    def approve(self, number: int = 1, duty: Duty = Duty.VPO, **changes: Any) -> int:
        """Let an officer approve; `changes` change what is signed."""
        signed = self.signed(number, duty, **changes)
        return self.verdict(EntryKind.APPROVED, signed, actor=number, duty=duty.token)

    def release(self, body: bytes = BODY) -> int:
        """Release bytes, each time in another envelope."""
        self.envelopes += 1
        return self.append(
            EntryKind.RELEASED,
            exchange=EXCHANGE,
            message=MESSAGE,
            peer=PEER,
            direction=Direction.OUT,
            envelope=bytes((self.envelopes,)) * 32,
            commit=payload(body),
        )

    def book_time(self, index: int) -> int:
        """Return the time of an entry."""
        return parse(self.book.entries[index]).at

    def show(self, index: int, body: bytes = BODY) -> None:
        """Open the payload of a release."""
        self.openings.append(
            Opening(index=index, type=CommitmentType.PAYLOAD, salt=PAYLOAD_SALT, content=body)
        )

    def report(self, *, opened: bool = True) -> Report:
        """Return the report on the export, with openings or without."""
        vkey = self.book.vkey
        files = self.book.export([], [vkey], self.openings if opened else None)
        return inspect(files, Trust(logs={vkey.name: (TrustedLog(vkey=vkey),)}))

    def _open(self, index: int, contents: dict[str, bytes]) -> None:
        for name, content in contents.items():
            kind = CommitmentType(name)
            self.openings.append(Opening(index=index, type=kind, salt=salt(K, kind), content=content))


def _enrolment(number: int, facts: dict[str, Any]) -> list[bytes]:
    """Return what was signed: the first two vouch for each other, and both for everybody else."""
    others = {1: (2,), 2: (1,)}.get(number, (1, 2))
    body = new_officer(
        signer(number),
        person=facts["person"],
        name=f"Officer {number}",
        duties=[Duty.from_token(role, "roles") for role in facts["roles"]],
        valid_from_ms=facts["valid_from"] * 1000,
        valid_until_ms=facts["valid_until"] * 1000,
    ).encode()
    return [vouch(body, signer(one)) for one in (number, *others)]


def message(report: Report) -> str:
    """Return the sentence of the first finding."""
    return next(one.message for one in report.findings if one.severity is Severity.FINDING)


def found(report: Report, severity: Severity = Severity.FINDING) -> list[tuple[str, int | None]]:
    """Return code and entry of everything of one severity."""
    return [(one.code, one.index) for one in report.findings if one.severity is severity]


def both(desk: Desk) -> list[tuple[str, int | None]]:
    """Return the findings, which are the same whether the export is opened or not."""
    assert found(desk.report()) == found(desk.report(opened=False))
    return found(desk.report())


def staffed() -> Desk:
    """Return a desk of two officers who are two people, and a hold for one of them."""
    desk = Desk()
    desk.officer(number=1)
    desk.officer(number=2)
    desk.hold("VPO:1")
    return desk
