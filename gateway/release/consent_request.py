"""Consent requests: what a holder asks an originator before it passes anything on.

It names leaves, never content: the originator knows its own portions by their leaves.

Source: PROTOCOL sections 5 and 6; THREATS A22.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from gateway.errors import Malformed
from gateway.ledger.tree import HASH_BYTES
from gateway.record.encoding import read
from gateway.record.text import check_agency_id, check_text, check_uuid7, parse_day
from gateway.record.vocabulary import LegalBasis, Purpose
from gateway.record.wire_bytes import Limits
from gateway.release.consent import Consent
from gateway.v1 import disclosure_pb2, marking_pb2

REASON_CHARS_MAX: Final = 2000

_LIMITS: Final = Limits(size_bytes=256 * 1024, depth=1, elements=5000)
_LEAVES_MAX: Final = 4096
_VERSION_MAX: Final = 2**32 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRequest:
    """That `sender` asks to pass the portions with these leaves of one record version on to `recipient`.

    `statement` is SHA-256 of the Signed statement; `leaves` are sorted and distinct; `reason` says in words
    why.
    """

    request_id: str
    originator: str
    record_id: str
    version: int
    statement: bytes
    sender: str
    recipient: str
    purpose: Purpose
    legal_basis: LegalBasis
    leaves: tuple[bytes, ...]
    reason: str
    asked_on: date
    exercise: bool

    def __post_init__(self) -> None:
        check_uuid7(self.request_id, "request.request_id")
        check_uuid7(self.record_id, "request.record_id")
        if not 0 < self.version <= _VERSION_MAX:
            raise Malformed("is not a version from 1", field="request.version")
        if len(self.statement) != HASH_BYTES:
            raise Malformed(f"is not {HASH_BYTES} bytes", field="request.statement")
        self._check_agencies()
        if not 0 < len(self.leaves) <= _LEAVES_MAX:
            raise Malformed("names no portion, or too many", field="request.leaves")
        if any(len(leaf) != HASH_BYTES for leaf in self.leaves):
            raise Malformed(f"is not {HASH_BYTES} bytes", field="request.leaves")
        if any(left >= right for left, right in pairwise(self.leaves)):
            raise Malformed("is not sorted and distinct", field="request.leaves")
        if not self.reason.strip():
            raise Malformed("says nothing", field="request.reason", code="required")
        if len(self.reason) > REASON_CHARS_MAX:
            raise Malformed(
                f"is longer than {REASON_CHARS_MAX} characters", field="request.reason", code="too-long"
            )
        check_text(self.reason, "request.reason")

    def _check_agencies(self) -> None:
        check_agency_id(self.originator, "request.originator")
        check_agency_id(self.sender, "request.from")
        check_agency_id(self.recipient, "request.to")
        if self.sender == self.originator:
            raise Malformed("is the originator itself", field="request.from")
        if self.recipient in (self.sender, self.originator):
            raise Malformed("has it already", field="request.to")

    def encode(self) -> bytes:
        """Return the request's bytes."""
        message = disclosure_pb2.ConsentRequest(
            request_id=self.request_id,
            originator=self.originator,
            record_id=self.record_id,
            version=self.version,
            statement=self.statement,
            to=self.recipient,
            purpose=marking_pb2.Purpose.ValueType(self.purpose),
            legal_basis=marking_pb2.LegalBasis.ValueType(self.legal_basis),
            leaves=self.leaves,
            reason=self.reason,
            asked_on=self.asked_on.isoformat(),
            exercise=self.exercise,
        )
        setattr(message, "from", self.sender)
        return message.SerializeToString(deterministic=True)

    def consent(self, leaves: Collection[bytes], *, given_on: date, expires: date) -> Consent:
        """Return the consent to this request for these of its leaves.

        Raises:
            Malformed: none of them, a leaf that was not asked for, or an end before the day it is given.
        """
        if not frozenset(leaves) <= frozenset(self.leaves):
            raise Malformed("holds what was not asked for", field="consent.leaves")
        return Consent(
            statement=self.statement,
            sender=self.sender,
            recipient=self.recipient,
            purpose=self.purpose,
            leaves=tuple(sorted(leaves)),
            expires=expires,
            given_on=given_on,
        )


def parse_consent_request(body: bytes) -> ConsentRequest:
    """Return a consent request of its one encoding; anything else is Malformed."""
    return read(disclosure_pb2.ConsentRequest, body, _request, limits=_LIMITS, field="request")


def _request(message: disclosure_pb2.ConsentRequest) -> ConsentRequest:
    return ConsentRequest(
        request_id=message.request_id,
        originator=message.originator,
        record_id=message.record_id,
        version=message.version,
        statement=message.statement,
        sender=getattr(message, "from"),
        recipient=message.to,
        purpose=Purpose.from_number(message.purpose, "request.purpose"),
        legal_basis=LegalBasis.from_number(message.legal_basis, "request.legal_basis"),
        leaves=tuple(message.leaves),
        reason=message.reason,
        asked_on=parse_day(message.asked_on, "request.asked_on"),
        exercise=message.exercise,
    )
