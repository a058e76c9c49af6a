"""Every number of the catalogue is answered for: by rules with cases, or by code with a test."""

from __future__ import annotations

import re

import pytest

from policy.authoring.cases import FOLDERS
from policy.authoring.catalogue import (
    Guard,
    cases_of,
    catalogued,
    enforced_in_code,
    floor_alone,
    report,
    shipped_cases,
    try_cases,
)
from policy.bundle import bundle_of, shipped_baseline
from policy.rule import Layer
from policy.rulebook import Rulebook
from tests.policy import given
from tests.project import ROOT

_OWN = """
/// Our own words.
@id("OUR-1") @layer("local") @reason("not to border police") @source("our instruction 1")
forbid (principal, action == Comity::Action::"disclose", resource is Comity::Portion)
unless { !principal.functions.contains(Comity::Function::"border") };
"""
_ALLOWED = 'rule = "OUR-1"\n[portion]\nrole = "suspect"\n[expect]\noutcome = "release"\n'
_DENIED = _ALLOWED.replace('"release"', '"denied"') + '[recipient]\nfunctions = ["border"]\n'


def test_every_number_of_the_catalogue_is_answered_for() -> None:
    answered = catalogued(given.shipped().rules)

    assert len(answered) == 44
    assert [number for number, held in answered.items() if not held] == []


def test_a_number_that_nothing_answers_for_is_found() -> None:
    rules = {name: rule for name, rule in given.shipped().rules.items() if not name.startswith("VP-10")}

    assert catalogued(rules)["VP-10"] is False


@pytest.mark.parametrize("guard", enforced_in_code(), ids=lambda guard: guard.id)
def test_what_code_enforces_names_a_test_that_is_there(guard: Guard) -> None:
    file, _, name = guard.test.partition("::")

    assert re.search(rf"^def {re.escape(name)}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    assert guard.sentence.endswith(".")


def test_shipped_cases_are_all_files_of_the_three_folders() -> None:
    files = [path for folder in FOLDERS for path in (ROOT / "tests" / "policy" / folder).glob("*.toml")]

    named = {(case.folder, case.name.partition(" (")[0]) for case in shipped_cases()}

    assert named == {(path.parent.name, path.stem) for path in files}


def test_own_rule_with_its_cases_passes_and_its_cases_are_counted() -> None:
    bundle = bundle_of(baseline=shipped_baseline(), local={"own.cedar": _OWN})
    cases = cases_of([("others-get-it", "allow", _ALLOWED), ("border-does-not", "deny", _DENIED)])
    book = Rulebook(bundle)

    failures = [one for one in try_cases(cases, book, floor_alone(bundle)) if one]
    trial = report(cases, failures, book.rules, [Layer.LOCAL])

    assert trial.failures == ()
    assert trial.ok
    assert [(row.id, row.allow, row.deny, row.hold) for row in trial.rows] == [("OUR-1", 1, 1, 0)]


def test_rule_without_a_case_that_shows_it_deny_is_wanting() -> None:
    bundle = bundle_of(baseline=shipped_baseline(), local={"own.cedar": _OWN})
    cases = cases_of([("others-get-it", "allow", _ALLOWED)])

    trial = report(cases, [], Rulebook(bundle).rules, [Layer.LOCAL])

    assert not trial.ok
    assert trial.wanting == ("OUR-1",)


def test_case_that_comes_out_otherwise_says_what_differed() -> None:
    bundle = bundle_of(baseline=shipped_baseline(), local={"own.cedar": _OWN})
    cases = cases_of([("wrong", "deny", _DENIED.replace("border", "court"))])

    (failure,) = try_cases(cases, Rulebook(bundle), floor_alone(bundle))

    assert failure is not None
    assert failure.differences == ("outcome: expected 'denied', found 'release'",)


def test_case_of_a_rule_that_is_not_there_fails() -> None:
    bundle = bundle_of(baseline=shipped_baseline())
    cases = cases_of([("wrong", "deny", _DENIED)])

    (failure,) = try_cases(cases, Rulebook(bundle), floor_alone(bundle))

    assert failure is not None
    assert failure.differences == ("rule: OUR-1 is no rule in force",)
