"""The fail-open traps of Cedar, one by one: what Cedar alone would allow, the engine denies or never loads.

Source: `reference/policy/cedarpy-notes.md`, table T1-T14.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import cedarpy
import pytest

from gateway.errors import GatewayError, Malformed
from gateway.record.vocabulary import Rung
from policy.authoring.cases import portion_from
from policy.bundle import bundle_of, shipped_floor, shipped_schema
from policy.cell import Cell, entities_of, request_of
from policy.decision import ENGINE_ERROR, Outcome
from policy.engine import Engine
from policy.procedure import Answer
from tests.policy import given

_CELL = Cell("disclose", given.POLICE, given.ASKED, frozenset(), given.NAME_OF_MINOR, Rung.EXACT)
_SAFE_CELL = _CELL._replace(portion=given.CAR)
_FLOOR = "\n".join(file.text for file in shipped_floor())


class _Told:
    """An alarm that writes down what it was told."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def __call__(self, message: str) -> None:
        self.messages.append(message)


def _engine(told: Callable[[str], None], local: str = "") -> Engine:
    return Engine(bundle_of(baseline="", local={"local.cedar": given.PERMIT_EVERYTHING + local}), alarm=told)


def _rule(body: str, **annotations: str) -> str:
    stated = {"id": "LOCAL-1", "layer": "local", "reason": "r", "source": "s", **annotations}
    return "".join(f'@{name}("{value}") ' for name, value in stated.items()) + body


def _cedar(
    request: dict[str, object],
    entities: list[dict[str, object]],
    *,
    policies: str = _FLOOR + given.PERMIT_EVERYTHING,
    on_entities: str | None = None,
    on_request: str | None = None,
) -> cedarpy.AuthzResult:
    loaded = cedarpy.Entities.from_json_str(json.dumps(entities), on_entities)
    return cedarpy.is_authorized(request, policies, loaded, on_request)


def _loose(local: str, request: dict[str, object], entities: list[dict[str, object]]) -> cedarpy.AuthzResult:
    """Ask Cedar alone, without any schema, about one forbid beside a permit for everything."""
    return _cedar(request, entities, policies=f"permit(principal, action, resource);\n{local}")


def _without(name: str) -> list[dict[str, object]]:
    entities: list[dict[str, Any]] = copy.deepcopy(entities_of(_CELL))
    del entities[1]["attrs"][name]
    return entities


def _failed(answer: Answer, told: _Told) -> bool:
    return not answer.allowed and answer.rules == (ENGINE_ERROR,) and bool(told.messages)


def test_the_name_of_a_minor_is_denied_by_cedar_too_while_everything_is_in_order() -> None:
    schema = shipped_schema()

    result = _cedar(request_of(_CELL), entities_of(_CELL), on_entities=schema, on_request=schema)

    assert not result.allowed
    assert given.floor_only().rulebook.floor_answer(_CELL) == Answer(allowed=False, rules=("VP-02",))


def test_t1_attribute_that_a_forbid_reads_is_missing() -> None:
    told = _Told()

    alone = _cedar(request_of(_CELL), _without("age"), on_request=shipped_schema())
    answer = _engine(told).rulebook.evaluate(request_of(_CELL), _without("age"))

    assert alone.allowed and alone.diagnostics.errors
    assert _failed(answer, told)


def test_t2_forbid_that_asks_whether_the_attribute_is_there_does_not_load() -> None:
    guarded = _rule(
        "forbid (principal, action, resource is Comity::Portion) "
        "when { resource has notes && resource.notes };"
    )

    alone = _loose(guarded, request_of(_CELL), _without("notes"))
    with pytest.raises(Malformed, match="asks with `has`") as refused:
        _engine(_Told(), guarded)

    assert alone.allowed and not alone.diagnostics.errors
    assert refused.value.field.startswith("local.cedar:")


def test_t3_entity_of_a_referenced_object_is_not_loaded() -> None:
    referring = 'forbid(principal, action, resource) when { resource.subject.age == "minor" };'
    entities: list[dict[str, Any]] = copy.deepcopy(entities_of(_CELL))
    entities[1]["attrs"]["subject"] = {"__entity": {"type": "Comity::Subject", "id": "s"}}
    told = _Told()

    alone = _loose(referring, request_of(_CELL), entities)
    answer = _engine(told).rulebook.evaluate(request_of(_CELL), entities)

    # A portion carries what rules read about its subject itself; a reference does not fit the schema.
    assert alone.allowed and alone.diagnostics.errors
    assert _failed(answer, told)


