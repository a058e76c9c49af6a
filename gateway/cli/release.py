"""`comity release`: what waits for officers, what would leave, and what became of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from gateway.cli import release_word
from gateway.cli.door import JsonOption
from gateway.cli.explanation import show_explained
from gateway.cli.hold_screen import hold_in_a_line, show_before, show_view, show_waiting
from gateway.cli.reach import GatewayOption, IdentityOption, RunningHome
from gateway.cli.review_desk import open_review
from gateway.cli.screen import Screen
from gateway.errors import Refused
from gateway.officer.shown import checked_matter
from gateway.release.hold import HoldState

app = typer.Typer(
    help="What waits for liaison officers, what would leave, and their word on it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

ExchangeArgument = Annotated[str, typer.Argument(metavar="EXCHANGE", help="Id of an exchange.")]
DutyOption = Annotated[
    str, typer.Option(help="Only what this duty must act on: RLO VPO CPO DPO JUD DUTY NGO.")
]
PeerOption = Annotated[str, typer.Option(help="Only what would go to this agency.")]

release_word.register(app)


@app.command("list")
def list_(
    *,
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    duty: DutyOption = "",
    peer: PeerOption = "",
    case: Annotated[str, typer.Option(help="Only this case: own reference or case number.")] = "",
    as_json: JsonOption = False,
) -> None:
    """List what waits, most urgent first: who must act, and how long is left.

    Example: comity release list --duty VPO --home nl

    Example: comity release list --gateway gw.inside:7444 --identity anna.pem
    """
    screen = Screen(as_json=as_json)
    with open_review(home, gateway, identity, screen) as desk:
        found = desk.waiting(duty=duty, peer=peer, case=case)
        show_waiting(screen, found, agency=desk.agency)


@app.command("show")
def show(
    *,
    exchange_id: ExchangeArgument,
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    as_recipient: Annotated[
        bool, typer.Option("--as-recipient", help="Only what the recipient would see.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Show a hold: what would leave beside the full record, why the rest stays, what was told before.

    What would leave is read on this machine from the very bytes an approval signs. The reading is ledgered.

    Example: comity release show 0193... --home nl
    """
    screen = Screen(as_json=as_json)
    with open_review(home, gateway, identity, screen) as desk:
        view = desk.show(exchange_id)
    if HoldState(view.state).is_open:
        # What is closed is signed by nobody any more: what was held may have left with less in it since.
        checked_matter(view)
    show_view(screen, view, as_recipient=as_recipient)


@app.command("explain")
def explain(
    *,
    exchange_id: ExchangeArgument,
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say what was decided about an exchange, when, by which rules, and what became of it.

    The decision on file is told, and not made anew; no content of the record is shown.

    Example: comity release explain 0193... --home nl
    """
    screen = Screen(as_json=as_json)
    with open_review(home, gateway, identity, screen) as desk:
        found = desk.explain(exchange_id)
    show_explained(screen, found)


@app.command("history")
def history(
    *,
    exchange_id: ExchangeArgument,
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say who did what with an exchange, step by step, as the ledger has it.

    Example: comity release history 0193... --home nl
    """
    screen = Screen(as_json=as_json)
    with open_review(home, gateway, identity, screen) as desk:
        found = desk.history(exchange_id)
    screen.result({"ok": True, **asdict(found)})
    screen.tell(f"Exchange {found.exchange} to {found.recipient}: {found.state}", style="bold")
    rows = [
        (str(one.entry), one.at[:19].replace("T", " "), one.what, one.who, one.told) for one in found.steps
    ]
    screen.table("Ledger", ("entry", "when (UTC)", "what", "who", "told"), rows)


@app.command("previous")
def previous(
    *,
    exchange_id: ExchangeArgument,
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say who was told what before, of a held record and of the protected persons in it.

    Example: comity release previous 0193... --home nl
    """
    screen = Screen(as_json=as_json)
    with open_review(home, gateway, identity, screen) as desk:
        found = desk.previous(exchange_id)
    screen.result({"ok": True, "told": [asdict(one) for one in found]})
    show_before(screen, found)


@app.command("watch")
def watch(
    *,
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    duty: DutyOption = "",
    peer: PeerOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say what waits, and again whenever that changes, until Ctrl-C. With --json one object a line.

    Example: comity release watch --duty CPO --home nl
    """
    screen = Screen(as_json=as_json)
    with open_review(home, gateway, identity, screen) as desk:
        for found in desk.watch(duty=duty, peer=peer):
            screen.result({"ok": True, **asdict(found)})
            screen.say(f"{len(found.holds)} waiting", "bold")
            for one in found.holds:
                screen.say(f"  {hold_in_a_line(one)}")
            screen.flush()


@app.command("undo")
def undo(
    *,
    exchange_id: ExchangeArgument,
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    as_json: JsonOption = False,
) -> None:
    """Take a mistaken release back: say who could have read it, and start its recall.

    This version does not recall yet: it says who could have read the release, and refuses.

    Example: comity release undo 0193... --home nl
    """
    screen = Screen(as_json=as_json)
    with open_review(home, gateway, identity, screen) as desk:
        found = desk.reach(exchange_id)
    who = ", ".join(found.could_have_read) or "nobody"
    screen.tell(f"Exchange {found.exchange} to {found.recipient} stands as {found.state}: {found.told}.")
    screen.tell(f"Could have read it: {who}.", style="bold")
    if not found.could_have_read:
        raise Refused(f"there is nothing to take back: {found.told}", code="nothing-left", field="exchange")
    raise Refused(
        f"this version cannot recall yet; {who} could have read it: call them, and say which exchange",
        code="no-recall",
        field="exchange",
        could_have_read=who,
    )
