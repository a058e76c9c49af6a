"""Consent of a person told of: what is recorded of it, and what it comes to for one purpose and recipient.

Source: rules VP-21 to VP-23.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from gateway.record.text import parse_day
from gateway.record.vocabulary import AgeClass, Purpose
from gateway.v1 import record_pb2 as pb

_GIVEN = pb.ConsentStatus.CONSENT_STATUS_GIVEN
_BY_GUARDIAN = pb.ConsentStatus.CONSENT_STATUS_GUARDIAN_GIVEN
_WITHDRAWN = pb.ConsentStatus.CONSENT_STATUS_WITHDRAWN
_REFUSED = pb.ConsentStatus.CONSENT_STATUS_REFUSED


class ConsentState(StrEnum):
    """What the consent of everybody a portion tells of came to, for one purpose and recipient."""

    GIVEN = "given"
    GUARDIAN_GIVEN = "guardian-given"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    NOT_ASKED = "not-asked"
    NOT_REQUIRED = "not-required"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """One consent of a person as recorded. `purposes` and `recipients` (agency ids) are what it covers; an
    empty set covers nothing. Without a last day it counts as none.
    """

    status: int
    purposes: frozenset[Purpose]
    recipients: frozenset[str]
    expires: date | None
    child_view_recorded: bool
    guardian_cleared: bool

    @property
    def guardian_may(self) -> bool:
        """Whether a guardian who is stated to be no suspect gave it, with the child's view on record."""
        return self.status == _BY_GUARDIAN and self.child_view_recorded and self.guardian_cleared

    def covers(self, purpose: Purpose, recipient: str, today: date) -> bool:
        """Tell whether purpose and recipient are in its scope today."""
        current = self.expires is not None and self.expires >= today
        return current and purpose in self.purposes and recipient in self.recipients

    def is_valid(self, purpose: Purpose, recipient: str, *, age: AgeClass, today: date) -> bool:
        """Tell whether it allows this release. For anybody not known to be an adult only a guardian's consent
        counts, with the child's view recorded and a guardian stated not to be a suspect.

        Source: rules VP-21, VP-23.
        """
        if not self.covers(purpose, recipient, today):
            return False
        return self.status == _GIVEN if age is AgeClass.ADULT else self.guardian_may


Given = tuple[AgeClass, tuple[Consent, ...]]
"""The age of one protected person, and every consent recorded of that person."""


def all_consented(persons: Iterable[Given], purpose: Purpose, recipient: str, *, today: date) -> bool:
    """Tell whether every person validly consented to this purpose and recipient; nobody is no consent.

    A withdrawal or refusal beats any other consent of that person: records do not order them reliably, and a
    withdrawn consent must never be revived by an older one.
    """
    told = list(persons)
    return bool(told) and all(
        any(consent.is_valid(purpose, recipient, age=age, today=today) for consent in given)
        and not any(consent.status in (_WITHDRAWN, _REFUSED) for consent in given)
        for age, given in told
    )


def consent_state(
    persons: Iterable[Given], purpose: Purpose | None, recipient: str, *, today: date
) -> ConsentState:
    """Return what the consents of these persons come to; the strictest of them counts, and without anybody
    protected none is required.
    """
    states = {_state(age, given, purpose, recipient, today) for age, given in persons}
    return next((state for state in _STRICTEST_FIRST if state in states), ConsentState.NOT_REQUIRED)


_STRICTEST_FIRST = (
    ConsentState.WITHDRAWN,
    ConsentState.REFUSED,
    ConsentState.NOT_ASKED,
    ConsentState.GUARDIAN_GIVEN,
    ConsentState.GIVEN,
)


def _state(
    age: AgeClass, given: tuple[Consent, ...], purpose: Purpose | None, recipient: str, today: date
) -> ConsentState:
    for status, state in ((_WITHDRAWN, ConsentState.WITHDRAWN), (_REFUSED, ConsentState.REFUSED)):
        if any(consent.status == status for consent in given):
            return state
    covering = {
        consent.status
        for consent in given
        if purpose is not None and consent.covers(purpose, recipient, today)
    }
    if age is AgeClass.ADULT and _GIVEN in covering:
        return ConsentState.GIVEN
    return ConsentState.GUARDIAN_GIVEN if _BY_GUARDIAN in covering else ConsentState.NOT_ASKED


def read_consent(given: pb.ConsentRecord) -> Consent:
    """Return a consent as a record states it; what is not stated is not there."""
    return Consent(
        status=given.status,
        purposes=frozenset(Purpose(purpose) for purpose in given.purposes if purpose),
        recipients=frozenset(given.recipients),
        expires=parse_day(given.expires, "expires") if given.HasField("expires") else None,
        child_view_recorded=given.child_view_recorded,
        guardian_cleared=given.HasField("guardian_is_suspect") and not given.guardian_is_suspect,
    )
