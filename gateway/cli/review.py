"""`comity review`: the queue and every hold on a full screen."""

from __future__ import annotations

import sys

import typer

from gateway.cli.door import now
from gateway.cli.officer_key import AgentOption, KeyOption, signer_of
from gateway.cli.reach import GatewayOption, IdentityOption, RunningHome
from gateway.cli.remote_review import RemoteReview
from gateway.cli.review_desk import open_review
from gateway.cli.screen import EXIT_CANNOT_TELL, Screen
from gateway.errors import Malformed


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("review")(review)


def review(
    *,
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    key: KeyOption = None,
    agent: AgentOption = "",
) -> None:
    """Judge what is held on a full screen: the queue, the record beside what would leave, and your word.

    It works by keyboard alone, in a window of 80 by 24 and over ssh. Nothing is signed before the recipient's
    id was typed. `comity release` does the same by commands, with --json for programs.

    Example: comity review --gateway gw.inside:7444 --identity anna.pem --key anna.key

    Example: comity review --home nl --agent anna@token
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Malformed("needs a terminal; `comity release` asks for none", field="review", code="usage")
    # Textual takes longer to load than most commands take to run.
    from gateway.tui.app import run_review
    from gateway.tui.session import Session

    signer = signer_of(key, agent, home)
    with open_review(home, gateway, identity, Screen(as_json=False)) as desk:
        session = Session(desk, signer, now, live=isinstance(desk, RemoteReview))
        if run_review(session):
            raise typer.Exit(EXIT_CANNOT_TELL)
