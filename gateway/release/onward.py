"""Onward release: portions received from another agency go on verbatim or not at all, with its consent.

Source: PROTOCOL sections 3, 4 and 6 (check 11); THREATS A22.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from gateway.record.marking import join
from gateway.record.vocabulary import LegalBasis, Purpose
from gateway.release.admitted import AdmittedRelease
from gateway.release.consent import check_consent, peek_consent
from gateway.release.link import Key
from gateway.release.plan import Candidate, Grant, Plan, Terms, build_release, plan
from gateway.release.release import Release


def candidates(received: AdmittedRelease) -> list[Candidate]:
    """Return the portions that could go on, each at the one rung it was received at.

    What they tell of is what the sender before attested. Fields this version does not know stay: nobody
    here can judge them.
    """
    disclosure = received.disclosure
    return [
        Candidate(
            entity=portion.entity,
            field=portion.field,
            rung=portion.rung,
            data=data,
            leaf=leaf,
            category=protection.category,
            role=protection.role,
            age=protection.age,
        )
        for portion, data, leaf, protection in zip(
            disclosure.portions, disclosure.data, disclosure.leaves, disclosure.classes, strict=True
        )
        if not portion.unknown_field
    ]


def plan_onward(received: AdmittedRelease, grants: Mapping[Key, Grant], terms: Terms) -> Plan:
    """Return what of a received release goes on to the recipient of `terms`.

    A grant of another rung than the one received withholds the portion: only the originator generalises.
    `terms.marking` is the holder's own restriction (`BOTTOM` for none); the marking received is joined to
    it, and the earlier last day of use holds.

    Raises:
        Malformed: as `plan`.
    """
    return plan(
        candidates(received),
        grants,
        replace(
            terms,
            marking=join(received.release.marking, terms.marking),
            retain_until=min(terms.retain_until, received.disclosure.statement.retain_until),
            use_until=(*terms.use_until, received.release.expires_at),
        ),
    )


def build_onward(
    planned: Plan,
    received: AdmittedRelease,
    *,
    sender: str,
    purpose: Purpose,
    legal_basis: LegalBasis,
    pseudonyms: Mapping[str, str],
    consent: bytes,
    anchor: bytes,
    today: date,
) -> Release:
    """Return the onward release of a plan.

    `consent` is the originator's Signed consent and `anchor` anchor bytes, both passed on verbatim; `sender`
    is the agency that passes on.

    Raises:
        Malformed: nothing leaves.
        VerificationFailed: code `consent-invalid` when the consent does not cover this release. Whether it
            is the originator's is verified by whoever received it, and again by the recipient.
    """
    check_consent(
        peek_consent(consent)[0],
        statement=received.disclosure.digest,
        sender=sender,
        recipient=planned.recipient,
        purpose=purpose,
        leaves=[leaf for leaf, _, _ in planned.chosen],
        today=today,
    )
    return build_release(
        planned,
        received.disclosure.signed,
        purpose=purpose,
        legal_basis=legal_basis,
        pseudonyms=pseudonyms,
        consent=consent,
        anchor=anchor,
    )
