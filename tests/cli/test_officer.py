"""`comity officer`: enrolled by others, on machines of their own, and ended at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Played
from tests.cli.doors import NL, Answer, comity, ok


@pytest.fixture
def home(played: Played) -> Path:
    """Return the sender's home, where three officers are enrolled."""
    return played.homes / NL


def enrol(home: Path, handle: str, *more: str, name: str = "Dirk Verzonnen") -> Path:
    """Make a key and a file that asks to be enrolled."""
    folder = home / "officers"
    file = folder / f"{handle}.officer"
    words: tuple[str | Path, ...] = ("--key", folder / f"{handle}.key", "--tls", folder / f"{handle}.tls")
    ok(
        *("officer", "enrol", "--agency", NL, "--as", handle, "--name", name, "--duty", "DPO"),
        *("--out", file, "--home", home, *words, *more),
    )
    return file


def vouch(home: Path, file: Path, *others: str) -> None:
    """Have others countersign it."""
    for other in others:
        key = home / "officers" / f"{other}.key"
        ok("officer", "countersign", file, "--key", key, "--yes", "--home", home)


def add(home: Path, *files: Path) -> Answer:
    """Add officers."""
    return comity("officer", "add", *files, "--out", home / "officers", "--home", home, "--json")


def test_officer_is_enrolled_once_two_have_vouched(home: Path) -> None:
    file = enrol(home, "dirk")
    vouch(home, file, "anna")

    alone = add(home, file)
    vouch(home, file, "bob")
    done = add(home, file)

    assert (alone.code, alone.object["code"]) == (1, "not-vouched")
    assert done.code == 0
    assert done.object["officers"][0]["duties"] == ["DPO"]
    assert (home / "officers" / "dirk.crt").read_bytes().startswith(b"-----BEGIN CERTIFICATE")
    listed = {one["handle"]: one["state"] for one in ok("officer", "list", "--home", home)["officers"]}
    assert listed == {"anna": "active", "bob": "active", "carla": "active", "dirk": "active"}


def test_nobody_vouches_for_themselves_or_twice(home: Path) -> None:
    file = enrol(home, "dirk")
    vouch(home, file, "anna")
    again = comity(
        *("officer", "countersign", file, "--key", home / "officers" / "anna.key"),
        *("--yes", "--home", home, "--json"),
    )
    own = comity(
        *("officer", "countersign", file, "--key", home / "officers" / "dirk.key"),
        *("--yes", "--home", home, "--json"),
    )

    assert (again.code, again.object["code"]) == (1, "duplicate")
    assert (own.code, own.object["code"]) == (1, "duplicate")


def test_stranger_vouches_for_nobody(home: Path) -> None:
    file, stranger = enrol(home, "dirk"), enrol(home, "eva", name="Eva Verzonnen")
    vouch(home, file, "anna", "eva")

    answer = add(home, file)

    assert stranger.exists()
    assert (answer.code, answer.object["code"]) == (1, "not-an-officer")


def test_file_that_was_changed_is_refused(home: Path) -> None:
    file = enrol(home, "dirk")
    vouch(home, file, "anna", "bob")
    other = enrol(home, "eva", name="Eva Verzonnen")
    mixed = file.read_text().replace(
        file.read_text().split('"signed"')[1], other.read_text().split('"signed"')[1]
    )
    file.write_text(mixed)

    assert add(home, file).code == 1


def test_disabled_officer_speaks_no_more(home: Path, played: Played) -> None:
    held = played.result["held"][0]
    ok("officer", "disable", "anna", "--home", home)
    digest = ok("release", "show", held, "--home", home)["digest"]

    answer = comity(
        *("release", "approve", held, "--key", home / "officers" / "anna.key", "--duty", "VPO"),
        *("--yes", "--digest", digest, "--home", home, "--json"),
    )

    assert (answer.code, answer.object["code"]) == (1, "officer-disabled")


def test_absent_officer_counts_again_once_back(home: Path, played: Played) -> None:
    held = played.result["held"][0]
    digest = ok("release", "show", held, "--home", home)["digest"]
    words = (
        *("release", "approve", held, "--key", home / "officers" / "anna.key", "--duty", "VPO"),
        *("--yes", "--digest", digest, "--home", home, "--json"),
    )
    ok("officer", "away", "anna", "--until", "2099-01-01", "--home", home)

    away = comity(*words)
    ok("officer", "away", "anna", "--back", "--home", home)

    assert (away.code, away.object["code"]) == (1, "officer-absent")
    assert comity(*words).code == 0


def test_duty_is_taken_over_until_a_day(home: Path) -> None:
    folder = home / "officers"
    bob = next(one for one in ok("officer", "list", "--home", home)["officers"] if one["handle"] == "bob")
    file = folder / "bob-vpo.officer"
    ok(
        *("officer", "enrol", "--agency", NL, "--as", "bob", "--name", bob["name"], "--duty", "VPO"),
        *("--key", folder / "bob.key", "--person", bob["person"], "--until", "2027-03-01"),
        *("--out", file, "--home", home),
    )
    vouch(home, file, "anna", "carla")

    done = add(home, file)

    assert done.code == 0
    assert done.object["officers"][0]["duties"] == ["CPO", "DPO", "VPO"]


def test_name_of_another_person_is_taken(home: Path) -> None:
    file = enrol(home, "dirk", "--as", "anna")
    vouch(home, file, "anna", "bob")

    answer = add(home, file)

    assert (answer.code, answer.object["code"]) == (1, "handle-taken")


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (("--duty", "CHIEF"), "--duty"),
        (("--person", "xyz"), "--person"),
        (("--until", "tomorrow"), "--until"),
    ],
)
def test_bad_values_name_the_option(home: Path, tmp_path: Path, words: tuple[str, ...], field: str) -> None:
    asked = ("officer", "enrol", "--agency", NL, "--as", "dirk", "--name", "Dirk", "--duty", "DPO")
    key = str(home / "officers" / "new.key")

    answer = comity(*asked, "--key", key, "--out", tmp_path / "new", "--home", home, "--json", *words)

    assert answer.code == 2
    assert answer.object["field"] == field
    assert not (tmp_path / "new").exists()
