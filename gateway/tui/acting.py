"""What an officer does to the hold they look at: asked first, signed over exactly what was shown, then told.

Every step ends in an `Outcome`; until an officer has answered a sheet nothing is signed and nothing is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from textual.app import App

from gateway.errors import GatewayError, Refused, Unreachable
from gateway.flow.review.lines import WITHHELD, FieldLine
from gateway.flow.review.showing import HoldView
from gateway.officer.shown import needs_nobody, opened
from gateway.officer.verdict import duties_wanted, duty_of
from gateway.officer.wording import leaves_as, path_of
from gateway.record.vocabulary import Duty
from gateway.release.hold import HoldState
from gateway.tui.asking import Choose, Confirm, NeededWords, RefusalWords, Words
from gateway.tui.painting import Facts, told
from gateway.tui.session import Session
from gateway.tui.telling import groups_of, recipient_of
from keys.approval import RefusalReason, Verdict, refusal_text
from policy.explain import approvals_in_words

_DIGEST_SHOWN: Final = 16
_REASONS: Final = {
    RefusalReason.VICTIM_SAFETY: "it would endanger a victim",
    RefusalReason.NO_CONSENT: "the consent it needs is not there",
    RefusalReason.MORE_THAN_NEEDED: "less would do",
    RefusalReason.WRONG_RECIPIENT: "it is not for this recipient",
    RefusalReason.WRONG_PURPOSE: "it is not for this purpose",
    RefusalReason.NOT_LAWFUL: "the law does not allow it",
    RefusalReason.UNRELIABLE: "it is not reliable enough",
    RefusalReason.DUPLICATE: "they have it already",
    RefusalReason.OTHER: "something else, in words",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of it: `said` in a sentence, `view` as the hold stands now, where that is known.

    `unknown` says that it must be looked at again before anything else is signed; `anew`, that it is another
    release now and is to be shown.
    """

    said: str
    view: HoldView | None = None
    failed: bool = False
    unknown: bool = False
    anew: bool = False


async def approve(app: App[Any], session: Session, view: HoldView, unread: Sequence[str]) -> Outcome:
    """Approve what is shown, once the recipient's id was typed; `unread` are fields not shown whole."""
    duty = await _duty(app, session, view)
    if duty is None:
        return _NOTHING
    sheet = Words(
        f"Approve as {duty.token} ({approvals_in_words([f'{duty.token}:1'])})",
        Facts(_approval_facts(view, duty, unread)),
        ask="Why, in words (optional; kept, never sent):",
        must_type=view.recipient,
        done="approve",
    )
    reason = await app.push_screen_wait(sheet)
    if reason is None:
        return _NOTHING
    return await _speak(session, view, duty, Verdict.APPROVE, reason)


def _approval_facts(view: HoldView, duty: Duty, unread: Sequence[str]) -> list[tuple[str, str]]:
    rest = _still_needed(view, duty)
    facts = [
        ("to", recipient_of(view)),
        ("for", f"{view.purpose} on {view.legal_basis}"),
        (
            "then",
            f"still needs {' '.join(rest)}" if rest else "IT LEAVES AT ONCE: yours is the last approval",
        ),
        ("digest", f"{view.digest[:_DIGEST_SHOWN]}... (round {view.round})"),
    ]
    if view.changed:
        facts.append(("CHANGED", f"it will be decided anew, and not leave by this: {view.changed}"))
    if unread:
        facts.append(("UNREAD", f"longer than you were shown: {', '.join(unread)}"))
    counts = ", ".join(f"{len(one.lines)} {one.word}" for one in groups_of(view) if one.mark != "!")
    facts.append(("fields", f"{len(opened(view))} opened by approval; {counts or 'no others'}"))
    return [*facts, *(("opens", f"{path_of(one)}: {leaves_as(one)}") for one in opened(view))]


def _still_needed(view: HoldView, duty: Duty) -> list[str]:
    needed = []
    for token in view.missing:
        role, _, people = token.partition(":")
        left = int(people) - (role == duty.token)
        needed += [f"{role}:{left}"] if left else []
    return needed


async def refuse(app: App[Any], session: Session, view: HoldView) -> Outcome:
    """Refuse what is shown, for good, for one of the closed reasons."""
    duty = await _duty(app, session, view)
    if duty is None:
        return _NOTHING
    facts = Facts([("to", view.recipient), ("for", view.purpose), ("as", duty.token)])
    choices = [f"{one.value}: {words}" for one, words in _REASONS.items()]
    chosen = await app.push_screen_wait(Choose("Why is it refused?", facts, choices))
    if chosen is None:
        return _NOTHING
    reason = list(_REASONS)[chosen]
    title = f"Refuse as {duty.token}: it does not leave, whoever else has approved it"
    words = await app.push_screen_wait(RefusalWords(title, facts, reason))
    if words is None:
        return _NOTHING
    return await _speak(session, view, duty, Verdict.REFUSE, refusal_text(reason, words))


