"""What the full screen tells of one hold: its head, its fields as they matter, reasons, surroundings.

Source: DESIGN section 6.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rich.text import Text

from gateway.flow.review.history import History
from gateway.flow.review.lines import WITHHELD, FieldLine
from gateway.flow.review.showing import HoldView
from gateway.officer.shown import opened
from gateway.officer.wording import leaves_as, left_in_words, path_of, reasons_of, until_in_words
from gateway.record.lookalike import named
from gateway.record.vocabulary import ObligationCode, Rung
from gateway.release.hold import HoldState
from gateway.release.obligation import DUTIES
from gateway.tui.painting import FieldRow, Sections, plain
from policy.explain import approvals_in_words

_LINK: Final = "relation.link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Fields that fare alike; `mark` is one character before each of them, `word` counts them."""

    heading: str
    word: str
    mark: str
    style: str
    lines: Sequence[FieldLine]


def is_open(view: HoldView) -> bool:
    """Tell whether officers can still act on what is shown."""
    return HoldState(view.state).is_open


def groups_of(view: HoldView) -> list[Group]:
    """Return all fields: first what leaves only because officers approve, last what stays."""
    first = opened(view)
    rest = [line for line in view.lines if line not in first]
    groups = [
        Group(heading="LEAVES ONLY WITH APPROVAL", word="opened", mark="!", style="bold", lines=first),
        Group(
            heading="leaves as recorded",
            word="as recorded",
            mark="=",
            style="",
            lines=[one for one in rest if one.rung == Rung.EXACT.token],
        ),
        Group(
            heading="leaves less precisely",
            word="less precisely",
            mark="~",
            style="",
            lines=[one for one in rest if one.rung not in (Rung.EXACT.token, WITHHELD)],
        ),
        Group(
            heading="stays here",
            word="not at all",
            mark="-",
            style="dim",
            lines=[one for one in rest if one.rung == WITHHELD],
        ),
    ]
    return [one for one in groups if one.lines]


def row_of(line: FieldLine, group: Group, entities: Mapping[str, str]) -> FieldRow:
    """Return a field as a row of the list; `entities` are the submitted ids by the names that leave."""
    recorded = line.exact
    if line.category == _LINK:
        # Who is meant is recorded by the submitted id; the name that stands for it was made for the release.
        for name, entity in entities.items():
            recorded = recorded.replace(name, entity)
    return FieldRow(
        mark=group.mark,
        label=path_of(line),
        record=recorded,
        leaves=leaves_as(line),
        style=group.style,
    )


def field_page(line: FieldLine, recipient: str) -> Sections:
    """Return everything there is of one field."""
    opened_by = [approvals_in_words(line.asked)] if line.asked else []
    return Sections(
        (
            ("As recorded", [line.exact or "not of the record"]),
            (f"What {recipient} sees", [leaves_as(line)]),
            ("Why", [line.why]),
            ("Opened by", opened_by),
            ("Category", [line.category] if line.category else []),
        )
    )


def recipient_of(view: HoldView) -> str:
    """Return whom it is for: the id, and the name where it says more."""
    same = view.recipient_name in ("", view.recipient)
    return view.recipient if same else f"{view.recipient} ({view.recipient_name})"


def head(view: HoldView, left_s: int) -> Text:
    """Return the lines that stand over every page of a hold."""
    what = "Consent to pass on" if view.subject == "consent" else "Release"
    unit = f", unit {view.unit}" if view.unit else ""
    needs = f"needs {' '.join(view.missing)}" if view.missing else "needs nobody any more"
    time_left = f"{left_in_words(left_s)} left" if left_s > 0 else "its time has ended"
    stands = f"{view.state}, {needs}; {time_left}" if is_open(view) else view.state
    lines = [
        plain(f"{what} to {recipient_of(view)}{unit}", "bold"),
        plain(f"for {view.purpose} on {view.legal_basis}; lane {view.lane}"),
        plain(stands + (f"; {view.claimed_by} is at work on it" if view.claimed_by else "")),
    ]
    if view.threat:
        lines.append(plain("EMERGENCY: the threat stated is on page 2", "bold red"))
    if view.changed:
        lines.append(plain(f"Approving will have it decided anew: {view.changed}.", "bold red"))
    if view.why_closed:
        lines.append(plain(f"Closed: {view.why_closed}.", "bold"))
    return Text("\n").join(lines)


def reasons(view: HoldView) -> Sections:
    """Return why each field fares as it does, each reason once; and what was said and stated."""
    stated = [
        ("Threat stated", [view.threat] if view.threat else []),
        ("Why it is strictly necessary", [view.necessity] if view.necessity else []),
        ("What officers said", _said(view)),
    ]
    return Sections(
        (*stated, *((group.heading.capitalize(), _reasons(group.lines)) for group in groups_of(view)))
    )


def _said(view: HoldView) -> list[str]:
    return [
        f"{one['verdict']}d as {one['duty']} by {named(one['name'], one['key_id'])}"
        + (f": {one['reason']}" if one["reason"] else "")
        for one in view.given
    ]


def _reasons(lines: Iterable[FieldLine]) -> list[str]:
    return [f"{', '.join(paths)}: {why}" for why, paths in reasons_of(lines).items()]


def surroundings(view: HoldView, history: History | None) -> Sections:
    """Return what binds the recipient, who was told before, what happened so far, and what is signed."""
    must = [DUTIES[ObligationCode.from_token(code, "obligations")] for code in view.obligations]
    before = [
        f"{one.whom}, of {one.about}{f' on {one.when[:10]}' if one.when else ''}: {one.what}"
        for one in view.before
    ]
    return Sections(
        (
            ("Told before", before or ["nobody was told anything of this before"]),
            ("Who receives it must", must),
            ("Restricted, in words", view.restrictions),
            ("History", ["h loads it"] if history is None else list(_steps(history))),
            ("What is signed", _facts(view)),
        )
    )


def _steps(history: History) -> Iterator[str]:
    for one in history.steps:
        who = f" by {one.who}" if one.who else ""
        yield f"{until_in_words(one.at)} {one.what}{who}{f', {one.told}' if one.told else ''}"


def _facts(view: HoldView) -> list[str]:
    return [
        f"exchange {view.exchange}, round {view.round}",
        f"record {view.record}, version {view.version}",
        f"release digest {view.digest}",
        f"decision {view.decision[:16]}, rules {view.policy[:16]}, directory {view.directory[:16]}",
        f"held since {until_in_words(view.created_at)}, until {until_in_words(view.expires_at)}",
        f"last day of use at {view.recipient}: {view.use_until}",
    ]
