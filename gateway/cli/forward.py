"""`comity record forward`: what another agency sent is to go on to a third one; its originator is asked."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from gateway import app as gateway_app
from gateway.cli import door
from gateway.cli.comparison import rank
from gateway.cli.desk import ACTOR
from gateway.cli.door import HomeOption, JsonOption
from gateway.cli.reach import from_home
from gateway.cli.request import addressees_of
from gateway.cli.screen import Screen
from gateway.client.connection import Connection
from gateway.errors import Locked
from gateway.flow.passing.forward import Forwarded, forward
from gateway.flow.settle import ExchangeAnswer
from gateway.flow.submit import Addressee
from gateway.v1 import forwarding_pb2 as pb
from gateway.wire.methods import method
from policy.decision import Outcome
from policy.explain import approvals_in_words

ExchangeArgument = Annotated[str, typer.Argument(help="Id of the exchange the record came with.")]
ToOption = Annotated[str, typer.Option("--to", help="The third agency: AGENCY, or AGENCY/UNIT.")]
PurposeOption = Annotated[
    str, typer.Option("--purpose", help="What it goes on for; what it was released for by default.")
]
BasisOption = Annotated[
    str, typer.Option("--basis", help="On what legal basis; the one it was released on by default.")
]
ReasonOption = Annotated[
    str, typer.Option("--reason", help="Why, in words; the officer who is asked reads them.")
]


def register(app: typer.Typer) -> None:
    """Add the command to the group `record`."""
    app.command("forward")(forward_record)


def forward_record(
    *,
    exchange: ExchangeArgument,
    home: HomeOption,
    to: ToOption,
    reason: ReasonOption,
    purpose: PurposeOption = "",
    basis: BasisOption = "",
    as_json: JsonOption = False,
) -> None:
    """Ask the originator of a received record to let it go on to a third agency.

    Own policy decides first. Nothing of the record leaves until its originator has agreed, to exactly that.

    Example: comity record forward 0193... --to border.xx --reason "The van was seen there." --home ro
    """
    screen = Screen(as_json=as_json)
    (addressee,) = addressees_of([to], purpose, basis)
    found = _forwarded(home, screen, exchange, addressee, reason)
    answer = found.answer
    asked = answer.outcome is not Outcome.DENIED
    screen.result(
        {
            "ok": asked,
            "exchange": answer.exchange_id,
            "recipient": answer.recipient,
            "outcome": answer.outcome.value,
            "approvals": list(answer.approvals),
            "originator": found.originator,
            "request": found.request_id,
            "portions": found.portions,
            "reasons": [{"rule": rule, "text": text} for rule, text in answer.reasons],
        }
    )
    _tell(screen, found)
    if not asked:
        raise typer.Exit(1)


def _tell(screen: Screen, found: Forwarded) -> None:
    answer = found.answer
    if answer.outcome is Outcome.DENIED:
        screen.say(f"Denied: nothing of it goes on to {answer.recipient}, and nobody was asked.", "bold")
        for rule, text in sorted(answer.reasons, key=lambda reason: rank(reason[0])):
            screen.tell(f"{text} ({rule})", indent=2, lead="-")
        return
    screen.say(f"{found.originator} is asked to let {found.portions} portion(s) go on to {answer.recipient}.")
    screen.say(f"Held until approved by {approvals_in_words(answer.approvals)}.")
    screen.say(f"  exchange {answer.exchange_id}", "dim")
    screen.say(f"  request  {found.request_id}", "dim")


def _forwarded(home: Path, screen: Screen, exchange: str, to: Addressee, reason: str) -> Forwarded:
    """Have it forwarded: on the home itself, or by the gateway that runs on it."""
    config = door.read_home(home, screen)
    passphrase = door.passphrase_for(config)
    with ExitStack() as opened:
        try:
            gateway = opened.enter_context(gateway_app.open_gateway(config, passphrase, door.now()))
        except Locked:
            if not config.local:
                raise
            connection = opened.enter_context(from_home(config, passphrase))
            return _asked(connection, exchange, to, reason)
        door.warn_standing(gateway, screen)
        return forward(gateway, exchange, to, reason=reason, actor=ACTOR, now=door.now())


def _asked(connection: Connection, exchange: str, to: Addressee, reason: str) -> Forwarded:
    request = pb.ForwardRecordRequest(
        exchange_id=exchange,
        agency=to.agency,
        unit=to.unit,
        purpose=to.purpose.token if to.purpose is not None else "",
        legal_basis=to.legal_basis.token if to.legal_basis is not None else "",
        reason=reason,
    )
    found = connection.ask(method("Forwarding", "ForwardRecord"), request, pb.ForwardRecordResponse)
    return Forwarded(
        answer=ExchangeAnswer(
            exchange_id=found.exchange_id,
            recipient=found.recipient,
            outcome=Outcome(found.outcome),
            approvals=tuple(found.approvals),
            reasons=tuple((one.rule, one.text) for one in found.reasons),
        ),
        originator=found.originator,
        request_id=found.request_id,
        portions=found.portions,
    )
