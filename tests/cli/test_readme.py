"""The tour of the README, as it is printed there, on homes that played the case."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from string import Template

import pytest

from tests.cli.conftest import Played
from tests.cli.doors import NGO, Answer, comity
from tests.project import ROOT

_TOUR = re.compile(r"(?ms)^## Five minutes$(.*?)^## ")
_BLOCK = re.compile(r"(?ms)^```\n(.*?)^```$")


def tour() -> list[str]:
    """Return the lines of the tour after the demo itself, in order."""
    found = _TOUR.search((ROOT / "README.md").read_text(encoding="utf-8"))
    assert found is not None
    lines = [line for block in _BLOCK.findall(found[1]) for line in block.splitlines()]
    assert lines[0] == "comity demo --keep /tmp/comity-demo"
    return lines[1:]


def test_every_line_of_the_tour_works_one_after_the_other(
    played: Played, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    names = {"EXCHANGE": played.exchange(NGO), "RECORD": played.record}
    settings: dict[str, str] = {}
    answers: dict[str, Answer] = {}

    for line in tour():
        told = re.sub(
            "/tmp/(comity-demo/)?", lambda found: f"{played.homes if found[1] else tmp_path}/", line
        )
        program, *words = shlex.split(Template(told).substitute(settings))
        if program == "export":
            settings |= dict(word.split("=", 1) for word in words)
            monkeypatch.setenv("COMITY_HOME", settings["COMITY_HOME"])
            continue
        answers[line] = comity(*(names.get(word, word) for word in words))

    assert {line: answer.err for line, answer in answers.items() if answer.code != 0} == {}
    assert len(answers) >= 11
