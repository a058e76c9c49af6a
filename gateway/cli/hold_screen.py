"""Holds on the screen: the list an officer starts the day with, and one hold beside the full record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from gateway.cli.screen import Screen
from gateway.flow.review.before import Before
from gateway.flow.review.lines import WITHHELD, FieldLine
from gateway.flow.review.listing import HoldLine, Waiting
from gateway.flow.review.showing import HoldView
from gateway.officer.wording import leaves_as, left_in_words, reasons_of, until_in_words
from gateway.record.lookalike import named
from gateway.record.vocabulary import ObligationCode
from gateway.release.obligation import DUTIES
from policy.explain import approvals_in_words

_STYLES: Final = {"threat-to-life": "bold red", "urgent": "yellow", "routine": "bold"}


def show_waiting(screen: Screen, found: Waiting, *, agency: str) -> None:
    """Print what waits, most urgent first: two lines each, so that ids stay whole in a narrow window."""
    screen.result({"ok": True, **asdict(found)})
    if not found.holds:
        screen.say("Nothing waits for an officer.")
    else:
        screen.say(f"Waiting at {agency}: {len(found.holds)}, most urgent first", "bold")
    for one in found.holds:
        must = tokens_in_words(one.missing)
        left = left_in_words(one.left_s)
        screen.tell(
            f"to {one.recipient}: {must} must act, {left} left", lead=one.lane, style=_STYLES[one.lane]
        )
        what = one.purpose if one.subject == "release" else f"consent for {one.purpose}"
        given = "; ".join(f"{duty} {named(name, key)}" for duty, name, key in one.given)
        spoken = f", has {given}" if given else ""
        claimed = f", {one.claimed_by} is at work on it" if one.claimed_by else ""
        screen.tell(f"{one.exchange}  {what}{spoken}{claimed}", indent=2)
    for review in found.reviews:
        late = "is OVERDUE since" if review.overdue else "is due by"
        when = review.due_at[:16].replace("T", " ")
        told = f"emergency release to {review.recipient}: its review by a DPO {late} {when} UTC"
        screen.tell(told, lead="review", style="bold red" if review.overdue else "yellow")
        screen.tell(review.exchange, indent=2)


def tokens_in_words(tokens: Sequence[str]) -> str:
    """Return who must act as officers call themselves: `CPO and VPO`, `2 DUTY`."""
    parts = [
        duty if count == "1" else f"{count} {duty}" for duty, _, count in (t.partition(":") for t in tokens)
    ]
    return " and ".join(parts) or "nobody any more"


def show_view(screen: Screen, view: HoldView, *, as_recipient: bool = False) -> None:
    """Print a hold beside the full record, or only what the recipient would see."""
    screen.result({"ok": True, **asdict(view)})
    _head(screen, view)
    leaves = [line for line in view.lines if line.rung != WITHHELD]
    if as_recipient:
        screen.compare((view.recipient,), _by_entity(leaves, lambda line: (leaves_as(line),)), whole=True)
    else:
        show_asked(screen, view)
        rows = _by_entity(view.lines, lambda line: (line.exact, leaves_as(line)))
        screen.compare(("the record", view.recipient), rows, whole=True)
        _reasons(screen, [line for line in view.lines if line.rung != "exact"])
    _duties(screen, view)
    show_before(screen, view.before)
    screen.tell(f"Last day of use there: {view.use_until}.")
    screen.tell(f"Release digest: {view.digest}", style="bold")


def _head(screen: Screen, view: HoldView) -> None:
    what = "Release"
    if view.subject == "consent":
        what = f"{view.asked_by} asks to pass on, under"
    to = f"{view.recipient} ({view.recipient_name})"
    unit = f", for its unit {view.unit}" if view.unit else ""
    screen.tell(f"{what} {view.exchange} to {to}{unit}", style="bold")
    screen.tell(f"for {view.purpose} on {view.legal_basis}; lane {view.lane}; record {view.record}")
    until = f"until {until_in_words(view.expires_at)}"
    needs = approvals_in_words(view.missing) if view.missing else "nobody any more"
    screen.tell(f"It stands as {view.state} (round {view.round}) {until}, and needs {needs}.")
    for one in view.given:
        reason = f": {one['reason']}" if one["reason"] else ""
        who = named(one["name"], one["key_id"])
        screen.tell(f"{one['verdict']}d as {one['duty']} by {who}{reason}", indent=2, lead="-")
    if view.claimed_by:
        screen.tell(f"{view.claimed_by} is at work on it.", style="yellow")
    if view.reason:
        screen.tell(f"Why it asks: {view.reason}")
    if view.threat:
        screen.tell(f"EMERGENCY, threat stated: {view.threat}", style="bold red")
    if view.necessity:
        screen.tell(f"Why it is strictly necessary: {view.necessity}")
    if view.changed:
        screen.tell(f"Approving will have it decided anew: {view.changed}.", style="red")
    if view.why_closed:
        screen.tell(f"Closed: {view.why_closed}.", style="yellow")


def show_asked(screen: Screen, view: HoldView) -> None:
    """Print what leaves only because officers agree to it."""
    lines = [line for line in view.lines if line.asked and line.rung != WITHHELD]
    if lines:
        screen.say(f"Leaves to {view.recipient} only with approval:", "bold red")
    for line in lines:
        told = f"{leaves_as(line)} ({tokens_in_words(line.asked)})"
        screen.tell(told, indent=2, lead=f"{line.path}:")


def _by_entity(lines: Sequence[FieldLine], values: object) -> list[tuple[str, list[tuple[str, ...]]]]:
    assert callable(values)
    groups: dict[str, list[tuple[str, ...]]] = {}
    for line in lines:
        heading = "record" if line.kind == "record" else f"{line.kind} {line.entity}"
        label = line.field.replace("_", " ")
        groups.setdefault(heading, []).append((label, *values(line)))
    return list(groups.items())


def _reasons(screen: Screen, lines: Sequence[FieldLine]) -> None:
    """Print why something stays or is less precise: each reason once, with the paths it is about."""
    groups = reasons_of(lines)
    if groups:
        screen.say("Why:", "bold")
    for why, paths in groups.items():
        screen.tell(why, indent=2, lead="-")
        screen.tell(", ".join(paths), indent=6, style="cyan")


def _duties(screen: Screen, view: HoldView) -> None:
    if view.obligations:
        screen.say("Who receives it must:", "bold")
    for code in view.obligations:
        screen.tell(DUTIES[ObligationCode.from_token(code, "obligations")], indent=2, lead="-")
    for words in view.restrictions:
        screen.tell(words, indent=2, lead="- in words:")


def show_before(screen: Screen, told: Sequence[Before]) -> None:
    """Print who was told what before."""
    if not told:
        screen.say("Nobody was told anything of this before.")
        return
    screen.say("Told before:", "bold")
    for one in told:
        when = f" on {one.when[:10]}" if one.when else ""
        screen.tell(f"{one.whom}, of {one.about}{when}: {one.what}", indent=2, lead="-")


def hold_in_a_line(one: HoldLine) -> str:
    """Return a hold in one line, for a watch that goes on."""
    must = tokens_in_words(one.missing)
    return f"{one.exchange}  {one.lane}  to {one.recipient}  must act: {must}  {left_in_words(one.left_s)}"
