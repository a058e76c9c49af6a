"""What a release must prove once it is opened: check 11 of admission for the kind `release`.

Whether it fits this gateway (exercise flag, tombstones, own floor) is check 12, and its caller's.

Source: PROTOCOL section 6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from gateway.errors import VerificationFailed
from gateway.ledger.kinds import FinalCode
from gateway.record.commitment import parse_statement
from gateway.record.marking import dominates
from gateway.release.anchor import AnchorTrust, VerifiedAnchor, verify_anchor
from gateway.release.attested import Destination
from gateway.release.consent import Consent, check_consent, peek_consent, verify_consent
from gateway.release.disclosure import VerifiedDisclosure, claimed_statement, verify_disclosure
from gateway.release.duty import covered
from gateway.release.refusal import refused_as
from gateway.release.release import Release, parse_release, release_digest
from gateway.release.statement import statement_digest
from keys.signed import peek

AnchoredKeyFor = Callable[[str, str, date, VerifiedAnchor | None], bytes]
"""Returns the raw Ed25519 signing key (originator, key id) that was valid on a day, or raises.

A key revoked since is returned only where the anchor given was cosigned before the revocation.
"""

AnchorTrustFor = Callable[[str], AnchorTrust]
"""Returns which ledgers may anchor an originator's statements."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdmittedRelease:
    """A release that proves its origin, and that whoever sent it may.

    `digest` is SHA-256 of its bytes; `consent` and `anchor` are set where it came through another agency
    than its originator.
    """

    release: Release
    digest: bytes
    disclosure: VerifiedDisclosure
    consent: Consent | None
    anchor: VerifiedAnchor | None


def release_content(
    body: bytes,
    *,
    sender: str,
    me: str,
    country: str,
    today: date,
    key_for: AnchoredKeyFor,
    anchor_trust_for: AnchorTrustFor,
) -> AdmittedRelease:
    """Return the release of a payload body, once everything in it holds; `sender` is the header's.

    `me` is the agency it came to, `country` that agency's and `today` the day it came.

    Raises:
        VerificationFailed: code `malformed`, `statement-invalid`, `disclosure-invalid`, `consent-missing` or
            `consent-invalid`; the fact `cause` says more.
    """
    with refused_as(FinalCode.MALFORMED):
        release = parse_release(body)
    if release.recipient != me:
        raise _invalid("was made for somebody else", "release.recipient")
    anchor = _anchor(release, anchor_trust_for)

    def dated_key(originator: str, key_id: str, day: date) -> bytes:
        return key_for(originator, key_id, day, anchor)

    destination = Destination(agency=me, country=country, purpose=release.purpose, day=today)
    disclosure = verify_disclosure(release.disclosure, dated_key, destination)
    _check_terms(release, disclosure)
    onward = sender != disclosure.statement.originator
    if not onward and (release.consent is not None or release.anchor is not None):
        raise VerificationFailed(
            "is present though the originator sends", code=FinalCode.MALFORMED, field="release.consent"
        )
    consent = _consent(release, disclosure, sender=sender, today=today, key_for=dated_key) if onward else None
    return AdmittedRelease(
        release=release, digest=release_digest(body), disclosure=disclosure, consent=consent, anchor=anchor
    )


def _anchor(release: Release, trust_for: AnchorTrustFor) -> VerifiedAnchor | None:
    if release.anchor is None:
        return None
    signed = claimed_statement(release.disclosure)
    with refused_as(FinalCode.STATEMENT_INVALID):
        # Read before it is verified: it only says whose ledger the anchor must stand in.
        originator = parse_statement(peek(signed).body).originator
    with refused_as(FinalCode.CONSENT_INVALID):
        trust = trust_for(originator)
    return verify_anchor(release.anchor, statement=statement_digest(signed), trust=trust)


def _check_terms(release: Release, disclosure: VerifiedDisclosure) -> None:
    """Check what the release says of the whole against what the originator signed."""
    statement = disclosure.statement
    # The statement leaves out who else may have it, so that part is not compared.
    terms = replace(release.marking, rel=frozenset())
    if not dominates(terms, statement.marking):
        raise _invalid("is less restrictive than the record", "release.marking")
    if release.expires_at > statement.retain_until:
        raise _invalid("is after the record's own last day", "release.expires_at")
    if not {entity for entity, _ in release.pseudonyms} <= disclosure.entities:
        raise _invalid("names what is not disclosed", "release.pseudonyms")
    # An approval a class rests on is one the release says was given; anything else lifts the floor for free.
    asked = {protection.lifts for protection in disclosure.classes if protection.lifts}
    if not all(covered(lifts, release.duties_met) for lifts in asked):
        raise _invalid("leaves out an approval that a portion rests on", "release.duties_met")


def _consent(
    release: Release,
    disclosure: VerifiedDisclosure,
    *,
    sender: str,
    today: date,
    key_for: Callable[[str, str, date], bytes],
) -> Consent:
    if release.consent is None:
        raise VerificationFailed(
            "is passed on without the originator's consent",
            code=FinalCode.CONSENT_MISSING,
            field="release.consent",
        )
    if release.anchor is None:
        raise VerificationFailed(
            "is passed on without its anchor", code=FinalCode.CONSENT_INVALID, field="release.anchor"
        )
    claimed, key_id = peek_consent(release.consent)
    with refused_as(FinalCode.CONSENT_INVALID):
        public_key = key_for(disclosure.statement.originator, key_id, claimed.given_on)
    consent = verify_consent(release.consent, public_key)
    check_consent(
        consent,
        statement=disclosure.digest,
        sender=sender,
        recipient=release.recipient,
        purpose=release.purpose,
        leaves=disclosure.leaves,
        today=today,
    )
    return consent


def _invalid(message: str, field: str) -> VerificationFailed:
    return VerificationFailed(message, code=FinalCode.DISCLOSURE_INVALID, field=field)
