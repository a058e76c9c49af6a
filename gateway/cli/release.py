"""`comity release`: releases of this agency and what was decided about them."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli.desk import open_desk
from gateway.cli.door import HomeOption, JsonOption
from gateway.cli.explanation import show_explained
from gateway.cli.screen import Screen

app = typer.Typer(help="Explain releases of this agency.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Explain releases of this agency."""


@app.command("explain")
def explain(
    exchange_id: Annotated[
        str, typer.Argument(metavar="EXCHANGE", help="Id of an exchange that was pushed.")
    ],
    home: HomeOption,
    as_json: JsonOption = False,
) -> None:
    """Say what was decided about an exchange, when, by which rules, and what became of it.

    The decision on file is told, and not made anew; no content of the record is shown.

    Example: comity release explain 0193... --home nl
    """
    screen = Screen(as_json=as_json)
    with open_desk(home, screen) as desk:
        found = desk.explain_exchange(exchange_id)
    show_explained(screen, found)
