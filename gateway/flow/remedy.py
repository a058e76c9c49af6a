"""Remedies in words: what would release more of a record, each alternative told once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.record.vocabulary import Rung
from policy.changes import Change, Remedy
from policy.decision import OWN_REASONS, Outcome
from policy.explain import approvals_in_words
from policy.factor import Kind, in_words
from policy.rule import Layer, Rule

Plain = dict[str, Any]
_Merged = tuple[Sequence[Kind], Sequence[Sequence[str]], Change]


def plain_remedy(remedy: Remedy, rules: Mapping[str, Rule], *, whole: bool = False) -> Plain:
    """Return a remedy as plain values; `whole` where it is about the record and not about a field."""
    changes = [
        _plain_change(kinds, values, change, whole) for kinds, values, change in _merged(remedy.changes)
    ]
    return {
        "changes": changes,
        "why_not": "" if changes else _why_not(remedy, rules),
        "complete": remedy.complete,
    }


def gravest_first(names: Iterable[str], rules: Mapping[str, Rule]) -> list[str]:
    """Return rule ids as a reader needs them: what nobody lifts, that none permits, what approvals lift."""
    return sorted(set(names), key=lambda name: _gravity(name, rules))


def _gravity(name: str, rules: Mapping[str, Rule]) -> tuple[bool, bool, bool, str]:
    of_floor = name in rules and rules[name].layer is Layer.FLOOR
    return _lifts(name, rules), name in OWN_REASONS, not of_floor, name


def text_of(name: str, rules: Mapping[str, Rule]) -> dict[str, str]:
    """Return a rule's reason and source; both empty for one that is not among the rules in force."""
    own, rule = OWN_REASONS.get(name), rules.get(name)
    if own is not None:
        return {"text": own.text, "source": own.source}
    if rule is None:
        return {"text": "", "source": ""}
    return {"text": rule.reason, "source": rule.source}


def _lifts(name: str, rules: Mapping[str, Rule]) -> bool:
    return name in rules and bool(rules[name].lifts)


def _merged(changes: Sequence[Change]) -> list[_Merged]:
    """Return changes with alternatives of one kind together; what comes of them is the same."""
    by_first: dict[object, tuple[list[str], Change]] = {}
    for change in changes:
        *first, last = change.factors
        same = (tuple(first), last.kind, change.outcome, change.rung, change.approvals)
        by_first.setdefault(same, ([], change))[0].append(last.value)
    by_last: dict[object, tuple[list[str], list[str], Change]] = {}
    for lasts, change in by_first.values():
        alike = (_kinds(change), tuple(lasts), change.outcome, change.rung, change.approvals)
        by_last.setdefault(alike, ([], lasts, change))[0].append(change.factors[0].value)
    merged: list[_Merged] = []
    for firsts, lasts, change in by_last.values():
        values = [lasts] if len(change.factors) == 1 else [firsts, lasts]
        merged.append((_kinds(change), values, change))
    return merged


def _kinds(change: Change) -> tuple[Kind, ...]:
    return tuple(factor.kind for factor in change.factors)


def _plain_change(
    kinds: Sequence[Kind], values: Sequence[Sequence[str]], change: Change, whole: bool
) -> Plain:
    words = " and ".join(in_words(kind, told) for kind, told in zip(kinds, values, strict=True))
    return {
        "told": f"{words}: {_then(change, whole)}",
        "factors": [
            {"kind": kind.value, "values": [value for value in told if value]}
            for kind, told in zip(kinds, values, strict=True)
        ],
        "outcome": change.outcome.value,
        "rung": change.rung.token if change.rung is not None else "",
        "approvals": sorted(change.approvals),
    }


def _then(change: Change, whole: bool) -> str:
    what = "the record goes" if whole else f"leaves {_how(change.rung)}"
    if change.outcome is Outcome.HELD:
        return f"{what} with {approvals_in_words(change.approvals)}"
    return what


def _how(rung: Rung | None) -> str:
    match rung:
        case Rung.GENERALISED:
            return "generalised"
        case Rung.COARSE:
            return "in coarse form"
        case _:
            return "exactly"


def _why_not(remedy: Remedy, rules: Mapping[str, Rule]) -> str:
    if not remedy.complete:
        return "not every change was tried: the record holds too many kinds of information"
    standing = gravest_first(remedy.standing, rules)
    absolute = [name for name in standing if not _lifts(name, rules)]
    told = "; ".join(f"{text_of(name, rules)['text']} ({name})" for name in (absolute or standing)[:1])
    if absolute or not standing:
        return f"nothing that an officer or the submitter can change releases this{told and f': {told}'}"
    return f"no one or two changes release this: {told}"
