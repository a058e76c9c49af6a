"""`comity policy activate`: taking the agency's own rules into force, whole or not at all."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.desk import activate_rules
from gateway.cli.door import HomeOption, JsonOption
from gateway.cli.files import read_text
from gateway.cli.screen import Screen
from gateway.errors import Malformed, Refused
from gateway.flow.rules import OWN_RULES
from policy.bundle import Bundle
from policy.rule import Rule
from policy.rulebook import Rulebook
from policy.statement import RuleFile

_READ_IT = "--i-have-read-it"


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("activate")(activate)


def activate(
    *,
    file: Annotated[Path | None, typer.Argument(help="File with the agency's own rules.")] = None,
    home: HomeOption,
    none: Annotated[bool, typer.Option("--none", help="Go without rules of the agency's own.")] = False,
    read_it: Annotated[
        bool, typer.Option(_READ_IT, help="Do not show the rules and ask: who gives this has read them.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Take the agency's own rules into force, and note it in the ledger.

    They are parsed, checked and proved together with all other rules first: on any error nothing changes.
    Where a gateway runs, it decides by them from its next decision on.

    Example: comity policy activate rules.cedar --home nl

    Example: comity policy activate --none --i-have-read-it --home nl
    """
    screen = Screen(as_json=as_json)
    if (file is None) != none:
        raise Malformed("stands alone, and a file of rules without it", field="--none", code="usage")
    own = "" if file is None else read_text(file)
    rules = [] if file is None else _read(own, file)
    if not read_it:
        _confirm(screen, rules)
    with _named(file):
        done = activate_rules(home, screen, own)
    before, now = done.old.hex()[:16], done.new.hex()[:16]
    told = (
        f"The rules of {now} are in force, {done.own} of them this agency's own; before: {before or 'none'}."
    )
    screen.result(
        {
            "ok": True,
            "changed": done.old != done.new,
            "old": done.old.hex(),
            "new": done.new.hex(),
            "own": done.own,
        },
        [told if done.old != done.new else f"Nothing changed: the rules of {now} were in force already."],
    )


def _read(own: str, file: Path) -> Sequence[Rule]:
    """Return the rules of a file, read alone: what is wrong with one of them is told before a home is opened.

    Raises:
        Malformed: a rule does not parse, fit the schema or its layer; the field names file, line and column.
    """
    alone = Bundle(floor=(), baseline=(), agreements=(), local=(RuleFile(name=str(file), text=own),))
    return tuple(Rulebook(alone).rules.values())


def _confirm(screen: Screen, rules: Sequence[Rule]) -> None:
    if screen.as_json or not sys.stdin.isatty():
        raise Refused(
            "nobody can be asked here; who has read the rules says so by this option",
            field=_READ_IT,
            code="not-confirmed",
        )
    for rule in rules:
        screen.tell(rule.sentence or rule.reason, lead=f"{rule.id} {rule.effect}s:")
    question = "Take these rules into force?" if rules else "Go without rules of the agency's own?"
    if not typer.confirm(question):
        raise typer.Abort


@contextmanager
def _named(file: Path | None) -> Iterator[None]:
    """Name the file in errors as whoever gave it calls it."""
    try:
        yield
    except Malformed as exc:
        if file is not None and exc.field.partition(":")[0] == OWN_RULES:
            exc.field = str(file) + exc.field.removeprefix(OWN_RULES)
        raise
