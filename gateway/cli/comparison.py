"""Side by side: what each recipient sees of the same record, and the rules behind it, each told once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.cli.screen import Screen
from gateway.flow.preview import WITHHELD, Line, Preview, Seen
from gateway.record.schema import HEADER_KIND
from policy.decision import DEFAULT_DENY

_MARKS = {"exact": "= ", "generalised": "~ ", "coarse": "≈ "}
_FINER = "; finer withheld"
_KEY = "= exact   ~ generalised   ≈ coarse   · withheld, by the rules named"

# Where a value is cut to one line, words that only repeat what the value shows anyway are in the way.
_OBVIOUS = re.compile(
    r"(?:^|(?<=[,:;] ))(?:colour|content|country|date|family|from_country|full|given|kind|legs|make|model"
    r"|month|name|names|number|origin|place|plate|postal_code|region|relation|site|street|text|title|to_country|town"
    r"|url|value): "
)
_NOISE = re.compile(r", (?:kind: primary|script: [A-Z][a-z]{3})(?=$|[,;])")


def as_object(found: Preview) -> dict[str, Any]:
    """Return a preview for --json: every field in full, and what each recipient sees of it and why."""
    return {
        "outcomes": {agency: outcome.value for agency, outcome in found.outcomes.items()},
        "headlines": dict(found.headlines),
        "fields": [
            {
                "entity": line.entity,
                "field": line.field,
                "category": line.category,
                "exact": line.exact,
                "seen": {
                    agency: {"rung": seen.rung, "text": seen.text, "why": seen.why}
                    for agency, seen in line.seen.items()
                },
            }
            for line in found.lines
        ],
    }


def show_comparison(screen: Screen, found: Preview, lines: Sequence[Line]) -> None:
    """Print these lines of a preview grouped by entity, one row a field, and below them each rule once."""
    agencies = list(found.headlines)
    groups: dict[str, list[Sequence[str]]] = {}
    for line in lines:
        row = [line.field.replace("_", " "), brief(line.exact)]
        row += [_cell(found, line.seen[agency]) for agency in agencies]
        groups.setdefault(heading(line), []).append(row)
    screen.compare(["recorded", *agencies], groups.items())
    screen.tell(_KEY, style="dim")
    screen.say("")
    for agency in agencies:
        screen.tell(found.headlines[agency], lead=f"{agency}:", style="bold")
    seen = [line.seen[agency] for line in lines for agency in agencies]
    _reasons(screen, found, "Why something is withheld:", (one.why for one in seen if one.rung == WITHHELD))
    shown = (one.why.partition(_FINER)[0] for one in seen if one.rung != WITHHELD)
    _reasons(screen, found, "Why something is shown:", shown)


def _reasons(screen: Screen, found: Preview, title: str, whys: Iterable[str]) -> None:
    named = sorted({rule for why in whys for rule in rules_in(found.rules, why)}, key=rank)
    room = max(map(len, named), default=0)
    if named:
        screen.say(title, "bold")
    for rule in named:
        screen.tell(found.rules[rule], indent=2, lead=f"{_short(rule):{room}} ")


def heading(line: Line) -> str:
    """Return the name of a line's entity, with its kind before it."""
    return "record" if line.kind == HEADER_KIND else f"{line.kind} {line.entity}"


def brief(words: str) -> str:
    """Return a value in words without the labels that a reader does not need to recognise it."""
    return _OBVIOUS.sub("", _NOISE.sub("", words)).replace("_", " ")


def _cell(found: Preview, seen: Seen) -> str:
    if seen.rung != WITHHELD:
        return _MARKS[seen.rung] + brief(seen.text)
    return f"· {' '.join(map(_short, rules_in(found.rules, seen.why)))}".rstrip()


def rules_in(rules: Mapping[str, str], why: str) -> list[str]:
    """Return the ids of the rules a reason names, the floor's before the others."""
    return sorted((rule for rule in rules if f"({rule})" in why), key=rank)


def rank(rule: str) -> tuple[bool, bool, str]:
    """Order rule ids for a reader: the floor first, the absence of any rule last."""
    return rule == DEFAULT_DENY, not rule.startswith("VP-"), rule


def _short(rule: str) -> str:
    return "no rule" if rule == DEFAULT_DENY else rule
