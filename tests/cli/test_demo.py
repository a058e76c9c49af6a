"""`comity demo`: the contract of --json and --keep, and the story it tells."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from rich.cells import cell_len

from gateway.cli.scenario import Scenario
from gateway.cli.screen import Screen
from gateway.errors import Unreachable
from keys.keystore import Kdf
from tests.cli.conftest import Played
from tests.cli.doors import (
    MINORS_NAME,
    NGO,
    NL,
    RO,
    Answer,
    case_text,
    comity,
    comity_apart,
    ok,
    running_on,
)

_UUID7 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """Run the demo as anybody would, without a terminal, into a folder that does not exist yet."""
    folder = tmp_path_factory.mktemp("demo") / "new" / "homes"
    return folder, comity_apart("demo", "--keep", folder, "--json")


def test_demo_prints_one_object_with_exactly_the_promised_members(kept: tuple[Path, Answer]) -> None:
    _, answer = kept

    assert answer.code == 0, answer.err
    assert set(answer.object) == {
        "ok",
        "agencies",
        "exchanges",
        "ledgers",
        "protected",
        "held",
        "seconds",
    }
    assert answer.object["ok"] is True
    assert answer.object["agencies"] == [NL, RO, NGO]
    assert 0 < answer.object["seconds"] < 300
    assert answer.out.count("\n") == 1


def test_demo_tells_every_exchange_and_leaves_one_for_officers(kept: tuple[Path, Answer]) -> None:
    told = kept[1].object

    assert all(set(one) == {"id", "recipient", "outcome", "reasons"} for one in told["exchanges"])
    assert all(_UUID7.fullmatch(one["id"]) for one in told["exchanges"])
    assert [(one["recipient"], one["outcome"]) for one in told["exchanges"]] == [
        (RO, "delivered"),
        (NGO, "delivered"),
        (RO, "held"),
    ]
    assert all(isinstance(reason, str) and reason for one in told["exchanges"] for reason in one["reasons"])
    assert told["held"] == [told["exchanges"][2]["id"]]


def test_demo_verifies_every_ledger(kept: tuple[Path, Answer]) -> None:
    ledgers = kept[1].object["ledgers"]

    assert [ledger["agency"] for ledger in ledgers] == [NL, RO, NGO]
    assert all(set(ledger) == {"agency", "size", "root", "verified"} for ledger in ledgers)
    assert all(ledger["verified"] is True and ledger["size"] > 0 for ledger in ledgers)
    assert all(re.fullmatch("[0-9a-f]{64}", ledger["root"]) for ledger in ledgers)


def test_protected_values_are_in_the_case_and_in_clear_in_no_file(kept: tuple[Path, Answer]) -> None:
    folder, answer = kept
    protected = answer.object["protected"]
    files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    assert set(MINORS_NAME) <= set(protected)
    assert [value for value in protected if value not in case_text()] == []
    forms = [
        form
        for value in protected
        for text in (value, value.encode("unicode_escape").decode())
        for form in (
            text.encode(),
            text.encode("utf-16-le"),
            text.encode("utf-16-be"),
            text.encode().hex().encode(),
        )
    ]
    assert [path.name for path, data in files.items() if any(form in data for form in forms)] == []


def test_no_case_file_lies_under_the_kept_folder(kept: tuple[Path, Answer]) -> None:
    folder, _ = kept

    texts = [
        path for path in folder.rglob("*") if path.is_file() and b"XNL-2031-0000417" in path.read_bytes()
    ]

    assert texts == []
    assert {path.name for path in folder.iterdir()} == {NL, RO, NGO, "federation"}


def test_kept_homes_serve_any_command_without_a_terminal(kept: tuple[Path, Answer], tmp_path: Path) -> None:
    folder, _ = kept

    exported = comity_apart("audit", "export", tmp_path / "out", COMITY_HOME=str(folder / NL))
    verified = comity_apart("audit", "verify", tmp_path / "out", "--home", folder / RO)

    assert (exported.code, verified.code) == (0, 0), (exported.err, verified.err)
    assert "invented data only" in exported.err
    assert "passphrase lies in a file" in exported.err


def test_kept_homes_are_private(kept: tuple[Path, Answer]) -> None:
    for agency in (NL, RO, NGO):
        home = kept[0] / agency
        secrets = [home, home / "keystore.json", home / "passphrase", home / "store.db"]

        assert [path.name for path in secrets if path.stat().st_mode & 0o077] == []


def test_nothing_runs_after_the_demo_and_its_logs_are_private(kept: tuple[Path, Answer]) -> None:
    folder, _ = kept
    logs = [folder / agency / "gateway.log" for agency in (NL, RO, NGO)]

    assert running_on(folder) == []
    assert [log.stat().st_mode & 0o777 for log in logs] == [0o600] * 3
    for log in logs:
        text = log.read_text()
        assert "gateway.started" in text and "gateway.stopped" in text
        assert '"level": "error"' not in text and "Traceback" not in text


def test_kept_homes_say_that_what_they_held_was_delivered_over_the_wire(kept: tuple[Path, Answer]) -> None:
    folder, answer = kept
    (item,) = ok("inbox", "list", "--home", folder / NGO)["items"]

    shown = ok("record", "show", item["record"], "--purpose", "investigation", "--home", folder / NL)

    assert {row["exchange"]: row["state"] for row in shown["exchanges"]} == {
        one["id"]: one["outcome"]
        for one in answer.object["exchanges"]
        if one["id"] not in answer.object["held"]
    }


def test_folder_with_anything_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")

    answer = comity("demo", "--keep", tmp_path, "--json")

    assert answer.code == 1
    assert answer.object["ok"] is False
    assert answer.object["code"] == "exists"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]
    assert mine.read_text() == "mine"


def test_file_in_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    assert comity("demo", "--keep", file).code == 1


def test_log_of_a_gateway_that_ended_is_quoted_where_its_folder_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    folders: list[Path] = []

    def fail(scenario: Scenario) -> None:
        folder = scenario._folder
        folders.append(folder)
        log = folder / "gateway.log"
        log.write_text("".join(f"line {number}\n" for number in range(20)))
        raise Unreachable("ended by itself", code="gateway-ended", log=str(log))

    monkeypatch.setattr(Scenario, "play", fail)

    answer = comity("demo")

    assert answer.code == 3
    assert "ended by itself [gateway-ended]" in answer.err
    assert "  line 19\n" in answer.err and "  line 12\n" in answer.err and "line 11" not in answer.err
    assert not folders[0].exists()


def told_in(columns: int, first_play: Played, folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the lines of the story in a window of this many columns."""
    if columns == 80:
        return first_play.told.splitlines()
    out = io.StringIO()
    monkeypatch.setenv("COLUMNS", str(columns))
    with redirect_stdout(out):
        Scenario(Screen(as_json=False), folder, passphrase=b"told", kdf=Kdf.CHEAP_FOR_TESTS).play()
    return out.getvalue().splitlines()


