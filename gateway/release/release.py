"""The release: everything that leaves for one recipient, serialised once, when it is planned.

Its digest is the one thing an approval signs.

Source: PROTOCOL section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from itertools import pairwise
from typing import Final

from gateway.errors import Malformed
from gateway.record.encoding import read
from gateway.record.marking import Marking, common_message, from_message, narrowed
from gateway.record.text import check_agency_id, check_entity, parse_day
from gateway.record.vocabulary import LegalBasis, Purpose
from gateway.record.wire_bytes import Limits
from gateway.release.duty import check_tokens
from gateway.release.obligation import Obligation, check_obligations, obligation_message, read_obligation
from gateway.release.pseudonym import check_pseudonym
from gateway.v1 import marking_pb2, release_pb2

RELEASE_LIMITS: Final = Limits(size_bytes=4 * 1024 * 1024, depth=4, elements=65_536)

_PSEUDONYMS_MAX: Final = 512


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What one recipient gets, and on what terms.

    `disclosure` is disclosure bytes; `marking` the join over what is released, `rel` naming the recipient
    alone; `pseudonyms` (entity, token) sorted by entity; `duties_met` approval tokens, sorted; `expires_at`
    the recipient's last day of use; `consent` a Signed consent and `anchor` anchor bytes, both onward only.
    """

    disclosure: bytes
    recipient: str
    purpose: Purpose
    legal_basis: LegalBasis
    marking: Marking
    obligations: tuple[Obligation, ...]
    pseudonyms: tuple[tuple[str, str], ...]
    duties_met: tuple[str, ...]
    expires_at: date
    consent: bytes | None = None
    anchor: bytes | None = None

    def __post_init__(self) -> None:
        if not self.disclosure:
            raise Malformed("is empty", field="release.disclosure")
        check_agency_id(self.recipient, "release.recipient")
        if self.marking.nobody:
            raise Malformed("lets nobody have it", field="release.marking")
        check_obligations(self.obligations)
        _check_pseudonyms(self.pseudonyms)
        check_tokens(self.duties_met, "release.duties_met")
        if self.marking.expires is not None and self.expires_at > self.marking.expires:
            raise Malformed("is after the marking's last day of use", field="release.expires_at")
        if self.consent == b"" or self.anchor == b"":
            raise Malformed("is present and empty", field="release.consent", code="not-canonical")

    def encode(self) -> bytes:
        """Return the release's bytes: called once, by its maker; everybody else carries them verbatim."""
        return release_pb2.Release(
            disclosure=self.disclosure,
            recipient=self.recipient,
            purpose=marking_pb2.Purpose.ValueType(self.purpose),
            legal_basis=marking_pb2.LegalBasis.ValueType(self.legal_basis),
            marking=common_message(self.marking),
            obligations=[obligation_message(obligation) for obligation in self.obligations],
            pseudonyms=[
                release_pb2.Pseudonym(entity=entity, token=token) for entity, token in self.pseudonyms
            ],
            duties_met=self.duties_met,
            expires_at=self.expires_at.isoformat(),
            consent=self.consent,
            anchor=self.anchor,
        ).SerializeToString(deterministic=True)


def parse_release(data: bytes) -> Release:
    """Return the release of its one encoding; what is inside its disclosure is not looked at.

    Raises:
        Malformed: a field missing, unknown, off its form or in another spelling.
    """
    return read(release_pb2.Release, data, _release, limits=RELEASE_LIMITS, field="release")


def release_digest(data: bytes) -> bytes:
    """Return SHA-256 of release bytes: what an approval signs."""
    return sha256(data).digest()


def last_day_of_use(marking: Marking, retain_until: date, *limits: date | None) -> date:
    """Return the recipient's last day of use: the earliest of the marking's, the originator's own, others."""
    return min(day for day in (marking.expires, retain_until, *limits) if day is not None)


def travelling_marking(marking: Marking, recipient: str) -> Marking:
    """Return a joined marking as this recipient may see it: released to it, and to nobody else it could name.

    The lists of who else may or may not have it stay at home: they would tell one recipient of others. What
    takes their place is stricter than any of them. Restrictions in words stay: unread nobody obeys them.
    """
    if marking.nobody:
        raise Malformed("lets nobody have it", field="marking")
    return narrowed(marking, frozenset({recipient}))


def _check_pseudonyms(pseudonyms: tuple[tuple[str, str], ...]) -> None:
    if len(pseudonyms) > _PSEUDONYMS_MAX:
        raise Malformed("is too long", field="release.pseudonyms")
    for entity, token in pseudonyms:
        check_entity(entity, "pseudonym.entity")
        check_pseudonym(token, "pseudonym.token")
    if any(left[0] >= right[0] for left, right in pairwise(pseudonyms)):
        raise Malformed("is not sorted and distinct", field="release.pseudonyms", code="not-canonical")


def _release(message: release_pb2.Release) -> Release:
    return Release(
        disclosure=message.disclosure,
        recipient=message.recipient,
        purpose=Purpose.from_number(message.purpose, "release.purpose"),
        legal_basis=LegalBasis.from_number(message.legal_basis, "release.legal_basis"),
        marking=from_message(message.marking, field="release.marking"),
        obligations=tuple(read_obligation(obligation) for obligation in message.obligations),
        pseudonyms=tuple((pseudonym.entity, pseudonym.token) for pseudonym in message.pseudonyms),
        duties_met=tuple(message.duties_met),
        expires_at=parse_day(message.expires_at, "release.expires_at"),
        consent=message.consent if message.HasField("consent") else None,
        anchor=message.anchor if message.HasField("anchor") else None,
    )
