"""Changed rules: one thing at a time, each where it stands, and noticed by a case or listed."""

from __future__ import annotations

import pytest

from policy.authoring.cases import Case
from policy.authoring.catalogue import cases_of, shipped_cases
from policy.authoring.hunt import Fate, Hunt, Verdict
from policy.authoring.mutation import Change, Mutant, mutants_of
from policy.authoring.syntax import words
from policy.bundle import Bundle, bundle_of, shipped_baseline_files, shipped_floor
from policy.rule import Layer
from policy.statement import RuleFile, split

_HEAD = '@id("OUR-1") @layer("local") @reason("ours") @source("ours")\nforbid (principal, action, resource)\n'
_RULE = """
// "leo" == true: a comment decides nothing.
/// Border police do not receive this (unless, when, !).
@id("OUR-1") @layer("local") @reason("not > 3 == to border police") @source("our instruction 1")
forbid (principal, action == Comity::Action::"disclose", resource is Comity::Portion)
unless {
  !principal.functions.contains(Comity::Function::"border")
  || (resource.count >= 11 && resource.graded)
};
"""
_CASE = """
rule = "OUR-1"
[portion]
role = "suspect"
category = "vehicle.identity"
"""
_BORDER = '[recipient]\nfunctions = ["border"]\n'


def _mutants(text: str) -> list[Mutant]:
    (statement,) = split(RuleFile(name="own.cedar", text=text))
    return list(mutants_of("OUR-1", Layer.LOCAL, statement))


def _turned(body: str, change: Change) -> list[tuple[str, str]]:
    return [(one.old, one.new) for one in _mutants(f"{_HEAD}{body};") if one.change is change]


def _cases(*cases: tuple[str, str, str]) -> tuple[Case, ...]:
    return cases_of([(name, folder, _CASE + text) for name, folder, text in cases])


_DENIED = ("border", "deny", '[expect]\noutcome = "denied"\n' + _BORDER)
_ALLOWED = ("others", "allow", '[expect]\noutcome = "release"\n')
_COUNTED = (
    "counted",
    "allow",
    '[expect]\noutcome = "release"\n' + _BORDER + "[vary]\n'portion.count' = [11, 12]\n",
)
_TOO_FEW = ("few", "deny", '[expect]\noutcome = "denied"\n' + _BORDER + "[vary]\n'portion.count' = [10]\n")
_UNGRADED = (
    "ungraded",
    "deny",
    '[expect]\noutcome = "denied"\n'
    + _BORDER
    + "[vary]\n'portion.count' = [11]\n'portion.graded' = [false]\n",
)


def _bundle() -> Bundle:
    permit = '@id("P") @layer("baseline") @reason("r") @source("s") permit (principal, action, resource);'
    return bundle_of(baseline=permit, local={"own.cedar": _RULE})


def _judged(*cases: tuple[str, str, str]) -> list[Verdict]:
    hunt = Hunt(_bundle(), _cases(*cases))
    assert hunt.failing == 0
    return [hunt.judge(mutant) for mutant in hunt.mutants(["OUR-1"])]


def test_every_literal_comparison_and_negation_is_turned_where_it_stands() -> None:
    found = {(one.change.value, one.line, one.column, one.old, one.new) for one in _mutants(_RULE)}

    assert found == {
        ("rule dropped", 5, 1, "OUR-1", "(nothing)"),
        ("literal", 5, 30, 'Comity::Action::"disclose"', 'Comity::Action::"discloseUnbound"'),
        ("negation", 6, 1, "unless", "when"),
        ("negation", 7, 3, "!", "(nothing)"),
        ("literal", 7, 33, 'Comity::Function::"border"', 'Comity::Function::"immigration"'),
        ("comparison", 8, 22, ">=", ">"),
        ("comparison", 8, 22, ">=", "<"),
        ("literal", 8, 25, "11", "12"),
        ("literal", 8, 25, "11", "10"),
        ("negation", 8, 31, "resource.graded", "!resource.graded"),
    }


def test_a_mutant_is_the_rule_with_nothing_else_changed() -> None:
    (mutant,) = [one for one in _mutants(_RULE) if one.new == "<"]

    assert mutant.statement is not None
    assert mutant.statement.text.strip() == _RULE.replace(">= 11", "< 11").strip()


