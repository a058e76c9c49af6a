"""`comity policy explain`, `policy simulate`, `release explain`: read at 80 columns, and as JSON the same."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from rich.cells import cell_len

from gateway.cli.request import addressees_of
from gateway.errors import Malformed
from gateway.record.vocabulary import LegalBasis, Purpose
from tests.cli.doors import comity, ok
from tests.flow import records
from tests.flow.conftest import engines, homes, template
from tests.flow.federation import NL, RO, Homes

__all__ = ["engines", "homes", "template"]

TO = f"{RO}:investigation:law-enforcement-task"
NO_VANS = """
@id("LOCAL-NO-VAN") @layer("local") @reason("vans are not told") @source("test")
forbid (principal, action == Comity::Action::"disclose", resource is Comity::Portion)
unless { resource.category != Comity::Category::"vehicle.identity" };
"""


@pytest.fixture
def nl(homes: Homes) -> Path:
    return homes.home(NL)


@pytest.fixture
def case(tmp_path: Path) -> Path:
    file = tmp_path / "case.binpb"
    file.write_bytes(records.encoded(records.small()))
    return file


@pytest.fixture
def pushed(case: Path, nl: Path) -> str:
    told = ok("record", "push", case, "--to", TO, "--home", nl)
    return str(told["records"][0]["exchanges"][0]["id"])


@pytest.fixture
def proposed(tmp_path: Path) -> Path:
    file = tmp_path / "proposed.cedar"
    file.write_text(NO_VANS)
    return file


def test_withheld_stands_first_and_what_would_help_last(
    case: Path, nl: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    out = comity("policy", "explain", case, "--to", TO, "--home", nl).out

    order = ["Withheld:", "Leaves less precisely:", "Leaves:", "The law behind", "What would release more:"]
    places = [out.index(title) for title in order]
    assert places == sorted(places)
    assert max(map(cell_len, out.splitlines())) <= 80
    assert records.SECRET_NAME not in out


def test_every_reason_is_told_once_in_each_part(case: Path, nl: Path) -> None:
    out = comity("policy", "explain", case, "--to", TO, "--home", nl).out

    withheld = out[out.index("Withheld:") : out.index("Leaves less")]
    reasons = re.findall(r"(?m)^  - (.*)$", withheld)
    assert len(set(reasons)) == len(reasons) > 1


def test_table_and_json_carry_the_same_rules_and_fields(case: Path, nl: Path) -> None:
    out = comity("policy", "explain", case, "--to", TO, "--home", nl).out
    told = ok("policy", "explain", case, "--to", TO, "--home", nl)

    for row in told["rows"]:
        assert row["field"].replace("_", " ") in out
        assert row["entity"] in out
        assert all(rule in out for rule in (*row["rules"], *row["permits"]))
    for remedy in told["remedies"]:
        for change in remedy["changes"]:
            assert change["told"] in out
        assert remedy["why_not"] in out


def test_record_on_file_and_exchange_are_explained(pushed: str, nl: Path) -> None:
    told = ok("release", "explain", pushed, "--home", nl)
    of_record = ok("policy", "explain", told["record_id"], "--to", TO, "--home", nl)

    assert [row["rung"] for row in told["rows"]] == [row["rung"] for row in of_record["rows"]]
    out = comity("release", "explain", pushed, "--home", nl).out
    assert "No receipt of the recipient is on file." in out
    assert told["policy"][:16] in out


def test_exchange_that_is_not_here_is_not_found(nl: Path) -> None:
    answer = comity("release", "explain", "0199d0a0-0000-7000-8000-000000000000", "--json", "--home", nl)

    assert (answer.code, answer.object["code"]) == (1, "no-such-exchange")


def test_interview_is_told_with_what_it_lacks(case: Path, nl: Path) -> None:
    words: list[str | Path] = [
        "policy",
        "explain",
        case,
        "--to",
        TO,
        "--act",
        "request-interview",
        "--person",
        "victim",
    ]

    bare = comity(*words, "--home", nl).out
    full = comity(
        *words, "--specialised-staff", "--representative", "--sessions", "--reason-stated", "--home", nl
    ).out

    assert "Not allowed" in bare and "VP-18F" in bare
    assert "Waits for approval" in full
    assert "needs a child protection officer and a victim protection officer" in full


def test_use_in_court_and_matching_are_told(case: Path, nl: Path) -> None:
    court = comity("policy", "explain", case, "--to", TO, "--act", "judicial-use", "--home", nl).out
    to = f"{RO}:victim-identification"
    match = comity("policy", "explain", case, "--to", to, "--act", "deconflict", "--home", nl).out

    assert "Not allowed" in court
    assert "where something matches: needs a releasing liaison officer" in match


@pytest.mark.parametrize(
    "words",
    [
        ["--act", "request-interview"],
        ["--person", "victim"],
        ["--act", "judicial-use", "--sessions"],
        ["--act", "arrest"],
    ],
)
def test_act_that_does_not_fit_is_wrong_usage(words: list[str], case: Path, nl: Path) -> None:
    answer = comity("policy", "explain", case, "--to", TO, *words, "--json", "--home", nl)

    assert answer.code == 2


def test_unit_purpose_and_basis_may_follow_the_agency() -> None:
    (found,) = addressees_of(["police.ro/Trafficking desk:prosecution:court-order"], "", "")

    assert (found.agency, found.unit) == ("police.ro", "Trafficking desk")
    assert (found.purpose, found.legal_basis) == (Purpose.PROSECUTION, LegalBasis.COURT_ORDER)
    assert addressees_of(["police.ro"], "trend", "")[0].purpose is Purpose.TREND


def test_slash_without_a_unit_is_wrong_usage() -> None:
    with pytest.raises(Malformed):
        addressees_of(["police.ro/:trend"], "", "")


def test_untrusted_name_is_shown_and_never_obeyed(nl: Path, tmp_path: Path) -> None:
    record = records.small()
    record.vehicles.add(id="x\u202e\u009b2J").identity.plate = "YY-1"
    file = tmp_path / "odd.binpb"
    file.write_bytes(records.encoded(record))

    answer = comity("policy", "explain", file, "--to", TO, "--home", nl)

    assert "\u202e" not in answer.out and "\u009b" not in answer.out


def test_simulation_counts_and_names_the_rule(pushed: str, proposed: Path, nl: Path) -> None:
    told = ok("policy", "simulate", proposed, "--home", nl)
    out = comity("policy", "simulate", proposed, "--home", nl).out

    assert told["counts"]["newly-withheld"] == 1
    assert told["exchanges"][0]["exchange"] == pushed
    for words in ("1  newly withheld", pushed, "vehicle.identity withheld (now exact)", "(LOCAL-NO-VAN)"):
        assert words in out


def test_proposed_baseline_alone_keeps_the_rules_of_the_home(
    pushed: str, proposed: Path, nl: Path, tmp_path: Path
) -> None:
    (nl / "rules.cedar").write_text(NO_VANS)
    empty = tmp_path / "baseline.cedar"
    empty.write_text("// nothing is permitted\n")

    told = ok("policy", "simulate", "--baseline", empty, "--home", nl)

    assert told["exchanges"][0]["after"] == "denied"


def test_simulation_without_rules_is_wrong_usage(nl: Path, proposed: Path, tmp_path: Path) -> None:
    twin = tmp_path / "other" / proposed.name
    twin.parent.mkdir()
    twin.write_text(NO_VANS)

    assert comity("policy", "simulate", "--home", nl).code == 2
    assert comity("policy", "simulate", proposed, twin, "--home", nl).code == 2
    assert comity("policy", "simulate", proposed, "--last", "0", "--home", nl).code == 2


def test_proposed_rule_that_does_not_load_names_its_place(nl: Path, tmp_path: Path) -> None:
    file = tmp_path / "bad.cedar"
    file.write_text("permit (nobody, nothing);")

    answer = comity("policy", "simulate", file, "--json", "--home", nl)

    assert answer.code == 1
    assert answer.object["field"].startswith("bad.cedar:1")


def test_held_exchange_says_for_whom_and_until_when(case: Path, nl: Path) -> None:
    told = ok("record", "push", case, "--to", TO, "--ask", "person.name", "--home", nl)
    exchange = told["records"][0]["exchanges"][0]["id"]

    out = comity("release", "explain", exchange, "--home", nl).out

    assert "held for a child protection officer and a victim protection officer" in out
    assert re.search(r"It stands as held until \d{4}-\d\d-\d\d \d\d:\d\d UTC\.", out)
    assert "Waits for approval: 1 field(s)" in out


def test_denied_record_says_what_would_let_it_go(case: Path, nl: Path) -> None:
    out = comity("policy", "explain", case, "--to", "border.xx", "--home", nl).out

    assert "the marking does not allow this recipient (MK-REL)" in out
    assert out.rstrip().endswith("the record as a whole")
    assert "if the marking named this recipient: the record goes" in out
