"""The own floor at the door: what a peer sends is held to it by what the sender attests of each portion.

Source: PROTOCOL sections 3 (protection class) and 6, check 12.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from gateway.errors import GatewayError
from gateway.flow.decide import kind_of, own_attributes, provenance_of
from gateway.flow.gateway import Gateway
from gateway.record.protection import classes_of
from gateway.record.subject_consent import ConsentState
from gateway.record.vocabulary import AgeClass, Fact, Lane, LegalBasis, Provenance, Purpose
from gateway.release.admitted import AdmittedRelease
from gateway.release.protection_class import ProtectionClass
from policy.request import UNMARKED, PortionAttributes, Recipient, ReleaseContext
from policy.vocabulary import RecipientKind, Target


def floor_forbids(gateway: Gateway, content: AdmittedRelease, now: datetime) -> bool:
    """Tell whether the own floor forbids to hold any of it, going by the classes beside the portions."""
    me = own_attributes(gateway, now)
    release, originator = content.release, content.disclosure.statement.originator
    kind = kind_of(gateway, originator)
    plain, in_danger = (
        _context(
            me=me,
            originator=originator,
            # Passed on by somebody else, it is not the organisation itself that sends.
            from_provider=kind == RecipientKind.NGO and release.consent is None,
            purpose=release.purpose,
            legal_basis=release.legal_basis,
            provenance=provenance_of(release.marking.provenance, kind),
            expired=release.expires_at < now.date(),
            break_glass=break_glass,
        )
        for break_glass in (False, True)
    )
    try:
        return any(
            gateway.engine.floor_forbids(
                me,
                attributes_of(protection),
                in_danger if Fact.BREAK_GLASS in protection.facts else plain,
                rung=protection.rung,
                lifts=frozenset(protection.lifts),
            )
            for protection in set(content.disclosure.classes)
        )
    except GatewayError:
        # It names what the own rules do not know, such as more approvers than there can be.
        return True


@lru_cache(maxsize=1024)
def _context(
    *,
    me: Recipient,
    originator: str,
    from_provider: bool,
    purpose: Purpose,
    legal_basis: LegalBasis,
    provenance: frozenset[Provenance],
    expired: bool,
    break_glass: bool,
) -> ReleaseContext:
    """Return the circumstances as far as a recipient can know them.

    What only the sender saw (necessity, whom a prosecution is directed at, the threat) counts as stated: the
    sender's officers answered for it with the approvals that its classes name.
    """
    return ReleaseContext(
        purpose=purpose,
        legal_basis=LegalBasis.VITAL_INTEREST if break_glass else legal_basis,
        lane=Lane.THREAT_TO_LIFE if break_glass else Lane.ROUTINE,
        approvals=frozenset(),
        self_id=me.id,
        self_kind=me.kind,
        originator=originator,
        marking=UNMARKED._replace(expired=expired, close_holders=True),
        onward_consent=False,
        provenance=provenance,
        from_provider=from_provider,
        necessity=True,
        target=Target.OTHERS,
        correction=False,
        over_budget=False,
        break_glass=break_glass,
        threat_stated=True,
        review_outstanding=False,
    )


@lru_cache(maxsize=4096)
def attributes_of(protection: ProtectionClass) -> PortionAttributes:
    """Return what rules may know of a portion that came, by what its sender attests of it."""
    return PortionAttributes(
        category=protection.category,
        classes=classes_of(protection.category, protection.role.protected),
        role=protection.role,
        age=protection.age,
        facts=protection.facts,
        consent=_consent(protection),
        rungs=(protection.rung,),
        do_not_reinterview=False,
        harmful_wording=False,
        graded=False,
        singles_out=False,
        count=0,
        marking=UNMARKED,
    )


def _consent(protection: ProtectionClass) -> ConsentState:
    """Return what the attested facts say of consent: whoever is not known to be an adult has a guardian's."""
    if Fact.CONSENT_VALID not in protection.facts:
        return ConsentState.NOT_ASKED
    return ConsentState.GIVEN if protection.age is AgeClass.ADULT else ConsentState.GUARDIAN_GIVEN
