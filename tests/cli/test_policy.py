"""`comity policy`: the tools of a rule author as a terminal and a program see them."""

from __future__ import annotations

from pathlib import Path

import pytest

import policy.authoring.survey
from policy.authoring.sweep import Block, blocks
from tests.cli.conftest import Played
from tests.cli.doors import NL, comity, ok

_OWN = """
/// Border police do not receive this.
@id("OUR-1") @layer("local") @reason("not to border police") @source("our instruction 1")
forbid (principal, action == Comity::Action::"disclose", resource is Comity::Portion)
unless { !principal.functions.contains(Comity::Function::"border") };
"""
_WIDER = """
/// Police receive names.
@id("OUR-2") @layer("local") @reason("police receive what identifies") @source("our instruction 2")
permit (principal, action == Comity::Action::"disclose", resource is Comity::Portion)
when { principal.kind == Comity::Kind::"leo" && context.purpose == Comity::Purpose::"investigation" };
"""
_CASE = 'rule = "OUR-1"\n[portion]\nrole = "suspect"\n[expect]\noutcome = "OUTCOME"\n'


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """Return a file with one own rule."""
    path = tmp_path / "rules.cedar"
    path.write_text(_OWN)
    return path


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    """Return a folder with cases that show it."""
    for folder, outcome, more in (
        ("allow", "release", ""),
        ("deny", "denied", '[recipient]\nfunctions = ["border"]\n'),
    ):
        (tmp_path / "cases" / folder).mkdir(parents=True)
        (tmp_path / "cases" / folder / "case.toml").write_text(_CASE.replace("OUTCOME", outcome) + more)
    return tmp_path / "cases"


@pytest.fixture
def few_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a sweep ask about police that investigate only: the whole is another test's matter."""

    def few() -> list[Block]:
        return [block for block in blocks() if block.name[1:] == ("leo", "investigation")]

    monkeypatch.setattr(policy.authoring.survey, "blocks", few)


def test_lint_of_what_is_shipped_is_clean() -> None:
    assert ok("policy", "lint")["findings"] == []


def test_lint_tells_every_finding_with_its_place(own: Path) -> None:
    own.write_text(_OWN.replace('"border"', '"boarder"').replace("///", "//"))

    answer = comity("policy", "lint", own)

    assert answer.code == 1
    assert f"{own}:3:1: has no sentence above it; expected: a line `/// ...` that says it" in answer.out
    assert (
        f"{own}:5:40: 'boarder' is not on the list Function; expected: did you mean 'border'?" in answer.out
    )
    assert "1 file: 2 findings." in answer.out


def test_lint_of_a_clean_file_ends_with_zero(own: Path) -> None:
    assert ok("policy", "lint", own)["files"] == 1


def test_lint_reads_a_file_as_the_layer_it_is_for(own: Path) -> None:
    answer = comity("policy", "lint", own, "--layer", "baseline", "--json")

    assert answer.code == 1
    assert "layer" in answer.object["findings"][0]["message"]


def test_lint_of_a_home_reads_the_rules_in_force(played: Played) -> None:
    assert ok("policy", "lint", "--home", played.homes / NL)["files"] >= 2


def test_lint_of_a_file_that_is_not_there_cannot_tell(tmp_path: Path) -> None:
    answer = comity("policy", "lint", tmp_path / "none.cedar")

    assert answer.code == 2
    assert "no-file" in answer.err


def test_own_rules_are_tried_by_own_cases(own: Path, cases: Path) -> None:
    answer = ok("policy", "test", cases, "--rules", own)

    assert answer["rules"] == [{"id": "OUR-1", "layer": "local", "allow": 1, "deny": 1, "hold": 0}]


def test_case_that_fails_is_named_with_what_differed(own: Path, cases: Path) -> None:
    (cases / "deny" / "case.toml").write_text(_CASE.replace("OUTCOME", "denied"))

    answer = comity("policy", "test", cases, "--rules", own)

    assert answer.code == 1
    assert "failed: deny/case (OUR-1)" in answer.out
    assert "expected 'denied', found 'release'" in answer.out


