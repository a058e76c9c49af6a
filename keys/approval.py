"""Approvals: an officer's signed yes or no to exactly one release, and the closed list of reasons for a no.

Source: PROTOCOL section 4 (Approval); THREATS A19, A20.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from gateway.errors import Malformed, VerificationFailed
from gateway.record.encoding import read
from gateway.record.text import check_agency_id, check_text, check_uuid7
from gateway.record.vocabulary import Duty, Purpose, Term
from gateway.record.wire_bytes import Limits
from gateway.v1 import marking_pb2, release_pb2
from keys.signed import SignedType, peek, sign, verify
from keys.signer import KEY_ID_CHARS, Signer

REASON_CHARS_MAX: Final = 2000
DIGEST_BYTES: Final = 32

_LIMITS: Final = Limits(size_bytes=16 * 1024, depth=1, elements=32)
_TIME_MS_MAX: Final = 253_402_300_800_000


class Verdict(Term):
    """What the officer says."""

    APPROVE = 1
    REFUSE = 2


@unique
class RefusalReason(StrEnum):
    """Why an officer refuses; what else there is to say follows in words."""

    VICTIM_SAFETY = "victim-safety"
    NO_CONSENT = "no-consent"
    MORE_THAN_NEEDED = "more-than-needed"
    WRONG_RECIPIENT = "wrong-recipient"
    WRONG_PURPOSE = "wrong-purpose"
    NOT_LAWFUL = "not-lawful"
    UNRELIABLE = "unreliable"
    DUPLICATE = "duplicate"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One officer's verdict on one release, in one duty.

    `release` is SHA-256 of the release bytes, `decision` of the decision as stored, `policy` of the rules,
    `directory` of what the directory said of both sides; `officer` is the key id, `expires_at_ms` the end of
    the hold. A refusal's `reason` is `<code>` or `<code>: <words>`, its code of the closed list, and `other`
    takes words; an approval's may be empty.
    """

    release: bytes
    exchange_id: str
    recipient: str
    purpose: Purpose
    decision: bytes
    policy: bytes
    directory: bytes
    duty: Duty
    verdict: Verdict
    reason: str
    officer: str
    expires_at_ms: int

    def __post_init__(self) -> None:
        for name in ("release", "decision", "policy", "directory"):
            if len(getattr(self, name)) != DIGEST_BYTES:
                raise Malformed(f"is not {DIGEST_BYTES} bytes", field=f"approval.{name}")
        check_uuid7(self.exchange_id, "approval.exchange_id")
        check_agency_id(self.recipient, "approval.recipient")
        check_text(self.reason, "approval.reason")
        if len(self.reason) > REASON_CHARS_MAX:
            raise Malformed(
                f"is longer than {REASON_CHARS_MAX} characters", field="approval.reason", code="too-long"
            )
        if self.verdict is Verdict.REFUSE:
            _check_refusal(self.reason)
        if len(self.officer) != KEY_ID_CHARS or self.officer.strip("0123456789abcdef"):
            raise Malformed("is not a key id", field="approval.officer")
        if not 0 < self.expires_at_ms < _TIME_MS_MAX:
            raise Malformed("is not a time", field="approval.expires_at")

    def encode(self) -> bytes:
        """Return the approval's bytes, to be signed."""
        return release_pb2.Approval(
            release=self.release,
            exchange_id=self.exchange_id,
            recipient=self.recipient,
            purpose=marking_pb2.Purpose.ValueType(self.purpose),
            decision=self.decision,
            policy=self.policy,
            directory=self.directory,
            duty=release_pb2.Duty.ValueType(self.duty),
            verdict=release_pb2.Verdict.ValueType(self.verdict),
            reason=self.reason,
            officer=self.officer,
            expires_at=self.expires_at_ms,
        ).SerializeToString(deterministic=True)


def refusal_text(reason: RefusalReason, words: str) -> str:
    """Return a refusal's reason as it is signed."""
    return f"{reason.value}: {words.strip()}" if words.strip() else reason.value


def refusal_of(text: str) -> tuple[RefusalReason, str]:
    """Return the closed reason and the words of a refusal.

    Raises:
        Malformed: code `unknown-value`: the reason is not in the closed list; `no-words`: `other` says
            nothing.
    """
    code, _, words = text.partition(":")
    try:
        reason = RefusalReason(code)
    except ValueError as exc:
        known = ", ".join(RefusalReason)
        raise Malformed(f"is not one of {known}", field="approval.reason", code="unknown-value") from exc
    if reason is RefusalReason.OTHER and not words.strip():
        raise Malformed("says nothing beside `other`", field="approval.reason", code="no-words")
    return reason, words.strip()


def _check_refusal(text: str) -> None:
    reason, words = refusal_of(text)
    if refusal_text(reason, words) != text:
        raise Malformed("is not `<code>` or `<code>: <words>`", field="approval.reason")


def sign_approval(approval: Approval, signer: Signer) -> bytes:
    """Return the Signed approval.

    Raises:
        Malformed: the approval names another key than the signer's.
    """
    if approval.officer != signer.key_id:
        raise Malformed("is not the key that signs", field="approval.officer")
    return sign(SignedType.APPROVAL, approval.encode(), signer)


def peek_approval(signed: bytes) -> Approval:
    """Return what a Signed approval claims, NOT verified: to find the hold and the officer with.

    Raises:
        Malformed: it is off its form.
        VerificationFailed: code `wrong-type`, or `wrong-key`: it names another key than its signature does.
    """
    claimed = peek(signed)
    if claimed.type is not SignedType.APPROVAL:
        raise VerificationFailed("is not an approval", code="wrong-type", field="approval")
    approval = parse_approval(claimed.body)
    if approval.officer != claimed.key_id:
        raise VerificationFailed("names another key", code="wrong-key", field="approval.officer")
    return approval


def verify_approval(signed: bytes, public_key: bytes) -> Approval:
    """Return the approval, once it is signed under this key; whether it counts is the hold's question.

    Raises:
        Malformed: it is off its form.
        VerificationFailed: code `wrong-type`, `wrong-key` or `bad-signature`.
    """
    verify(signed, expected=SignedType.APPROVAL, public_key=public_key)
    return peek_approval(signed)


def parse_approval(body: bytes) -> Approval:
    """Return an approval of its one encoding; anything else is Malformed."""
    return read(release_pb2.Approval, body, _approval, limits=_LIMITS, field="approval")


def _approval(message: release_pb2.Approval) -> Approval:
    return Approval(
        release=message.release,
        exchange_id=message.exchange_id,
        recipient=message.recipient,
        purpose=Purpose.from_number(message.purpose, "approval.purpose"),
        decision=message.decision,
        policy=message.policy,
        directory=message.directory,
        duty=Duty.from_number(message.duty, "approval.duty"),
        verdict=Verdict.from_number(message.verdict, "approval.verdict"),
        reason=message.reason,
        officer=message.officer,
        expires_at_ms=message.expires_at,
    )
