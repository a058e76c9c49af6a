"""Consent: the originator's signed agreement that one agency passes on named portions to another.

Source: PROTOCOL section 6, check 11; THREATS A22.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.kinds import FinalCode
from gateway.ledger.tree import HASH_BYTES
from gateway.record.encoding import read
from gateway.record.text import check_agency_id, parse_day
from gateway.record.vocabulary import Purpose
from gateway.record.wire_bytes import Limits
from gateway.release.refusal import refused_as
from gateway.v1 import disclosure_pb2, marking_pb2
from keys.signed import SignedType, peek, sign, verify
from keys.signer import Signer

_LIMITS: Final = Limits(size_bytes=256 * 1024, depth=2, elements=5000)
_LEAVES_MAX: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """That `sender` may pass the portions with these leaves on to `recipient`, for one purpose.

    `statement` is SHA-256 of the Signed statement; `leaves` are sorted and distinct; `expires` is the last
    day on which it may be passed on.
    """

    statement: bytes
    sender: str
    recipient: str
    purpose: Purpose
    leaves: tuple[bytes, ...]
    expires: date
    given_on: date

    def __post_init__(self) -> None:
        if len(self.statement) != HASH_BYTES:
            raise Malformed(f"is not {HASH_BYTES} bytes", field="consent.statement")
        check_agency_id(self.sender, "consent.from")
        check_agency_id(self.recipient, "consent.to")
        if self.sender == self.recipient:
            raise Malformed("is the agency that passes on", field="consent.to")
        if not 0 < len(self.leaves) <= _LEAVES_MAX:
            raise Malformed("names no portion, or too many", field="consent.leaves")
        if any(len(leaf) != HASH_BYTES for leaf in self.leaves):
            raise Malformed(f"is not {HASH_BYTES} bytes", field="consent.leaves")
        if any(left >= right for left, right in pairwise(self.leaves)):
            raise Malformed("is not sorted and distinct", field="consent.leaves")
        if self.expires < self.given_on:
            raise Malformed("is before the day it was given", field="consent.expires")

    def encode(self) -> bytes:
        """Return the consent's bytes, to be signed."""
        message = disclosure_pb2.Consent(
            statement=self.statement,
            to=self.recipient,
            purpose=marking_pb2.Purpose.ValueType(self.purpose),
            leaves=self.leaves,
            expires=self.expires.isoformat(),
            given_on=self.given_on.isoformat(),
        )
        setattr(message, "from", self.sender)
        return message.SerializeToString(deterministic=True)


def sign_consent(consent: Consent, signer: Signer) -> bytes:
    """Return the Signed consent, under the originator's signing key."""
    return sign(SignedType.CONSENT, consent.encode(), signer)


def parse_consent(body: bytes) -> Consent:
    """Return a consent of its one encoding; anything else is Malformed."""
    return read(disclosure_pb2.Consent, body, _consent, limits=_LIMITS, field="consent")


def peek_consent(signed: bytes) -> tuple[Consent, str]:
    """Return what a Signed consent claims and the key id it names, NOT verified: to find the key with.

    Raises:
        VerificationFailed: code `consent-invalid`.
    """
    with refused_as(FinalCode.CONSENT_INVALID):
        claimed = peek(signed)
        if claimed.type is not SignedType.CONSENT:
            raise VerificationFailed("is not a consent", code="wrong-type", field="consent")
        return parse_consent(claimed.body), claimed.key_id


def verify_consent(signed: bytes, public_key: bytes) -> Consent:
    """Return the consent, once it is signed under this key; whether it fits is `check_consent`'s question.

    Raises:
        VerificationFailed: code `consent-invalid`.
    """
    with refused_as(FinalCode.CONSENT_INVALID):
        return parse_consent(verify(signed, expected=SignedType.CONSENT, public_key=public_key))


def check_consent(
    consent: Consent,
    *,
    statement: bytes,
    sender: str,
    recipient: str,
    purpose: Purpose,
    leaves: Iterable[bytes],
    today: date,
) -> None:
    """Pass only if the consent covers exactly this onward release.

    `statement` is SHA-256 of the Signed statement, `leaves` those of the portions that go on.

    Raises:
        VerificationFailed: code `consent-invalid`, `field` the part that does not fit.
    """
    fits = {
        "consent.statement": consent.statement == statement,
        "consent.from": consent.sender == sender,
        "consent.to": consent.recipient == recipient,
        "consent.purpose": consent.purpose is purpose,
        "consent.leaves": frozenset(consent.leaves).issuperset(leaves),
        "consent.expires": consent.given_on <= today <= consent.expires,
    }
    for field, fit in fits.items():
        if not fit:
            raise VerificationFailed(
                "does not cover this release", code=FinalCode.CONSENT_INVALID, field=field
            )


def _consent(message: disclosure_pb2.Consent) -> Consent:
    return Consent(
        statement=message.statement,
        sender=getattr(message, "from"),
        recipient=message.to,
        purpose=Purpose.from_number(message.purpose, "consent.purpose"),
        leaves=tuple(message.leaves),
        expires=parse_day(message.expires, "consent.expires"),
        given_on=parse_day(message.given_on, "consent.given_on"),
    )
