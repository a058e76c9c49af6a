"""What a rule says about itself in its annotations, and what each layer may contain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from gateway.record.vocabulary import ObligationCode
from policy.statement import Statement, refusal
from policy.vocabulary import APPROVAL_TOKENS

DUTY_ACTION: Final = "discloseUnbound"
"""The action whose forbids name the duties that travel with a portion."""

_REQUIRED: Final = frozenset({"id", "layer", "reason", "source"})
_KNOWN: Final = _REQUIRED | {"lift", "oblige"}
# Lower-case ids are the engine's own (`engine-error`, `default-deny`); no rule can pass for one of them.
# What the ledger takes as the id of a rule, too: one it refused would stop every push that names the rule.
_ID: Final = re.compile(r"(?=.{1,64}\Z)[A-Z][A-Z0-9]*(?:[._-][A-Za-z0-9]+)*")
_OBLIGATIONS: Final = {code.token: code for code in ObligationCode}


class Layer(StrEnum):
    """Whose rules they are; a later layer may tighten or permit inside the floor, never relax it."""

    FLOOR = "floor"
    BASELINE = "baseline"
    AGREEMENT = "agreement"
    LOCAL = "local"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of the bundle. `lifts` are the approvals that would satisfy it, empty where none can."""

    id: str
    layer: Layer
    effect: Literal["permit", "forbid"]
    reason: str
    source: str
    sentence: str
    lifts: frozenset[str]
    obligations: tuple[ObligationCode, ...]
    file: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the engine read from a rule's body, as far as the layers care.

    `actions` is None where the rule applies to every action.
    """

    effect: Literal["permit", "forbid"]
    template: bool
    actions: frozenset[str] | None
    asks_presence: bool
    has_string_literal: bool


def read_rule(statement: Statement, layer: Layer, annotations: Mapping[str, str], shape: Shape) -> Rule:
    """Return the rule, checked against what its layer may contain.

    Raises:
        Malformed: code `bad-rule`; the field names file and line.
    """

    for why in faults_of(statement, layer, annotations, shape):
        raise refusal(statement.file, statement.line, why)
    return Rule(
        id=annotations["id"],
        layer=layer,
        effect=shape.effect,
        reason=annotations["reason"],
        source=annotations["source"],
        sentence=statement.sentence,
        lifts=frozenset(_listed(annotations.get("lift", ""))),
        obligations=tuple(sorted(_OBLIGATIONS[code] for code in _listed(annotations.get("oblige", "")))),
        file=statement.file,
        line=statement.line,
    )


def distinct(rules: Iterable[Rule]) -> dict[str, Rule]:
    """Return the rules by id; an id used twice is Malformed, for Cedar itself would not mind."""
    found: dict[str, Rule] = {}
    for rule in rules:
        earlier = found.setdefault(rule.id, rule)
        if earlier is not rule:
            raise refusal(rule.file, rule.line, f"@id {rule.id} is used at {earlier.file}:{earlier.line} too")
    return found


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",")] if text else []


def faults_of(
    statement: Statement, layer: Layer, annotations: Mapping[str, str], shape: Shape
) -> Iterator[str]:
    """Yield in words everything for which a rule may not stand in its layer."""
    missing, unknown = _REQUIRED - annotations.keys(), annotations.keys() - _KNOWN
    for names, what in ((missing, "lacks"), (unknown, "carries the unknown annotation")):
        if names:
            yield f"{what} {', '.join(f'@{name}' for name in sorted(names))}"
    if "id" in annotations and not _ID.fullmatch(annotations["id"]):
        yield f"@id {annotations['id']!r} is not a rule id: a capital letter first, at most 64 characters"
    if "layer" in annotations and annotations["layer"] != layer.value:
        yield f"@layer is {annotations['layer']!r} in a file of the layer {layer.value!r}"
    if not missing and not (annotations["reason"].strip() and annotations["source"].strip()):
        yield "@reason or @source is empty"
    yield from _faults_of_body(statement, layer, shape)
    yield from _faults_of_lists(annotations, shape)


def _faults_of_body(statement: Statement, layer: Layer, shape: Shape) -> Iterator[str]:
    forbids = shape.effect == "forbid"
    if shape.template:
        yield "is a template; one that nobody links would forbid nothing"
    if forbids and shape.asks_presence:
        yield "asks with `has` if an attribute is there; a forbid must read it, or absence would allow"
    if layer is Layer.FLOOR:
        if not forbids:
            yield "permits, but the floor only forbids"
        if not statement.sentence:
            yield "has no `///` sentence above it"
        if shape.has_string_literal:
            yield "compares with a string that no closed list would catch if it were misspelt"


def _faults_of_lists(annotations: Mapping[str, str], shape: Shape) -> Iterator[str]:
    for name, known in (("lift", APPROVAL_TOKENS), ("oblige", _OBLIGATIONS.keys())):
        if name not in annotations:
            continue
        listed = _listed(annotations[name])
        if not listed or len(set(listed)) != len(listed) or not known >= set(listed):
            yield f"@{name} {annotations[name]!r} is not a list of known members, each once"
        if shape.effect != "forbid":
            yield f"@{name} stands on a permit"
    bound = shape.actions == frozenset({DUTY_ACTION})
    if "oblige" in annotations and not bound:
        yield f"@oblige stands on a rule whose action is not exactly {DUTY_ACTION}"
    if bound and shape.effect == "forbid" and "oblige" not in annotations:
        yield f"forbids {DUTY_ACTION} without naming a duty in @oblige"
