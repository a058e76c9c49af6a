"""A53, A14: a dangerous or misspelt setting, or a file others may read, keeps a gateway from starting."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gateway.cli.main import run
from gateway.client import Gateway
from gateway.config import read_config
from gateway.errors import GatewayError, Misconfigured
from tests.flow import oracle
from tests.live.houses import NL, House, free_port

CANNOT_TELL = 2
GOOD = 'agency = "police.nl"\nexercise = true\npassphrase_file = "passphrase"\nlocal = "127.0.0.1:7"\n'

# What stands in comity.toml, and which setting is at fault.
BAD = {
    "unknown setting": (GOOD + "verify = false\n", "verify"),
    "misspelt setting": (GOOD.replace("exercise", "excercise"), "excercise"),
    "setting of another case": (GOOD + 'Listen = "127.0.0.1:8"\n', "Listen"),
    "table": (GOOD + "[tls]\ninsecure = true\n", "tls"),
    "endpoint without listen": (GOOD + 'endpoint = "127.0.0.1:8"\n', "endpoint"),
    "listen without endpoint": (GOOD + 'listen = "127.0.0.1:8"\n', "endpoint"),
    "passphrase in a file outside an exercise": (GOOD.replace("true", "false"), "passphrase_file"),
    "passphrase in a file, exercise left out": (GOOD.replace("exercise = true\n", ""), "passphrase_file"),
    "yes for true": (GOOD.replace("true", '"yes"'), "exercise"),
    "1 for true": (GOOD.replace("true", "1"), "exercise"),
    "number for an address": (GOOD.replace('"127.0.0.1:7"', "7"), "local"),
    "no port": (GOOD.replace("127.0.0.1:7", "127.0.0.1"), "local"),
    "port 0": (GOOD.replace("127.0.0.1:7", "127.0.0.1:0"), "local"),
    "port 65536": (GOOD.replace("127.0.0.1:7", "127.0.0.1:65536"), "local"),
    "socket of another kind": (GOOD.replace("127.0.0.1:7", "unix:/tmp/comity"), "local"),
    "address with more behind": (GOOD.replace("127.0.0.1:7", "127.0.0.1:7 --insecure"), "local"),
    "address of two lines": (GOOD.replace("127.0.0.1:7", "127.0.0.1:7\\n"), "local"),
    "no agency": (GOOD.replace('agency = "police.nl"\n', ""), "agency"),
    "agency of another form": (GOOD.replace("police.nl", "Police NL"), "agency"),
    "notices to another machine": (GOOD + 'notify_url = "http://192.0.2.1/"\n', "notify_url"),
    "program to be searched for": (GOOD + 'notify_command = ["logger"]\n', "notify_command"),
    "set twice": (GOOD + "exercise = false\n", ""),
    "no TOML": ("exercise: true\n", ""),
    "no text": ("\xff\xfe", ""),
}


def _served(home: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, object]:
    """Return what `comity serve` says that must not start."""
    assert run(["serve", "--home", str(home), "--json"]) == CANNOT_TELL
    told: dict[str, object] = json.loads(capsys.readouterr().out)
    assert told["ok"] is False
    return told


@pytest.mark.parametrize("what", list(BAD))
def test_bad_setting_keeps_a_gateway_from_starting_and_is_named(
    houses: dict[str, House], capsys: pytest.CaptureFixture[str], what: str
) -> None:
    text, field = BAD[what]
    home = houses[NL].home
    before = oracle.counts(home)
    (home / "comity.toml").write_bytes(text.encode("latin-1"))

    told = _served(home, capsys)

    with pytest.raises(Misconfigured):
        read_config(home)
    assert told["code"] == "bad-config"
    assert told["field"] == (f"comity.toml:{field}" if field else "")
    assert oracle.counts(home) == before


def test_gateway_that_would_listen_nowhere_says_so(
    houses: dict[str, House], capsys: pytest.CaptureFixture[str]
) -> None:
    home = houses[NL].home
    (home / "comity.toml").write_text(GOOD.replace('local = "127.0.0.1:7"\n', ""))

    assert _served(home, capsys)["code"] == "no-listen"


def test_one_address_for_both_ports_is_refused(
    houses: dict[str, House], capsys: pytest.CaptureFixture[str]
) -> None:
    """Systems and peers would meet the same door by chance."""
    home, address = houses[NL].home, f"127.0.0.1:{free_port()}"
    same = f'listen = "{address}"\nendpoint = "{address}"\nlocal = "{address}"\n'
    (home / "comity.toml").write_text(GOOD.replace('local = "127.0.0.1:7"\n', same))

    assert _served(home, capsys)["code"] == "no-listen"


@pytest.mark.parametrize("mode", [0o001, 0o004, 0o040, 0o020])
@pytest.mark.parametrize("name", ["", "store.db", "keystore.json", "passphrase"])
def test_file_that_others_may_open_keeps_a_gateway_from_starting(
    houses: dict[str, House], capsys: pytest.CaptureFixture[str], name: str, mode: int
) -> None:
    home = houses[NL].home
    place = home / name
    place.chmod((0o700 if not name else 0o600) | mode)

    told = _served(home, capsys)

    assert told["code"] == ("home-open" if name in {"", "store.db"} else "wrong-mode")


def test_identity_file_that_others_may_open_is_not_used(houses: dict[str, House]) -> None:
    houses[NL].identity.chmod(0o640)

    with pytest.raises(GatewayError) as refused:
        Gateway(houses[NL].config.local, houses[NL].identity)

    assert refused.value.code == "wrong-mode"


def test_exercise_home_says_at_every_start_what_it_is(
    houses: dict[str, House], capsys: pytest.CaptureFixture[str]
) -> None:
    houses[NL].identity.chmod(0o600)
    (houses[NL].home / "store.db").chmod(0o644)

    run(["serve", "--home", str(houses[NL].home), "--json"])

    told = capsys.readouterr().err
    assert "exercise home" in told and "passphrase lies in a file" in told
