"""The whole question that the rules are asked about a record, and the same were something otherwise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import cast

from gateway.flow.decide import Verdicts, decide
from gateway.flow.gateway import Gateway
from gateway.flow.prepare import Submission
from gateway.flow.question import FieldKey, Question
from gateway.record.vocabulary import Purpose
from keys.agreement import Agreement
from policy.decision import Decision
from policy.engine import Engine
from policy.factor import Lapsed, Otherwise, Situation
from policy.request import PortionAttributes, Recipient, ReleaseContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One question as the rules heard it, and the verdicts it got.

    `situation` holds every kind of portion once, `places` says for each field which of them it is; fields are
    of one kind where no purpose tells them apart.
    """

    verdicts: Verdicts
    situation: Situation
    otherwise: Otherwise
    places: Mapping[FieldKey, int]


@dataclass(slots=True)
class _Listening:
    """Stands in the engine's place and notes what is asked of it."""

    engine: Engine
    heard: list[Situation] = field(default_factory=list)

    def decide(
        self,
        recipient: Recipient,
        context: ReleaseContext,
        portions: Sequence[PortionAttributes],
        ask: frozenset[str],
    ) -> Decision:
        self.heard.append(Situation(recipient=recipient, context=context, portions=tuple(portions), ask=ask))
        return self.engine.decide(recipient, context, portions, ask)


def heard(gateway: Gateway, submission: Submission, question: Question) -> tuple[Verdicts, Situation]:
    """Return the decision, and the question as the rules heard it: deciding is done in one place only."""
    listening = _Listening(gateway.engine)
    listener = replace(gateway, engine=cast(Engine, listening))
    return decide(listener, submission, question), listening.heard[-1]


def asked(gateway: Gateway, submission: Submission, question: Question) -> Asked:
    """Return the question with everything that could be otherwise about it."""
    verdicts, situation = heard(gateway, submission, question)
    others = {
        purpose: heard(gateway, submission, replace(question, purpose=purpose))
        for purpose in Purpose
        if purpose is not question.purpose
    }
    kinds: dict[tuple[PortionAttributes, ...], int] = {}
    places: dict[FieldKey, int] = {}
    for key, (attributes, _) in verdicts.by_field.items():
        kind = (attributes, *(found.by_field[key][0] for found, _ in others.values()))
        places[key] = kinds.setdefault(kind, len(kinds))
    purposes = {
        purpose: replace(other, portions=tuple(kind[at] for kind in kinds))
        for at, (purpose, (_, other)) in enumerate(others.items(), 1)
    }
    return Asked(
        verdicts=verdicts,
        situation=replace(situation, portions=tuple(kind[0] for kind in kinds)),
        otherwise=Otherwise(
            purposes=purposes,
            units=_units(gateway, question),
            lapsed=lapsed_between(gateway, question.recipient.id, question.today),
        ),
        places=places,
    )


def lapsed_between(gateway: Gateway, recipient: str, today: date) -> tuple[Lapsed, ...]:
    """Return the agreements between this agency and another that are not in force today, by id."""
    return tuple(
        Lapsed(id=one.id, safeguards=one.safeguards, told=_told(one, today))
        for _, one in sorted(gateway.directory.agreements.items())
        if {gateway.me, recipient} <= set(one.parties) and not one.in_force(today)
    )


def _told(agreement: Agreement, today: date) -> str:
    if agreement.valid_until < today:
        return f"ended on {agreement.valid_until.isoformat()}"
    return f"begins on {agreement.valid_from.isoformat()}"


def _units(gateway: Gateway, question: Question) -> dict[str, frozenset[str]]:
    units = gateway.directory.member(question.recipient.id).units
    return {
        unit.name: frozenset(function.value for function in unit.functions)
        for unit in units
        if unit.name != question.stated.unit
    }
