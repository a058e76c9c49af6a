"""What a push became, told to a person or a program: per record, per recipient, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.cli.comparison import rank
from gateway.cli.intake import Intake
from gateway.cli.screen import Screen
from gateway.errors import GatewayError
from gateway.flow.repeat import PushAnswer
from gateway.flow.settle import ExchangeAnswer
from policy.decision import Outcome
from policy.explain import approvals_in_words


def show_answers(
    screen: Screen, answers: Sequence[PushAnswer | GatewayError], intakes: Sequence[Intake]
) -> bool:
    """Print what became of every record of a push, and tell whether all were taken in.

    Raises:
        GatewayError: there was one record only, and it was refused.
    """
    refused = [answer for answer in answers if isinstance(answer, GatewayError)]
    if refused and len(answers) == 1:
        raise refused[0]
    pushed = [answer for answer in answers if not isinstance(answer, GatewayError)]
    screen.result(
        {
            "ok": not refused,
            "records": [_pushed(answer) for answer in pushed],
            "refused": [_refused(exc) for exc in refused],
            "losses": loss_rows(intakes),
        }
    )
    for answer in pushed:
        screen.say(f"Record {answer.record_id}", "bold")
        for one in answer.exchanges:
            _exchange(screen, one)
    for exc in refused:
        screen.say(f"refused: {exc} [{exc.code}]", "red")
    show_losses(screen, intakes)
    return not refused


def in_words(one: ExchangeAnswer) -> str:
    """Return what became of one exchange in a few words."""
    match one.outcome:
        case Outcome.RELEASE:
            return "released; sealed and waiting to leave"
        case Outcome.HELD:
            return f"held until approved by {approvals_in_words(one.approvals)}"
        case Outcome.DENIED:
            return "denied; nothing of it leaves"


def _exchange(screen: Screen, one: ExchangeAnswer) -> None:
    screen.say(f"  {one.recipient}: {in_words(one)}")
    screen.say(f"    exchange {one.exchange_id}", "dim")
    if one.outcome is Outcome.DENIED:
        for rule, text in sorted(one.reasons, key=lambda reason: rank(reason[0])):
            screen.tell(f"{text} ({rule})", indent=4, lead="-")


def _pushed(answer: PushAnswer) -> Mapping[str, Any]:
    return {
        "record_id": answer.record_id,
        "exchanges": [
            {
                "id": one.exchange_id,
                "recipient": one.recipient,
                "outcome": one.outcome.value,
                "approvals": list(one.approvals),
                "reasons": [{"rule": rule, "text": text} for rule, text in one.reasons],
            }
            for one in answer.exchanges
        ],
    }


def _refused(exc: GatewayError) -> Mapping[str, Any]:
    findings = [str(finding) for finding in getattr(exc, "findings", ())]
    return {"code": exc.code, "field": exc.field, "error": exc.message, "findings": findings}


def loss_rows(intakes: Sequence[Intake]) -> list[dict[str, str]]:
    """Return what the format of a file could not carry, for --json."""
    return [
        {"path": loss.path, "effect": loss.effect.value, "why": loss.why}
        for intake in intakes
        for loss in intake.losses
    ]


def show_losses(screen: Screen, intakes: Sequence[Intake]) -> None:
    """Print on standard error what the format of a file could not carry; nothing with --json."""
    losses = loss_rows(intakes)
    if not losses or screen.as_json:
        return
    screen.aside(f"The format carried {len(losses)} value(s) only in part:")
    for loss in losses:
        screen.aside(f"  {loss['path']}: {loss['effect']}: {loss['why']}")
