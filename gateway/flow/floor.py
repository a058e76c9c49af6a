"""The own floor at the door: what a peer sends is held to it by what the sender attests of each portion.

Source: PROTOCOL sections 3 (protection class) and 6, check 12.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from gateway.errors import GatewayError
from gateway.flow.decide import own_attributes
from gateway.flow.gateway import Gateway
from gateway.record.protection import classes_of
from gateway.record.vocabulary import Fact, Lane, LegalBasis, Provenance, Purpose
from gateway.release.admitted import AdmittedRelease
from gateway.release.protection_class import ProtectionClass
from policy.request import UNMARKED, PortionAttributes, ReleaseContext


def floor_forbids(gateway: Gateway, content: AdmittedRelease, now: datetime) -> bool:
    """Tell whether the own floor forbids to hold any of it, going by the classes beside the portions."""
    me = own_attributes(gateway, now)
    release = content.release
    plain, in_danger = (
        _context(
            me=gateway.me,
            originator=content.disclosure.statement.originator,
            purpose=release.purpose,
            legal_basis=release.legal_basis,
            provenance=release.marking.provenance,
            expired=release.expires_at < now.date(),
            break_glass=break_glass,
        )
        for break_glass in (False, True)
    )
    try:
        return any(
            gateway.engine.floor_forbids(
                me,
                _attributes_of(protection),
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
    me: str,
    originator: str,
    purpose: Purpose,
    legal_basis: LegalBasis,
    provenance: frozenset[Provenance],
    expired: bool,
    break_glass: bool,
) -> ReleaseContext:
    return ReleaseContext(
        purpose=purpose,
        legal_basis=legal_basis,
        lane=Lane.ROUTINE,
        approvals=frozenset(),
        self_id=me,
        originator=originator,
        recipient_releasable=True,
        purpose_permitted=True,
        consent_onward_needed=False,
        onward_consent=False,
        notes=False,
        expired=expired,
        provenance=provenance,
        break_glass=break_glass,
    )


@lru_cache(maxsize=4096)
def _attributes_of(protection: ProtectionClass) -> PortionAttributes:
    return PortionAttributes(
        category=protection.category,
        classes=classes_of(protection.category, protection.role.protected),
        role=protection.role,
        age=protection.age,
        facts=protection.facts,
        rungs=(protection.rung,),
        do_not_reinterview=False,
        marking=UNMARKED,
    )
