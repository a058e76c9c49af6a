"""Consent answers: the originator's consent with its anchor, or its refusal, and what makes one count.

Source: PROTOCOL sections 5 and 6 (check 11); THREATS A22.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.kinds import FinalCode
from gateway.record.encoding import read
from gateway.record.text import check_uuid7
from gateway.record.wire_bytes import Limits
from gateway.release.anchor import AnchorTrust, VerifiedAnchor, verify_anchor
from gateway.release.consent import Consent, check_consent, peek_consent, verify_consent
from gateway.release.consent_request import ConsentRequest
from gateway.release.refusal import refused_as
from gateway.v1 import disclosure_pb2
from keys.approval import RefusalReason

AnchoredKeyFor = Callable[[str, str, date, VerifiedAnchor | None], bytes]
"""Returns the raw Ed25519 signing key (agency, key id) that was valid on a day, or raises."""

_LIMITS: Final = Limits(size_bytes=2 * 1024 * 1024, depth=1, elements=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentAnswer:
    """The answer to one request: a Signed `consent` and `anchor` bytes together, or a `refusal`."""

    request_id: str
    consent: bytes | None = None
    anchor: bytes | None = None
    refusal: RefusalReason | None = None

    def __post_init__(self) -> None:
        check_uuid7(self.request_id, "answer.request_id")
        if self.consent == b"" or self.anchor == b"":
            raise Malformed("is present and empty", field="answer.consent", code="not-canonical")
        if (self.consent is None) is not (self.anchor is None):
            raise Malformed("is not a consent with its anchor", field="answer.anchor")
        if (self.consent is None) is (self.refusal is None):
            raise Malformed("is not either a consent or a refusal", field="answer.refusal")

    def encode(self) -> bytes:
        """Return the answer's bytes."""
        return disclosure_pb2.ConsentAnswer(
            request_id=self.request_id,
            consent=self.consent,
            anchor=self.anchor,
            refusal=None if self.refusal is None else self.refusal.value,
        ).SerializeToString(deterministic=True)


def parse_consent_answer(body: bytes) -> ConsentAnswer:
    """Return a consent answer of its one encoding; anything else is Malformed."""
    return read(disclosure_pb2.ConsentAnswer, body, _answer, limits=_LIMITS, field="answer")


def check_answer(
    answer: ConsentAnswer,
    request: ConsentRequest,
    *,
    today: date,
    key_for: AnchoredKeyFor,
    trust: AnchorTrust,
) -> Consent | None:
    """Return the consent that an answer to this request brings, once it holds; None for a refusal.

    `trust` says which ledgers may anchor the originator's statements. A consent to fewer leaves than were
    asked for is one; to others, another agency or another purpose it is none.

    Raises:
        VerificationFailed: code `consent-invalid`.
    """
    if answer.request_id != request.request_id:
        raise _invalid("answers another request", "answer.request_id")
    if answer.consent is None or answer.anchor is None:
        return None
    anchor = verify_anchor(answer.anchor, statement=request.statement, trust=trust)
    claimed, key_id = peek_consent(answer.consent)
    with refused_as(FinalCode.CONSENT_INVALID):
        public_key = key_for(request.originator, key_id, claimed.given_on, anchor)
    consent = verify_consent(answer.consent, public_key)
    check_consent(
        consent,
        statement=request.statement,
        sender=request.sender,
        recipient=request.recipient,
        purpose=request.purpose,
        leaves=(),
        today=today,
    )
    if not frozenset(consent.leaves) <= frozenset(request.leaves):
        raise _invalid("names what was not asked for", "consent.leaves")
    return consent


def _invalid(message: str, field: str) -> VerificationFailed:
    return VerificationFailed(message, code=FinalCode.CONSENT_INVALID, field=field)


def _answer(message: disclosure_pb2.ConsentAnswer) -> ConsentAnswer:
    return ConsentAnswer(
        request_id=message.request_id,
        consent=message.consent if message.HasField("consent") else None,
        anchor=message.anchor if message.HasField("anchor") else None,
        refusal=_refusal(message.refusal) if message.HasField("refusal") else None,
    )


def _refusal(text: str) -> RefusalReason:
    try:
        return RefusalReason(text)
    except ValueError as exc:
        raise Malformed("is not in the closed list", field="answer.refusal", code="unknown-value") from exc
