"""`comity policy`: the rules in force, what they would decide, and what others would."""

from __future__ import annotations

import typer

from gateway.cli import policy_activate, policy_explain, policy_simulate

app = typer.Typer(
    help="The rules that decide: explain them, try others, take the agency's own into force.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

policy_activate.register(app)
policy_explain.register(app)
policy_simulate.register(app)
