"""The gateways of the demo as processes: whatever happens to one, it is named, and none outlives the demo."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gateway.cli import systems
from gateway.cli.founding import Party, found_federation
from gateway.cli.scenario import Scenario
from gateway.cli.screen import Screen
from gateway.cli.troupe import Troupe, performing
from gateway.errors import GatewayError, Unreachable
from keys.keystore import Kdf
from tests.cli.doors import NL, RO, running_on
from tests.waiting import until

_SOON_S = 30.0
# A test run in the background inherits signals that are ignored, and a demo would rightly ignore them too.
_DEMO = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from functools import partial
from gateway.cli import demo, main
from keys.keystore import Kdf
demo.Scenario = partial(demo.Scenario, kdf=Kdf.CHEAP_FOR_TESTS)
sys.exit(main.run(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def parties(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Party]:
    """Found the demo's federation; the tests of this module run its gateways one after the other."""
    folder = tmp_path_factory.mktemp("troupe")
    return found_federation(folder, b"a troupe", Kdf.CHEAP_FOR_TESTS, lambda _: None)


def lives(process: int) -> bool:
    """Return whether a process is there; a child is waited for first."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def kill(troupe: Troupe, agency: str) -> None:
    """Kill the gateway of an agency as the system does that has no memory left."""
    os.kill(troupe.processes[agency], signal.SIGKILL)


def test_gateways_serve_within_the_block_and_are_gone_behind_it(parties: dict[str, Party]) -> None:
    with performing() as troupe:
        troupe.start([parties[NL]])
        (process,) = troupe.processes.values()
        with systems.system_of(parties[NL]) as system:
            assert system.find("nothing") == []
        troupe.check()
        troupe.stop()

    assert not lives(process)
    assert parties[NL].config.log.stat().st_mode & 0o777 == 0o600


def test_gateway_that_is_killed_is_named_with_its_log_and_takes_the_others_along(
    parties: dict[str, Party],
) -> None:
    log = parties[RO].config.log

    with pytest.raises(Unreachable) as caught, performing() as troupe:
        troupe.start([parties[NL], parties[RO]])
        processes = list(troupe.processes.values())
        kill(troupe, RO)
        until(lambda: _fails(troupe.check))
        troupe.check()

    assert caught.value.code == "gateway-ended"
    assert str(caught.value) == f"the gateway of police.ro ended by itself, by signal 9; see {log}"
    assert caught.value.facts == {"log": str(log)}
    assert not any(map(lives, processes))


def test_call_that_fails_for_a_gateway_that_ended_is_told_as_its_end(parties: dict[str, Party]) -> None:
    with pytest.raises(Unreachable, match=r"police\.nl ended by itself") as caught, performing() as troupe:
        troupe.start([parties[NL]])
        with systems.system_of(parties[NL]) as system:
            kill(troupe, NL)
            system.find("nothing")

    assert isinstance(caught.value.__cause__, GatewayError)


def test_call_that_fails_with_all_gateways_alive_is_told_as_it_is(parties: dict[str, Party]) -> None:
    with pytest.raises(Unreachable, match="too far") as caught, performing() as troupe:
        troupe.start([parties[NL]])
        raise Unreachable("too far")

    assert caught.value.code == "unreachable"


@pytest.mark.parametrize("port", ["listen", "local"])
def test_port_that_somebody_took_meanwhile_is_named(port: str, parties: dict[str, Party]) -> None:
    address = getattr(parties[NL].config, port)
    host, _, number = address.rpartition(":")

    with socket.socket() as taken:
        taken.bind((host, int(number)))
        taken.listen()
        with pytest.raises(Unreachable) as caught, performing() as troupe:
            troupe.start([parties[NL], parties[RO]])

    told = str(caught.value)
    assert f"the gateway of police.nl did not start: {address} cannot be listened on" in told
    assert told.endswith(f" [no-listen]; see {parties[NL].config.log}")
    assert running_on(parties[NL].config.home.parent) == []


def test_interrupted_block_leaves_nothing_running(parties: dict[str, Party]) -> None:
    with pytest.raises(KeyboardInterrupt), performing() as troupe:
        troupe.start([parties[NL]])
        (process,) = troupe.processes.values()
        raise KeyboardInterrupt

    assert not lives(process)


def test_surroundings_tell_a_gateway_of_the_demo_nothing(
    parties: dict[str, Party], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMITY_PASSPHRASE_FD", "99")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", "/nowhere")

    with performing() as troupe:
        troupe.start([parties[NL]])
        troupe.stop()


def test_playing_fails_in_words_when_a_recipient_is_killed_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start, watch = Troupe.start, systems.watch_delivery

    def killed_after_start(troupe: Troupe, wanted: Iterable[Party]) -> None:
        start(troupe, wanted)
        monkeypatch.setattr(systems, "watch_delivery", partial(killed_before_watch, troupe))

    def killed_before_watch(troupe: Troupe, *given: Any) -> object:
        kill(troupe, RO)
        return watch(*given)

    monkeypatch.setattr(Troupe, "start", killed_after_start)

    with pytest.raises(Unreachable, match=r"the gateway of police\.ro ended by itself"):
        Scenario(Screen(as_json=True), tmp_path, passphrase=b"killed", kdf=Kdf.CHEAP_FOR_TESTS).play()

    assert running_on(tmp_path) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_demo_that_is_ended_from_outside_leaves_nothing_running(
    number: signal.Signals, tmp_path: Path
) -> None:
    homes = tmp_path / "homes"
    process = subprocess.Popen(
        [sys.executable, "-c", _DEMO, "demo", "--keep", str(homes), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    until(lambda: _started(homes / NL / "gateway.log"))

    process.send_signal(number)
    told, _ = process.communicate(timeout=_SOON_S)

    until(lambda: running_on(homes) == [])
    if number is not signal.SIGKILL:
        assert process.returncode == 2
        assert '"code": "stopped"' in told


def _fails(check: Callable[[], None]) -> bool:
    try:
        check()
    except GatewayError:
        return True
    return False


def _started(log: Path) -> bool:
    return log.exists() and "gateway.started" in log.read_text()
