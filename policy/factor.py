"""What could be otherwise about a question: each thing that an officer, the submitter or an agency can mend.

Two things are left out on purpose. Nobody is invited to invoke mortal danger, and no fact of the world (where
a person is safe, whether a picture is abuse material) is something to change for the sake of a release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum, unique
from typing import Final

from gateway.record.categories import CATEGORIES
from gateway.record.subject_consent import ConsentState
from gateway.record.vocabulary import AgeClass, Fact, LegalBasis, Purpose, Rung
from policy.decision import Decision
from policy.explain import approvals_in_words
from policy.request import MarkingFacts, PortionAttributes, Recipient, ReleaseContext
from policy.vocabulary import Target


@unique
class Kind(StrEnum):
    """What kind of thing is otherwise; people read changes in this order."""

    APPROVAL = "approval"
    COARSER = "coarser"
    ASKING = "asking"
    NECESSITY = "necessity"
    TARGET = "target"
    UNIT = "unit"
    WORDING = "wording"
    GRADE = "grade"
    REVIEW = "review"
    RELEASABLE = "releasable"
    PERMITTED = "permitted"
    ONWARD = "onward"
    CONSENT = "consent"
    GUARDIAN = "guardian"
    AGREEMENT = "agreement"
    PURPOSE = "purpose"
    BASIS = "basis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """One whole question to the rules: who, in what circumstances, what, and of which categories more."""

    recipient: Recipient
    context: ReleaseContext
    portions: tuple[PortionAttributes, ...]
    ask: frozenset[str]

    def only(self, place: int) -> Situation:
        """Return the same question about one of its portions."""
        return replace(self, portions=(self.portions[place],))


@dataclass(frozen=True, slots=True, kw_only=True)
class Lapsed:
    """An agreement between the two agencies that is not in force today."""

    id: str
    safeguards: bool
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """What only the caller can work out. `purposes` are the whole question for other purposes, its portions
    in the same order, because markings and consents then mean something else; `units` the functions of the
    recipient's units by name; `lapsed` agreements not in force.
    """

    purposes: Mapping[Purpose, Situation] = field(default_factory=dict)
    units: Mapping[str, frozenset[str]] = field(default_factory=dict)
    lapsed: tuple[Lapsed, ...] = ()

    def only(self, place: int) -> Otherwise:
        """Return the same about one portion."""
        return replace(
            self, purposes={purpose: asked.only(place) for purpose, asked in self.purposes.items()}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One thing that is otherwise; `value` says which, where there are several of its kind."""

    kind: Kind
    value: str
    apply: Callable[[Situation], Situation] = field(repr=False, compare=False)


def apply(factors: Iterable[Factor], situation: Situation) -> Situation:
    """Return the question with all of these otherwise."""
    # Another purpose replaces what markings and consents mean, so what changes those comes after it.
    for factor in sorted(factors, key=lambda one: one.kind is not Kind.PURPOSE):
        situation = factor.apply(situation)
    return situation


def in_words(kind: Kind, values: Sequence[str]) -> str:
    """Return factors of one kind as people say it; several values are alternatives."""
    told = values[0] if len(values) < 2 else f"{', '.join(values[:-1])} or {values[-1]}"
    return _WORDS[kind].format(told)


_WORDS: Final = {
    Kind.APPROVAL: "with {}",
    Kind.COARSER: "{}",
    Kind.ASKING: "if asked for",
    Kind.NECESSITY: "with a statement why it is strictly necessary",
    Kind.TARGET: "if it is stated that others are the target of the prosecution",
    Kind.UNIT: "to the unit {}",
    Kind.WORDING: "with its wording mended",
    Kind.GRADE: "with grade, model version and caveat added",
    Kind.REVIEW: "once the review that is due is done",
    Kind.RELEASABLE: "if the marking named this recipient",
    Kind.PERMITTED: "if the marking permitted this purpose",
    Kind.ONWARD: "with the originator's consent to passing it on",
    Kind.CONSENT: "if the person consented to this purpose and recipient",
    Kind.GUARDIAN: "if a guardian who is no suspect consented, with the child's view on record",
    Kind.AGREEMENT: "if agreement {} were in force",
    Kind.PURPOSE: "for the purpose {}",
    Kind.BASIS: "on the legal basis {}",
}