@pytest.mark.parametrize(
    ("body", "turned"),
    [
        ("when { 1 < 2 }", [("<", "<="), ("<", ">=")]),
        ("when { 1 <= 2 }", [("<=", "<"), ("<=", ">")]),
        ("when { 1 > 2 }", [(">", ">="), (">", "<=")]),
        ("when { a.b == c.d }", [("==", "!=")]),
        ("when { a.b != c.d }", [("!=", "==")]),
        ("when { a.b.containsAll([1]) }", [("containsAll", "containsAny")]),
        ("when { [1].containsAny(a.b) }", [("containsAny", "containsAll")]),
        ("when { [1, 2].contains(a.b) }", [("[1, 2].contains", "![1, 2].contains")]),
        ("when { (a.b).isEmpty() }", [("(a.b).isEmpty", "!(a.b).isEmpty")]),
        ("when { !a.b.isEmpty() }", []),
    ],
)
def test_comparisons_become_their_neighbours_or_opposites(body: str, turned: list[tuple[str, str]]) -> None:
    assert _turned(body, Change.COMPARISON) == turned


@pytest.mark.parametrize(
    ("body", "turned"),
    [
        ("when { true }", [("true", "false")]),
        ("when { resource.count > 0 }", [("0", "1")]),
        ('when { principal.country == "NL" }', [('"NL"', '"NL-other"')]),
        ('when { x == Comity::Age::"unknown" }', [('Comity::Age::"unknown"', 'Comity::Age::"minor"')]),
        ('when { x == Comity::Age::"nothing" }', []),
        (
            'when { [Comity::Age::"minor", Comity::Age::"adult"].contains(x) }',
            [
                ('Comity::Age::"minor"', 'Comity::Age::"unknown"'),
                ('Comity::Age::"adult"', 'Comity::Age::"unknown"'),
            ],
        ),
    ],
)
def test_literals_become_another_member_of_their_list(body: str, turned: list[tuple[str, str]]) -> None:
    assert _turned(body, Change.LITERAL) == turned


@pytest.mark.parametrize(
    ("body", "turned"),
    [
        (
            "when { resource.a && !context.b }",
            [("when", "unless"), ("resource.a", "!resource.a"), ("!", "(nothing)")],
        ),
        ("unless { (context.b || x) }", [("unless", "when"), ("context.b", "!context.b")]),
        ("when { x.contains(context.b) }", [("when", "unless")]),
        ("when { 1 == context.b }", [("when", "unless")]),
    ],
)
def test_conditions_become_their_opposite(body: str, turned: list[tuple[str, str]]) -> None:
    assert _turned(body, Change.NEGATION) == turned


def test_cases_that_show_all_of_a_rule_notice_all_that_can_be_noticed() -> None:
    verdicts = _judged(_DENIED, _ALLOWED, _COUNTED, _TOO_FEW, _UNGRADED)

    assert [one for one in verdicts if one.fate is Fate.SURVIVED] == []


def test_what_no_case_shows_survives() -> None:
    verdicts = _judged(_DENIED, _ALLOWED, _COUNTED, _UNGRADED)

    survived = [(one.mutant.old, one.mutant.new) for one in verdicts if one.fate is Fate.SURVIVED]
    assert survived == [("11", "10")]


def test_what_the_validator_refuses_is_noticed_at_load() -> None:
    verdicts = _judged(_DENIED)

    refused = [(one.mutant.new, one.case) for one in verdicts if one.fate is Fate.REFUSED]
    assert [new for new, _ in refused] == ['Comity::Action::"discloseUnbound"']
    assert "without naming a duty" in refused[0][1]


def test_case_that_fails_anyway_notices_nothing() -> None:
    wrong = ("wrong", "deny", '[expect]\noutcome = "held"\n' + _BORDER)

    hunt = Hunt(_bundle(), _cases(wrong))

    assert hunt.failing == 1
    assert {hunt.judge(one).fate for one in hunt.mutants(["OUR-1"])} <= {Fate.SURVIVED, Fate.REFUSED}


def test_the_case_that_noticed_is_named() -> None:
    dropped = _judged(_DENIED, _ALLOWED)[0]

    assert dropped.mutant.change is Change.DROPPED
    assert (dropped.fate, dropped.case) == (Fate.NOTICED, "deny/border")


def test_words_stand_where_an_editor_finds_them() -> None:
    (statement,) = split(RuleFile(name="own.cedar", text=_RULE))
    lines = _RULE.splitlines()

    for word in words(statement):
        assert lines[word.line - 1][word.column - 1 :].startswith(word.text)


def test_no_change_of_a_shipped_rule_goes_unnoticed() -> None:
    bundle = Bundle(floor=shipped_floor(), baseline=shipped_baseline_files(), agreements=(), local=())
    hunt = Hunt(bundle, shipped_cases())

    mutants = hunt.mutants()
    survivors = [one.mutant for one in map(hunt.judge, mutants) if one.fate is Fate.SURVIVED]

    assert hunt.failing == 0
    assert {mutant.rule for mutant in mutants} == hunt.rules
    assert survivors == []
