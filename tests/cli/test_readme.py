"""The tour of the README, as it is printed there, on homes that played the case."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from string import Template

import pytest

from tests.cli.conftest import Played
from tests.cli.doors import NGO, NL, Answer, comity, ok
from tests.project import ROOT
from tests.waiting import until

_TOUR = re.compile(r"(?ms)^## Five minutes$(.*?)^## ")
_BLOCK = re.compile(r"(?ms)^```\n(.*?)^```$")


def tour() -> list[str]:
    """Return the lines of the tour after the demo itself, in order."""
    found = _TOUR.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert found is not None
    lines = [line for block in _BLOCK.findall(found[1]) for line in block.splitlines()]
    assert lines[0] == "comity demo --keep /tmp/comity-demo"
    return lines[1:]


class Serving:
    """What the tour leaves running behind an `&`, until it stops that or the test ends."""

    def __init__(self) -> None:
        self._processes: list[subprocess.Popen[str]] = []

    def start(self, words: list[str]) -> None:
        """Run a command in the background, errors to the file behind `2>`, and wait for its first line."""
        cut = words.index("2>")
        with Path(words[cut + 1]).open("w") as errors:
            process = subprocess.Popen(
                [sys.executable, "-m", "gateway.cli.main", *words[:cut]],
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        self._processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().endswith(" serves.\n"), Path(words[cut + 1]).read_text()

    def stop(self) -> list[int]:
        """Stop everything as `kill` and `wait` do; return the exit codes."""
        for process in self._processes:
            process.terminate()
        codes = [process.wait(30) for process in self._processes]
        for process in self._processes:
            assert process.stdout is not None
            process.stdout.close()
        self._processes.clear()
        return codes


@pytest.fixture
def serving() -> Iterator[Serving]:
    """Return what runs in the background; it ends with the test."""
    running = Serving()
    yield running
    running.stop()


def await_quiet(home: Path) -> None:
    """Wait, as somebody does who reads, until everything is delivered and cosigned."""

    def quiet() -> bool:
        told = ok("status", "--home", home)
        return "released" not in told["exchanges"] and told["cosigned_size"] == told["size"]

    until(quiet, 60)


def test_every_line_of_the_tour_works_one_after_the_other(
    played: Played, serving: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    held = str(played.result["held"][0])
    names = {"EXCHANGE": played.exchange(NGO), "RECORD": played.record, "HELD": held}
    names["DIGEST"] = ok("release", "show", held, "--home", played.homes / NL)["digest"]
    settings: dict[str, str] = {}
    answers: dict[str, Answer] = {}

    for line in tour():
        told = re.sub(
            "/tmp/(comity-demo/)?", lambda found: f"{played.homes if found[1] else tmp_path}/", line
        )
        program, *words = shlex.split(Template(told).safe_substitute(settings))
        if program == "export":
            settings |= dict(word.split("=", 1) for word in words)
            monkeypatch.setenv("COMITY_HOME", settings["COMITY_HOME"])
        elif program == "kill":
            await_quiet(played.homes / NL)
            assert serving.stop() == [0, 0, 0]
        elif words[-1] == "&":
            serving.start(words[:-1])
        else:
            answers[line] = comity(*(names.get(word, word) for word in words))

    assert {line: answer.err for line, answer in answers.items() if answer.code != 0} == {}
    assert len(answers) >= 10
    arrived = answers["comity inbox list --home /tmp/comity-demo/police.ro"].out
    assert arrived.count("from police.nl: received") == 6
