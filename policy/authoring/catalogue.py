"""The cases that are shipped, and what every rule's cases show of it.

Beside the source they stand with the tests; in an installation they are part of the package.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final

from policy.authoring.cases import FOLDERS, Case, read_cases
from policy.authoring.trial import differences, seen, shows
from policy.bundle import Bundle
from policy.rule import Layer, Rule
from policy.rulebook import Rulebook
from policy.statement import RuleFile

_CATALOGUED: Final = tuple(f"VP-{number:02}" for number in range(1, 45))
"""The numbers of the rule catalogue."""

PERMIT_EVERYTHING: Final = RuleFile(
    name="permit-everything",
    text="""
@id("LOCAL-PERMIT-EVERYTHING") @layer("local") @reason("everything is permitted") @source("a trial")
permit (principal, action, resource);
""",
)
"""An overlay under which only what is forbidden stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A number of the catalogue that code enforces, wholly or in part: where, and which test shows it."""

    id: str
    sentence: str
    where: str
    test: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """A case that did not come out as it says, and what differed."""

    folder: str
    case: str
    rule: str
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How many cases show a rule allowing, denying and holding; `layer` is `code` where code enforces it."""

    id: str
    layer: str
    sentence: str
    allow: int = 0
    deny: int = 0
    hold: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a set of cases made of a set of rules. `wanting` are rules without a case that shows them deny."""

    cases: int
    rows: tuple[Row, ...]
    failures: tuple[Failure, ...]
    wanting: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether every case came out as it says, and every rule has one that shows it deny."""
        return not self.failures and not self.wanting


@cache
def shipped_cases() -> tuple[Case, ...]:
    """Return the cases that come with this installation."""
    texts: list[tuple[str, str, str]] = []
    for folder in FOLDERS:
        files = [file for file in _root().joinpath(folder).iterdir() if file.name.endswith(".toml")]
        for file in sorted(files, key=lambda file: file.name):
            texts.append((file.name.removesuffix(".toml"), folder, file.read_text(encoding="utf-8")))
    return cases_of(texts)


def cases_of(texts: Iterable[tuple[str, str, str]]) -> tuple[Case, ...]:
    """Return the cases of texts, each with its name and folder.

    Raises:
        Malformed: code `bad-case`.
    """
    return tuple(case for name, folder, text in texts for case in read_cases(name, folder, text))


@cache
def enforced_in_code() -> tuple[Guard, ...]:
    """Return what of the catalogue code enforces."""
    text = resources.files("policy").joinpath("rules", "enforced_in_code.toml").read_text(encoding="utf-8")
    return tuple(Guard(**entry) for entry in tomllib.loads(text)["rule"])


def floor_alone(bundle: Bundle) -> Rulebook:
    """Return a bundle's floor with a rule that permits everything: what it still denies, the floor denies.

    Raises:
        Malformed: a rule does not load.
    """
    return Rulebook(Bundle(floor=bundle.floor, baseline=(), agreements=(), local=(PERMIT_EVERYTHING,)))


def catalogued(rules: Mapping[str, Rule]) -> dict[str, bool]:
    """Return for every number of the catalogue whether a rule or an entry on code answers for it."""
    held = [*rules, *(guard.id for guard in enforced_in_code())]
    return {number: any(name.startswith(number) for name in held) for number in _CATALOGUED}


def try_cases(cases: Sequence[Case], book: Rulebook, floor: Rulebook) -> Iterator[Failure | None]:
    """Yield for every case how it failed, or None; `floor` is the book's `floor_alone`."""
    for case in cases:
        yield _failure(case, book.rules, floor if case.floor_only else book)


def report(
    cases: Sequence[Case], failures: Sequence[Failure], rules: Mapping[str, Rule], layers: Iterable[Layer]
) -> Trial:
    """Return what was found; `layers` are those whose rules must each have a case that shows them deny."""
    shown = Counter((case.rule, case.folder) for case in cases)
    judged = frozenset(layers)
    rows = [
        Row(
            id=rule.id,
            layer=rule.layer.value,
            sentence=rule.sentence or rule.reason,
            **{folder: shown[rule.id, folder] for folder in FOLDERS},
        )
        for rule in rules.values()
        if rule.layer in judged
    ]
    return Trial(
        cases=len(cases),
        rows=tuple(
            sorted([*rows, *_of_code(judged)], key=lambda row: (not row.id.startswith("VP-"), row.id))
        ),
        failures=tuple(failures),
        wanting=tuple(sorted(row.id for row in rows if not row.deny)),
    )


def _of_code(judged: frozenset[Layer]) -> list[Row]:
    if Layer.FLOOR not in judged:
        return []
    return [Row(id=guard.id, layer="code", sentence=guard.sentence) for guard in enforced_in_code()]


def _failure(case: Case, rules: Mapping[str, Rule], asked: Rulebook) -> Failure | None:
    if case.rule not in rules:
        told = [f"rule: {case.rule} is no rule in force"]
    else:
        found = seen(case, asked.answer, asked.rules)
        told = differences(case, found)
        if not told and not shows(case, found, rules[case.rule]):
            told = [f"folder: does not show {case.rule} {_SHOWS[case.folder]}; found {dict(found)}"]
    if not told:
        return None
    return Failure(folder=case.folder, case=case.name, rule=case.rule, differences=tuple(told))


_SHOWS: Final = {"allow": "letting it pass", "deny": "keeping it back", "hold": "holding it for approval"}


def _root() -> Traversable:
    package = resources.files("policy")
    installed = package.joinpath("cases")
    if installed.is_dir():
        return installed
    # A source tree: the cases are tests like all others there.
    return Path(str(package)).parent / "tests" / "policy"