@pytest.mark.parametrize("columns", [80, 120])
def test_story_is_told_within_the_window_and_names_each_rule_once(
    columns: int, first_play: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = told_in(columns, first_play, tmp_path, monkeypatch)

    assert [line for line in told if cell_len(line) > columns or line != line.rstrip()] == []
    assert len(told) < 140
    steps = [line for line in told if re.match(r"\d\. ", line)]
    assert [step[0] for step in steps] == [str(number) for number in range(1, len(steps) + 1)]
    for rule in ("VP-01", "VP-02", "VP-09", "BL-EXACT", "BL-CASE"):
        assert len([line for line in told if line.startswith(f"  {rule} ")]) == 1
    # What is recorded stands once, on one line, beside what each recipient sees of it.
    names = next(line for line in told if "Închipuitu" in line)
    assert names.count("Închipuitu") == 1
    assert "VP-02" in names
    text = " ".join(" ".join(told).split())
    assert "held until approved by a child protection officer and a victim protection officer" in text
    assert text.count("delivered, and its receipt is back") == 2
    assert text.count("entries are cosigned by 2 others") == 3
    assert text.count("verified, 2 witnesses") == 3
    assert "2 envelopes left; the other ledger shows each, and each receipt came back" in text
    assert "none found" in text


def test_playing_answers_the_same_as_the_command(first_play: Played, kept: tuple[Path, Answer]) -> None:
    assert set(first_play.result) == set(kept[1].object) - {"seconds"}
    assert first_play.result["protected"] == kept[1].object["protected"]
