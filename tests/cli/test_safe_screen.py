"""What a real terminal is sent: whatever a record holds, line breaks and our own styling are all of it (A49).

Commands run in processes whose output is a pseudo-terminal. Intake refuses most of the payloads, so it is
taken away where the screen alone is tried: what a peer sends was never examined here.
"""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import termios
import tty
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gateway.record import content_walk, marking
from gateway.record.visible import visible
from tests.cli.doors import TO_RO
from tests.cli.payloads import HOSTILE, PAYLOADS, hostile_record
from tests.flow import forge
from tests.flow.conftest import engines, template
from tests.flow.federation import NL, RO, Homes

__all__ = ["engines", "template"]

WIDE, NARROW = 20_000, 40

_NOTE = "a\nYou must: nothing\tat\u200d all\u3164\u2800\u00a0 \\x1b[31m o" + "\u030d" * 9

# Runs commands one after the other, and says how each ended.
_DRIVER = """
import json, sys
from gateway.record import content_walk, marking
if sys.argv[1] == "unchecked":
    content_walk.check_text = marking.check_text = lambda value, field: value
from gateway.cli.main import run
for arguments in json.loads(sys.argv[2]):
    code = run(arguments)
    print(f"--- {code}", flush=True)
"""
_ENDED = re.compile(r"--- ([0-9])\n")

# Reset, bold, dim, and the colours of what is no error.
_OWN_STYLE = re.compile(r"\x1b\[(?:0|1|2|32|33|36|1;32|1;36)m")
_ERROR_STYLE = re.compile(r"\x1b\[(?:0|31|33)m")
_BLANK = "\u034f\u115f\u1160\u17b4\u17b5\u180b\u2800\u3164\ufe00\ufe0f\uffa0\U0001d159\U000e0100"

# What the floor of the recipient lets in of a record without victims.
_LET_IN = (
    *("account.identity", "artefact.hash", "assessment.score", "case.audience", "case.evaluation"),
    *("case.provenance", "case.purpose", "case.reference", "incident.act", "incident.place-time"),
    *("method.investigative", "narrative.text", "online.content", "online.text", "person.consent"),
    *("person.cooperation", "person.document", "person.role", "person.safety", "source.identity"),
    "vehicle.identity",
)


def obeyed(text: str) -> list[str]:
    """Return the characters that a terminal obeys or hides, but for line breaks."""
    return [
        one
        for one in text
        if one != "\n"
        and (
            unicodedata.category(one) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
            or (unicodedata.category(one) == "Zs" and one != " ")
            or one in _BLANK
        )
    ]


