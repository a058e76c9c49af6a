"""`comity policy`: the rules in force, what they would decide, and what others would."""

from __future__ import annotations

import typer

app = typer.Typer(
    help="Explain what the rules decide; try proposed rules.", no_args_is_help=True, rich_markup_mode=None
)
