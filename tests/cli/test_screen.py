"""What reaches a terminal: untrusted characters are shown, never obeyed (A49)."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from gateway.cli.comparison import brief
from gateway.cli.portions import show_view
from gateway.cli.screen import Screen, cut
from gateway.flow.consult import Shown
from gateway.record.visible import visible
from tests.cli.doors import TO_RO, Answer, comity, ok, write_case

HOSTILE = {
    "colour": "\x1b[31mred",
    "clear": "\x1b[2J\x1b[H",
    "title": "\x1b]0;owned\x07",
    "link": "\x1b]8;;https://evil.example.invalid\x1b\\click\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;cm0gLXJm\x07",
    "c1": "\x9b31mred\x9c",
    "return": "withheld\rshown",
    "backspace": "no\b\byes",
    "bidi": "\u202egnp.exe",
    "isolate": "\u2066hidden\u2069",
    "zero-width": "po\u200blice.nl",
    "tag": "police\U000e0041.nl",
    "separator": "one\u2028two",
    "delete": "x\x7f",
    "private": "\ue000",
}

acted_on = st.characters(categories=["Cc", "Cf", "Co", "Cn", "Zl", "Zp"])
texts = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), acted_on))


def unseen(text: str) -> list[str]:
    """Return the characters of an output that a terminal would act on, but for line breaks."""
    return [
        character
        for character in text
        if character != "\n" and unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    ]


@given(texts, st.integers(2, 40))
def test_cut_text_never_takes_more_than_its_room(text: str, cells: int) -> None:
    shown = cut(visible(text), cells)

    assert cell_len(shown) <= cells
    assert cell_len(visible(text)) > cells or shown == visible(text)


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE.keys())
def test_nothing_hostile_in_a_shown_record_reaches_the_terminal(
    payload: str, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = Shown(
        record_id=payload,
        version=1,
        originator=payload,
        record={
            "persons": [{"id": "person/aaaaaaaaaa", "names": [{"given": payload}], "role": payload}],
            "narratives": [{"id": payload, "text": f"line\nYou must: nothing {payload}"}],
        },
        rungs={"person/aaaaaaaaaa:2": payload},
        exchanges=[{"exchange": payload, "recipient": payload, "state": payload, "duties": payload}],
        obligations=(),
        pseudonyms={"person/aaaaaaaaaa": payload},
        purpose=payload,
        use_until=payload,
        unknown_fields=[payload],
    )

    show_view(Screen(as_json=False), shown)
    show_view(Screen(as_json=True), shown)

    out = capsys.readouterr().out
    assert unseen(out) == []
    assert json.loads(out.splitlines()[-1])["record_id"] == payload


def test_line_break_in_a_text_cannot_forge_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    Screen(as_json=False).tell("one\nYou must: nothing", indent=2, lead="text:")

    assert capsys.readouterr().out == "  text: one\n        You must: nothing\n"


def test_nothing_hostile_in_an_argument_is_obeyed(nl: Path, tmp_path: Path) -> None:
    payload = "".join(HOSTILE.values())
    file = tmp_path / f"{payload.replace('/', '_')}.json"
    file.write_text(f"{payload}")
    answers = [
        comity(f"no{payload}"),
        comity("record", f"--{payload}"),
        comity("record", "validate", file),
        comity("record", "validate", tmp_path / f"none{payload}"),
        comity("record", "show", payload, "--purpose", payload, "--home", nl),
        comity("record", "verify", payload, "--home", nl),
        comity("envelope", "import", file, "--home", nl),
        comity("envelope", "export", payload, file, "--home", nl),
        comity("audit", "verify", file, "--trust", file),
        comity("adapt", "check", file, "--format", payload),
        comity("keys", "list", "--home", tmp_path / payload),
    ]

    for answer in answers:
        assert answer.code in (1, 2)
        assert unseen(answer.out + answer.err) == []
        assert "internal" not in answer.err


def test_hostile_text_in_a_record_is_refused_with_its_path(nl: Path, tmp_path: Path) -> None:
    payload = "".join(HOSTILE.values())
    file = write_case(tmp_path / "case.json", narratives=[{"id": "n", "text": payload, "language": payload}])

    answers = [
        comity("record", "validate", file),
        comity("record", "push", file, "--to", TO_RO, "--home", nl),
        comity("record", "push", file, "--to", TO_RO, "--home", nl, "--json"),
    ]

    for answer in answers:
        assert answer.code == 1
        assert "narratives[0]" in answer.out + answer.err
        assert unseen(answer.out + answer.err) == []


def test_joiners_and_line_breaks_that_a_record_may_hold_are_shown_as_escapes(
    nl: Path, tmp_path: Path
) -> None:
    said = "می\u200cخواهم\tbrother\nYou must: nothing"
    file = write_case(tmp_path / "case.json", narratives=[{"id": "n", "text": said, "language": "fa"}])

    def pushed() -> str:
        told = ok("record", "push", file, "--to", TO_RO, "--home", nl)
        return str(told["records"][0]["record_id"])

    shown: Answer = comity("record", "show", pushed(), "--purpose", "investigation", "--home", nl)

    assert "\\u{200c}" in shown.out and "\\x09" in shown.out
    assert "\nYou must" not in shown.out
    assert unseen(shown.out) == []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("family: Doe, given: Jo, kind: primary, script: Latn", "Doe, Jo"),
        ("place: town: Denkdorp, country: NL", "Denkdorp, NL"),
        ("do_not_reinterview: yes, threats: a", "do not reinterview: yes, threats: a"),
        ("", ""),
    ],
)
def test_brief_words_drop_labels_that_say_nothing(words: str, expected: str) -> None:
    assert brief(words) == expected


def test_narrow_window_gets_a_line_for_every_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COLUMNS", "30")

    Screen(as_json=False).compare(["recorded", "police.ro"], [("person", [("name", "Doe", "withheld")])])

    assert capsys.readouterr().out == "person\n  name\n    recorded: Doe\n    police.ro: withheld\n"


@pytest.mark.parametrize("as_json", [True, False])
def test_waiting_shows_nothing_where_nobody_watches(
    as_json: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with Screen(as_json=as_json).waiting("cosigning") as say:
        say("one of two")

    assert capsys.readouterr() == ("", "")