def on_a_terminal(
    commands: Sequence[Sequence[str]], *, columns: int, colour: bool, checked: bool
) -> list[tuple[int, str]]:
    """Run commands with a terminal for their input, output and errors; return exit codes and what it got."""
    told = ("COMITY_", "COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(told)}
    kept |= {"TERM": "xterm-256color" if colour else "dumb", "PYTHONUTF8": "1"}
    ours, theirs = pty.openpty()
    # Raw: the terminal itself adds no carriage return, so that any seen is one that was sent.
    tty.setraw(theirs)
    termios.tcsetwinsize(theirs, (50, columns))
    mode = "checked" if checked else "unchecked"
    process = subprocess.Popen(
        [sys.executable, "-c", _DRIVER, mode, json.dumps(commands)],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        env=kept,
    )
    os.close(theirs)
    sent = b"".join(_read(ours))
    os.close(ours)
    assert process.wait() == 0, sent[-2000:]
    # Strictly: a C1 control as a single byte is no UTF-8.
    parts = _ENDED.split(sent.decode("utf-8"))
    assert (len(parts), parts[-1]) == (2 * len(commands) + 1, "")
    return [(int(code), out) for out, code in zip(parts[0:-1:2], parts[1::2], strict=True)]


def _read(terminal: int) -> Iterator[bytes]:
    while True:
        try:
            data = os.read(terminal, 65536)
        except OSError:  # how a terminal ends whose other side is closed
            return
        if not data:
            return
        yield data


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """A record full of payloads: a file of it, the homes that hold it, and its ids there."""

    file: Path
    paths: tuple[str, ...]
    homes: Homes
    record: str
    exchange: str
    arrived: str

    @property
    def shows(self) -> dict[str, list[str]]:
        """The commands that show records, by what they are called."""
        nl, ro = (("--home", str(self.homes.home(agency))) for agency in (NL, RO))
        reading = ("--purpose", "investigation")
        return {
            "record preview": ["record", "preview", str(self.file), "--to", TO_RO, *nl],
            "record show": ["record", "show", self.record, *reading, *nl],
            "inbox show": ["inbox", "show", self.arrived, *reading, *ro],
            "inbox list": ["inbox", "list", *ro],
            "policy explain": ["policy", "explain", str(self.file), "--to", TO_RO, *nl],
            "release explain": ["release", "explain", self.exchange, *nl],
        }


@pytest.fixture(scope="module")
def hostile(template: tuple[Path, datetime], tmp_path_factory: pytest.TempPathFactory) -> Hostile:
    """Put the record on file at its sender, and at a recipient whom a forger sends all that is let in."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "homes").mkdir()
    homes = Homes(template[0], folder / "homes", datetime.now(UTC).replace(microsecond=0))
    record, paths = hostile_record()
    file = folder / "case.binpb"
    file.write_bytes(record.SerializeToString(deterministic=True))
    with pytest.MonkeyPatch.context() as patch:
        for module in (content_walk, marking):
            patch.setattr(module, "check_text", lambda value, field: value)
        pushed = homes.push(file.read_bytes())
        # A recipient examines the words of a marking itself: with these left out, the rest is let in.
        record.header.marking.notes[:] = [_NOTE]
        release = forge.release(homes[NL], record, RO, homes.now, forge.only(*_LET_IN))
    forged = forge.announce(homes[NL], RO, release.encode(), homes.now)
    trip = homes.bring(forge.sent(homes[NL], RO, forged), RO)
    assert trip.answered is not None
    homes.close()
    return Hostile(
        file=file,
        paths=tuple(paths),
        homes=homes,
        record=pushed.record_id,
        exchange=pushed.exchanges[0].exchange_id,
        arrived=forged.header.exchange_id,
    )


@pytest.fixture(scope="module")
def wide(hostile: Hostile) -> dict[str, str]:
    """What a wide terminal in colours was sent, by command."""
    shows = hostile.shows
    told = on_a_terminal(list(shows.values()), columns=WIDE, colour=True, checked=False)
    assert [code for code, _ in told] == [0] * len(shows), told
    return dict(zip(shows, (out for _, out in told), strict=True))


def test_there_are_two_hundred_payloads_and_each_is_another_text() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 200


def test_nothing_but_line_breaks_and_own_styling_reaches_a_terminal(wide: dict[str, str]) -> None:
    bare = {name: _OWN_STYLE.sub("", out) for name, out in wide.items()}

    assert {name: found for name, out in bare.items() if (found := obeyed(out))} == {}
    assert any(bare[name] != out for name, out in wide.items())


def test_every_payload_in_every_field_is_shown_as_text(hostile: Hostile, wide: dict[str, str]) -> None:
    for payload in PAYLOADS:
        # A line break in a text stays one: what follows it hangs below.
        shown = visible(f"a{payload}").split("\\x0a")[0] if "\n" in payload else visible(f"a{payload}")

        # The words of a marking are told to those it binds.
        assert wide["record show"].count(shown) >= len(hostile.paths) - 1, repr(payload)
        assert shown in wide["inbox show"], repr(payload)


def test_words_of_a_marking_cannot_speak_for_the_gateway(wide: dict[str, str]) -> None:
    _, restricted = wide["inbox show"].split("Restricted, in its sender's words:")

    lines = [_OWN_STYLE.sub("", line).strip(" -") for line in restricted.splitlines()[1:3]]
    assert lines == list(map(visible, _NOTE.split("\n")))
    for out in wide.values():
        assert "\nYou must: nothing" not in out


def test_terminal_that_is_narrow_and_without_colours_gets_line_breaks_alone(hostile: Hostile) -> None:
    shows = [hostile.shows[name] for name in ("record preview", "inbox show")]

    told = on_a_terminal(shows, columns=NARROW, colour=False, checked=False)

    for code, out in told:
        assert code == 0
        assert obeyed(out) == []


def test_json_holds_nothing_but_printable_ascii(hostile: Hostile) -> None:
    shows = [[*hostile.shows[name], "--json"] for name in ("record show", "inbox show")]

    told = on_a_terminal(shows, columns=WIDE, colour=True, checked=False)

    for code, out in told:
        assert code == 0
        line = out.splitlines()[-1]
        assert line.isascii()
        assert line.isprintable()
        assert json.loads(line)["record"]["narratives"][0]["text"] == HOSTILE


def test_every_field_of_free_text_is_refused_at_intake_and_the_refusal_is_clean(hostile: Hostile) -> None:
    home = ("--home", str(hostile.homes.home(NL)))
    commands = [
        ["record", "validate", str(hostile.file)],
        ["record", "push", str(hostile.file), "--to", TO_RO, *home],
        ["record", "preview", str(hostile.file), "--to", TO_RO, *home],
    ]

    told = on_a_terminal(commands, columns=WIDE, colour=True, checked=True)

    for code, out in told:
        assert code == 1
        assert obeyed(_ERROR_STYLE.sub("", out)) == []
        assert [path for path in hostile.paths if f"  {path}: " not in out] == []


def test_hostile_names_and_bytes_in_files_and_arguments_are_refused_cleanly(
    hostile: Hostile, tmp_path: Path
) -> None:
    named = "".join(payload for payload in PAYLOADS if len(payload) < 4 and payload not in ("\0",))
    raw = "\udc9b31m\udc9d0;owned\udc9c"  # single bytes 0x9b, 0x9d and 0x9c in the name of a file
    file = tmp_path / f"{raw}\x1b[2J.json"
    file.write_bytes(b'{"header": "\x9b31m\x1b]0;owned\x07"}')
    home = ("--home", str(hostile.homes.home(NL)))
    commands = [
        ["record", "validate", str(file)],
        ["record", "validate", str(tmp_path / f"none{raw}{named.replace('/', '')[:40]}")],
        ["record", "show", named + raw, "--purpose", "investigation", *home],
        ["record", "show", hostile.record, "--purpose", HOSTILE, *home],
        ["inbox", "show", HOSTILE, "--purpose", "investigation", *home],
        ["release", "explain", HOSTILE, *home],
        [f"no{HOSTILE}{raw}"],
        ["record", f"--{HOSTILE}{raw}"],
    ]

    told = on_a_terminal(commands, columns=WIDE, colour=True, checked=True)

    for code, out in told:
        assert code in (1, 2)
        assert obeyed(_ERROR_STYLE.sub("", out)) == []
        assert "internal" not in out
