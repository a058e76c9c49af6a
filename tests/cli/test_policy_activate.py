"""`comity policy activate`: the agency's own rules, taken into force on a home that nothing runs on."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import read_config
from tests.cli.doors import NL, comity, comity_apart, ok
from tests.flow.federation import Homes
from tests.flow.test_activation import MISSPELT, NO_VEHICLES

READ = "--i-have-read-it"


@pytest.fixture
def home(policy_homes: Homes) -> Path:
    """Return a closed home."""
    return policy_homes.home(NL)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a file of rules that load."""
    file = tmp_path / "mine.cedar"
    file.write_text(NO_VEHICLES, "utf-8")
    return file


def test_rules_of_a_file_come_into_force_and_leave_again(home: Path, rules: Path) -> None:
    done = ok("policy", "activate", rules, READ, "--home", home)
    again = ok("policy", "activate", rules, READ, "--home", home)
    gone = ok("policy", "activate", "--none", READ, "--home", home)

    assert (done["changed"], done["own"]) == (True, 1)
    assert (again["changed"], again["old"]) == (False, done["new"])
    assert (gone["changed"], gone["own"], gone["new"]) == (True, 0, done["old"])
    assert not read_config(home).local_rules.exists()


def test_digests_before_and_after_are_told(home: Path, rules: Path) -> None:
    answer = comity("policy", "activate", rules, READ, "--home", home)

    assert answer.code == 0
    assert "1 of them this agency's own" in answer.out


def test_error_names_the_file_as_it_was_given_with_line_and_column(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.cedar"
    file.write_text(MISSPELT, "utf-8")

    answer = comity("policy", "activate", file, READ, "--home", home, "--json")

    assert answer.code == 1
    assert answer.object["code"] == "bad-rule"
    assert answer.object["field"].startswith(f"{file}:7:")
    assert "vehicle.identify" in answer.object["error"]
    assert not read_config(home).local_rules.exists()


def test_error_that_only_all_rules_together_show_names_the_file_too(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.cedar"
    file.write_text(NO_VEHICLES.replace("LO-VEHICLES", "VP-09"), "utf-8")

    answer = comity("policy", "activate", file, READ, "--home", home, "--json")

    assert answer.object["field"].startswith(f"{file}:")
    assert "VP-09" in answer.object["error"]


def test_nothing_is_taken_into_force_unread_where_nobody_can_be_asked(home: Path, rules: Path) -> None:
    asked = comity_apart("policy", "activate", str(rules), "--home", str(home), stdin="y\n")
    as_json = comity("policy", "activate", rules, "--home", home, "--json")

    assert (asked.code, as_json.code) == (2, 2)
    assert as_json.object["code"] == "not-confirmed"
    assert not read_config(home).local_rules.exists()


@pytest.mark.parametrize("words", [("--none", "rules.cedar"), ()])
def test_file_or_none_is_named_and_not_both(home: Path, words: tuple[str, ...]) -> None:
    answer = comity("policy", "activate", *words, READ, "--home", home, "--json")

    assert (answer.code, answer.object["code"]) == (2, "usage")


def test_file_that_is_not_there_is_named(home: Path, tmp_path: Path) -> None:
    answer = comity("policy", "activate", tmp_path / "no.cedar", READ, "--home", home, "--json")

    assert (answer.code, answer.object["code"]) == (2, "no-file")
