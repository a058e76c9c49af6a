"""The rule catalogue as cases: what is allowed, denied and held, one file each, named as a sentence."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from gateway.record.vocabulary import Rung
from policy.bundle import bundle_of, floor_digest, shipped_baseline
from policy.decision import Decision
from policy.engine import Engine
from policy.rule import Layer
from policy.statement import RuleFile, split
from tests.policy import given

_HERE = Path(__file__).resolve().parent
_FOLDERS = ("allow", "deny", "hold")
_CASES = sorted(path for folder in _FOLDERS for path in (_HERE / folder).glob("*.toml"))
_SECTIONS = {"rule", "floor_only", "ask", "recipient", "context", "portion", "expect"}


@cache
def _case(path: Path) -> dict[str, Any]:
    case = tomllib.loads(path.read_text(encoding="utf-8"))
    assert case.keys() <= _SECTIONS, path.name
    return case


def _decide(case: dict[str, Any], engine: Engine) -> Decision:
    return engine.decide(
        given.recipient_from(case.get("recipient", {})),
        given.context_from(case.get("context", {})),
        [given.portion_from(case.get("portion", {}))],
        frozenset(case.get("ask", ())),
    )


def _seen(decision: Decision) -> dict[str, object]:
    verdict = decision.verdicts[0]
    return {
        "outcome": decision.outcome.value,
        "rung": verdict.rung.token if verdict.rung else "withheld",
        "asked": verdict.asked.token if verdict.asked else "",
        "approvals": sorted(decision.approvals),
        "duties": list(decision.duties),
        "rules": sorted({*verdict.rules, *decision.rules}),
        "permits": list(verdict.permits),
        "obligations": [code.token for code in verdict.obligations],
    }


def _engine(case: dict[str, Any]) -> Engine:
    return given.floor_only() if case.get("floor_only") else given.shipped()


@pytest.mark.parametrize("path", _CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case_of_the_catalogue(path: Path) -> None:
    case = _case(path)

    seen = _seen(_decide(case, _engine(case)))

    assert {name: seen[name] for name in case["expect"]} == case["expect"]


@pytest.mark.parametrize("path", _CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_case_shows_what_its_folder_says(path: Path) -> None:
    case = _case(path)
    rule = given.shipped().rules[case["rule"]]

    decision = _decide(case, _engine(case))

    seen = _seen(decision)
    kept_back = rule.id in {*decision.verdicts[0].rules, *decision.rules}
    duties = {code.token for code in rule.obligations}
    if path.parent.name == "hold":
        assert decision.outcome.value == "held" and rule.lifts <= set(decision.approvals) and kept_back
    elif path.parent.name == "deny":
        assert kept_back or (duties and duties <= set(decision_duties(seen))) or rule.effect == "permit"
    elif rule.effect == "permit":
        assert rule.id in decision.verdicts[0].permits or rule.id in {r.rule for r in decision.reasons}
    else:
        assert not kept_back and seen["rung"] != "withheld" and not duties & set(decision_duties(seen))


def decision_duties(seen: dict[str, object]) -> list[str]:
    """Return the obligations of what was seen."""
    obligations = seen["obligations"]
    assert isinstance(obligations, list)
    return obligations


def _rules_shown(folder: str) -> set[str]:
    return {_case(path)["rule"] for path in _CASES if path.parent.name == folder}


@pytest.mark.parametrize("layer", [Layer.FLOOR, Layer.BASELINE])
def test_every_rule_has_a_case_that_allows_and_one_that_denies(layer: Layer) -> None:
    rules = {rule.id for rule in given.shipped().rules.values() if rule.layer is layer}

    assert rules <= _rules_shown("allow")
    assert rules <= _rules_shown("deny")


def test_every_rule_that_approvals_lift_has_a_case_that_is_held() -> None:
    liftable = {rule.id for rule in given.shipped().rules.values() if rule.lifts}

    assert liftable <= _rules_shown("hold")


@pytest.mark.parametrize("path", sorted((_HERE / "hold").glob("*.toml")), ids=lambda path: path.stem)
def test_what_is_held_is_released_with_exactly_the_approvals_it_was_held_for(path: Path) -> None:
    case = _case(path)
    held = _decide(case, _engine(case))
    context = given.context_from(case.get("context", {}))
    approved = replace(context, approvals=context.approvals | held.approvals)

    decision = _engine(case).decide(
        given.recipient_from(case.get("recipient", {})),
        approved,
        [given.portion_from(case.get("portion", {}))],
        frozenset(case.get("ask", ())),
    )

    verdict = decision.verdicts[0]
    assert decision.outcome.value == "release"
    assert decision.duties == held.duties
    assert verdict.rung in (held.verdicts[0].asked, held.verdicts[0].rung)
    assert verdict.rung is not None and verdict.rung in Rung


@pytest.mark.deep
@pytest.mark.parametrize("rule_id", sorted(given.shipped().rules))
def test_without_this_rule_some_case_ends_otherwise(rule_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given.shipped(), given.floor_only()  # loaded whole, before another floor counts as the reviewed one
    whole = bundle_of(baseline=shipped_baseline())
    floor, baseline = (
        tuple(
            RuleFile(
                name=file.name,
                text="".join(s.text for s in split(file) if f'@id("{rule_id}")' not in s.text),
            )
            for file in files
        )
        for files in (whole.floor, whole.baseline)
    )
    monkeypatch.setattr("policy.engine.FLOOR_DIGEST", floor_digest(floor))
    monkeypatch.setattr("policy.engine.check_canaries", lambda *_: None)
    open_file = (RuleFile(name="open.cedar", text=given.PERMIT_EVERYTHING),)

    without = Engine(replace(whole, floor=floor, baseline=baseline))
    without_floor_only = Engine(replace(whole, floor=floor, baseline=(), local=open_file))

    changed = []
    for path in _CASES:
        case = _case(path)
        engine = without_floor_only if case.get("floor_only") else without
        try:
            changed.append(_seen(_decide(case, engine)) != _seen(_decide(case, _engine(case))))
        except KeyError:
            continue
    assert any(changed)
