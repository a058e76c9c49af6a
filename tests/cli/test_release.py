"""`comity release`: officers find, judge and decide what is held, on the homes the demo leaves."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Played
from tests.cli.doors import MINORS_NAME, NL, RO, Answer, comity, ok


@pytest.fixture
def home(played: Played) -> Path:
    """Return the sender's home, on which nothing runs."""
    return played.homes / NL


@pytest.fixture
def held(played: Played) -> str:
    """Return the exchange that waits for officers."""
    return str(played.result["held"][0])


def key(home: Path, officer: str) -> Path:
    """Return an officer's key file."""
    return home / "officers" / f"{officer}.key"


def approve(home: Path, held: str, officer: str, *more: str) -> Answer:
    """Approve what is held, having looked at its digest."""
    digest = ok("release", "show", held, "--home", home)["digest"]
    words = ("--key", key(home, officer), "--yes", "--digest", digest, *more)
    return comity("release", "approve", held, *words, "--home", home, "--json")


def test_list_names_the_exchange_and_who_must_act(home: Path, held: str) -> None:
    found = ok("release", "list", "--home", home)

    assert [one["exchange"] for one in found["holds"]] == [held]
    assert found["holds"][0]["missing"] == ["CPO:1", "VPO:1"]
    assert ok("release", "list", "--duty", "DPO", "--home", home)["holds"] == []
    assert len(ok("release", "list", "--case", "XNL-2031-0000417", "--home", home)["holds"]) == 1


def test_list_for_a_duty_there_is_not_is_wrong_usage(home: Path) -> None:
    answer = comity("release", "list", "--duty", "CHIEF", "--home", home, "--json")

    assert answer.code == 1
    assert answer.object["code"] == "unknown-value"


def test_two_officers_let_it_leave(home: Path, held: str) -> None:
    assert approve(home, held, "anna").object["answers"][0]["missing"] == ["CPO:1"]

    answer = approve(home, held, "bob")

    assert answer.object["answers"][0]["state"] == "approved"
    told = ok("release", "history", held, "--home", home)
    assert told["state"] == "released"
    assert [one["what"] for one in told["steps"] if one["who"]] == ["approved", "approved"]
    assert told["steps"][-1]["what"] == "released"
    assert ok("release", "list", "--home", home)["holds"] == []


def test_approval_without_the_digest_of_what_is_held_is_refused(home: Path, held: str) -> None:
    words = ("--key", key(home, "anna"), "--home", home, "--json")

    bare = comity("release", "approve", held, "--yes", *words)
    other = comity("release", "approve", held, "--yes", "--digest", "00" * 32, *words)
    asked = comity("release", "approve", held, *words)

    assert (bare.code, bare.object["code"]) == (2, "usage")
    assert (other.code, other.object["field"]) == (2, "--digest")
    assert (asked.code, asked.object["code"]) == (2, "usage")
    assert ok("release", "list", "--home", home)["holds"][0]["state"] == "held"


def test_refusal_takes_a_reason_of_the_list(home: Path, held: str) -> None:
    words = (held, "--key", key(home, "anna"), "--home", home, "--json")

    silent = comity("release", "refuse", "--reason", "other", *words)
    unknown = comity("release", "refuse", "--reason", "mood", *words)
    refused = comity("release", "refuse", "--reason", "victim-safety", "--text", "She is at risk.", *words)

    assert (silent.code, silent.object["code"]) == (1, "no-words")
    assert unknown.code == 2
    assert refused.object["state"] == "refused"
    steps = ok("release", "history", held, "--home", home)["steps"]
    assert steps[-1]["what"] == "refused"
    assert "She is at risk." in steps[-1]["told"]


def test_officer_whose_duty_is_not_needed_is_told_what_is(home: Path, held: str) -> None:
    approve(home, held, "bob")

    answer = approve(home, held, "bob")

    assert answer.code == 1
    assert answer.object["code"] == "not-your-duty"
    assert "VPO:1" in answer.object["error"]


def test_officer_with_several_needed_duties_says_which(home: Path, held: str) -> None:
    vague = approve(home, held, "carla")
    clear = approve(home, held, "carla", "--duty", "vpo")

    assert (vague.code, vague.object["code"]) == (2, "usage")
    assert clear.object["answers"][0]["missing"] == ["CPO:1"]