def test_rule_without_a_case_that_shows_it_deny_fails(own: Path, cases: Path) -> None:
    (cases / "deny" / "case.toml").unlink()

    answer = comity("policy", "test", cases, "--rules", own, "--json")

    assert answer.code == 1
    assert answer.object["wanting"] == ["OUR-1"]


def test_folder_without_cases_is_refused(own: Path, tmp_path: Path) -> None:
    answer = comity("policy", "test", tmp_path, "--rules", own, "--json")

    assert answer.code == 1
    assert answer.object["code"] == "no-cases"


def test_every_number_of_the_catalogue_stands_in_the_table() -> None:
    rows = comity("policy", "test", "--json").object["rules"]

    shown = {row["id"][:5] for row in rows}
    assert {f"VP-{number:02}" for number in range(1, 45)} <= shown
    assert {row["id"] for row in rows if row["layer"] == "code"} >= {"VP-03", "VP-44"}


def test_mutants_that_no_case_notices_are_listed_with_their_place(own: Path, cases: Path) -> None:
    own.write_text(_OWN.replace("};", '|| resource.age == Comity::Age::"unknown" };'))

    answer = comity("policy", "mutate", cases, "--rules", own, "--only", "OUR-1")

    assert answer.code == 1
    assert "rules.cedar:5:87 OUR-1 literal" in answer.out
    assert 'Comity::Age::"unknown" -> Comity::Age::"minor"' in answer.out


def test_mutants_that_all_are_noticed_end_with_zero(own: Path, cases: Path) -> None:
    answer = ok("policy", "mutate", cases, "--rules", own, "--only", "OUR-1")

    assert answer["survivors"] == []
    assert {row["change"] for row in answer["counts"]} >= {
        "rule dropped",
        "literal",
        "comparison",
        "negation",
    }


def test_mutating_a_rule_that_is_not_there_is_a_usage_error() -> None:
    assert comity("policy", "mutate", "--only", "NOBODY").code == 2


@pytest.mark.usefixtures("few_blocks")
def test_sweep_asserts_and_compares_with_what_is_kept(tmp_path: Path, own: Path) -> None:
    golden = tmp_path / "golden.gz"
    swept = ok("policy", "sweep", "--write-golden", golden)

    same = ok("policy", "sweep", "--golden", golden)
    own.write_text(_OWN.replace('"border"', '"anti-trafficking"'))
    other = comity("policy", "sweep", "--golden", golden, "--rules", own)

    assert swept["cells"] > 1_000
    assert same["changed"] == []
    assert other.code == 1
    assert "less: police for investigation: " in other.out


@pytest.mark.usefixtures("few_blocks")
def test_more_about_protected_persons_is_refused_until_it_was_read(own: Path, tmp_path: Path) -> None:
    wider = tmp_path / "wider.cedar"
    wider.write_text(_WIDER)

    refused = comity("policy", "diff", own, wider)
    read = ok("policy", "diff", own, wider, "--i-have-read-it")
    back = ok("policy", "diff", wider, own)

    assert refused.code == 1
    assert "widens-victims" in refused.err
    assert "more: police for investigation: " in refused.out
    assert any(group["widens"] and group["protected_person"] for group in read["changed"])
    assert not any(group["widens"] for group in back["changed"])


@pytest.mark.usefixtures("few_blocks")
def test_rules_that_say_the_same_differ_in_nothing(own: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.cedar"
    copy.write_text(own.read_text())

    assert "Nothing would change." in comity("policy", "diff", own, copy).out


@pytest.mark.parametrize("command", ["lint", "test", "mutate", "sweep", "diff"])
def test_help_of_every_command_has_an_example(command: str) -> None:
    assert "Example: comity policy" in comity("policy", command, "--help").out
