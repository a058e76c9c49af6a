"""`comity record`: what enters, what is refused, what is shown, and that nothing refused stays."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len

from gateway.cli.answers import show_answers
from gateway.cli.screen import Screen
from gateway.errors import GatewayError, Malformed
from gateway.flow.repeat import PushAnswer
from tests.cli.conftest import Played
from tests.cli.doors import MINORS_NAME, NGO, NL, RO, TO_NGO, TO_RO, case_text, comity, ok, write_case
from tests.project import ROOT

HTCDS = ROOT / "examples" / "htcds_case.json"
ROWS = ROOT / "examples" / "htcds_case.csv"
UNKNOWN = "0199d0a0-0000-7000-8000-000000000000"


@pytest.fixture
def case(tmp_path: Path) -> Path:
    return write_case(tmp_path / "case.json")


def changed(path: Path, **header: Any) -> Path:
    """Write the case with members of its header replaced."""
    return write_case(path, header={**json.loads(case_text())["header"], **header})


def test_valid_record_has_no_finding_and_needs_no_home(case: Path) -> None:
    assert ok("record", "validate", case) == {"ok": True, "records": 1, "losses": []}


def test_every_finding_is_named_with_its_path(tmp_path: Path) -> None:
    file = changed(tmp_path / "bad.json", retain_until="2001-01-01", author="")

    answer = comity("record", "validate", file, "--json")

    assert answer.code == 1
    assert answer.object["ok"] is False
    assert any("header.retain_until" in finding for finding in answer.object["findings"])


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("bad.json", "{"),
        ("bad.json", '{"header": {}, "header": {}}'),
        ("bad.json", '{"surprise": 1}'),
        ("bad.json", "[" * 5000),
        ("bad.json", "\udcff"),
        ("bad.binpb", "no protobuf"),
    ],
)
def test_file_that_holds_no_record_is_refused(name: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / name
    file.write_bytes(text.encode("utf-8", "surrogateescape"))

    answer = comity("record", "validate", file, "--json")

    assert answer.code == 1
    assert answer.object["code"] not in ("internal", "usage")


def test_file_that_is_not_there_is_no_verdict_on_a_record(tmp_path: Path) -> None:
    answer = comity("record", "validate", tmp_path / "none.json", "--json")

    assert answer.code == 2
    assert answer.object["code"] == "no-file"


def test_ending_that_says_nothing_asks_for_a_format(tmp_path: Path) -> None:
    file = tmp_path / "case.txt"
    file.touch()

    answer = comity("record", "validate", file)

    assert answer.code == 2
    assert "--format" in answer.err


def test_preview_tells_of_every_field_what_each_recipient_sees_and_why(nl: Path, case: Path) -> None:
    told = ok("record", "preview", case, "--to", TO_RO, "--to", TO_NGO, "--home", nl)

    (record,) = told["records"]
    assert record["outcomes"] == {RO: "release", NGO: "release"}
    names = {field["entity"]: field for field in record["fields"] if field["field"] == "names"}
    assert names["minor"]["seen"][RO]["rung"] == "withheld"
    assert "(VP-02)" in names["minor"]["seen"][RO]["why"]
    assert "Sânziana" in names["minor"]["exact"]
    assert names["adult"]["seen"][NGO]["rung"] == "exact"
    assert all(set(field["seen"]) == {RO, NGO} for field in record["fields"])


def test_preview_stores_nothing(played_by_file: Played, case: Path) -> None:
    nl = played_by_file.homes / NL
    before = ok("audit", "export", nl.parent / "before", "--home", nl)["files"]
    size = len((nl.parent / "before" / "entries.jsonl").read_text().splitlines())

    ok("record", "preview", case, "--to", TO_RO, "--home", nl)
    ok("audit", "export", nl.parent / "after", "--home", nl)

    grown = len((nl.parent / "after" / "entries.jsonl").read_text().splitlines())
    assert before > 0
    assert grown == size + 1  # the export before


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_preview_fits_the_window(columns: int, nl: Path, case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))

    answer = comity("record", "preview", case, "--to", TO_RO, "--to", TO_NGO, "--home", nl)

    lines = answer.out.splitlines()
    assert answer.code == 0
    assert [line for line in lines if cell_len(line) > columns] == []
    assert len([line for line in lines if line.startswith("person ")]) == 4
    for rule in ("VP-01", "VP-02"):
        assert len([line for line in lines if line.startswith(f"  {rule} ")]) == 1


def test_preview_of_several_records_is_one_object(nl: Path) -> None:
    told = ok("record", "preview", ROWS, "--format", "htcds", "--to", TO_RO, "--home", nl)

    assert len(told["records"]) == 2
    assert told["losses"] and set(told["losses"][0]) == {"path", "effect", "why"}


def test_push_answers_per_recipient(nl: Path, case: Path) -> None:
    told = ok("record", "push", case, "--to", TO_RO, "--to", TO_NGO, "--home", nl)

    (record,) = told["records"]
    assert [(one["recipient"], one["outcome"]) for one in record["exchanges"]] == [
        (RO, "release"),
        (NGO, "release"),
    ]
    assert told["refused"] == []


def test_asking_for_more_holds_and_names_who_must_agree(nl: Path, case: Path) -> None:
    arguments = ("record", "push", case, "--to", TO_RO, "--ask", "person.name", "--home", nl)

    told = ok(*arguments)
    words = comity(*arguments).out

    (exchange,) = told["records"][0]["exchanges"]
    assert exchange["outcome"] == "held"
    assert exchange["approvals"] == ["CPO:1", "VPO:1"]
    assert "held until approved by a child protection officer and a victim protection officer" in words


def test_purpose_and_basis_may_stand_for_all_recipients(nl: Path, case: Path) -> None:
    told = ok(
        *("record", "push", case, "--to", RO, "--purpose", "investigation"),
        *("--basis", "law-enforcement-task", "--home", nl),
    )

    assert told["records"][0]["exchanges"][0]["outcome"] == "release"


def test_denial_says_why(nl: Path) -> None:
    answer = comity("record", "push", HTCDS, "--format", "htcds", "--to", TO_NGO, "--home", nl)

    assert answer.code == 0
    assert "denied; nothing of it leaves" in answer.out
    assert "(VP-01)" in answer.out


def test_foreign_record_without_a_purpose_is_refused(nl: Path) -> None:
    answer = comity("record", "push", HTCDS, "--format", "htcds", "--to", RO, "--home", nl, "--json")

    assert answer.code == 1
    assert answer.object["code"] == "no-purpose"


def test_foreign_record_takes_its_header_from_a_file(nl: Path, tmp_path: Path) -> None:
    header = tmp_path / "header.json"
    header.write_text(json.dumps({**json.loads(case_text())["header"], "retain_until": "2031-01-31"}))

    told = ok("record", "push", HTCDS, "--format", "htcds", "--header", header, "--to", RO, "--home", nl)

    shown = ok("record", "show", told["records"][0]["record_id"], "--purpose", "investigation", "--home", nl)
    assert shown["use_until"] == "2031-01-31"


def test_one_bad_record_of_several_is_told_beside_the_others(capsys: pytest.CaptureFixture[str]) -> None:
    answers: list[PushAnswer | GatewayError] = [
        PushAnswer(record_id=UNKNOWN, exchanges=()),
        Malformed("is no day", field="header.retain_until"),
    ]

    clean = show_answers(Screen(as_json=True), answers, ())

    told = json.loads(capsys.readouterr().out)
    assert clean is told["ok"] is False
    assert [record["record_id"] for record in told["records"]] == [UNKNOWN]
    assert [refused["field"] for refused in told["refused"]] == ["header.retain_until"]


def test_refusal_of_the_only_record_is_the_refusal_of_the_command() -> None:
    with pytest.raises(Malformed, match="is no day"):
        show_answers(Screen(as_json=True), [Malformed("is no day", field="header.retain_until")], ())


@pytest.mark.parametrize(
    ("to", "code", "exit_code"),
    [
        ("police.xx:investigation:law-enforcement-task", "unknown-recipient", 1),
        ("Police RO", "bad-agency-id", 2),
        ("police.ro:curiosity", "unknown-value", 2),
        ("police.ro:investigation:because", "unknown-value", 2),
    ],
)
def test_recipient_that_cannot_be_is_refused(
    to: str, code: str, exit_code: int, nl: Path, case: Path
) -> None:
    answer = comity("record", "push", case, "--to", to, "--home", nl, "--json")

    assert (answer.code, answer.object["code"]) == (exit_code, code)


def test_refused_record_leaves_nothing_behind(nl: Path, tmp_path: Path) -> None:
    file = changed(tmp_path / "bad.json", retain_until="2001-01-01")
    before = (nl / "store.db").read_bytes()

    answer = comity("record", "push", file, "--to", TO_RO, "--home", nl)

    assert answer.code == 1
    assert "header.retain_until" in answer.err
    assert answer.out == ""
    assert (nl / "store.db").read_bytes() == before


def test_own_record_is_shown_in_full_with_where_it_went(played: Played, nl: Path) -> None:
    shown = ok("record", "show", played.record, "--purpose", "investigation", "--home", nl)
    words = comity("record", "show", played.record, "--purpose", "investigation", "--home", nl).out

    assert shown["record_id"] == played.record
    assert shown["record"]["persons"][0]["names"][0]["given"] == MINORS_NAME[0]
    assert {row["recipient"]: row["state"] for row in shown["exchanges"]} == {
        RO: "delivered",
        NGO: "delivered",
    }
    assert "Sânziana" in words
    assert "person minor" in words


def test_reading_is_for_a_purpose_there_is(played: Played, nl: Path) -> None:
    answer = comity("record", "show", played.record, "--purpose", "curiosity", "--home", nl, "--json")

    assert answer.code == 2
    assert answer.object["field"] == "--purpose"
    assert "victim-protection" in answer.object["error"]


def test_record_that_is_not_here_is_not_found(nl: Path) -> None:
    for identifier in (UNKNOWN, "nonsense", "' OR 1=1 --"):
        shown = comity("record", "show", identifier, "--purpose", "investigation", "--home", nl, "--json")
        verified = comity("record", "verify", identifier, "--home", nl, "--json")

        assert (shown.code, verified.code) == (1, 1)
        assert shown.object["code"] == "no-such-record"


def test_stored_record_verifies_at_its_originator_and_at_its_recipient(played: Played, nl: Path) -> None:
    own = ok("record", "verify", played.record, "--home", nl)
    theirs = ok("record", "verify", played.exchange(RO), "--home", played.homes / RO)

    assert own["key_id"] == theirs["key_id"]
    assert own["leaves"] == theirs["leaves"]
    assert own["portions"] > theirs["portions"] > 0
    assert set(own) == {
        *("ok", "record_id", "version", "originator"),
        *("key_id", "sealed_on", "portions", "leaves"),
    }


def test_empty_identifier_is_wrong_usage(nl: Path) -> None:
    assert comity("record", "verify", "", "--home", nl).code == 2
