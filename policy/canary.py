"""Fixed questions that every load must answer as expected, before the first real one is asked.

For each floor rule there is one that must be denied by exactly that rule, and there is one that the floor
must let pass, so that a floor that answers nothing cannot be taken for one that protects.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import replace
from typing import Any, Final

from gateway.errors import Misconfigured
from gateway.record.subject_consent import ConsentState
from gateway.record.vocabulary import AgeClass, Fact, Lane, LegalBasis, Provenance, Purpose, RoleClass, Rung
from policy.cell import Action, Cell
from policy.procedure import Answer
from policy.request import UNMARKED, PortionAttributes, Recipient, ReleaseContext
from policy.usual import ASKED, INTERVIEWEE, NAME, POLICE
from policy.vocabulary import UNKNOWN, Target

# Their own ids, and nothing stated that a canary means to be missing.
_LEO: Final = replace(
    POLICE, id="canary.leo", country="XX", communities=frozenset(), agreements=frozenset(), safeguards=False
)
_ASKED: Final = replace(
    ASKED, self_id="canary.self", originator="canary.self", necessity=True, target=Target.OTHERS
)
_IN_DANGER: Final = replace(
    _ASKED,
    legal_basis=LegalBasis.VITAL_INTEREST,
    lane=Lane.THREAT_TO_LIFE,
    break_glass=True,
    threat_stated=True,
)
_CAR: Final = replace(
    NAME, category="vehicle.identity", classes=frozenset({"object"}), role=RoleClass.SUSPECT
)
_MINOR: Final = replace(
    INTERVIEWEE,
    age=AgeClass.UNKNOWN,
    do_not_reinterview=True,
    representative=True,
    sessions_stated=True,
)

_NAME_OF_UNKNOWN_AGE: Final = replace(NAME, age=AgeClass.UNKNOWN)
_INTERVIEW: Final = Cell("requestInterview", _LEO, _ASKED, frozenset(), interviewee=_MINOR)


def _disclose(
    portion: PortionAttributes,
    *,
    recipient: Recipient = _LEO,
    context: ReleaseContext = _ASKED,
    rung: Rung = Rung.EXACT,
) -> Cell:
    return Cell("disclose", recipient, context, frozenset(), portion, rung)


def _unbound(portion: PortionAttributes, *, context: ReleaseContext = _ASKED) -> Cell:
    return _disclose(portion, context=context)._replace(action="discloseUnbound")


def _tells(category: str, name: str, **changed: Any) -> PortionAttributes:
    """Return an adult victim's portion of this category and class."""
    return replace(NAME, category=category, classes=frozenset({name}), **changed)


def _act(action: Action, portion: PortionAttributes, *, hit: bool = False, **changed: Any) -> Cell:
    context = replace(_ASKED, **changed)
    return Cell(action, _LEO, context, frozenset(), portion, None, None, hit)


HARMLESS: Final = _disclose(_CAR)
"""What the floor must let pass."""

CANARIES: Final[Mapping[str, Cell]] = {
    "VP-01": _disclose(NAME, recipient=replace(_LEO, kind="private")),
    "VP-02": _disclose(_NAME_OF_UNKNOWN_AGE),
    "VP-02T": _disclose(_NAME_OF_UNKNOWN_AGE, context=replace(_ASKED, purpose=Purpose.TREND)),
    "VP-05": _unbound(NAME),
    "VP-06": _disclose(_tells("person.family", "victim-family"), recipient=replace(_LEO, kind="igo")),
    "VP-07": _disclose(_tells("person.name", "suspect", role=RoleClass.VICTIM_AND_SUSPECT)),
    "VP-08": _disclose(_tells("person.address", "victim-locating")),
    "VP-09": _disclose(_tells("person.shelter", "shelter-location"), rung=Rung.COARSE),
    "VP-10": _disclose(NAME, recipient=replace(_LEO, alert=True)),
    "VP-11": _disclose(_tells("person.image", "victim-imagery", facts=frozenset({Fact.NOT_ABUSE_MATERIAL}))),
    "VP-11A": _disclose(_tells("person.image", "victim-imagery"), rung=Rung.GENERALISED),
    "VP-12": _disclose(replace(NAME, category="person.contact", classes=frozenset({"object"}))),
    "VP-14": _disclose(_tells("person.health", "victim-sensitive")),
    "VP-15": _disclose(_tells("person.therapy", "therapy-notes")),
    "VP-16": _disclose(_tells("person.sexual-history", "sexual-history")),
    "VP-17": _unbound(replace(_CAR, do_not_reinterview=True)),
    "VP-17I": _INTERVIEW,
    "VP-17R": _INTERVIEW,
    "VP-18": _INTERVIEW,
    "VP-18F": _INTERVIEW,
    "VP-21": _disclose(NAME, context=replace(_ASKED, legal_basis=LegalBasis.CONSENT)),
    "VP-22": _disclose(
        replace(NAME, consent=ConsentState.WITHDRAWN),
        context=replace(_ASKED, legal_basis=LegalBasis.CONSENT),
    ),
    "VP-23": _disclose(
        replace(NAME, consent=ConsentState.GUARDIAN_GIVEN),
        context=replace(_ASKED, legal_basis=LegalBasis.CONSENT),
    ),
    "VP-24": _disclose(
        _tells("person.cooperation", "cooperation-status"),
        recipient=replace(_LEO, functions=frozenset({"immigration"})),
    ),
    "VP-25": _disclose(NAME, context=replace(_ASKED, purpose=Purpose.IMMIGRATION_ENFORCEMENT)),
    "VP-25I": _disclose(_tells("person.immigration", "victim-immigration")),
    "VP-26": _unbound(_NAME_OF_UNKNOWN_AGE),
    "VP-27": _disclose(NAME, context=replace(_ASKED, provenance=frozenset({Provenance.NGO}))),
    "VP-28": _disclose(_tells("provider.identity", "provider")),
    "VP-28J": _act("judicialUse", _tells("provider.identity", "provider")),
    "VP-30": _disclose(NAME, recipient=replace(_LEO, kind="private")),
    "VP-34": _disclose(
        _tells("person.own-offence", "victim-own-offence"),
        context=replace(_ASKED, purpose=Purpose.PROSECUTION, target=Target.UNKNOWN),
    ),
    "VP-34H": _disclose(_tells("person.own-offence", "victim-own-offence")),
    "VP-34O": _unbound(_tells("person.own-offence", "victim-own-offence")),
    "VP-36": _act("deconflict", NAME, purpose=Purpose.DECONFLICTION),
    "VP-36H": _act("deconflict", NAME, hit=True, purpose=Purpose.MISSING_PERSON),
    "VP-37": _disclose(replace(_CAR, category="aggregate.cell", classes=frozenset({"aggregate"}), count=10)),
    "VP-38": _disclose(_CAR, recipient=replace(_LEO, kind="igo"), context=_IN_DANGER),
    "VP-38E": _unbound(_CAR, context=_IN_DANGER),
    "VP-38T": _disclose(_CAR, context=replace(_IN_DANGER, threat_stated=False)),
    "VP-39": _unbound(_CAR, context=_IN_DANGER),
    "VP-39R": Cell("release", _LEO, replace(_IN_DANGER, review_outstanding=True), frozenset()),
    "VP-40": _disclose(_CAR, context=replace(_ASKED, marking=UNMARKED._replace(expired=True))),
    "VP-40E": _disclose(replace(_CAR, marking=UNMARKED._replace(expired=True))),
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
