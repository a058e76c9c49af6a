"""What holds for every command: help, --json, exit codes, and that nothing escapes but a message."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from gateway.cli.main import app, exit_code, run
from gateway.errors import Corrupt, GatewayError, Locked, Misconfigured, NotFound, Refused, Unreachable
from tests.cli.conftest import Played
from tests.cli.doors import MINORS_NAME, NL, RO, comity, comity_apart, write_case

SECRET = "Sânziana Închipuitu"


def _leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    for name, one in getattr(command, "commands", {}).items():
        if hasattr(one, "commands"):
            yield from _leaves(one, (*words, name))
        else:
            yield (*words, name), one


COMMANDS = dict(_leaves(get_command(app)))
NAMES = [" ".join(words) for words in COMMANDS]


def test_every_command_of_this_version_is_there() -> None:
    assert set(NAMES) == {
        *("demo", "init", "join", "keys list", "federation create", "federation add"),
        *("record validate", "record preview", "record push", "record show", "record verify"),
        "record forward",
        *("serve", "status", "doctor", "access add", "access list", "access revoke"),
        *("envelope export", "envelope import", "inbox list", "inbox show", "inbox export"),
        *("audit export", "audit verify", "adapt formats", "adapt check", "adapt convert"),
        *("adapt certificate", "adapt columns"),
        *("policy lint", "policy test", "policy sweep", "policy mutate", "policy diff"),
        *("policy activate", "policy explain", "policy simulate", "release explain", "review"),
        *("release list", "release show", "release approve", "release refuse", "release claim"),
        *("release watch", "release history", "release previous", "release reviewed", "release undo"),
        *("officer enrol", "officer countersign", "officer add", "officer list", "officer disable"),
        "officer away",
    }


@pytest.mark.parametrize("name", NAMES)
def test_help_of_every_command_names_json_and_gives_an_example(name: str) -> None:
    answer = comity(*name.split(), "--help")

    assert answer.code == 0
    assert answer.err == ""
    assert "--json" in answer.out
    assert f"Example: comity {name}" in " ".join(answer.out.split())
    assert max(map(len, answer.out.splitlines())) <= 80


@pytest.mark.parametrize("words", COMMANDS, ids=NAMES)
def test_example_of_every_command_uses_what_the_command_has(words: tuple[str, ...]) -> None:
    command = COMMANDS[words]
    example = " ".join(command.help.partition("Example: ")[2].split())

    known = {option for parameter in command.params for option in parameter.opts}
    needed = {option for parameter in command.params if parameter.required for option in parameter.opts}

    used = {word for word in example.split() if word.startswith("--")}
    assert used <= known
    assert {option for option in needed if option.startswith("--")} <= used


@pytest.mark.parametrize("name", NAMES)
def test_wrong_usage_is_one_line_and_exit_two(name: str) -> None:
    answer = comity(*name.split(), "--no-such-option")

    assert answer.code == 2
    assert answer.out == ""
    assert answer.err.startswith("usage: ")
    assert answer.err.count("\n") == 1


@pytest.mark.parametrize("name", NAMES)
def test_wrong_usage_with_json_is_one_object(name: str) -> None:
    answer = comity(*name.split(), "--no-such-option", "--json")

    assert answer.code == 2
    assert set(answer.object) == {"ok", "code", "field", "error", "findings", "facts"}
    assert answer.object["ok"] is False
    assert answer.object["code"] == "usage"
    assert "--no-such-option" in answer.object["error"]
    assert answer.err == ""


@pytest.mark.parametrize("words", [(), ("record",), ("envelope",), ("inbox",), ("audit",), ("keys",)])
def test_group_without_a_command_answers_with_its_help(words: tuple[str, ...]) -> None:
    answer = comity(*words)

    assert answer.code == 2
    assert answer.out.startswith(" ".join(("Usage: comity", *words)))
    assert answer.err == ""


def test_version_is_told() -> None:
    answer = comity("--version")

    assert answer.code == 0
    assert answer.out.startswith("comity ")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (Refused("no"), 1),
        (NotFound("not here"), 1),
        (NotFound("cannot be read", code="no-file"), 2),
        (Refused("wrong", code="usage"), 2),
        (Refused("wrong", field="--to"), 2),
        (Locked("busy"), 2),
        (Misconfigured("wrong"), 2),
        (Corrupt("broken"), 2),
        (Unreachable("silent"), 3),
    ],
)
def test_exit_codes_are_those_of_the_contract(error: GatewayError, expected: int) -> None:
    assert exit_code(error) == expected


def test_locked_home_names_who_holds_it(nl: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from gateway.store.home import HomeLock;"
        "HomeLock(Path(sys.argv[1])); print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(nl)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"

        told, words = comity("inbox", "list", "--home", nl, "--json"), comity("inbox", "list", "--home", nl)
        holder.communicate()

    assert (told.code, words.code) == (3, 3)
    assert told.object["code"] == "no-gateway"
    assert f"process {holder.pid} holds this home" in words.err


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ('agency = "police.nl"\nexercise = true\nsurprise = 1\n', "comity.toml:surprise"),
        ('agency = "police.nl"\nexercice = true\n', "comity.toml:exercice"),
        ('agency = "police.nl"\nexercise = "yes"\n', "comity.toml:exercise"),
        ('agency = "police.nl"\npassphrase_file = "passphrase"\n', "comity.toml:passphrase_file"),
        ('agency = "Police NL"\n', "comity.toml:agency"),
        ("exercise = true\n", "comity.toml:agency"),
        ("agency = \n", ""),
    ],
)
def test_configuration_that_is_not_understood_is_refused(text: str, field: str, nl: Path) -> None:
    (nl / "comity.toml").write_text(text)

    answer = comity("inbox", "list", "--home", nl, "--json")

    assert answer.code == 2
    assert answer.object["code"] == "bad-config"
    assert answer.object["field"] == field


@pytest.mark.parametrize(("name", "code"), [("keystore.json", "wrong-mode"), ("passphrase", "wrong-mode")])
def test_secret_that_others_may_read_is_refused(name: str, code: str, nl: Path) -> None:
    (nl / name).chmod(0o644)

    answer = comity("inbox", "list", "--home", nl, "--json")

    assert answer.code == 2
    assert answer.object["code"] == code


def test_home_that_others_may_enter_is_refused(nl: Path) -> None:
    nl.chmod(0o755)

    answer = comity("inbox", "list", "--home", nl, "--json")

    assert answer.code == 2
    assert answer.object["code"] == "home-open"


def test_folder_that_is_no_home_is_named(tmp_path: Path) -> None:
    answer = comity("inbox", "list", "--home", tmp_path)

    assert answer.code == 2
    assert f"{tmp_path} is not a home" in answer.err


def test_home_may_stand_in_the_environment(nl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMITY_HOME", str(nl))

    assert comity("inbox", "list").code == 0


def test_unexpected_error_leaves_an_incident_and_nothing_else(
    nl: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ValueError(SECRET)

    monkeypatch.setattr("gateway.flow.consult.arrivals", fail)

    words, told = comity("inbox", "list", "--home", nl), comity("inbox", "list", "--home", nl, "--json")

    assert (words.code, told.code) == (2, 2)
    assert "internal error, incident " in words.err
    assert told.object["code"] == "internal"
    assert len(told.object["incident"]) == 12
    for answer in (words, told):
        assert "Traceback" not in answer.out + answer.err
        assert "ValueError" not in answer.out + answer.err
        for name in SECRET.split():
            assert name not in answer.out + answer.err


def test_failing_system_is_no_internal_error(nl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device", "store.db")

    monkeypatch.setattr("gateway.flow.consult.arrivals", fail)

    answer = comity("inbox", "list", "--home", nl, "--json")

    assert answer.code == 2
    assert (answer.object["code"], answer.object["field"]) == ("system", "store.db")
    assert answer.object["error"] == "No space left on device"


def test_interrupted_command_says_so(nl: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("gateway.flow.consult.arrivals", interrupt)

    answer = comity("inbox", "list", "--home", nl, "--json")

    assert answer.code == 2
    assert answer.object["code"] == "stopped"


def test_refused_record_is_not_quoted_in_any_message(nl: Path, tmp_path: Path) -> None:
    file = write_case(tmp_path / "case.json", persons=[{"id": "minor", "names": SECRET, "surprise": SECRET}])
    to = f"{RO}:investigation:law-enforcement-task"

    for command in (("validate", file), ("push", file, "--to", to, "--home", nl)):
        for form in ((), ("--json",)):
            answer = comity("record", *command, *form)

            assert answer.code == 1
            for name in MINORS_NAME:
                assert name not in answer.out + answer.err


def test_command_in_a_process_of_its_own_ends_with_its_exit_code(played: Played) -> None:
    good = comity_apart("inbox", "list", "--home", played.homes / RO, "--json")
    bad = comity_apart("record", "show", "none", "--purpose", "training", "--home", played.homes / NL)
    wrong = comity_apart("record", "show")

    assert (good.code, bad.code, wrong.code) == (0, 1, 2)
    assert json.loads(good.out)["ok"] is True
    assert "Traceback" not in good.err + bad.err + wrong.err


def test_reader_that_leaves_early_gets_no_traceback(played: Played) -> None:
    arguments = [
        "record",
        "show",
        played.record,
        "--purpose",
        "investigation",
        "--home",
        str(played.homes / NL),
    ]
    for form in ([], ["--json"]):
        end, start = os.pipe()
        os.close(end)
        with os.fdopen(start, "wb") as closed:
            done = subprocess.run(
                [sys.executable, "-c", "from gateway.cli.main import main; main()", *arguments, *form],
                stdout=closed,
                stderr=subprocess.PIPE,
                text=True,
                check=False,
            )

        assert done.returncode == 2
        assert "Error" not in done.stderr
        assert "Traceback" not in done.stderr


def test_run_returns_and_never_exits() -> None:
    assert run(["--help"]) == 0
    assert run(["nonsense"]) == 2
