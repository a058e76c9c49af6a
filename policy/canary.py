"""Fixed questions that every load must answer as expected, before the first real one is asked.

For each floor rule there is one that must be denied by exactly that rule, and there is one that the floor
must let pass, so that a floor that answers nothing cannot be taken for one that protects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from typing import Final

from gateway.errors import Misconfigured
from gateway.record.vocabulary import AgeClass, Fact, Lane, LegalBasis, Provenance, Purpose, RoleClass, Rung
from policy.cell import Cell
from policy.procedure import Answer
from policy.request import UNKNOWN, UNMARKED, PortionAttributes, Recipient, ReleaseContext

_LEO: Final = Recipient(
    id="canary.leo",
    kind="leo",
    country="XX",
    regime="led",
    alert=False,
    functions=frozenset({"anti-trafficking"}),
    communities=frozenset(),
    agreements=frozenset(),
)
_ASKED: Final = ReleaseContext(
    purpose=Purpose.INVESTIGATION,
    legal_basis=LegalBasis.LAW_ENFORCEMENT_TASK,
    lane=Lane.ROUTINE,
    approvals=frozenset(),
    self_id="canary.self",
    originator="canary.self",
    recipient_releasable=True,
    purpose_permitted=True,
    consent_onward_needed=False,
    onward_consent=False,
    notes=False,
    expired=False,
    provenance=frozenset({Provenance.OFFICIAL}),
)
_CAR: Final = PortionAttributes(
    category="vehicle.identity",
    classes=frozenset({"object"}),
    role=RoleClass.SUSPECT,
    age=AgeClass.ADULT,
    facts=frozenset(),
    rungs=(Rung.EXACT,),
    do_not_reinterview=False,
    marking=UNMARKED,
)
_NAME: Final = replace(
    _CAR, category="person.name", classes=frozenset({"victim-identifying"}), role=RoleClass.VICTIM
)
_NAME_OF_UNKNOWN_AGE: Final = replace(_NAME, age=AgeClass.UNKNOWN)
_PHONE: Final = replace(_NAME, category="person.contact", classes=frozenset({"victim-locating"}))
_SHELTER: Final = replace(_NAME, category="person.shelter", classes=frozenset({"shelter-location"}))


def _disclose(
    portion: PortionAttributes,
    *,
    recipient: Recipient = _LEO,
    context: ReleaseContext = _ASKED,
    rung: Rung = Rung.EXACT,
) -> Cell:
    return Cell("disclose", recipient, context, frozenset(), portion, rung)


def _unbound(portion: PortionAttributes) -> Cell:
    return _disclose(portion)._replace(action="discloseUnbound")


HARMLESS: Final = _disclose(_CAR)
"""What the floor must let pass."""

CANARIES: Final[Mapping[str, Cell]] = {
    "VP-01": _disclose(_NAME, recipient=replace(_LEO, kind="private")),
    "VP-02": _disclose(_NAME_OF_UNKNOWN_AGE),
    "VP-02T": _disclose(_NAME_OF_UNKNOWN_AGE, context=replace(_ASKED, purpose=Purpose.TREND)),
    "VP-05": _unbound(_NAME),
    "VP-07": _disclose(
        replace(
            _CAR, category="person.name", classes=frozenset({"suspect"}), role=RoleClass.VICTIM_AND_SUSPECT
        )
    ),
    "VP-08": _disclose(replace(_PHONE, facts=frozenset({Fact.COUNTRY_SAFE, Fact.CONSENT_VALID}))),
    "VP-09": _disclose(_SHELTER, rung=Rung.COARSE),
    "VP-17": _unbound(replace(_CAR, do_not_reinterview=True)),
    "VP-25": _disclose(_NAME, context=replace(_ASKED, purpose=Purpose.IMMIGRATION_ENFORCEMENT)),
    "VP-26": _unbound(_NAME_OF_UNKNOWN_AGE),
    "VP-40": _disclose(_CAR, context=replace(_ASKED, expired=True)),
    "VP-42": _disclose(_CAR, context=replace(_ASKED, purpose=None)),
    "VP-42C": _disclose(replace(_CAR, category=UNKNOWN)),
    "VP-42L": _disclose(_CAR, context=replace(_ASKED, legal_basis=None)),
    "VP-42R": _disclose(_CAR, recipient=replace(_LEO, kind=UNKNOWN)),
}
"""For each floor rule a question that this rule must deny."""


def check_canaries(
    floor: Set[str], all_rules: Callable[[Cell], Answer], the_floor: Callable[[Cell], Answer]
) -> None:
    """Check the loaded rules: `all_rules` answers by every layer, `the_floor` by the floor with all else
    permitted.

    Raises:
        Misconfigured: code `floor-canary`: a floor rule is missing, has no canary, or does not deny its own.
    """
    if floor != CANARIES.keys():
        odd = ", ".join(sorted(floor ^ CANARIES.keys()))
        raise Misconfigured(f"floor rules and canaries differ in {odd}", code="floor-canary")
    for rule, cell in CANARIES.items():
        for answer in (all_rules(cell), the_floor(cell)):
            if answer.allowed or rule not in answer.rules:
                raise Misconfigured(f"floor rule {rule} does not deny its canary", code="floor-canary")
    if not the_floor(HARMLESS).allowed:
        raise Misconfigured("the floor denies what it must let pass", code="floor-canary")
