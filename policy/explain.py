"""Why, in words: sentences about a decision that an officer can read aloud, with ids a lawyer looks up."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.record.vocabulary import Rung
from policy.decision import Decision, Outcome, PortionVerdict
from policy.request import PortionAttributes

_OFFICERS: Final = {
    "RLO": ("a releasing liaison officer", "releasing liaison officers"),
    "VPO": ("a victim protection officer", "victim protection officers"),
    "CPO": ("a child protection officer", "child protection officers"),
    "DPO": ("a data protection officer", "data protection officers"),
    "OC": ("the originator's consent", "originators' consents"),
    "JUD": ("a judge or prosecutor", "judges or prosecutors"),
    "DUTY": ("a senior duty officer", "senior duty officers"),
    "NGO": ("the contributing support organisation", "contributing support organisations"),
}
_NUMBERS: Final = {2: "two different", 3: "three different"}
_HOW: Final = {
    Rung.EXACT: "released exactly",
    Rung.GENERALISED: "released generalised",
    Rung.COARSE: "released in coarse form only",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What happens to one kind of portion, and why. `rung` is what leaves now; None where nothing does."""

    category: str
    rung: Rung | None
    why: str


def explain(decision: Decision, portions: Sequence[PortionAttributes]) -> list[Line]:
    """Return one line for each of the portions the decision was made on, in their order."""
    return [
        Line(category=portion.category, rung=verdict.rung, why=_why(decision, verdict))
        for portion, verdict in zip(portions, decision.verdicts, strict=True)
    ]


def headline(decision: Decision) -> str:
    """Return one sentence about the exchange as a whole."""
    match decision.outcome:
        case Outcome.RELEASE:
            return "may be released"
        case Outcome.HELD:
            return f"held for {approvals_in_words(decision.approvals)}"
        case Outcome.DENIED:
            return f"denied: {_told(decision, decision.rules) or 'nothing in it may go to this recipient'}"


def approvals_in_words(tokens: Iterable[str]) -> str:
    """Return who must agree, e.g. `a child protection officer and two different senior duty officers`."""
    most: dict[str, int] = {}
    for token in tokens:
        role, _, people = token.partition(":")
        most[role] = max(most.get(role, 0), int(people))
    parts = [
        one if most[role] == 1 else f"{_NUMBERS[most[role]]} {several}"
        for role, (one, several) in sorted(_OFFICERS.items())
        if role in most
    ]
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def _why(decision: Decision, verdict: PortionVerdict) -> str:
    why = f"withheld: {_told(decision, verdict.rules)}"
    if verdict.rung is not None:
        # Where the finest there is goes out whole, the rule that permits it is the reason.
        kept = f"; finer withheld: {_told(decision, verdict.rules)}" if verdict.withheld_finer else ""
        why = f"{_HOW[verdict.rung]}: {_told(decision, verdict.permits)}{kept}"
        if verdict.lifts_used and verdict.asked is None:
            why += f"; approved by {approvals_in_words(verdict.lifts_used)}"
    if verdict.asked is not None:
        why += f"; would be {_HOW[verdict.asked]} with {approvals_in_words(verdict.approvals)}"
    return why


def _told(decision: Decision, rules: Sequence[str]) -> str:
    return "; ".join(f"{reason.text} ({reason.rule})" for reason in decision.reasons_for(rules))
