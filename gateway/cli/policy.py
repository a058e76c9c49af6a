"""`comity policy`: the rules that decide."""

from __future__ import annotations

import typer

from gateway.cli import policy_activate

app = typer.Typer(
    help="The rules that decide: take the agency's own into force.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

policy_activate.register(app)
