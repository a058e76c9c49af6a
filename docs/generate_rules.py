"""Generates the book of rules: `python -m docs.generate_rules` writes docs/rules.md from the annotations."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from policy.authoring.cases import FOLDERS, read_cases
from policy.bundle import Bundle, shipped_baseline_files, shipped_floor
from policy.explain import approvals_in_words
from policy.rule import Rule
from policy.rulebook import Rulebook
from policy.statement import RuleFile

ROOT: Final = Path(__file__).resolve().parents[1]
PAGE: Final = ROOT / "docs" / "rules.md"
CASES: Final = ROOT / "tests" / "policy"
IN_CODE: Final = ROOT / "policy" / "rules" / "enforced_in_code.toml"

_INTRO: Final = """\
# Rules

Made by `make docs` from the annotations of `policy/rules/`; do not edit this page.

Every rule stands in a file of its legal theme with a sentence a lawyer can sign, the law behind it, and the
duties that may lift it or that travel with what leaves. **Floor** rules only forbid, ship with the program,
and nothing laid over them relaxes them; their digest is compiled in. The **baseline** is what a federation
signs by default. Agreements and an agency's own rules come after both ([policy.md](policy.md)).

A rule *with approvals* holds what was asked for until those people agree; one without can be lifted by
nobody. A rule that *obliges* keeps nothing back: its duty travels with the release. The last column counts
the cases that show it allow, deny and hold (`comity policy test`).
"""

_LAYERS: Final = (("Floor", shipped_floor), ("Baseline", shipped_baseline_files))


def page() -> str:
    """Return the page."""
    lines = [_INTRO]
    shown = _shown()
    for title, files in _LAYERS:
        lines.append(f"## {title}\n")
        for file in files():
            lines += _theme(file, shown, floor=title == "Floor")
    lines += _in_code()
    return "\n".join(lines).rstrip() + "\n"


def _theme(file: RuleFile, shown: dict[tuple[str, str], int], *, floor: bool) -> Iterator[str]:
    bundle = Bundle(
        floor=(file,) if floor else (),
        baseline=() if floor else (file,),
        agreements=(),
        local=(),
    )
    rules = Rulebook(bundle).rules
    head = file.text.partition("\n\n")[0]
    yield f"### {file.name}\n"
    yield " ".join(line.removeprefix("//").strip() for line in head.splitlines()) + "\n"
    yield from _table(
        ("Rule", "What it says", "Effect", "Source", "Cases"), [_row(rule, shown) for rule in rules.values()]
    )
    yield ""


def _row(rule: Rule, shown: dict[tuple[str, str], int]) -> tuple[str, ...]:
    counts = " / ".join(str(shown.get((rule.id, folder), 0)) for folder in FOLDERS)
    return f"`{rule.id}`", rule.sentence, _effect(rule), rule.source, counts


def _effect(rule: Rule) -> str:
    if rule.obligations:
        return "obliges: " + ", ".join(code.token for code in rule.obligations)
    if rule.effect == "permit":
        return "permits"
    if rule.lifts:
        return f"forbids; lifted by {approvals_in_words(rule.lifts)}"
    return "forbids"


def _in_code() -> Iterator[str]:
    table: dict[str, Any] = tomllib.loads(IN_CODE.read_text(encoding="utf-8"))
    yield "## Enforced in code\n"
    yield "What Cedar cannot say is held by the program itself, each by a test.\n"
    rows = [(f"`{one['id']}`", one["sentence"], _test(one["test"])) for one in table["rule"]]
    yield from _table(("Rule", "What it says", "Test"), rows)


def _test(named: str) -> str:
    path, _, name = named.partition("::")
    return f"`{path}`, {name.replace('_', ' ').removeprefix('test ')}"


def _shown() -> dict[tuple[str, str], int]:
    counts: dict[tuple[str, str], int] = {}
    for folder in FOLDERS:
        for path in sorted((CASES / folder).glob("*.toml")):
            for case in read_cases(path.stem, folder, path.read_text(encoding="utf-8")):
                counts[case.rule, folder] = counts.get((case.rule, folder), 0) + 1
    return counts


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"| {' | '.join('---' for _ in head)} |"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
