"""`init`, `federation`, `join`, `keys`: from nothing to a home that takes part."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from policy.bundle import shipped_baseline
from tests.cli.conftest import Played
from tests.cli.doors import Answer, comity, comity_apart, passphrase_in_a_pipe
from tests.keys.agencies import agreement, community

PASSPHRASE = "correct horse"
WHO = (
    *("--agency", "police.nl", "--kind", "leo", "--country", "NL"),
    *("--name", "Police NL", "--unit", "THB unit:anti-trafficking,analysis"),
)

LOOK_ALIKES = [
    (("--agency", "po1ice.nl", "--name", "Bureau"), "look-alike", "id"),
    (("--agency", "bureau.nl", "--name", "P0lice-NL"), "look-alike", "display_name"),
    (("--agency", "bureau.nl", "--name", "Рolice NL"), "mixed-script", "display_name"),
]


def given(*arguments: str | Path, passphrase: str = PASSPHRASE) -> Answer:
    """Run a command with a passphrase that comes through a pipe."""
    with passphrase_in_a_pipe(passphrase) as descriptor:
        os.environ["COMITY_PASSPHRASE_FD"] = descriptor
        try:
            return comity(*arguments)
        finally:
            del os.environ["COMITY_PASSPHRASE_FD"]


def done(*arguments: str | Path) -> dict[str, Any]:
    """Run a command that must succeed with --json, and return its object."""
    answer = given(*arguments, "--json")
    assert answer.code == 0, (answer.out, answer.err)
    return answer.object


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """A federation of one member, with the answers of the commands that made it."""

    folder: Path
    federation: Path
    home: Path
    created: dict[str, Any]
    made: dict[str, Any]
    added: dict[str, Any]
    joined: dict[str, Any]


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Founded]:
    """Found a federation and make a home take part in it, by commands alone."""
    folder = tmp_path_factory.mktemp("founding")
    federation, home = folder / "federation", folder / "nl"
    created = done("federation", "create", federation)
    made = done("init", "--home", home, *WHO)
    added = done("federation", "add", "member", made["enrolment"], "--federation", federation)
    joined = done("join", federation, "--home", home, "--root", created["root"])
    yield Founded(
        folder=folder,
        federation=federation,
        home=home,
        created=created,
        made=made,
        added=added,
        joined=joined,
    )


def test_a_federation_is_made_and_joined_by_four_commands(founded: Founded) -> None:
    assert founded.made["agency"] == "police.nl"
    assert founded.added == {"ok": True, "added": "member", "name": "police.nl"}
    assert founded.joined == {
        "ok": True,
        "root": founded.created["root"],
        "members": ["police.nl"],
        "look_alikes": {},
    }


def test_home_is_private_and_says_nothing_of_its_passphrase(founded: Founded) -> None:
    config = (founded.home / "comity.toml").read_text()

    assert config == 'agency = "police.nl"\n'
    assert founded.home.stat().st_mode & 0o077 == 0
    assert (founded.home / "keystore.json").stat().st_mode & 0o177 == 0
    for path in founded.folder.rglob("*"):
        assert not path.is_file() or PASSPHRASE.encode() not in path.read_bytes()


def test_another_root_than_expected_is_refused_and_nothing_pinned(founded: Founded, tmp_path: Path) -> None:
    done("init", "--home", tmp_path / "home", *WHO)

    answer = given("join", founded.federation, "--home", tmp_path / "home", "--root", "00" * 32, "--json")

    assert answer.code == 2
    assert answer.object["code"] == "wrong-root"
    assert not (tmp_path / "home" / "directory" / "pinned-root.json").exists()


def test_root_that_is_no_digest_is_wrong_usage(founded: Founded) -> None:
    answer = given("join", founded.federation, "--home", founded.home, "--root", "xyz", "--json")

    assert answer.code == 2
    assert answer.object["field"] == "--root"


def test_joining_a_folder_that_is_no_federation_is_refused(founded: Founded, tmp_path: Path) -> None:
    done("init", "--home", tmp_path / "home", *WHO)

    answer = given("join", tmp_path, "--home", tmp_path / "home")

    assert answer.code == 2
    assert "is not a federation directory" in answer.err


def test_agreement_community_and_baseline_are_added_and_seen_after_joining_again(founded: Founded) -> None:
    other = (*WHO, "--agency", "police.ro", "--country", "RO", "--name", "Police RO")
    made = done("init", "--home", founded.folder / "ro", *other)
    files = {
        "member": Path(made["enrolment"]).read_bytes(),
        "agreement": agreement("police.nl", "police.ro", name="nl-ro").encode(),
        "community": community("police.nl", "police.ro", name="labour").encode(),
        "baseline": shipped_baseline().encode(),
    }
    names = {}
    for what, data in files.items():
        path = founded.folder / what
        path.write_bytes(data)

        added = done("federation", "add", what, path, "--federation", founded.federation)

        names[what] = added["name"]
    again = done("join", founded.federation / "repository", "--home", founded.home)

    assert names == {
        "member": "police.ro",
        "agreement": "nl-ro",
        "community": "labour",
        "baseline": "baseline",
    }
    assert again["root"] == founded.created["root"]
    assert again["members"] == ["police.nl", "police.ro"]
    targets = {path.name for path in (founded.home / "directory" / "state" / "targets").iterdir()}
    assert {"agreements%2Fnl-ro.json", "communities%2Flabour.json"} <= targets


def test_name_that_may_be_taken_for_a_members_is_refused_by_the_federation(
    founded: Founded, tmp_path: Path
) -> None:
    before = sorted(path.name for path in founded.federation.rglob("*"))
    for number, (changes, code, field) in enumerate(LOOK_ALIKES):
        made = done("init", "--home", tmp_path / str(number), *WHO, *changes)

        answer = given("federation", "add", "member", made["enrolment"], "--federation", founded.federation)

        assert answer.code == 1
        assert f"refused: {field}: " in answer.err
        assert f"[{code}]" in answer.err
        assert code != "look-alike" or "may be taken for police.nl" in answer.err
    assert sorted(path.name for path in founded.federation.rglob("*")) == before


def test_name_that_may_be_taken_for_another_is_told_on_joining(
    founded: Founded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    federation, home = tmp_path / "federation", tmp_path / "nl"
    shutil.copytree(founded.federation, federation)
    shutil.copytree(founded.home, home)
    made = done("init", "--home", tmp_path / "other", *WHO, "--agency", "po1ice.nl", "--name", "Bureau [1]")
    monkeypatch.setattr("keys.federation.check_names", lambda member, listed: None)
    done("federation", "add", "member", made["enrolment"], "--federation", federation)

    told, words = done("join", federation, "--home", home), given("join", federation, "--home", home)

    assert told["look_alikes"]["po1ice.nl"] == ["police.nl"]
    assert re.search(r"  po1ice.nl: Bureau \(1\) \[[0-9a-f]{8}\] \(looks like: police.nl\)\n", words.out)
    assert "warning: po1ice.nl may be taken for police.nl" in words.err


def test_members_are_told_with_their_key_ids(founded: Founded) -> None:
    words = given("join", founded.federation, "--home", founded.home)

    assert re.search(r"  police.nl: Police NL \[[0-9a-f]{8}\]\n", words.out)
    assert "may be taken" not in words.err


@pytest.mark.parametrize("what", ["member", "agreement", "community", "baseline"])
def test_file_of_another_form_is_refused_and_nothing_published(
    founded: Founded, what: str, tmp_path: Path
) -> None:
    file = tmp_path / "file"
    file.write_text("permit(principal, action, resource) when {")
    before = sorted(path.name for path in founded.federation.rglob("*"))

    answer = given("federation", "add", what, file, "--federation", founded.federation, "--json")

    assert answer.code in (1, 2)
    assert answer.object["ok"] is False
    assert sorted(path.name for path in founded.federation.rglob("*")) == before


def test_wrong_passphrase_is_refused_in_words(founded: Founded) -> None:
    answer = given("keys", "list", "--home", founded.home, passphrase="wrong")

    assert answer.code == 1
    assert "passphrase" in answer.err
    assert answer.out == ""


def test_keys_are_listed_by_use_and_public_id_only(founded: Founded) -> None:
    keys = done("keys", "list", "--home", founded.home)["keys"]

    assert [key["use"] for key in keys] == [
        "signing",
        "sealing",
        "ledger",
        "ledger-mldsa",
        "witness",
        "directory",
        "pseudonym",
        "storage",
        "tls-ca",
    ]
    public = [key["key_id"] for key in keys if key["use"] not in ("pseudonym", "storage")]
    assert all(len(key_id) == 32 for key_id in public)
    assert len(set(public)) == len(public)
    assert {key["key_id"] for key in keys} - set(public) == {"secret"}


def test_key_ids_are_those_the_directory_vouches_for(founded: Founded) -> None:
    listed = {key["use"]: key["key_id"] for key in done("keys", "list", "--home", founded.home)["keys"]}
    published = founded.home / "directory" / "state" / "targets" / "keys%2Fpolice.nl.json"

    vouched = {key["use"]: key["key_id"] for key in json.loads(published.read_text())["keys"]}

    assert vouched == {use: listed[use] for use in vouched}
    assert "ledger-mldsa" in vouched


def test_home_that_exists_is_never_made_again(founded: Founded) -> None:
    before = (founded.home / "keystore.json").read_bytes()

    answer = given("init", "--home", founded.home, *WHO, "--json")

    assert answer.code == 1
    assert answer.object["code"] == "home-exists"
    assert (founded.home / "keystore.json").read_bytes() == before


def test_federation_that_exists_is_never_made_again(founded: Founded) -> None:
    answer = given("federation", "create", founded.federation, "--json")

    assert answer.code == 1
    assert answer.object["ok"] is False


def test_home_that_has_not_joined_says_so(tmp_path: Path) -> None:
    done("init", "--home", tmp_path / "home", *WHO)

    answer = given("inbox", "list", "--home", tmp_path / "home")

    assert answer.code == 2
    assert "run `comity join`" in answer.err


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--agency", "Police NL"),
        ("--country", "Netherlands"),
        ("--kind", "army"),
        ("--unit", "no functions"),
        ("--unit", "unit:flying"),
        ("--passphrase-file", "secret"),
    ],
)
def test_description_that_breaks_a_rule_is_wrong_usage_and_leaves_nothing(
    option: str, value: str, tmp_path: Path
) -> None:
    answer = given("init", "--home", tmp_path / "home", *WHO, option, value, "--json")

    assert answer.code == 2
    assert option in f"{answer.object['field']} {answer.object['error']}"
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("name", ["../secret", "/secret", "folder/secret"])
def test_passphrase_file_lies_in_the_home_and_nowhere_else(name: str, tmp_path: Path) -> None:
    answer = comity(
        "init", "--home", tmp_path / "home", *WHO, "--exercise", "--passphrase-file", name, "--json"
    )

    assert answer.code == 2
    assert answer.object["field"] == "--passphrase-file"


def test_nobody_is_asked_for_a_passphrase_where_nobody_sits(tmp_path: Path) -> None:
    answer = comity_apart("federation", "create", tmp_path / "federation", "--json", stdin="typed\n")

    assert answer.code == 2
    assert answer.object["code"] == "no-passphrase"
    assert not (tmp_path / "federation").exists()


def test_passphrase_is_asked_for_twice_when_a_home_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return f"passphrase {len(asked)}"

    monkeypatch.setattr("gateway.cli.door._has_terminal", lambda: True)
    monkeypatch.setattr("getpass.getpass", ask)

    answer = comity("init", "--home", tmp_path / "home", *WHO, "--json")

    assert len(asked) == 2
    assert "police.nl" in asked[0]
    assert answer.code == 2
    assert "the two differ" in answer.object["error"]
    assert not (tmp_path / "home").exists()


def test_every_start_of_an_exercise_home_warns_once(played: Played) -> None:
    for command in (("keys", "list"), ("inbox", "list"), ("join", played.homes / "federation")):
        answer = comity(*command, "--home", played.homes / "police.nl", "--json")

        assert answer.code == 0, answer.err
        assert answer.err.count("warning: This is an exercise home") == 1
        assert answer.err.count("passphrase lies in a file") == 1


def test_every_command_on_an_unwitnessed_ledger_says_so_once(played_by_file: Played) -> None:
    answer = comity("inbox", "list", "--home", played_by_file.homes / "police.nl", "--json")

    assert answer.err.count("warning: Nobody witnesses this ledger") == 1


def test_no_command_on_a_witnessed_ledger_says_that_nobody_witnesses_it(played: Played) -> None:
    answer = comity("inbox", "list", "--home", played.homes / "police.nl", "--json")

    assert answer.code == 0
    assert "witnesses this ledger" not in answer.err
