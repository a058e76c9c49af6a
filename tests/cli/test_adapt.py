"""`comity adapt`: which formats are read and written, and what a file of theirs becomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.sheet.default import default_map
from adapters.sheet.map_file import read_map
from tests.cli.doors import comity, ok
from tests.project import ROOT

CASE = ROOT / "examples" / "htcds_case.json"
ROWS = ROOT / "examples" / "htcds_case.csv"


def test_formats_are_listed_with_what_is_read_and_what_is_written() -> None:
    told = ok("adapt", "formats")

    assert "htcds" in told["formats"]
    assert "htcds" in told["read"] and "htcds" in told["written"]
    assert "htcds: read and written" in comity("adapt", "formats").out.splitlines()


def test_check_names_what_a_format_could_not_carry() -> None:
    told = ok("adapt", "check", ROWS, "--format", "htcds")

    assert told["records"] == 2
    assert told["losses"]
    assert all(set(loss) == {"path", "effect", "why"} for loss in told["losses"])


def test_column_map_that_is_printed_is_one_that_reads(tmp_path: Path) -> None:
    printed = comity("adapt", "columns").out

    assert read_map(printed.encode()) == default_map()
    assert ok("adapt", "columns")["columns"] == printed


def test_check_of_a_sheet_tells_every_wrong_row_by_its_column(tmp_path: Path) -> None:
    file = tmp_path / "cases.csv"
    file.write_text("First name,Sex,Shoe size\nAna,female,38\nEva,femal,39\nZoe,male\n")

    answer = comity("adapt", "check", file, "--format", "csv")
    told = comity("adapt", "check", file, "--format", "csv", "--json").object

    assert answer.code == 1
    assert "1 record(s), 2 row(s) that are wrong" in answer.out
    assert "  row[3], Sex: is none of: female, male, other [unknown-value]" in answer.out.splitlines()
    assert [one["where"] for one in told["rejects"]] == ["row[3]", "row[4]"]
    assert [one["path"] for one in told["losses"]] == ["Shoe size"]


def test_converted_records_get_a_file_each_and_wait_for_a_header(tmp_path: Path) -> None:
    out = tmp_path / "case.json"

    files = ok("adapt", "convert", ROWS, out, "--format", "htcds", "--exercise")["files"]

    assert files == [str(out), str(tmp_path / "case-2.json")]
    for file in files:
        answer = comity("record", "validate", file, "--json")
        assert answer.code == 1
        assert any("header" in finding for finding in answer.object["findings"])


def test_converting_overwrites_nothing_and_then_writes_nothing(tmp_path: Path) -> None:
    mine = tmp_path / "case-2.json"
    mine.write_text("mine")

    answer = comity("adapt", "convert", ROWS, tmp_path / "case.json", "--format", "htcds", "--json")

    assert answer.code == 1
    assert answer.object["code"] == "exists"
    assert mine.read_text() == "mine"
    assert not (tmp_path / "case.json").exists()


@pytest.mark.parametrize("command", ["check", "convert"])
def test_format_that_nobody_reads_is_wrong_usage(command: str, tmp_path: Path) -> None:
    files = (CASE,) if command == "check" else (CASE, tmp_path / "out.json")

    answer = comity("adapt", command, *files, "--format", "klingon", "--json")

    assert answer.code == 2
    assert answer.object["field"] == "--format"
    assert "htcds" in answer.object["error"]


def test_document_of_another_format_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "letter.json"
    file.write_text('{"dear": "colleague"}')

    answer = comity("adapt", "check", file, "--format", "htcds", "--json")

    assert answer.code == 1
    assert answer.object["ok"] is False


@pytest.mark.parametrize("words", [("adapt", "check"), ("record", "validate")])
def test_huge_document_is_refused_before_it_fills_the_memory(words: tuple[str, ...], tmp_path: Path) -> None:
    huge = tmp_path / "huge.json"
    with huge.open("wb") as stream:
        stream.truncate(1 << 40)  # a hole: it takes no disk, and would take a tebibyte of memory

    answer = comity(*words, huge, "--format", "stix21")

    assert answer.code in (1, 2)
    assert "is larger than 8 MiB" in answer.err
