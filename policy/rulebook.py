"""The rules loaded, and what they say to one question: the only module that asks Cedar.

Cedar skips a rule whose evaluation errs, a forbid too, so its own answer may be Allow where a protection
failed. Here an answer counts only if nothing erred, everything named was loaded and the entities fit the
schema.
Source: THREATS A15-A17; `reference/policy/cedarpy-notes.md` (`cedarpy` 4.12.2, found by experiment).
"""

from __future__ import annotations

import dataclasses
import json
import warnings
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from functools import cache
from typing import Final, get_args

import cedarpy
from cedarpy import pst

from gateway.errors import Malformed
from policy.anatomy import actions_of, named_in, reads_of, shape_of
from policy.bundle import Bundle, shipped_schema
from policy.cell import Action, Cell, Json, asked, entities_of, named, request_of
from policy.decision import DEFAULT_DENY
from policy.memory import Memory
from policy.procedure import (
    FAILED,
    Answer,
)
from policy.rule import Layer, Rule, distinct, faults_of, read_rule
from policy.statement import RuleFile, Statement, misread, refusal, split

_PERMIT_ALL: Final = pst.Template(
    id="permit-all",
    effect="permit",
    principal=pst.ScopeAny(),
    action=pst.ScopeAny(),
    resource=pst.ScopeAny(),
    clauses=(),
    annotations=pst.FrozenMap(),
)
_ACTIONS: Final[tuple[Action, ...]] = get_args(Action)
_MOST_ENTITIES: Final = 8_192
_MOST_REQUESTS: Final = 4_096


def warn(message: str) -> None:
    """Tell of a failed evaluation by a warning: what happens where nobody gave an alarm."""
    warnings.warn(f"policy engine: {message}", RuntimeWarning, stacklevel=3)


class _NotLoaded(Exception):
    """An entity that the request names is not among those given."""


class Rulebook:
    """Rules loaded whole, and what they say to single cells. Whether the floor protects, `Engine` proves.

    `alarm` is told of every evaluation that failed; its text names rules, never content. Not picklable: each
    process builds its own.

    Raises:
        Malformed: a rule does not load; the field names file and line.
    """

    def __init__(self, bundle: Bundle, *, alarm: Callable[[str], None] = warn) -> None:
        loaded = [
            _load(layer, rule) for layer, files in bundle.layers for file in files for rule in split(file)
        ]
        self._take(loaded, alarm, Memory(_MOST_ENTITIES))

    def _take(
        self,
        loaded: Sequence[tuple[Rule, pst.Template]],
        alarm: Callable[[str], None],
        entities: Memory[cedarpy.Entities],
    ) -> None:
        self._schema = _schema()
        self.rules: Mapping[str, Rule] = distinct(rule for rule, _ in loaded)
        self._alarm = alarm
        self.evaluations = 0
        self._entities = entities
        self._requests: Memory[Json] = Memory(_MOST_REQUESTS)
        self._nodes = nodes = {rule.id: node for rule, node in loaded}
        floor = {rule.id: node for rule, node in loaded if rule.layer is Layer.FLOOR}
        self._all = _policy_set(nodes)
        # A rule whose scope names other actions says nothing to this one: without it no answer changes.
        self._sets = {action: _policy_set(_speaking_of(action, nodes)) for action in _ACTIONS}
        self._floor_sets = {
            action: _policy_set(_speaking_of(action, floor) | {_PERMIT_ALL.id: _PERMIT_ALL})
            for action in _ACTIONS
        }

    def only(self, names: Container[str]) -> Rulebook:
        """Return a rulebook of these rules alone; what is loaded already is shared with it."""
        return self._sharing(
            [(self.rules[name], node) for name, node in self._nodes.items() if name in names]
        )

    def overlaid(self, file: RuleFile) -> Rulebook:
        """Return a rulebook with own rules laid over these.

        Raises:
            Malformed: a rule does not load; the field names file and line.
        """
        held = [(self.rules[name], node) for name, node in self._nodes.items()]
        return self._sharing(held + [_load(Layer.LOCAL, rule) for rule in split(file)])

    def alone(self, layer: Layer, statement: Statement) -> Rulebook:
        """Return a rulebook of this one rule, which this one need not hold.

        Raises:
            Malformed: the rule does not load; the field names file and line.
        """
        return self._sharing([_load(layer, statement)])

    def reads(self, name: str) -> frozenset[str] | None:
        """Return the attributes that a rule reads, as `context.purpose`: questions in which they are equal
        are the same to it. None where it may depend on more than attributes.
        """
        return reads_of(self._nodes[name])

    def names(self, name: str) -> frozenset[tuple[str, str]]:
        """Return the members of closed lists that a rule's conditions name, as `("Age", "adult")`."""
        return named_in(self._nodes[name])

    def speaks_of(self, name: str, action: Action) -> bool:
        """Tell whether a rule's scope admits an action."""
        actions = actions_of(self._nodes[name])
        return actions is None or action in actions

    def _sharing(self, loaded: Sequence[tuple[Rule, pst.Template]]) -> Rulebook:
        book = Rulebook.__new__(Rulebook)
        book._take(loaded, self._alarm, self._entities)
        return book

    def answer(self, cell: Cell) -> Answer:
        """Return what all layers say to one cell."""
        return self._judge_cell(self._sets[cell.action], cell)

    def floor_answer(self, cell: Cell) -> Answer:
        """Return what the floor alone says to one cell, everything else being permitted."""
        return self._judge_cell(self._floor_sets[cell.action], cell)

    def evaluate(self, request: Json, entities: Sequence[Json]) -> Answer:
        """Return what all layers say to a request in Cedar's own form; what is wrong with it is a deny."""
        return self._judge(self._all, lambda: request, lambda: self._loaded(request, entities))

    def _judge_cell(self, policies: cedarpy.PolicySet, cell: Cell) -> Answer:
        return self._judge(policies, lambda: self._request_of(cell), lambda: self._entities_of(cell))

    def _request_of(self, cell: Cell) -> Json:
        key = asked(cell)
        known = self._requests.get(key)
        if known is not None:
            return known
        request = request_of(cell)
        # Written out once: the same circumstances are asked of for every portion of a record.
        return self._requests.put(key, {**request, "context": json.dumps(request["context"])})

    def _entities_of(self, cell: Cell) -> cedarpy.Entities:
        key = named(cell)
        known = self._entities.get(key)
        if known is not None:
            return known
        return self._entities.put(key, self._loaded(request_of(cell), entities_of(cell)))

    def _loaded(self, request: Json, entities: Sequence[Json]) -> cedarpy.Entities:
        uids = [entity["uid"] for entity in entities]
        # An entity that is not there makes Cedar skip the rules that read it, or goes unnoticed.
        if request["principal"] not in uids or request["resource"] not in uids:
            raise _NotLoaded
        # Only here are entities checked against the schema; evaluation would not do it.
        return cedarpy.Entities.from_json_str(json.dumps(entities), self._schema)

    def _judge(
        self,
        policies: cedarpy.PolicySet,
        request: Callable[[], Json],
        entities: Callable[[], cedarpy.Entities],
    ) -> Answer:
        self.evaluations += 1
        try:
            result = cedarpy.is_authorized(request(), policies, entities(), self._schema)
            errors, reasons = result.diagnostics.errors, tuple(sorted(result.diagnostics.reasons))
        except _NotLoaded:
            return self._fail("recipient or portion was not loaded")
        except Exception as exc:  # Whatever Cedar or its binding raises is a deny, and is told.
            return self._fail(f"the question does not fit the schema ({type(exc).__name__})")
        if errors or result.decision is cedarpy.Decision.NoDecision:
            return self._fail("; ".join(errors) or "no decision")
        return Answer(allowed=result.allowed, rules=reasons or (DEFAULT_DENY,))

    def _fail(self, why: str) -> Answer:
        self._alarm(why)
        return FAILED


