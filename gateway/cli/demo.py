"""`comity demo`: one case between three agencies, carried by file, on any bare machine."""

from __future__ import annotations

import secrets
import shutil
import tempfile
import time
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.door import JsonOption
from gateway.cli.scenario import Scenario
from gateway.cli.screen import Screen
from gateway.errors import Conflict


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("demo")(demo)


def demo(
    keep: Annotated[
        Path | None, typer.Option(help="New or empty folder to leave the three homes in; else nothing stays.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Play one invented case between three agencies.

    police.nl, police.ro and shelter.ngo: decide, seal, carry, verify, prove.

    Example: comity demo --keep demo-homes
    """
    screen = Screen(as_json=as_json)
    if keep is not None and keep.exists() and (not keep.is_dir() or any(keep.iterdir())):
        raise Conflict("is not an empty folder", field=str(keep), code="exists")
    started = time.monotonic()
    folder = keep if keep is not None else Path(tempfile.mkdtemp(prefix="comity-demo-"))
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        result = Scenario(screen, folder, passphrase=secrets.token_urlsafe(24).encode()).play()
    finally:
        if keep is None:
            shutil.rmtree(folder)
    result["seconds"] = round(time.monotonic() - started, 2)
    _close(screen, result, keep)
    if not result["ok"]:
        raise typer.Exit(1)


def _close(screen: Screen, result: dict[str, Any], keep: Path | None) -> None:
    screen.result(result)
    screen.say("")
    if result["ok"]:
        screen.say(f"All of it held, in {result['seconds']} s.", "bold green")
    else:
        screen.say("Something did not hold; see above.", "bold red")
    if keep is not None:
        screen.say(f"The homes are in {keep}. Try: comity inbox list --home {keep / 'police.ro'}")