@pytest.mark.parametrize("absent", [0, 1], ids=["recipient", "portion"])
def test_t4_recipient_or_portion_is_not_loaded(absent: int) -> None:
    entities = entities_of(_CELL)
    del entities[absent]
    harmless_forbid = "forbid(principal, action, resource) when { resource has minor && resource.minor };"
    told = _Told()

    alone = _loose(harmless_forbid, request_of(_CELL), entities)
    answer = _engine(told).rulebook.evaluate(request_of(_CELL), entities)

    assert alone.allowed and not alone.diagnostics.errors
    assert _failed(answer, told)


def test_t4_record_that_no_rule_reads_must_be_loaded_all_the_same() -> None:
    cell = Cell("release", given.POLICE, given.ASKED, frozenset())
    recipient_only = entities_of(cell)[:1]
    told = _Told()

    alone = _cedar(
        request_of(cell), recipient_only, on_entities=shipped_schema(), on_request=shipped_schema()
    )
    answer = _engine(told).rulebook.evaluate(request_of(cell), recipient_only)

    assert alone.allowed and not alone.diagnostics.errors
    assert _failed(answer, told)


@pytest.mark.parametrize("named", [True, False], ids=["parent named, not loaded", "parent not named"])
def test_t5_t6_no_rule_can_rest_on_a_hierarchy_that_may_not_be_loaded(named: bool) -> None:
    by_ancestor = 'forbid(principal, action, resource in Comity::Category::"victim");'
    parents = [{"type": "Comity::Category", "id": "victim.identity"}] if named else []
    entities: list[dict[str, Any]] = copy.deepcopy(entities_of(_CELL))
    entities[1]["parents"] = parents
    told = _Told()

    alone = _loose(by_ancestor, request_of(_CELL), entities)
    with pytest.raises(Malformed, match="LOCAL-1"):
        _engine(told, _rule(by_ancestor))
    answer = _engine(told).rulebook.evaluate(request_of(_CELL), entities)

    assert alone.allowed and not alone.diagnostics.errors
    # The class in the portion itself protects, whatever the sender says about parents.
    assert not answer.allowed


def test_t7_comparison_of_different_types_does_not_load() -> None:
    mistyped = 'forbid(principal, action, resource is Comity::Portion) when { resource.notes == "true" };'
    entities: list[dict[str, Any]] = copy.deepcopy(entities_of(_CELL))
    entities[1]["attrs"]["notes"] = True

    alone = _loose(mistyped, request_of(_CELL), entities)
    with pytest.raises(Malformed, match="LOCAL-1"):
        _engine(_Told(), _rule(mistyped))

    assert alone.allowed and not alone.diagnostics.errors


def test_t8_forbid_that_overflows_is_allow_for_cedar_even_with_the_schema_everywhere() -> None:
    overflowing = "forbid(principal, action, resource) when { 9223372036854775807 + 1 > 0 };"
    told = _Told()

    alone = _cedar(
        request_of(_SAFE_CELL),
        entities_of(_SAFE_CELL),
        policies=f"permit(principal, action, resource);\n{overflowing}",
        on_entities=shipped_schema(),
        on_request=shipped_schema(),
    )
    with pytest.raises(GatewayError):
        _engine(told, _rule(overflowing))

    # The rule passes strict validation; what stops it is that the canaries cannot be evaluated beside it.
    assert alone.allowed and alone.diagnostics.errors
    assert any("LOCAL-1" in message for message in told.messages)


def test_t8_forbid_that_overflows_for_some_requests_only_denies_those() -> None:
    sometimes = _rule(
        "forbid(principal, action, resource is Comity::Portion) "
        'when { resource.category == Comity::Category::"online.content" && 9223372036854775807 + 1 > 0 };'
    )
    told = _Told()
    engine = _engine(told, sometimes)
    advert = portion_from({"category": "online.content", "role": "suspect"})

    decision = engine.decide(given.POLICE, given.ASKED, [advert, given.CAR], frozenset())

    assert [verdict.rung for verdict in decision.verdicts] == [None, Rung.EXACT]
    assert decision.verdicts[0].rules == (ENGINE_ERROR,)
    assert told.messages and "LOCAL-1" in told.messages[0]


def test_t9_entities_are_checked_against_the_schema_when_they_are_loaded() -> None:
    entities: list[dict[str, Any]] = copy.deepcopy(entities_of(_CELL))
    entities[1]["attrs"]["age"] = "minor"
    del entities[1]["attrs"]["classes"]
    told = _Told()

    alone = _cedar(request_of(_CELL), entities, on_request=shipped_schema())
    answer = _engine(told).rulebook.evaluate(request_of(_CELL), entities)

    assert alone.allowed and alone.diagnostics.errors
    assert _failed(answer, told)


