"""The gateways of the demo as processes of their own: started, looked after, and ended whatever happens."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final

from gateway.cli.founding import Party
from gateway.config import HomeConfig
from gateway.errors import GatewayError, Misconfigured, Unreachable

START_S: Final = 60.0
STOP_S: Final = 20.0
_LAST_WORDS_S: Final = 0.5
"""How long after a failed call a gateway is given to be seen to have ended."""
_SETTINGS: Final = ("COMITY_", "CREDENTIALS_DIRECTORY")
"""Of the surroundings: what would tell a gateway something else than its home does."""


@dataclass(frozen=True, slots=True)
class _Player:
    config: HomeConfig
    process: subprocess.Popen[bytes]

    @property
    def agency(self) -> str:
        return self.config.agency

    @property
    def said(self) -> IO[bytes]:
        assert self.process.stdout is not None
        return self.process.stdout


class Troupe:
    """Running gateways. Use `performing`."""

    def __init__(self) -> None:
        self._players: list[_Player] = []

    @property
    def processes(self) -> dict[str, int]:
        """Process numbers by agency."""
        return {player.agency: player.process.pid for player in self._players}

    def start(self, parties: Iterable[Party]) -> None:
        """Start a gateway on each home, side by side, and wait until all of them serve.

        Raises:
            Unreachable: code `gateway-ended`: one has ended, or does not serve within a minute.
        """
        for party in parties:
            self._players.append(_Player(party.config, _started(party.config)))
        until = time.monotonic() + START_S
        with selectors.DefaultSelector() as waiting:
            for player in self._players:
                waiting.register(player.said, selectors.EVENT_READ, player)
            while waiting.get_map():
                ready = waiting.select(max(0.0, until - time.monotonic()))
                if not ready:
                    raise _failure(next(iter(waiting.get_map().values())).data, "does not serve in time")
                for key, _ in ready:
                    _check_ready(key.data)
                    waiting.unregister(key.fileobj)

    def check(self) -> None:
        """Pass only while every gateway runs.

        Raises:
            Unreachable: code `gateway-ended`.
        """
        for player in self._players:
            code = player.process.poll()
            if code is not None:
                raise _failure(player, f"ended by itself, {_how(code)}")

    def stop(self) -> None:
        """Stop every gateway as an operator would, and require that each ends in good order.

        Raises:
            Unreachable: code `gateway-ended`: one does not.
        """
        self.check()
        self._terminate()
        for player in self._players:
            if player.process.returncode != 0:
                raise _failure(player, f"did not stop in good order, {_how(player.process.returncode)}")

    def end(self) -> None:
        """Leave nothing running, whatever it takes."""
        try:
            self._terminate()
        finally:
            for player in self._players:
                if player.process.poll() is None:
                    player.process.kill()
                    player.process.wait()
                player.said.close()

    def _terminate(self) -> None:
        for player in self._players:
            player.process.terminate()
        until = time.monotonic() + STOP_S
        for player in self._players:
            with suppress(subprocess.TimeoutExpired):
                player.process.wait(max(0.0, until - time.monotonic()))
            if player.process.returncode is None:
                player.process.kill()
                player.process.wait()


@contextmanager
def performing() -> Iterator[Troupe]:
    """Give a troupe to start gateways with, and leave none of them running however the block ends.

    Raises:
        Unreachable: code `gateway-ended`: one ended in between; that is the reason why something else failed.
    """
    troupe = Troupe()
    try:
        yield troupe
    except GatewayError as exc:
        if exc.code != "gateway-ended":
            _check_for_a_while(troupe, exc)
        raise
    finally:
        troupe.end()


def _check_for_a_while(troupe: Troupe, failure: GatewayError) -> None:
    until = time.monotonic() + _LAST_WORDS_S
    while time.monotonic() < until:
        try:
            troupe.check()
        except GatewayError as exc:
            raise exc from failure
        time.sleep(0.05)


def _started(config: HomeConfig) -> subprocess.Popen[bytes]:
    """Start `comity serve` on a home, in a process group of its own: Ctrl-C is for the demo alone."""
    log = os.open(config.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        return subprocess.Popen(
            [
                # -P: a folder named `gateway` where the demo happens to be started is no module of ours.
                *(sys.executable, "-P", "-m", "gateway.cli.tether", str(os.getpid())),
                *("serve", "--home", str(config.home.absolute()), "--json"),
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env={name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)},
            process_group=0,
        )
    except OSError as exc:
        raise Misconfigured(exc.strerror or "cannot be run", field=sys.executable, code="system") from exc
    finally:
        os.close(log)


def _check_ready(player: _Player) -> None:
    line = player.said.readline()
    try:
        told: Any = json.loads(line)
    except ValueError:
        with suppress(subprocess.TimeoutExpired):
            player.process.wait(STOP_S)
        code = player.process.returncode
        raise _failure(player, f"did not start{f', {_how(code)}' if code else ''}") from None
    if not told.get("ok"):
        raise _failure(player, f"did not start: {told.get('error', '')} [{told.get('code', '')}]")


def _failure(player: _Player, what: str) -> GatewayError:
    log: Path = player.config.log
    return Unreachable(
        f"the gateway of {player.agency} {what}; see {log}", code="gateway-ended", log=str(log)
    )


def _how(code: int) -> str:
    return f"by signal {-code}" if code < 0 else f"with exit code {code}"
