"""`comity serve`, `status`, `doctor`: what starts and what does not, how it stands, why a peer is silent."""

from __future__ import annotations

import shutil
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gateway import app
from gateway.errors import Refused
from tests.cli.doors import comity, comity_apart, ok
from tests.live.houses import NL, PASSPHRASE, RO, House
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("events")


@contextmanager
def listening(address: str) -> Iterator[None]:
    """Listen at an address, and answer nobody."""
    host, _, port = address.rpartition(":")
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind((host, int(port)))
        taken.listen()
        yield


def is_free(nl: House) -> bool:
    """Tell whether the home can be opened: nobody holds it, and nothing in it is broken."""
    with app.open_gateway(nl.config, PASSPHRASE, datetime.now(UTC)) as gateway:
        return gateway.me == NL


def without(nl: House, *names: str) -> None:
    """Take settings out of comity.toml."""
    path = nl.home / "comity.toml"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(line for line in lines if line.partition(" ")[0] not in names), "utf-8")


def test_gateway_serves_until_it_is_told_to_stop(pair: dict[str, House]) -> None:
    nl = pair[NL]
    nl.start()

    assert ok("status", "--home", nl.home)["agency"] == NL
    assert nl.stop() == 0
    assert comity("status", "--home", nl.home).code == 3
    assert is_free(nl)
    log = (nl.home / "gateway.log").read_text("utf-8")
    assert '"gateway.started"' in log and '"gateway.stopped"' in log
    assert "Stopped." in log


def test_interrupt_from_the_keyboard_stops_it_as_well(pair: dict[str, House]) -> None:
    nl = pair[NL]
    nl.start()
    assert nl.process is not None

    nl.process.send_signal(signal.SIGINT)

    assert nl.process.wait(20) == 0
    assert is_free(nl)


@pytest.mark.parametrize("which", ["local", "listen"])
def test_port_that_is_taken_is_named_and_nothing_stays(which: str, pair: dict[str, House]) -> None:
    nl = pair[NL]
    address = getattr(nl.config, which)

    with listening(address):
        answer = comity_apart("serve", "--home", nl.home, "--json")

    assert (answer.code, answer.object["code"]) == (2, "no-listen")
    assert f"{address} cannot be listened on" in answer.object["error"]
    assert "Traceback" not in answer.err and "add_port" not in answer.err
    assert is_free(nl)
    nl.begin()


def test_home_without_addresses_serves_nobody(pair: dict[str, House]) -> None:
    nl = pair[NL]
    without(nl, "listen", "endpoint", "local")

    served = comity_apart("serve", "--home", nl.home, "--json")
    asked = comity("status", "--home", nl.home, "--json")

    assert (served.code, served.object["code"]) == (2, "no-listen")
    assert "comity.toml" in served.object["field"]
    assert (asked.code, asked.object["code"]) == (2, "no-local")
    assert is_free(nl)


def test_home_that_another_process_holds_is_left_alone(pair: dict[str, House]) -> None:
    nl = pair[NL]
    nl.begin()

    answer = comity_apart("serve", "--home", nl.home, "--json")

    assert (answer.code, answer.object["code"]) == (2, "home-locked")
    assert nl.status().agency == NL


def test_home_that_joined_no_federation_says_what_to_do(pair: dict[str, House]) -> None:
    nl = pair[NL]
    shutil.rmtree(nl.home / "directory")

    answer = comity_apart("serve", "--home", nl.home)

    assert answer.code == 2
    assert "run `comity join`" in answer.err


def test_gateway_that_does_not_run_is_unreachable(pair: dict[str, House]) -> None:
    nl = pair[NL]

    for words in (("status",), ("doctor", RO)):
        answer = comity(*words, "--home", nl.home, "--json")

        assert (answer.code, answer.object["code"]) == (3, "no-gateway")
        assert nl.config.local in answer.object["error"]
        assert "`comity serve` starts it" in answer.object["error"]


