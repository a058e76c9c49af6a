"""`comity release approve`, `refuse`, `claim`, `reviewed`: an officer's word, signed on this machine."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

import typer

from gateway.cli.door import JsonOption
from gateway.cli.hold_screen import show_asked, show_view, tokens_in_words
from gateway.cli.officer_key import AgentOption, KeyOption, signer_of
from gateway.cli.reach import GatewayOption, IdentityOption, RunningHome
from gateway.cli.review_desk import ReviewDesk, open_review
from gateway.cli.screen import Screen
from gateway.errors import Malformed, Refused
from gateway.flow.review.showing import HoldView
from gateway.officer.shown import needs_nobody
from gateway.officer.verdict import check_views, duty_of, own_enrolments, signed_verdict
from gateway.record.vocabulary import Duty
from keys.approval import RefusalReason, Verdict, refusal_text
from keys.signer import Signer

ExchangesArgument = Annotated[list[str], typer.Argument(metavar="EXCHANGE...", help="Ids of exchanges.")]
ExchangeArgument = Annotated[str, typer.Argument(metavar="EXCHANGE", help="Id of an exchange.")]
DutyOption = Annotated[
    str, typer.Option("--duty", help="In which duty; needed where several of yours would do.")
]
YesOption = Annotated[bool, typer.Option("--yes", help="Do not ask; stands with --digest.")]
DigestOption = Annotated[
    str, typer.Option("--digest", help="Release digest, hex, as `release show` prints it.")
]


def register(app: typer.Typer) -> None:
    """Add the commands by which officers speak."""
    app.command("approve")(approve)
    app.command("refuse")(refuse)
    app.command("claim")(claim)
    app.command("reviewed")(reviewed)


def approve(
    *,
    exchanges: ExchangesArgument,
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    key: KeyOption = None,
    agent: AgentOption = "",
    duty: DutyOption = "",
    reason: Annotated[str, typer.Option(help="Why, in words; kept with the approval, never sent.")] = "",
    withhold: Annotated[
        list[str] | None, typer.Option("--withhold", help="Path of a field that stays; may be repeated.")
    ] = None,
    generalise: Annotated[
        list[str] | None, typer.Option("--generalise", help="Path of a field to leave less precisely.")
    ] = None,
    yes: YesOption = False,
    digest: DigestOption = "",
    as_json: JsonOption = False,
) -> None:
    """Approve a release: it is shown as it would leave, and the recipient's id is asked for.

    Several at once only where their disclosures are identical. --withhold and --generalise give less: that is
    another release, approved by nobody yet. Where nothing else in it needs an approval it leaves at once.

    Example: comity release approve 0193... --key anna.key --home nl

    Example: comity release approve 0193... --key anna.key --yes --digest 9f2c... --home nl
    """
    screen = Screen(as_json=as_json)
    less = bool(withhold or generalise)
    _check_asked(exchanges, less=less, yes=yes, digest=digest)
    with open_review(home, gateway, identity, screen) as desk:
        if less:
            _check_less(desk.show(exchanges[0]), [*(withhold or []), *(generalise or [])], screen, digest)
            if _narrowed(desk, screen, exchanges[0], withhold or [], generalise or [], ask=not yes):
                return
        views = [desk.show(one) for one in exchanges]
        check_views(views, datetime.now(UTC))
        signer = signer_of(key, agent, home)
        spoken_as = [_duty_of(desk, view, signer, duty) for view in views]
        if not yes and not _confirmed(screen, views, spoken_as[0]):
            raise _unasked()
        if yes:
            _check_digest(views[0], digest)
        answers = [
            desk.answer(signed_verdict(view, as_, Verdict.APPROVE, reason, signer))
            for view, as_ in zip(views, spoken_as, strict=True)
        ]
    screen.result({"ok": True, "answers": [asdict(one) for one in answers]})
    for view, answer in zip(views, answers, strict=True):
        left = (
            f"still needs {tokens_in_words(answer.missing)}"
            if answer.missing
            else f"leaves to {view.recipient}"
        )
        screen.say(f"{answer.exchange_id}: approved; it {left}.", "green")


def _check_asked(exchanges: Sequence[str], *, less: bool, yes: bool, digest: str) -> None:
    if yes != bool(digest):
        raise Malformed("stands with --digest, and neither alone", field="--yes", code="usage")
    if len(exchanges) > 1 and (less or yes):
        raise Malformed("names one exchange where --withhold or --yes stands", field="EXCHANGE", code="usage")


def _check_less(view: HoldView, paths: Sequence[str], screen: Screen, digest: str) -> None:
    """Ask before less is given where nothing else needs an approval: the rest may leave at once then."""
    check_views([view], datetime.now(UTC))
    if digest:
        _check_digest(view, digest)
    elif needs_nobody(view, paths):
        ask = f"Nothing else needs an approval: the rest leaves at once. For that, type {view.recipient}"
        if _typed(screen, [view], ask) != [view.recipient]:
            raise _unasked()


def _check_digest(view: HoldView, digest: str) -> None:
    if digest.lower() != view.digest:
        raise Refused(
            "is not the digest of what is held now: look at it again", code="other-bytes", field="--digest"
        )


def _unasked() -> Refused:
    return Refused("not approved: the recipient's id was not typed", code="not-confirmed")


def _narrowed(
    desk: ReviewDesk,
    screen: Screen,
    exchange: str,
    withhold: Sequence[str],
    generalise: Sequence[str],
    *,
    ask: bool,
) -> bool:
    """Give less of a hold; return whether there is nothing to approve after it, or nobody to ask."""
    done = desk.narrow(exchange, withhold, generalise)
    if done.outcome == "held" and ask and not screen.as_json:
        screen.say("Less is given now. This is what is left:", "bold")
        return False
    view = desk.show(exchange) if done.outcome == "held" else None
    digest = "" if view is None else view.digest
    screen.result({"ok": True, **asdict(done), "digest": digest})
    if view is not None:
        screen.say(f"Less is given now, approved by nobody yet. Release digest: {digest}", "bold")
    else:
        screen.say(f"Nobody needs to approve what is left: {done.outcome}.")
    return True


def _duty_of(desk: ReviewDesk, view: HoldView, signer: Signer, stated: str) -> Duty:
    if stated:
        return Duty.from_token(stated.upper(), "--duty")
    return duty_of(own_enrolments(desk.officers(), signer.key_id), view.missing)


def _confirmed(screen: Screen, views: Sequence[HoldView], duty: Duty) -> bool:
    recipients = " ".join(view.recipient for view in views)
    return _typed(screen, views, f"To approve this as {duty.token}, type {recipients}") == recipients.split()


def _typed(screen: Screen, views: Sequence[HoldView], ask: str) -> list[str]:
    """Show what would leave, ask, and return the words that were typed."""
    if screen.as_json or not sys.stdin.isatty():
        raise Malformed("is needed where nobody can be asked, with --digest", field="--yes", code="usage")
    for view in views:
        show_view(screen, view)
    screen.say("")
    for view in views:
        show_asked(screen, view)
    typed: str = typer.prompt(ask, default="", show_default=False)
    return typed.split()


def refuse(
    *,
    exchange_id: ExchangeArgument,
    reason: Annotated[
        RefusalReason, typer.Option(metavar="REASON", help=f"{', '.join(RefusalReason)} (takes --text).")
    ],
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    key: KeyOption = None,
    agent: AgentOption = "",
    duty: DutyOption = "",
    text: Annotated[str, typer.Option(help="What else there is to say; kept, never sent.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Refuse a release, for good: it does not leave, whoever else has approved it.

    Example: comity release refuse 0193... --reason victim-safety --key anna.key --home nl
    """
    screen = Screen(as_json=as_json)
    with open_review(home, gateway, identity, screen) as desk:
        view = desk.show(exchange_id)
        check_views([view], datetime.now(UTC))
        signer = signer_of(key, agent, home)
        spoken_as = _duty_of(desk, view, signer, duty)
        words = refusal_text(reason, text)
        answer = desk.answer(signed_verdict(view, spoken_as, Verdict.REFUSE, words, signer))
    screen.result({"ok": True, **asdict(answer)}, [f"{answer.exchange_id}: refused; it does not leave."])


