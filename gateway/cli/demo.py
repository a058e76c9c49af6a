"""`comity demo`: one case between three running gateways, on any bare machine."""

from __future__ import annotations

import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from gateway.cli.door import JsonOption
from gateway.cli.scenario import Scenario
from gateway.cli.screen import Screen
from gateway.errors import Conflict, GatewayError, Malformed

_QUOTED_LINES: Final = 8


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    keep: Annotated[
        Path | None, typer.Option(help="New or empty folder to leave the three homes in; else nothing stays.")
    ] = None,
    interactive: Annotated[
        bool, typer.Option("--interactive", help="You are the officer who decides about what is held.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Play one invented case between three agencies.

    police.nl, police.ro and shelter.ngo, each with a gateway that runs: decide, seal, deliver, verify, prove.

    Example: comity demo --keep demo-homes

    Example: comity demo --interactive
    """
    screen = Screen(as_json=as_json)
    if interactive and (as_json or not sys.stdin.isatty()):
        raise Malformed("needs a terminal, and goes without --json", field="--interactive", code="usage")
    if keep is not None and keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise Conflict("is not an empty folder", field=str(keep), code="exists")
    started = time.monotonic()
    with _interrupted_by_signals():
        result = _played(screen, keep, interactive=interactive)
    result["seconds"] = round(time.monotonic() - started, 2)
    _close(screen, result, keep)
    if not result["ok"]:
        raise typer.Exit(1)


def _played(screen: Screen, keep: Path | None, *, interactive: bool) -> dict[str, Any]:
    folder = keep if keep is not None else Path(tempfile.mkdtemp(prefix="comity-demo-"))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        passphrase = secrets.token_urlsafe(24).encode()
        return Scenario(screen, folder, passphrase=passphrase, interactive=interactive).play()
    except GatewayError as exc:
        if keep is None and "log" in exc.facts:
            _quote(screen, Path(exc.facts["log"]))
        raise
    finally:
        if keep is None:
            shutil.rmtree(folder)


def _quote(screen: Screen, log: Path) -> None:
    """Show the end of a log that is about to go with its folder."""
    lines = log.read_text("utf-8", "replace").splitlines()[-_QUOTED_LINES:]
    screen.aside(f"The folder goes (--keep DIR keeps one). {log.name} {'ends:' if lines else 'is empty.'}")
    for line in lines:
        screen.aside(f"  {line}")


@contextmanager
def _interrupted_by_signals() -> Iterator[None]:
    """Let a signal that would end the demo at once interrupt it as Ctrl-C does: gateways are ended first."""

    wanted: list[object] = []

    def interrupt(number: int, _: object) -> None:
        wanted.append(number)
        raise KeyboardInterrupt

    # One that is ignored, as under nohup, stays ignored.
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    taken = {one: held for one, held in before.items() if held not in (signal.SIG_IGN, None)}
    for one in taken:
        signal.signal(one, interrupt)
    try:
        yield
    finally:
        for one, held in taken.items():
            signal.signal(one, held)
    if wanted:
        # Raised where Python drops exceptions, as in a finalizer: who ended the demo is heard all the same.
        raise KeyboardInterrupt


def _close(screen: Screen, result: dict[str, Any], keep: Path | None) -> None:
    screen.result(result)
    screen.say("")
    if result["ok"]:
        screen.say(f"All of it held, in {result['seconds']} s.", "bold green")
    else:
        screen.say("Something did not hold; see above.", "bold red")
    if keep is not None:
        screen.say(f"The homes are in {keep}. Nothing runs there any more. Try:")
        screen.say(f"   comity inbox list --home {keep / 'police.ro'}")
        screen.say(f"   comity serve --home {keep / 'police.nl'}")
        screen.say(f"   comity release list --home {keep / 'police.nl'}")
