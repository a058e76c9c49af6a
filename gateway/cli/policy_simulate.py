"""`comity policy simulate`: what proposed rules would make of the newest decisions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from gateway.cli.desk import open_desk
from gateway.cli.door import HomeOption, JsonOption
from gateway.cli.files import read_text
from gateway.cli.screen import Screen
from gateway.config import read_config
from gateway.errors import Malformed
from gateway.flow.inquiry import Plain
from gateway.flow.simulate import MOST_EXCHANGES, Effect, Proposal, counts_of

_LAST: Final = 100
_WORDS: Final = {
    Effect.RELEASED: "newly released",
    Effect.HELD: "newly held",
    Effect.WITHHELD: "newly withheld",
    Effect.UNCHANGED: "unchanged",
    Effect.UNDECIDABLE: "not decidable",
}


def register(app: typer.Typer) -> None:
    """Add the command to the group `policy`."""
    app.command("simulate")(simulate)


def simulate(
    *,
    rules: Annotated[
        list[Path] | None,
        typer.Argument(help="Files with all of the agency's own rules as proposed; those in force if none."),
    ] = None,
    home: HomeOption,
    baseline: Annotated[
        Path | None,
        typer.Option("--baseline", help="File with a proposed baseline instead of that in force."),
    ] = None,
    last: Annotated[
        int, typer.Option("--last", min=1, max=MOST_EXCHANGES, help="How many of the newest exchanges.")
    ] = _LAST,
    as_json: JsonOption = False,
) -> None:
    """Decide the newest releases again by proposed rules, and say what differs from the rules in force.

    Both are decided on the facts of today. Nothing is stored or sent, and no content is shown.

    Example: comity policy simulate proposed.cedar --last 50 --home nl
    """
    screen = Screen(as_json=as_json)
    proposal = _proposal(rules or (), baseline, home)
    rows: list[Plain] = []
    digest = b""
    with open_desk(home, screen) as desk, screen.waiting("Loading the proposed rules") as waiting:
        for total, proposed, some in desk.simulate(proposal, last):
            rows += some
            digest = proposed
            waiting(f"Deciding again: {len(rows)} of {total}")
    _show(screen, rows, digest)


def _proposal(rules: Sequence[Path], baseline: Path | None, home: Path) -> Proposal:
    if not rules and baseline is None:
        raise Malformed("names no proposed rules, nor does --baseline", field="RULES", code="usage")
    names = [path.name for path in rules]
    if len(set(names)) != len(names):
        raise Malformed("names two files of one name", field="RULES", code="usage")
    local = {path.name: read_text(path) for path in rules}
    in_force = read_config(home).local_rules
    if not local and in_force.exists():
        local = {in_force.name: read_text(in_force)}
    return Proposal(local=local, baseline=None if baseline is None else read_text(baseline))


def _show(screen: Screen, rows: Sequence[Plain], digest: bytes) -> None:
    counts = counts_of(rows)
    screen.result(
        {"ok": True, "policy": digest.hex(), "decided": len(rows), "counts": counts, "exchanges": list(rows)}
    )
    screen.say(
        f"{len(rows)} exchange(s) decided again by rules {digest.hex()[:16]}; nothing was stored.", "bold"
    )
    for effect, words in _WORDS.items():
        screen.say(f"  {counts[effect.value]:>5}  {words}")
    for row in rows:
        if row["effects"] != [Effect.UNCHANGED.value]:
            _exchange(screen, row)


def _exchange(screen: Screen, row: Plain) -> None:
    effects = ", ".join(_WORDS[Effect(effect)] for effect in row["effects"])
    screen.tell(f"To {row['recipient']} for {row['purpose']}: {effects}", style="bold")
    screen.say(f"  exchange {row['exchange']}", "dim")
    if row["before"] != row["after"]:
        screen.say(f"  {row['before']} by the rules in force, {row['after']} by those proposed")
    if row["told"]:
        screen.tell(row["told"], indent=2, lead="-")
    for rule in row["rules"]:
        screen.tell(f"only {rule['side']}: {rule['text']} ({rule['rule']})", indent=2, lead="-")
