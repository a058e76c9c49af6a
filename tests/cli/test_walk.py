"""What an officer reads in a terminal of 80 columns is what was recorded, looked at and found good."""

from __future__ import annotations

from tests.cli.conftest import Played
from tests.cli.doors import NL
from tests.cli.walk import RECORDED, walk


def test_walk_of_an_officer_reads_as_it_was_recorded(played: Played) -> None:
    told = walk(played.homes / NL, played.result["held"][0])

    assert told == RECORDED.read_text(encoding="utf-8")


def test_no_line_of_the_walk_is_wider_than_the_terminal() -> None:
    lines = RECORDED.read_text(encoding="utf-8").splitlines()

    # What stands for ids is shorter or longer than they are.
    long = [line for line in lines if len(line) > 80 and not line.startswith("warning:")]
    assert [line for line in long if "-ID" not in line] == []
