"""What the tools of a rule author found, told to a person or a program."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from gateway.cli.screen import Screen, cut
from gateway.errors import Refused
from policy.authoring.catalogue import Trial
from policy.authoring.difference import Group
from policy.authoring.hunt import Fate, Verdict
from policy.authoring.lint import Finding
from policy.authoring.mutation import Change
from policy.authoring.survey import Survey, survey_of
from policy.bundle import Bundle
from policy.rulebook import Rulebook

_MOST_SHOWN = 20
_BESIDE_SENTENCE = 61
"""Cells of a terminal that the other columns of the rules take."""
_NARROWEST_SENTENCE = 18


def show_findings(screen: Screen, findings: Sequence[Finding], files: int) -> None:
    """Print everything that is wrong with rules, each with its place and what was expected."""
    screen.result(
        {
            "ok": not findings,
            "files": files,
            "findings": [
                {
                    "file": one.file,
                    "line": one.line,
                    "column": one.column,
                    "message": one.message,
                    "expected": one.expected,
                }
                for one in findings
            ],
        }
    )
    for one in findings:
        screen.tell(f"{one.message}; expected: {one.expected}", lead=f"{one.place}:", style="red")
    counted = "1 file" if files == 1 else f"{files} files"
    found = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
    verdict = found if findings else "nothing is wrong"
    screen.say(f"{counted}: {verdict}.", "bold red" if findings else "bold green")


def show_trial(screen: Screen, trial: Trial) -> None:
    """Print every rule with its cases, then what failed and what is wanting."""
    screen.result(
        {
            "ok": trial.ok,
            "cases": trial.cases,
            "rules": [
                {"id": row.id, "layer": row.layer, "allow": row.allow, "deny": row.deny, "hold": row.hold}
                for row in trial.rows
            ],
            "failures": [
                {"case": f"{one.folder}/{one.case}", "rule": one.rule, "differences": list(one.differences)}
                for one in trial.failures
            ],
            "wanting": list(trial.wanting),
        }
    )
    # One line a rule: the whole sentence stands in docs/rules.md and in the rule itself.
    room = max(screen.cells - _BESIDE_SENTENCE, _NARROWEST_SENTENCE)
    screen.table(
        "Rules and their cases",
        ("rule", "layer", "allow", "deny", "hold", "what it says"),
        [
            (
                row.id,
                row.layer,
                *("-" if row.layer == "code" else str(n) for n in counts),
                cut(row.sentence, room),
            )
            for row in trial.rows
            for counts in [(row.allow, row.deny, row.hold)]
        ],
    )
    for failure in trial.failures:
        screen.say(f"failed: {failure.folder}/{failure.case} ({failure.rule})", "red")
        for told in failure.differences:
            screen.tell(told, indent=2, lead="-")
    for name in trial.wanting:
        screen.say(f"wanting: {name} has no case that shows it deny", "red")
    verdict = "all as they say" if not trial.failures else f"{len(trial.failures)} not as they say"
    wanting = f"; {len(trial.wanting)} rules without a case that shows them deny" if trial.wanting else ""
    screen.say(f"{trial.cases} cases: {verdict}{wanting}.", "bold green" if trial.ok else "bold red")


def show_hunt(screen: Screen, verdicts: Sequence[Verdict], failing: int) -> list[Verdict]:
    """Print the counts by what was changed and every mutant that survived, and return these."""
    survivors = [verdict for verdict in verdicts if verdict.fate is Fate.SURVIVED]
    counts = Counter((verdict.mutant.change, verdict.fate) for verdict in verdicts)
    rows = [(change, [counts[change, fate] for fate in Fate]) for change in Change]
    screen.result(
        {
            "ok": not survivors,
            "mutants": len(verdicts),
            "counts": [
                {
                    "change": change.value,
                    **{fate.name.lower(): n for fate, n in zip(Fate, found, strict=True)},
                }
                for change, found in rows
            ],
            "cases_that_fail_anyway": failing,
            "survivors": [
                {
                    "rule": one.mutant.rule,
                    "change": one.mutant.change.value,
                    "place": _place(one),
                    "old": one.mutant.old,
                    "new": one.mutant.new,
                }
                for one in survivors
            ],
        }
    )
    if failing:
        screen.say(f"{failing} cases fail on the rules as they are, and notice nothing.", "yellow")
    screen.table(
        "Changed rules",
        ("what was changed", *(fate.value for fate in Fate)),
        [(change.value, *map(str, found)) for change, found in rows],
    )
    for one in survivors:
        what = "" if one.mutant.change is Change.DROPPED else f"  {one.mutant.old} -> {one.mutant.new}"
        screen.say(f"survived: {_place(one)} {one.mutant.rule} {one.mutant.change.value}{what}", "red")
    told = f"{len(survivors)} survived" if survivors else "every one was noticed"
    screen.say(f"{len(verdicts)} changes: {told}.", "bold red" if survivors else "bold green")
    return survivors


def _place(verdict: Verdict) -> str:
    mutant = verdict.mutant
    return f"{mutant.file}:{mutant.line}:{mutant.column}"


def swept_rules(screen: Screen, bundle: Bundle, title: str) -> Survey:
    """Ask the rules every question, with a bar while a person waits."""
    return survey_of(Rulebook(bundle), lambda blocks: screen.progress(blocks, title))


def show_sweep(screen: Screen, swept: Survey, groups: Sequence[Group]) -> bool:
    """Print what was asserted of how many questions and what differs from what is kept; tell if all holds."""
    ok = swept.ok and not groups
    screen.result(
        {
            "ok": ok,
            "cells": swept.cells,
            "questions": swept.questions,
            "outcomes": dict(sorted(swept.outcomes.items())),
            "invariants": [
                {"invariant": name, "asserted": n, "breaches": list(swept.breaches.get(name, ()))}
                for name, n in swept.asserted.items()
            ],
            "changed": [_group(group) for group in groups],
        }
    )
    rows = [(name, f"{n:,}", str(len(swept.breaches.get(name, ())))) for name, n in swept.asserted.items()]
    screen.table("What must hold", ("what", "asserted", "broken"), rows)
    for name, places in swept.breaches.items():
        for place in places[:_MOST_SHOWN]:
            screen.say(f"broken: {name}: {place}", "red")
    _show_groups(screen, groups)
    held = "all holds" if swept.ok else "not all holds"
    told = f"{held}, and {sum(one.cells for one in groups):,} outcomes changed" if groups else held
    screen.say(
        f"{swept.cells:,} outcomes, {swept.questions:,} questions: {told}.",
        "bold green" if ok else "bold red",
    )
    return ok


class WidensVictims(Refused):
    """Rules under which more leaves of protected persons, that nobody has said to have read.

    `findings` are the changes, for a program; a person has seen them already.
    """

    def __init__(self, groups: Sequence[Group]) -> None:
        told = "lets more out of protected persons: read what changes, then add --i-have-read-it"
        super().__init__(told, code="widens-victims")
        self.findings = tuple(group.text for group in groups)


def show_difference(screen: Screen, groups: Sequence[Group]) -> None:
    """Print what would change, what lets more out first."""
    screen.result({"ok": True, "changed": [_group(group) for group in groups]})
    _show_groups(screen, groups)
    total = sum(group.cells for group in groups)
    screen.say(f"{total:,} outcomes would change." if total else "Nothing would change.", "bold")


def _show_groups(screen: Screen, groups: Sequence[Group]) -> None:
    for group in groups:
        screen.tell(
            group.text, lead="more:" if group.widens else "less:", style="red" if group.widens else ""
        )


def _group(group: Group) -> dict[str, object]:
    return {
        "change": group.text,
        "widens": group.widens,
        "protected_person": group.victims,
        "outcomes": group.cells,
    }
