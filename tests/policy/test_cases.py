"""The rule catalogue as cases: what is allowed, denied and held, one file each, named as a sentence."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from policy.authoring.cases import FOLDERS, Case, read_cases
from policy.authoring.trial import differences, seen, shows, with_approvals
from policy.rule import Layer
from tests.policy import given

_HERE = Path(__file__).resolve().parent


@cache
def cases() -> tuple[Case, ...]:
    """Return every case of the catalogue."""
    found: list[Case] = []
    for folder in FOLDERS:
        for path in sorted((_HERE / folder).glob("*.toml")):
            found.extend(read_cases(path.stem, folder, path.read_text(encoding="utf-8")))
    return tuple(found)


def _seen(case: Case) -> dict[str, object]:
    engine = given.floor_only() if case.floor_only else given.shipped()
    return seen(case, engine.rulebook.answer, engine.rules)


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.folder}/{case.name}")
def test_case_of_the_catalogue(case: Case) -> None:
    found = _seen(case)

    assert differences(case, found) == []


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.folder}/{case.name}")
def test_case_shows_what_its_folder_says(case: Case) -> None:
    rule = given.shipped().rules[case.rule]

    assert shows(case, _seen(case), rule)


def _rules_shown(folder: str) -> set[str]:
    return {case.rule for case in cases() if case.folder == folder}


@pytest.mark.parametrize("layer", [Layer.FLOOR, Layer.BASELINE])
def test_every_rule_has_a_case_that_allows_and_one_that_denies(layer: Layer) -> None:
    rules = {rule.id for rule in given.shipped().rules.values() if rule.layer is layer}

    assert rules - _rules_shown("allow") == set()
    assert rules - _rules_shown("deny") == set()


def test_every_rule_that_approvals_lift_has_a_case_that_is_held() -> None:
    liftable = {rule.id for rule in given.shipped().rules.values() if rule.lifts}

    assert liftable - _rules_shown("hold") == set()


@pytest.mark.parametrize(
    "case", [case for case in cases() if case.folder == "hold"], ids=lambda case: case.name
)
def test_what_is_held_is_released_with_exactly_the_approvals_it_was_held_for(case: Case) -> None:
    held = _seen(case)

    released = _seen(with_approvals(case, held))

    assert released["outcome"] == "release"
    assert released.get("duties") == held.get("duties")
    assert released.get("rung") in (held.get("asked"), held.get("rung"))
