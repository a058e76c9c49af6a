"""What `comity record push` does with a long file, and how it tells what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import typer

from adapters.stream import StreamAdapter
from gateway.cli import push_state
from gateway.cli.comparison import rank
from gateway.cli.desk import open_desk
from gateway.cli.door import now
from gateway.cli.intake import adapter_of
from gateway.cli.push_begin import begin
from gateway.cli.push_source import open_source
from gateway.cli.push_state import PushState
from gateway.cli.push_stream import LongPush
from gateway.cli.request import Request
from gateway.cli.screen import Screen
from gateway.config import read_config
from policy.decision import Outcome

_REASONS: Final = 5
_WORDS: Final = {
    Outcome.RELEASE: "released",
    Outcome.HELD: "held for approval",
    Outcome.DENIED: "denied; nothing of them leaves",
}


def is_long(request: Request) -> bool:
    """Tell whether files of the format are read piece by piece."""
    if not request.format_name:
        return False
    return isinstance(adapter_of(request.format_name, request.columns), StreamAdapter)


def push_long(
    screen: Screen, file: Path, request: Request, home: Path, *, rejects: Path | None, from_start: bool
) -> None:
    """Push a long file, or go on with it, and say what became of it; exit code 1 where a row was rejected.

    Raises:
        GatewayError: it cannot be begun, or stopped before its end.
    """
    read_config(home)
    adapter = adapter_of(request.format_name, request.columns)
    assert isinstance(adapter, StreamAdapter)
    target = rejects or file.with_name(f"{file.stem}.rejects.csv")
    with open_source(file) as source:
        with screen.waiting(f"Reading {file.name}"):
            long = begin(file, source, adapter, request, home, rejects=target, from_start=from_start)
        again = long.state.done
        if not again:
            if long.resumed:
                screen.aside(f"Going on behind row {long.state.position}, where an earlier run stopped.")
            with open_desk(home, screen) as desk:
                long.run(desk, screen)
            push_state.forget_old(home, now().date())
    _tell(screen, long, again=again)
    if long.state.rejected:
        raise typer.Exit(1)


def _tell(screen: Screen, long: LongPush, *, again: bool) -> None:
    state = long.state
    screen.result(
        {
            "ok": not state.rejected,
            "total": state.total,
            "accepted": state.accepted,
            "rejected": state.rejected,
            "rejects": str(long.rejects_path) if state.rejected else "",
            "outcomes": dict(state.outcomes),
            "reasons": dict(state.reasons),
            "resumed": long.resumed,
            "pushed_before": again,
            "losses": long.losses.rows(),
        },
    )
    _say(screen, long, again=again)
    long.losses.show(screen)


def _say(screen: Screen, long: LongPush, *, again: bool) -> None:
    state = long.state
    if again:
        screen.tell(
            f"This file was pushed to its end before (begun on {state.begun_on}); nothing was pushed again. "
            "What became of it then:"
        )
    screen.say(f"{state.accepted} of {state.total} row(s) pushed, {state.rejected} rejected.", "bold")
    for name, count in sorted(state.outcomes.items()):
        recipient, _, word = name.rpartition(" ")
        screen.say(f"  {recipient}: {count} {_WORDS[Outcome(word)]}")
        if word == Outcome.DENIED.value:
            for reason, times in _reasons(state, recipient):
                screen.tell(f"{reason}, {times} time(s)", indent=4, lead="-")
    if state.rejected:
        screen.tell(f"The rejected rows stand in {long.rejects_path}, each with its row, field and reason.")
        screen.tell("Mend them there, and push that file with the same options: only they are pushed then.")


def _reasons(state: PushState, recipient: str) -> list[tuple[str, int]]:
    """Return why records were denied to a recipient and how many, what decides before what is lesser."""
    counts = [
        (told.removeprefix(f"{recipient} "), count)
        for told, count in state.reasons.items()
        if told.startswith(f"{recipient} ")
    ]
    return sorted(counts, key=lambda one: (rank(one[0].rpartition("(")[2].rstrip(")")), -one[1]))[:_REASONS]