@cache
def _schema() -> cedarpy.Schema:
    return cedarpy.Schema.from_str(shipped_schema())


def faults(layer: Layer, statement: Statement) -> list[Malformed]:
    """Return everything for which a rule does not load, each with file and line; empty where it does."""
    try:
        node, template = _parsed(statement)
    except Malformed as exc:
        return [exc]
    shape, annotations = shape_of(node, template), dict(node.annotations)
    found = [
        refusal(statement.file, statement.line, why)
        for why in faults_of(statement, layer, annotations, shape)
    ]
    return found + list(_mistyped(statement))


def _load(layer: Layer, statement: Statement) -> tuple[Rule, pst.Template]:
    node, template = _parsed(statement)
    rule = read_rule(statement, layer, dict(node.annotations), shape_of(node, template))
    for fault in _mistyped(statement, f"{rule.id}: "):
        raise fault
    return rule, dataclasses.replace(node, id=rule.id)


def _parsed(statement: Statement) -> tuple[pst.Template, bool]:
    try:
        parsed = cedarpy.policies_to_pst(statement.text)
    except ValueError as exc:
        raise misread(statement, str(exc), f"does not parse: {exc}") from exc
    nodes = [*parsed.static_policies.values(), *parsed.templates.values()]
    if len(nodes) != 1:
        raise refusal(statement.file, statement.line, "is not exactly one rule")
    return nodes[0], bool(parsed.templates)


def _mistyped(statement: Statement, lead: str = "") -> Iterator[Malformed]:
    for error in cedarpy.validate_policies(statement.text, _schema()).errors:
        yield misread(statement, error.error, f"{lead}{error.error}")


def _speaking_of(action: Action, nodes: Mapping[str, pst.Template]) -> dict[str, pst.Template]:
    """Return the rules whose scope admits an action. The schema has no action groups: the scope names it."""
    spoken = {name: actions_of(node) for name, node in nodes.items()}
    return {name: nodes[name] for name, actions in spoken.items() if actions is None or action in actions}


def _policy_set(nodes: Mapping[str, pst.Template]) -> cedarpy.PolicySet:
    return cedarpy.PolicySet.from_pst(
        pst.PolicySet(templates=pst.FrozenMap(), static_policies=pst.FrozenMap(nodes), template_links=())
    )