_NO_CONSENT: Final = frozenset({ConsentState.NOT_ASKED, ConsentState.GUARDIAN_GIVEN, ConsentState.GIVEN})
"""States of consent that a consent given now would better: a withdrawal or refusal beats every other."""


def factors_of(situation: Situation, otherwise: Otherwise, decision: Decision) -> list[Factor]:
    """Return what could be otherwise about a question that was answered by this decision."""
    found = [
        *_of_approvals(decision),
        *_of_asking(situation, decision),
        *_of_statements(situation),
        *_of_text(situation),
        *_of_marking(situation),
        *_of_consent(situation),
        *_of_recipient(situation, otherwise),
        *_of_ground(situation, otherwise),
    ]
    order = list(Kind)
    return sorted(found, key=lambda factor: order.index(factor.kind))


def _of_approvals(decision: Decision) -> Iterator[Factor]:
    missing = decision.approvals
    if missing:
        yield Factor(
            kind=Kind.APPROVAL,
            value=approvals_in_words(missing),
            apply=lambda asked: _context(asked, approvals=asked.context.approvals | missing),
        )


def _of_asking(situation: Situation, decision: Decision) -> Iterator[Factor]:
    wanted = frozenset(portion.category for portion in situation.portions)
    if len(wanted) == 1 and not wanted <= situation.ask:
        # Which category that is, the portion says: portions of several may have the same remedy.
        yield Factor(kind=Kind.ASKING, value="", apply=lambda asked: replace(asked, ask=asked.ask | wanted))
    verdict = decision.verdicts[0] if len(decision.verdicts) == 1 else None
    if verdict is not None and verdict.asked is not None and verdict.rung is not None:
        yield Factor(
            kind=Kind.COARSER,
            value=coarser_in_words(situation.portions[0].category, verdict.rung),
            apply=lambda asked: replace(asked, ask=asked.ask - wanted),
        )


def coarser_in_words(category: str, rung: Rung) -> str:
    """Return what a rung leaves of a category, e.g. `as year instead of the exact value`."""
    known = CATEGORIES.get(category)
    name = "" if known is None or rung is Rung.EXACT else known.ladder[rung - Rung.GENERALISED]
    return f"as {(name or rung.token).replace('-', ' ')} instead of the exact value"


def _of_statements(situation: Situation) -> Iterator[Factor]:
    if not situation.context.necessity:
        yield Factor(kind=Kind.NECESSITY, value="", apply=lambda asked: _context(asked, necessity=True))
    if situation.context.target is not Target.OTHERS:
        yield Factor(kind=Kind.TARGET, value="", apply=lambda asked: _context(asked, target=Target.OTHERS))


def _of_text(situation: Situation) -> Iterator[Factor]:
    portions = situation.portions
    if any(portion.harmful_wording for portion in portions):
        yield _of_portions(Kind.WORDING, lambda portion: replace(portion, harmful_wording=False))
    if any("assessment" in portion.classes and not portion.graded for portion in portions):
        yield _of_portions(Kind.GRADE, lambda portion: replace(portion, graded=True))


def _of_marking(situation: Situation) -> Iterator[Factor]:
    context = situation.context
    facts = [context.marking, *(portion.marking for portion in situation.portions)]
    if any(one.review_overdue for one in facts) or context.review_outstanding:

        def reviewed(asked: Situation) -> Situation:
            return _context(_marked(asked, review_overdue=False), review_outstanding=False)

        yield Factor(kind=Kind.REVIEW, value="", apply=reviewed)
    if not all(one.recipient_releasable for one in facts):
        yield Factor(
            kind=Kind.RELEASABLE, value="", apply=lambda asked: _marked(asked, recipient_releasable=True)
        )
    if not all(one.purpose_permitted for one in facts):
        yield Factor(
            kind=Kind.PERMITTED, value="", apply=lambda asked: _marked(asked, purpose_permitted=True)
        )
    others = not context.own_record or any(one.consent_onward_needed for one in facts)
    if others and not context.onward_consent:
        yield Factor(kind=Kind.ONWARD, value="", apply=lambda asked: _context(asked, onward_consent=True))