def claim(
    *,
    exchange_id: ExchangeArgument,
    officer: Annotated[str, typer.Option("--as", help="Your short name, as `officer list` shows it.")],
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    give_up: Annotated[bool, typer.Option("--give-up", help="Give the claim up.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Claim a hold for half an hour, so that no other officer begins on it.

    Example: comity release claim 0193... --as anna --home nl
    """
    screen = Screen(as_json=as_json)
    with open_review(home, gateway, identity, screen) as desk:
        until = desk.claim(exchange_id, officer, give_up=give_up)
    told = "nobody claims it any more" if until is None else f"yours until {until:%H:%M} UTC"
    screen.result(
        {"ok": True, "exchange": exchange_id, "until": None if until is None else until.isoformat()},
        [f"{exchange_id}: {told}."],
    )


def reviewed(
    *,
    exchange_id: ExchangeArgument,
    justified: Annotated[
        bool, typer.Option("--justified/--not-justified", help="What you have found.", show_default=False)
    ],
    text: Annotated[str, typer.Option(help="Why, in words; kept, never sent.")],
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    key: KeyOption = None,
    agent: AgentOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say, as a data protection officer, whether an emergency release was justified.

    Example: comity release reviewed 0193... --justified --text "It was real." --key dirk.key --home nl
    """
    screen = Screen(as_json=as_json)
    with open_review(home, gateway, identity, screen) as desk:
        view = desk.show(exchange_id)
        check_views([view], datetime.now(UTC))
        verdict = Verdict.APPROVE if justified else Verdict.REFUSE
        words = text if justified else refusal_text(RefusalReason.OTHER, text)
        signed = signed_verdict(view, Duty.DPO, verdict, words, signer_of(key, agent, home))
        found = desk.review_emergency(signed)
    screen.result({"ok": True, **asdict(found)}, [f"{found.exchange_id}: reviewed, {found.finding}."])