def test_less_can_be_given_and_is_another_release(home: Path, held: str) -> None:
    before = ok("release", "show", held, "--home", home)
    approve(home, held, "anna")

    narrowed = ok(
        *("release", "approve", held, "--withhold", "minor.names"),
        *("--key", key(home, "anna"), "--home", home),
    )

    after = ok("release", "show", held, "--home", home)
    assert narrowed["outcome"] == "held"
    assert narrowed["digest"] == after["digest"] != before["digest"]
    assert {one["path"]: one["rung"] for one in after["lines"]}["minor.names"] == "withheld"
    assert after["given"] == []


def test_rest_that_needs_nobody_does_not_leave_unasked(home: Path, held: str) -> None:
    shown = ok("release", "show", held, "--home", home)
    asked = [one["path"] for one in shown["lines"] if one["asked"]]
    less = [word for path in asked for word in ("--withhold", path)]
    words = ("release", "approve", held, *less, "--key", key(home, "anna"), "--home", home)

    unasked = comity(*words, "--json")
    other = comity(*words, "--yes", "--digest", "00" * 32, "--json")
    assert (unasked.code, unasked.object["field"]) == (2, "--yes")
    assert (other.code, other.object["field"]) == (2, "--digest")
    assert ok("release", "show", held, "--home", home)["digest"] == shown["digest"]

    left = ok(*words, "--yes", "--digest", shown["digest"])
    assert left["outcome"] == "release"
    assert ok("release", "show", held, "--home", home)["state"] == "superseded"


def test_claim_keeps_others_away_until_it_is_given_up(home: Path, held: str) -> None:
    ok("release", "claim", held, "--as", "carla", "--home", home)

    answer = approve(home, held, "anna")
    ok("release", "claim", held, "--as", "carla", "--give-up", "--home", home)

    assert (answer.code, answer.object["code"]) == (1, "claimed")
    assert approve(home, held, "anna").code == 0


def test_show_as_the_recipient_shows_only_what_leaves(home: Path, held: str) -> None:
    whole = comity("release", "show", held, "--home", home)
    theirs = comity("release", "show", held, "--as-recipient", "--home", home)

    assert "Huis Schuilnaam" in whole.out
    assert "Huis Schuilnaam" not in theirs.out
    assert MINORS_NAME[0] in theirs.out


def test_previous_says_who_was_told_of_the_victim(home: Path, held: str) -> None:
    told = ok("release", "previous", held, "--home", home)["told"]

    assert {"police.ro", "shelter.ngo"} <= {one["whom"] for one in told}


def test_undo_says_who_could_have_read_it_and_refuses_for_now(home: Path, held: str, played: Played) -> None:
    delivered = comity("release", "undo", played.exchange(RO), "--home", home, "--json")
    waiting = comity("release", "undo", held, "--home", home, "--json")

    assert (delivered.code, delivered.object["code"]) == (1, "no-recall")
    assert delivered.object["facts"] == {"could_have_read": RO}
    assert (waiting.code, waiting.object["code"]) == (1, "nothing-left")


def test_exchange_that_was_never_held_is_not_found(home: Path, played: Played) -> None:
    answer = comity("release", "show", played.exchange(RO), "--home", home, "--json")

    assert (answer.code, answer.object["code"]) == (1, "no-such-hold")


def test_officers_names_and_reasons_stand_in_no_ledger(home: Path, held: str, tmp_path: Path) -> None:
    approve(home, held, "anna", "--reason", "Necessary for the arrest on Monday.")
    ok("audit", "export", tmp_path / "out", "--home", home)

    written = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())

    assert b"Anna" not in written
    assert b"Monday" not in written
    assert json.dumps("anna").encode() not in written


def test_gateway_that_shows_one_thing_and_signs_another_is_found_out(
    home: Path, held: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from gateway.flow.review import lines

    honest = lines._line

    def lying(*given: object) -> lines.FieldLine:
        line = honest(*given)  # type: ignore[arg-type]
        return replace(line, rung="withheld", text="") if line.field == "names" else line

    monkeypatch.setattr(lines, "_line", lying)

    answer = comity("release", "show", held, "--home", home, "--json")

    assert (answer.code, answer.object["code"]) == (1, "other-bytes")
