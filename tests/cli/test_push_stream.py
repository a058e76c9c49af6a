"""`comity record push` of a long file: batches, rejected rows, and going on after an interruption."""

from __future__ import annotations

import csv
import os
import signal
import stat
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import pytest

from gateway import app
from gateway.cli.desk import HomeDesk
from gateway.cli.push_stream import ACTOR
from gateway.config import read_config
from gateway.errors import GatewayError, Unreachable
from gateway.flow.access import CONSOLE
from gateway.flow.exchange import find_records
from gateway.flow.repeat import PushAnswer
from gateway.flow.submit import PushItem
from gateway.tls.identity import Identity, Role
from tests.cli.doors import TO_RO, comity
from tests.flow.federation import NL, PASSPHRASE, RO, Homes
from tests.project import ROOT

EXAMPLE = ROOT / "examples" / "cases.csv"
COLUMNS = ROOT / "examples" / "columns.toml"
HEADER = ("Our reference", "First name", "Role", "Sex", "Purposes", "Place country", "Began")
LAST = ("forced labour", "NL", "2031-02")


@pytest.fixture
def home(policy_homes: Homes) -> Path:
    return policy_homes.home(NL)


def write(path: Path, rows: int, *, wrong: Sequence[int] = ()) -> Path:
    """Write a sheet of so many invented victims; those whose number is named have a sex nobody knows."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(HEADER)
        for number in range(rows):
            sex = "femal" if number in wrong else "female"
            writer.writerow(
                [f"ref-{number}", f"=Ana{number}", "victim", sex, "forced labour", "NL", "2031-02"]
            )
    return path


def arguments(file: Path, home: Path, *options: str | Path) -> list[str]:
    told = ["record", "push", file, "--format", "csv", "--to", TO_RO, "--home", home, *options]
    return [str(one) for one in told]


def push(file: Path, home: Path, *options: str | Path, code: int = 0) -> dict[str, Any]:
    answer = comity(*arguments(file, home, *options), "--json")
    assert answer.code == code, (answer.out, answer.err)
    return answer.object


def held(home: Path, rows: int) -> Counter[int]:
    """Return how many rows there are of which the home holds so many records."""
    with app.open_gateway(read_config(home), PASSPHRASE, datetime.now(UTC)) as gateway:
        return Counter(len(find_records(gateway, f"ref-{number}")) for number in range(rows))


def rejected(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.reader(stream))


def fail(patch: pytest.MonkeyPatch, batches: int, event: BaseException, *, late: bool) -> None:
    """Let something happen at the home after so many batches, before or after the next one is pushed."""
    real, counted = HomeDesk.push, [0]

    def push(desk: HomeDesk, items: Sequence[PushItem]) -> list[PushAnswer | GatewayError]:
        counted[0] += 1
        if counted[0] <= batches:
            return real(desk, items)
        if late:
            real(desk, items)
        raise event

    patch.setattr(HomeDesk, "push", push)


def test_every_row_is_pushed_once_and_counted(home: Path, tmp_path: Path) -> None:
    told = push(write(tmp_path / "cases.csv", 70), home)

    assert (told["total"], told["accepted"], told["rejected"], told["rejects"]) == (70, 70, 0, "")
    assert sum(told["outcomes"].values()) == 70
    assert held(home, 70) == {1: 70}
    assert not (tmp_path / "cases.rejects.csv").exists()


def test_wrong_rows_go_to_the_reject_file_and_the_others_are_pushed(home: Path, tmp_path: Path) -> None:
    told = push(write(tmp_path / "cases.csv", 5, wrong=[1, 3]), home, code=1)

    assert (told["ok"], told["accepted"], told["rejected"]) == (False, 3, 2)
    header, first, second = rejected(Path(told["rejects"]))
    assert header == [*HEADER, "row", "field", "rule"]
    assert first[:2] == ["ref-1", "'=Ana1"]
    assert first[-3:] == ["3", "Sex", "is none of: female, male, other [unknown-value]"]
    assert second[-3] == "5"
    assert stat.S_IMODE(Path(told["rejects"]).stat().st_mode) == 0o600


def test_mended_reject_file_is_pushed_like_the_first(home: Path, tmp_path: Path) -> None:
    told = push(write(tmp_path / "cases.csv", 5, wrong=[1, 3]), home, code=1)
    mended = Path(told["rejects"])
    mended.write_text(mended.read_text().replace('"femal"', '"female"'))

    again = push(mended, home)

    assert (again["accepted"], again["rejected"]) == (2, 0)
    assert held(home, 5) == {1: 5}


def test_rows_that_the_gateway_refuses_are_rejected_with_its_reason(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = HomeDesk.push

    def refusing(desk: HomeDesk, items: Sequence[PushItem]) -> list[PushAnswer | GatewayError]:
        answers = real(desk, items)
        return [*answers[:-1], GatewayError("is refused here", code="denied", field="persons[0]")]

    monkeypatch.setattr(HomeDesk, "push", refusing)

    told = push(write(tmp_path / "cases.csv", 3), home, code=1)

    assert (told["accepted"], told["rejected"]) == (2, 1)
    assert rejected(Path(told["rejects"]))[1] == [
        *("ref-2", "'=Ana2", "victim", "female", "forced labour", "NL", "2031-02"),
        *("4", "persons[0]", "is refused here [denied]"),
    ]


def test_what_is_wrong_with_the_request_rejects_no_row(home: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "cases.csv", 3)

    answer = comity("record", "push", file, "--format", "csv", "--to", RO, "--home", home, "--json")

    assert answer.object["code"] == "no-purpose"
    assert not (tmp_path / "cases.rejects.csv").exists()
    assert push(file, home)["accepted"] == 3


def test_file_that_is_broken_near_its_end_is_refused_before_anything_is_pushed(
    home: Path, tmp_path: Path
) -> None:
    file = write(tmp_path / "cases.csv", 100)
    with file.open("ab") as stream:
        stream.write("ref-x,Zoë,victim,female,,NL,\n".encode("windows-1252"))

    answer = comity(*arguments(file, home), "--json")

    assert answer.code == 1
    assert (answer.object["code"], answer.object["field"]) == ("bad-encoding", "row[102]")
    assert held(home, 100) == {0: 100}


@pytest.mark.parametrize("late", [False, True])
def test_interrupted_push_goes_on_where_it_stopped(
    late: bool, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "cases.csv", 150, wrong=[2, 70, 140])
    with monkeypatch.context() as patch:
        fail(patch, 1, KeyboardInterrupt(), late=late)
        stopped = comity(*arguments(file, home))

    told = push(file, home, code=1)

    assert stopped.code == 2
    assert "done up to row 65 of 151: 63 pushed, 1 rejected; the same command goes on" in stopped.err
    assert (told["resumed"], told["accepted"], told["rejected"]) == (True, 147, 3)
    assert held(home, 150) == {1: 147, 0: 3}
    assert [row[-3] for row in rejected(Path(told["rejects"]))[1:]] == ["4", "72", "142"]


def test_gateway_that_goes_away_is_no_fault_of_a_row(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "cases.csv", 100)
    with monkeypatch.context() as patch:
        fail(patch, 1, Unreachable("no gateway answers", code="no-gateway"), late=True)
        stopped = comity(*arguments(file, home), "--json")

    assert stopped.code == 3
    assert "the same command goes on from there" in stopped.object["error"]
    assert push(file, home)["accepted"] == 100
    assert held(home, 100) == {1: 100}


def test_ended_push_is_told_again_and_not_pushed_again(home: Path, tmp_path: Path) -> None:
    file = write(tmp_path / "cases.csv", 4, wrong=[0])
    first = push(file, home, code=1)
    Path(first["rejects"]).unlink()

    again = push(file, home, code=1)

    assert (again["pushed_before"], again["accepted"], again["rejected"]) == (True, 3, 1)
    assert held(home, 4) == {1: 3, 0: 1}


def test_push_from_the_start_is_answered_as_it_was_and_has_no_second_effect(
    home: Path, tmp_path: Path
) -> None:
    file = write(tmp_path / "cases.csv", 4)
    push(file, home)

    again = push(file, home, "--from-start")

    assert (again["pushed_before"], again["accepted"]) == (False, 4)
    assert held(home, 4) == {1: 4}


def test_changed_file_is_not_gone_on_with(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "cases.csv", 100)
    with monkeypatch.context() as patch:
        fail(patch, 1, KeyboardInterrupt(), late=False)
        comity(*arguments(file, home))
    write(file, 101)

    answer = comity(*arguments(file, home), "--json")

    assert answer.code == 1
    assert answer.object["code"] == "changed"
    assert push(file, home, "--from-start")["accepted"] == 101


def test_state_of_a_push_holds_nothing_about_anybody(home: Path, tmp_path: Path) -> None:
    push(write(tmp_path / "ana-of-sampleton.csv", 3), home, "--necessity", "Sampleton needs it")

    (state,) = (home / "pushes").iterdir()

    text = state.read_text() + state.name
    assert "Ana" not in text and "ana" not in text and "Sampleton" not in text
    assert stat.S_IMODE(state.stat().st_mode) == 0o600


def test_reject_file_that_is_there_is_not_written_over(home: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.csv"
    mine.write_text("mine")

    answer = comity(
        *arguments(write(tmp_path / "cases.csv", 3, wrong=[1]), home, "--rejects", mine), "--json"
    )

    assert (answer.code, answer.object["code"]) == (1, "exists")
    assert mine.read_text() == "mine"
    assert held(home, 3) == {0: 3}


def test_symbolic_link_in_place_of_the_reject_file_is_not_followed(home: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    (tmp_path / "cases.rejects.csv").symlink_to(target)

    answer = comity(*arguments(write(tmp_path / "cases.csv", 3, wrong=[1]), home), "--json")

    assert (answer.code, answer.object["code"]) == (1, "exists")
    assert not target.exists()


def test_people_are_told_what_to_do_next(home: Path, tmp_path: Path) -> None:
    answer = comity(*arguments(write(tmp_path / "cases.csv", 3, wrong=[1]), home))

    assert answer.code == 1
    assert "2 of 3 row(s) pushed, 1 rejected." in answer.out
    assert f"  {RO}: 2 denied; nothing of them leaves\n    - " in answer.out
    assert ", 2 time(s)" in answer.out
    assert f"The rejected rows stand in {tmp_path / 'cases.rejects.csv'}" in answer.out
    assert "Mend them there, and push that file with the same options" in answer.out


def test_example_is_pushed_by_its_column_map(home: Path, tmp_path: Path) -> None:
    told = push(EXAMPLE, home, "--columns", COLUMNS, "--rejects", tmp_path / "wrong.csv")

    assert (told["accepted"], told["rejected"]) == (4, 0)
    assert told["outcomes"] == {f"{RO} release": 4}
    assert [loss["path"] for loss in told["losses"]] == ["Bed"]


def test_column_map_is_for_sheets_alone(home: Path) -> None:
    answer = comity(
        *("record", "push", ROOT / "examples" / "htcds_case.csv", "--format", "htcds", "--to", TO_RO),
        *("--home", home, "--columns", COLUMNS, "--json"),
    )

    assert (answer.code, answer.object["field"]) == (2, "--columns")


@pytest.mark.parametrize("option", [["--rejects", "wrong.csv"], ["--from-start"]])
def test_options_of_long_files_are_wrong_usage_elsewhere(option: list[str], home: Path) -> None:
    answer = comity(
        *("record", "push", ROOT / "examples" / "htcds_case.csv", "--format", "htcds", "--to", TO_RO),
        *("--home", home, "--json"),
        *option,
    )

    assert (answer.code, answer.object["code"]) == (2, "usage")


def test_running_gateway_knows_the_caller_by_the_same_name() -> None:
    assert Identity(agency=NL, role=Role.OPERATOR, name=CONSOLE).actor == ACTOR


def _apart(file: Path, home: Path) -> subprocess.Popen[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
    return subprocess.Popen(
        [sys.executable, "-c", "from gateway.cli.main import main; main()", *arguments(file, home)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=kept,
    )


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_push_goes_on_and_every_row_is_there_once(seed: int, home: Path, tmp_path: Path) -> None:
    rows, wrong = 300, [7, 77, 177, 277]
    file = write(tmp_path / "cases.csv", rows, wrong=wrong)
    random = Random(seed)
    killed = 0
    for _ in range(2):
        process = _apart(file, home)
        _wait_for_progress(process, home, random)
        process.send_signal(signal.SIGKILL)
        killed += process.wait() == -signal.SIGKILL

    told = push(file, home, code=1)

    assert killed
    assert (told["accepted"], told["rejected"]) == (rows - len(wrong), len(wrong))
    assert held(home, rows) == {1: rows - len(wrong), 0: len(wrong)}
    assert [row[0] for row in rejected(Path(told["rejects"]))[1:]] == [f"ref-{number}" for number in wrong]


def _wait_for_progress(process: subprocess.Popen[bytes], home: Path, random: Random) -> None:
    """Wait until the push notes a further batch, and then for a moment within the next."""
    before = _noted(home)
    ends = time.monotonic() + 60
    while process.poll() is None and _noted(home) == before and time.monotonic() < ends:
        time.sleep(0.005)
    time.sleep(random.random() * 0.15)


def _noted(home: Path) -> list[str]:
    return [path.read_text() for path in sorted((home / "pushes").glob("*.json"))]


def test_row_whose_handling_is_not_understood_is_rejected_and_the_others_are_pushed(
    home: Path, tmp_path: Path
) -> None:
    file, rejects = write(tmp_path / "rows.csv", 3), tmp_path / "rejects.csv"
    lines = file.read_text(encoding="utf-8").splitlines()
    codes = ["Handling codes", "", "H9", "H1"]
    file.write_text("".join(f"{one},{code}\n" for one, code in zip(lines, codes, strict=True)), "utf-8")

    told = comity(*arguments(file, home, "--rejects", rejects))

    assert told.code == 1
    assert "2 of 3 row(s) pushed, 1 rejected." in told.out
    assert "unknown-label" in rejects.read_text(encoding="utf-8")