async def _speak(session: Session, view: HoldView, duty: Duty, verdict: Verdict, reason: str) -> Outcome:
    """Sign a word and hand it in, and tell what it did; where no answer came, that is told as well."""
    signed = await session.signed(view, duty, verdict, reason)
    try:
        answer = await session.ask(lambda desk: desk.answer(signed))
    except GatewayError as exc:
        return _not_counted(exc)
    match HoldState(answer.state):
        case HoldState.APPROVED:
            after = f"it leaves to {view.recipient}."
        case HoldState.REFUSED:
            after = "it does not leave."
        case _:
            after = f"it still needs {', '.join(answer.missing)}."
    done = f"{verdict.token.capitalize()}d as {duty.token}"
    own = {"duty": duty.token, "name": session.name, "key_id": session.key_id}
    given = [*view.given, {**own, "verdict": verdict.token, "reason": reason}]
    now = replace(view, state=answer.state, missing=answer.missing, given=given)
    return Outcome(said=f"{done}: {after}", view=now)


def _not_counted(exc: GatewayError) -> Outcome:
    if isinstance(exc, Unreachable):
        said = f"No answer came, so it is not known whether your word was counted; r looks: {told(exc)}"
    else:
        said = f"Not counted: {told(exc)}; r shows it as it stands now"
    return Outcome(said=said, failed=True, unknown=True)


async def _duty(app: App[Any], session: Session, view: HoldView) -> Duty | None:
    """Return in which duty the officer speaks; None where they chose none.

    Raises:
        Refused: code `not-your-duty`; `already-approved`.
    """
    if any(one["key_id"] == session.key_id for one in view.given):
        raise Refused("you have spoken on it already", code="already-approved", field="officer")
    wanted = duties_wanted(session.own, view.missing)
    if len(wanted) < 2:
        return duty_of(session.own, view.missing)
    facts = Facts([("to", view.recipient), ("needs", " ".join(view.missing))])
    words = [f"{one.token}: {approvals_in_words([f'{one.token}:1'])}" for one in wanted]
    chosen = await app.push_screen_wait(Choose("In which of your duties?", facts, words))
    return None if chosen is None else wanted[chosen]


async def give_less(
    app: App[Any], session: Session, view: HoldView, line: FieldLine, *, withhold: bool
) -> Outcome:
    """Withhold one field, or have it leave less precisely: that is another release, approved by nobody."""
    if line.rung == WITHHELD or not line.path:
        raise Refused("nothing of it would leave" if line.path else "has no path", code="nothing-less")
    if not await _agreed_to_less(app, view, line, "Withhold" if withhold else "Leave less precisely"):
        return _NOTHING
    paths = [line.path]
    done = await session.ask(
        lambda desk: desk.narrow(view.exchange, paths if withhold else [], [] if withhold else paths)
    )
    if done.outcome == "held":
        return Outcome(said="Less is given now: another release, approved by nobody yet.", anew=True)
    said = "nothing is left that could leave."
    if done.outcome != "denied":
        said = f"the rest needs nobody's approval, and leaves to {view.recipient}."
    closed = replace(view, state=HoldState.SUPERSEDED.value, missing=())
    return Outcome(said=f"Less is given: {said}", view=closed)


async def _agreed_to_less(app: App[Any], view: HoldView, line: FieldLine, word: str) -> bool:
    """Ask first. Where nothing else needs an approval the rest may leave at once: that is asked like one."""
    facts = [("field", line.path), ("leaves as", leaves_as(line)), ("to", recipient_of(view))]
    if view.given:
        facts.append(("undoes", f"{len(view.given)} approval given so far: it is another release then"))
    if not needs_nobody(view, [line.path]):
        agreed = await app.push_screen_wait(Confirm(f"{word}: {line.path}?", Facts(facts)))
        return agreed is True
    facts.append(("then", "THE REST MAY LEAVE AT ONCE: nothing else in it needs an approval"))
    sheet = Words(f"{word}: {line.path}", Facts(facts), must_type=view.recipient, done="give less")
    return await app.push_screen_wait(sheet) is not None


async def claim(session: Session, view: HoldView) -> Outcome:
    """Claim a hold for half an hour, or give the own claim up."""
    mine = view.claimed_by == session.name
    until = await session.ask(lambda desk: desk.claim(view.exchange, session.handle, give_up=mine))
    if until is None:
        return Outcome(said="You have given your claim up.", view=replace(view, claimed_by=""))
    said = f"Yours until {until:%H:%M} UTC: nobody else begins on it."
    return Outcome(said=said, view=replace(view, claimed_by=session.name))


async def review(app: App[Any], session: Session, view: HoldView) -> Outcome:
    """Say, as a data protection officer, whether an emergency release was justified."""
    facts = Facts([("to", view.recipient), ("threat", view.threat)])
    choices = ("justified", "not justified")
    chosen = await app.push_screen_wait(Choose("What have you found?", facts, choices))
    if chosen is None:
        return _NOTHING
    sheet = NeededWords(
        f"Review: {choices[chosen]}", facts, ask="Why (kept, never sent):", must_type="review", done="sign it"
    )
    words = await app.push_screen_wait(sheet)
    if words is None:
        return _NOTHING
    justified = chosen == 0
    reason = words if justified else refusal_text(RefusalReason.OTHER, words)
    signed = await session.signed_review(view, Verdict.APPROVE if justified else Verdict.REFUSE, reason)
    try:
        found = await session.ask(lambda desk: desk.review_emergency(signed))
    except GatewayError as exc:
        return _not_counted(exc)
    return Outcome(said=f"Reviewed: {found.finding}.", view=view)


_NOTHING: Final = Outcome(said="Nothing was signed.")