@pytest.mark.parametrize("trap", ["T10: never linked", "T11: linked to something undeclared"])
def test_t10_t11_templates_do_not_load(trap: str) -> None:
    template = _rule("forbid(principal == ?principal, action, resource);")

    alone = _loose(template, request_of(_CELL), entities_of(_CELL))
    with pytest.raises(Malformed, match="is a template"):
        _engine(_Told(), template)

    assert alone.allowed and not alone.diagnostics.errors


@pytest.mark.parametrize(
    "misspelt",
    [
        'resource.category == Comity::Category::"person.nmae"',
        'resource.classes.contains(Comity::Class::"victim-identifing")',
        'resource.age == Comity::Age::"minr"',
        'context.purpose == Comity::Purpose::"investigtion"',
        'principal.kind == Comity::Kind::"loe"',
        'context.approvals.contains(Comity::Approval::"VOP:1")',
        'context.rung == Comity::Rung::"exct"',
    ],
)
def test_t12_misspelt_member_of_a_closed_list_does_not_load(misspelt: str) -> None:
    body = (
        'forbid(principal, action == Comity::Action::"disclose", resource is Comity::Portion) '
        f"when {{ {misspelt} }};"
    )

    alone = _loose(body, request_of(_CELL), entities_of(_CELL))
    with pytest.raises(Malformed, match="LOCAL-1"):
        _engine(_Told(), _rule(body))

    assert alone.allowed and not alone.diagnostics.errors


def test_t13_schema_has_no_action_group_that_a_forbid_could_rest_on() -> None:
    grouped = 'forbid(principal, action in Comity::Action::"any", resource);'

    alone = _loose(grouped, request_of(_CELL), entities_of(_CELL))
    with pytest.raises(Malformed, match="LOCAL-1"):
        _engine(_Told(), _rule(grouped))

    assert alone.allowed and not alone.diagnostics.errors
    assert " in [" not in "".join(line for line in shipped_schema().splitlines() if "//" not in line)


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("principal", None),
        ("action", {"type": "Comity::Action", "id": "give"}),
        ("context", {}),
        ("context", {"purpose": None}),
        ("context", "not json"),
        ("resource", "Comity::Portion::portion"),
    ],
)
def test_t14_request_that_does_not_fit_is_denied_and_told(member: str, value: object) -> None:
    told = _Told()
    request = {**request_of(_SAFE_CELL), member: value}

    answer = _engine(told).rulebook.evaluate(request, entities_of(_SAFE_CELL))

    assert _failed(answer, told)


@pytest.mark.parametrize("member", ["principal", "action", "resource", "context"])
def test_t14_request_without_a_member_is_denied_and_told(member: str) -> None:
    told = _Told()
    request = request_of(_SAFE_CELL)
    del request[member]

    answer = _engine(told).rulebook.evaluate(request, entities_of(_SAFE_CELL))

    assert _failed(answer, told)


def test_failed_evaluation_is_told_again_and_never_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    told = _Told()
    engine = _engine(told)
    whole = entities_of
    monkeypatch.setattr("policy.rulebook.entities_of", lambda cell: whole(cell)[:1])

    first = engine.decide(given.POLICE, given.ASKED, [given.CAR], frozenset())
    heard = len(told.messages)
    second = engine.decide(given.POLICE, given.ASKED, [given.CAR], frozenset())
    heard_again = len(told.messages)
    monkeypatch.undo()
    third = engine.decide(given.POLICE, given.ASKED, [given.CAR], frozenset())

    assert first.outcome is second.outcome is Outcome.DENIED
    assert [reason.rule for reason in first.reasons] == [ENGINE_ERROR]
    assert heard_again > heard > 0
    assert third.outcome is Outcome.RELEASE


def test_failed_floor_evaluation_at_admission_forbids(monkeypatch: pytest.MonkeyPatch) -> None:
    told = _Told()
    engine = _engine(told)
    monkeypatch.setattr("policy.rulebook.entities_of", lambda cell: [])

    forbidding = engine.floor_forbids(
        given.POLICE, given.CAR, given.ASKED, rung=Rung.EXACT, lifts=frozenset()
    )

    assert forbidding == (ENGINE_ERROR,)
    assert told.messages


def test_without_an_alarm_a_failed_evaluation_warns() -> None:
    engine = Engine(bundle_of(baseline=""))

    with pytest.warns(RuntimeWarning, match="policy engine"):
        answer = engine.rulebook.evaluate({}, [])

    assert not answer.allowed
