"""Simulating: what proposed rules would have made of the newest decisions. Nothing is stored, nothing leaves.

Both sides are decided today, once by the rules in force and once by those proposed: what differs, differs by
the rules alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from gateway.errors import GatewayError, Malformed, NotFound
from gateway.flow.activate import rules_of
from gateway.flow.decide import Verdicts, decide
from gateway.flow.gateway import Gateway
from gateway.flow.inquiry import WITHHELD, Plain
from gateway.flow.keeping import owner_of
from gateway.flow.prepare import prepared_again
from gateway.flow.question import FieldKey
from gateway.flow.question_again import question_again, record_of
from gateway.flow.remedy import gravest_first, text_of
from policy.decision import Outcome
from policy.engine import Engine
from policy.explain import approvals_in_words
from policy.request import PortionAttributes
from policy.statement import RuleFile

MOST_EXCHANGES: Final = 1_000
"""How many exchanges one simulation decides again, at most."""

AT_ONCE: Final = 16
"""How many are decided in one turn of a running gateway, so that others are served in between."""


class Effect(StrEnum):
    """What proposed rules do to an exchange; it may be several things."""

    RELEASED = "newly-released"
    HELD = "newly-held"
    WITHHELD = "newly-withheld"
    UNCHANGED = "unchanged"
    UNDECIDABLE = "not-decidable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Rules that are proposed: all of the agency's own by file name, and a baseline, or that in force."""

    local: Mapping[str, str] = field(default_factory=dict)
    baseline: str | None = None


def proposed_engine(gateway: Gateway, proposal: Proposal) -> Engine:
    """Return an engine that decides by the proposed rules, loaded whole and proved as those in force are.

    Raises:
        Malformed: a rule does not load; the field names file and line.
        Misconfigured: the federation signed no baseline and none is proposed; or the floor does not protect.
    """
    directory = gateway.directory
    if proposal.baseline is not None:
        directory = replace(directory, baseline=proposal.baseline)
    own = tuple(RuleFile(name=name, text=text) for name, text in sorted(proposal.local.items()))
    return Engine(replace(rules_of(directory, gateway.me, ""), local=own))


def newest(gateway: Gateway, last: int) -> list[str]:
    """Return the ids of this agency's newest releases, newest first.

    Raises:
        Malformed: code `too-many`: not 1 to `MOST_EXCHANGES`.
    """
    if not 0 < last <= MOST_EXCHANGES:
        raise Malformed(f"is not 1 to {MOST_EXCHANGES}", field="--last", code="too-many")
    return [row.exchange_id for row in gateway.read.newest_exchanges("out", limit=last)]


def simulate(gateway: Gateway, engine: Engine, exchange_ids: Sequence[str], now: datetime) -> list[Plain]:
    """Return what the engine's rules would make of these exchanges, in their order, without any content."""
    return [_redecided(gateway, engine, exchange_id, now) for exchange_id in exchange_ids]


def counts_of(rows: Iterable[Plain]) -> dict[str, int]:
    """Return how many exchanges each effect has; one with several effects counts for each."""
    counted = Counter(effect for row in rows for effect in row["effects"])
    return {effect.value: counted[effect.value] for effect in Effect}


def _redecided(gateway: Gateway, engine: Engine, exchange_id: str, now: datetime) -> Plain:
    row = gateway.read.exchange(exchange_id)
    if row is None:
        raise NotFound("there is no such exchange", code="no-such-exchange", field="exchange")
    place = {"exchange": exchange_id, "recipient": row.peer, "purpose": row.purpose}
    try:
        record = record_of(gateway, row)
        owner = owner_of(gateway, record)
        submission = prepared_again(gateway, record, now)
        question = question_again(gateway, row, owner, now)
    except GatewayError as exc:
        return {**place, **_UNDECIDED, "effects": [Effect.UNDECIDABLE.value], "told": exc.message}
    before = decide(gateway, submission, question)
    after = decide(replace(gateway, engine=engine), submission, question)
    fields = _fields(before, after)
    effects = _effects(before, after, fields)
    rules = _rules(before, after, gateway.engine, engine)
    return {
        **place,
        "effects": [effect.value for effect in effects],
        "before": before.decision.outcome.value,
        "after": after.decision.outcome.value,
        "approvals": sorted(after.decision.approvals),
        "fields": fields,
        "rules": rules,
        "told": _told(after, effects, fields),
    }


_UNDECIDED: Final[Plain] = {"before": "", "after": "", "approvals": [], "fields": [], "rules": []}


def _fields(before: Verdicts, after: Verdicts) -> list[dict[str, Any]]:
    """Return how many fields of each category leave otherwise, counting what approvals would let leave."""
    counted: Counter[tuple[str, str, str]] = Counter()
    for key, (attributes, _) in before.by_field.items():
        had, gets = _leaves(before, key), _leaves(after, key)
        if had != gets:
            counted[attributes.category, had, gets] += 1
    return [
        {"category": category, "before": had, "after": gets, "fields": fields}
        for (category, had, gets), fields in sorted(counted.items())
    ]


def _leaves(verdicts: Verdicts, key: FieldKey) -> str:
    decided: tuple[PortionAttributes, Any] = verdicts.by_field[key]
    rung = decided[1].asked or decided[1].rung
    if verdicts.decision.outcome is Outcome.DENIED or rung is None:
        return WITHHELD
    return str(rung.token)


_PRECISION: Final = ("exact", "generalised", "coarse", WITHHELD)


def _effects(before: Verdicts, after: Verdicts, fields: Sequence[Mapping[str, Any]]) -> list[Effect]:
    was, becomes = before.decision, after.decision
    steps = [_PRECISION.index(one["after"]) - _PRECISION.index(one["before"]) for one in fields]
    effects = []
    freed = was.outcome is Outcome.HELD and becomes.approvals < was.approvals
    if freed or (becomes.outcome is Outcome.RELEASE and any(step < 0 for step in steps)):
        effects.append(Effect.RELEASED)
    if becomes.approvals - was.approvals:
        effects.append(Effect.HELD)
    if any(step > 0 for step in steps):
        effects.append(Effect.WITHHELD)
    if not effects and any(step < 0 for step in steps):
        # Held for the same people as before, and more leaves once they agree.
        effects.append(Effect.RELEASED)
    return effects or [Effect.UNCHANGED]


def _rules(before: Verdicts, after: Verdicts, in_force: Engine, proposed: Engine) -> list[dict[str, str]]:
    """Return the rules that have a say on one side only, with their words and the side."""
    had = {reason.rule for reason in before.decision.reasons}
    gets = {reason.rule for reason in after.decision.reasons}
    sides = (("proposed", gets - had, proposed.rules), ("in force", had - gets, in_force.rules))
    return [
        {"rule": name, "side": side, "text": text_of(name, rules)["text"]}
        for side, names, rules in sides
        for name in gravest_first(names, rules)
    ]


def _told(after: Verdicts, effects: Sequence[Effect], fields: Sequence[Mapping[str, Any]]) -> str:
    parts = [f"{one['fields']} x {one['category']} {one['after']} (now {one['before']})" for one in fields]
    if Effect.HELD in effects:
        parts.insert(0, f"held for {approvals_in_words(after.decision.approvals)}")
    elif Effect.RELEASED in effects and after.decision.outcome is Outcome.RELEASE and not fields:
        parts.insert(0, "leaves without approval")
    return "; ".join(parts)