def _of_consent(situation: Situation) -> Iterator[Factor]:
    missing = [
        portion
        for portion in situation.portions
        if portion.role.protected
        and portion.consent in _NO_CONSENT
        and Fact.CONSENT_VALID not in portion.facts
    ]
    if any(portion.age is AgeClass.ADULT for portion in missing):
        yield _of_portions(Kind.CONSENT, _consented)
    if any(portion.age is not AgeClass.ADULT for portion in missing):
        yield _of_portions(Kind.GUARDIAN, _guardian_consented)


def _consented(portion: PortionAttributes) -> PortionAttributes:
    if portion.age is not AgeClass.ADULT or portion.consent not in _NO_CONSENT:
        return portion
    return replace(portion, consent=ConsentState.GIVEN, facts=portion.facts | {Fact.CONSENT_VALID})


def _guardian_consented(portion: PortionAttributes) -> PortionAttributes:
    if portion.age is AgeClass.ADULT or portion.consent not in _NO_CONSENT:
        return portion
    facts = portion.facts | {Fact.CONSENT_VALID, Fact.GUARDIAN_CLEARED}
    return replace(portion, consent=ConsentState.GUARDIAN_GIVEN, facts=facts)


def _of_recipient(situation: Situation, otherwise: Otherwise) -> Iterator[Factor]:
    for name, functions in otherwise.units.items():
        if functions != situation.recipient.functions:
            yield _to_unit(name, functions)
    for lapsed in otherwise.lapsed:
        if lapsed.id not in situation.recipient.agreements:
            yield _in_force(lapsed)


def _to_unit(name: str, functions: frozenset[str]) -> Factor:
    return Factor(
        kind=Kind.UNIT,
        value=name,
        apply=lambda asked: replace(asked, recipient=replace(asked.recipient, functions=functions)),
    )


def _in_force(lapsed: Lapsed) -> Factor:
    def again(asked: Situation) -> Situation:
        recipient = asked.recipient
        agreements = recipient.agreements | {lapsed.id}
        safeguards = recipient.safeguards or lapsed.safeguards
        return replace(asked, recipient=replace(recipient, agreements=agreements, safeguards=safeguards))

    return Factor(kind=Kind.AGREEMENT, value=lapsed.id, apply=again)


def _of_ground(situation: Situation, otherwise: Otherwise) -> Iterator[Factor]:
    for purpose, asked in otherwise.purposes.items():
        if purpose is not situation.context.purpose:
            yield _for_purpose(purpose, asked)
    for basis in LegalBasis:
        if basis is not situation.context.legal_basis:
            yield _on_basis(basis)


def _for_purpose(purpose: Purpose, other: Situation) -> Factor:
    return Factor(kind=Kind.PURPOSE, value=purpose.token, apply=lambda _: other)


def _on_basis(basis: LegalBasis) -> Factor:
    return Factor(kind=Kind.BASIS, value=basis.token, apply=lambda asked: _context(asked, legal_basis=basis))


def _of_portions(kind: Kind, change: Callable[[PortionAttributes], PortionAttributes]) -> Factor:
    return Factor(
        kind=kind,
        value="",
        apply=lambda asked: replace(asked, portions=tuple(change(one) for one in asked.portions)),
    )


def _context(asked: Situation, **changed: object) -> Situation:
    return replace(asked, context=replace(asked.context, **changed))  # type: ignore[arg-type]


def _marked(asked: Situation, **facts: bool) -> Situation:
    """Return the question with a meaning of its markings otherwise: the record's and every part's."""

    def of(marking: MarkingFacts) -> MarkingFacts:
        return marking._replace(**facts)

    portions = tuple(replace(portion, marking=of(portion.marking)) for portion in asked.portions)
    return _context(replace(asked, portions=portions), marking=of(asked.context.marking))