@pytest.mark.parametrize("hangs", [True, False], ids=["hangs", "listens to nobody"])
def test_home_that_is_held_by_what_does_not_answer_is_unreachable(
    hangs: bool, pair: dict[str, House], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nl = pair[NL]
    monkeypatch.setattr("gateway.client.connection.GREET_S", 0.4)
    commands = (
        ("inbox", "list"),
        ("audit", "export", tmp_path / "export"),
        ("access", "list"),
        ("envelope", "export", RO, tmp_path / "out.bundle"),
    )

    with app.open_gateway(nl.config, PASSPHRASE, datetime.now(UTC)):
        for words in commands:
            with listening(nl.config.local) if hangs else listening("127.0.0.1:0"):
                answer = comity(*words, "--home", nl.home, "--json")

            assert (answer.code, answer.object["code"]) == (3, "no-gateway")
            assert "holds this home, and no gateway answers" in answer.object["error"]
            assert ("in time" in answer.object["error"]) is hangs
    assert not (tmp_path / "export").exists()


def test_status_tells_how_ledger_peers_and_exchanges_stand(pair: dict[str, House]) -> None:
    for house in pair.values():
        house.begin()
    until(lambda: pair[NL].status().cosigned_size)

    told = ok("status", "--home", pair[NL].home)
    words = comity("status", "--home", pair[NL].home)

    assert set(told) == {
        *("ok", "agency", "version", "started_at", "size", "root", "signed_size", "cosigned_size", "quorum"),
        *("policy", "directory_expires_at", "exchanges", "peers", "taxii", "counters", "warnings"),
    }
    assert told["size"] >= told["signed_size"] >= told["cosigned_size"] > 0
    assert (len(told["root"]), len(told["policy"]), told["quorum"]) == (64, 64, 1)
    (peer,) = told["peers"]
    assert set(peer) == {"agency", "state", "waiting", "code", "heard_at"}
    assert (peer["agency"], peer["waiting"], peer["code"]) == (RO, 0, "")
    assert datetime.fromisoformat(peer["heard_at"]) >= datetime.fromisoformat(told["started_at"])
    assert words.code == 0
    assert f"{NL}, version" in words.out and "police.ro" in words.out
    assert words.err.count("This is an exercise home") == 1


def doctor(nl: House, peer: str) -> tuple[int, dict[str, Any]]:
    """Return what the doctor finds."""
    answer = comity("doctor", peer, "--home", nl.home, "--json")
    return answer.code, answer.object


def test_doctor_finds_a_peer_that_answers_well(pair: dict[str, House]) -> None:
    for house in pair.values():
        house.begin()

    code, told = doctor(pair[NL], RO)

    assert (code, set(told)) == (0, {"ok", "peer", "steps"})
    assert [(one["what"], one["ok"]) for one in told["steps"]] == [
        *(("directory", True), ("network", True), ("tls", True), ("call", True))
    ]
    assert all(set(one) == {"what", "ok", "told"} for one in told["steps"])


def test_doctor_finds_that_the_network_ends_at_a_peer_that_is_down(pair: dict[str, House]) -> None:
    pair[NL].begin()

    code, told = doctor(pair[NL], RO)

    assert (code, told["ok"]) == (3, False)
    assert [(one["what"], one["ok"]) for one in told["steps"]] == [("directory", True), ("network", False)]
    assert "Connection refused" in told["steps"][-1]["told"]


def test_doctor_finds_that_somebody_else_listens_at_the_peers_address(
    pair: dict[str, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.delivery.channel.UNARY_TIMEOUT_S", 0.5)
    pair[NL].begin()

    with listening(pair[RO].config.listen):
        code, told = doctor(pair[NL], RO)

    assert code == 3
    assert [(one["what"], one["ok"]) for one in told["steps"]][-1] == ("tls", False)


@pytest.mark.parametrize("peer", ["police.xx", NL])
def test_doctor_finds_that_the_directory_knows_no_such_peer(peer: str, pair: dict[str, House]) -> None:
    pair[NL].begin()

    code, told = doctor(pair[NL], peer)

    assert code == 1
    (step,) = told["steps"]
    assert (step["what"], step["ok"]) == ("directory", False)
    assert peer in step["told"]


def test_doctor_tells_what_a_peer_refuses_with(
    pair: dict[str, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Refused("this ledger forked", code="forked")

    for house in pair.values():
        house.begin()
    monkeypatch.setattr("gateway.services.peer.seen_of", refuse)

    code, told = doctor(pair[NL], RO)
    words = comity("doctor", RO, "--home", pair[NL].home)

    assert code == 1
    assert [(one["what"], one["ok"]) for one in told["steps"]][-2:] == [("tls", True), ("call", False)]
    assert "this ledger forked [forked]" in told["steps"][-1]["told"]
    assert words.code == 1
    assert "FAIL call:" in words.out
