"""Trying cases on rules: what is seen, whether it was expected, and whether it shows what it claims."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from policy.authoring.cases import Case
from policy.cell import Cell
from policy.decision import ENGINE_ERROR, Decision, Opinion
from policy.procedure import (
    Answer,
    Question,
    conclude,
    opinion_of,
    read_act,
    read_portion,
    read_record,
    withheld,
)
from policy.rule import Rule

Ask = Callable[[Cell], Answer]


def seen(case: Case, ask: Ask, rules: Mapping[str, Rule]) -> dict[str, object]:
    """Return what these rules make of a case, by the names that a case may expect. `ask` answers a cell."""
    question = Question(recipient=case.recipient, context=case.context, ask=ask, rules=rules)
    if case.act is None:
        return _seen_release(_decided(case, question))
    portion = case.portion if case.act in ("judicialUse", "deconflict") else None
    interviewee = case.interviewee if case.act == "requestInterview" else None
    cell = Cell(case.act, case.recipient, case.context, frozenset(), portion, None, interviewee, case.hit)
    return _seen_act(opinion_of(read_act(question, cell), rules))


def differences(case: Case, found: Mapping[str, object]) -> list[str]:
    """Return in words what was not as expected; empty where all was."""
    return [
        f"{name}: expected {expected!r}, found {found.get(name)!r}"
        for name, expected in case.expect.items()
        if name not in found or found[name] != expected
    ]


def shows(case: Case, found: Mapping[str, object], rule: Rule) -> bool:
    """Tell whether what is seen shows what the case's folder claims of its rule."""
    kept_back = rule.id in _listed(found, "rules")
    duties = {code.token for code in rule.obligations}
    travels = bool(duties) and duties <= set(_listed(found, "obligations"))
    permitted = rule.id in _listed(found, "mentioned") and rule.effect == "permit"
    match case.folder:
        case "hold":
            return found["outcome"] == "held" and kept_back and rule.lifts <= set(_listed(found, "approvals"))
        case "deny":
            return kept_back or travels or (rule.effect == "permit" and not permitted)
        case _:
            if rule.effect == "permit":
                return permitted
            leaves = found.get("rung", "") != "withheld" and found["outcome"] == "release"
            return leaves and not kept_back and not travels


def _decided(case: Case, question: Question) -> Decision:
    head = read_record(question)
    asked = case.portion.category in case.ask
    verdict = read_portion(question, case.portion, asked=asked) if head.open else withheld(head.rules)
    return conclude(head, [verdict], bytes(32), question.rules)


def _seen_release(decision: Decision) -> dict[str, object]:
    verdict = decision.verdicts[0]
    mentioned = {reason.rule for reason in decision.reasons}
    return {
        "outcome": decision.outcome.value,
        "rung": verdict.rung.token if verdict.rung else "withheld",
        "asked": verdict.asked.token if verdict.asked else "",
        "approvals": sorted(decision.approvals),
        "duties": list(decision.duties),
        "rules": sorted({*verdict.rules, *decision.rules}),
        "permits": list(verdict.permits),
        "mentioned": sorted(mentioned),
        "obligations": [code.token for code in verdict.obligations],
        "failed": ENGINE_ERROR in mentioned,
    }


def _seen_act(opinion: Opinion) -> dict[str, object]:
    return {
        "outcome": opinion.outcome.value,
        "approvals": sorted(opinion.approvals),
        "rules": list(opinion.rules),
        "permits": list(opinion.permits),
        "mentioned": [reason.rule for reason in opinion.reasons],
        "obligations": [],
        "failed": ENGINE_ERROR in {reason.rule for reason in opinion.reasons},
    }


def _listed(found: Mapping[str, object], name: str) -> list[str]:
    value = found.get(name, [])
    return [str(one) for one in value] if isinstance(value, list) else []


def with_approvals(case: Case, found: Mapping[str, object]) -> Case:
    """Return the case once every approval it was held for is given."""
    given = case.context.approvals | frozenset(_listed(found, "approvals"))
    return replace(case, context=replace(case.context, approvals=given))
