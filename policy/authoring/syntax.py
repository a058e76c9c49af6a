"""The words of a rule where they stand: what is changed one by one to see whether a case notices, and what a
finding points at.

Comments and annotations are left out: they decide nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from policy.statement import Statement

Kind = Literal["entity", "string", "number", "name", "slot", "operator"]

_WORD: Final = re.compile(
    r"""(?P<comment>//[^\n]*)
    |(?P<entity>[A-Za-z_]\w*(?:\s*::\s*[A-Za-z_]\w*)*\s*::\s*"(?:[^"\\]|\\.)*")
    |(?P<string>"(?:[^"\\]|\\.)*")
    |(?P<number>\d+)
    |(?P<slot>\?[a-z]+)
    |(?P<name>[A-Za-z_]\w*(?:\s*::\s*[A-Za-z_]\w*)*)
    |(?P<operator>==|!=|<=|>=|&&|\|\||[-+*<>!@(){}\[\],.;:])""",
    re.VERBOSE,
)
_SPACE: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word of a rule: its text, its offset in the rule's text, and where it stands in its file."""

    kind: Kind
    text: str
    start: int
    line: int
    column: int

    @property
    def end(self) -> int:
        """The offset after its last character."""
        return self.start + len(self.text)

    @property
    def member(self) -> tuple[str, str]:
        """For an entity: its type without namespace, and its id, as in `("Age", "minor")`."""
        type_, _, name = self.text.rpartition("::")
        return type_.rpartition("::")[2].strip(), name.strip()[1:-1]


def words(statement: Statement) -> list[Word]:
    """Return the words of a rule from its effect on, scope and body."""
    # Offsets of lines are counted from the first line of code, which is the one that the statement names.
    found: list[Word] = []
    line, seen = 0, 0
    first: int | None = None
    for match in _WORD.finditer(statement.text):
        line += statement.text.count("\n", seen, match.start())
        seen = match.start()
        kind = match.lastgroup
        if kind is None or kind == "comment":
            continue
        first = line if first is None else first
        column = match.start() - statement.text.rfind("\n", 0, match.start())
        found.append(_word(kind, match.group(), match.start(), statement.line + line - first, column))
    return found[_effect_at(found) :]


def scope_of(rule: list[Word]) -> tuple[list[Word], list[Word]]:
    """Return the words of the scope, without its brackets, and those of the body after it."""
    depth = 0
    for at, word in enumerate(rule):
        depth += {"(": 1, ")": -1}.get(word.text, 0)
        if word.text == ")" and depth == 0:
            return rule[2:at], rule[at + 1 :]
    return rule, []


def plain(text: str) -> str:
    """Return a piece of a rule without the space that only lays it out."""
    return _SPACE.sub(" ", text).strip()


def _word(kind: str, text: str, start: int, line: int, column: int) -> Word:
    known: dict[str, Kind] = {
        "entity": "entity",
        "string": "string",
        "number": "number",
        "name": "name",
        "slot": "slot",
        "operator": "operator",
    }
    return Word(kind=known[kind], text=text, start=start, line=line, column=column)


def _effect_at(found: list[Word]) -> int:
    """Return the place of `permit` or `forbid`: what stands before it are annotations."""
    depth = 0
    for at, word in enumerate(found):
        depth += {"(": 1, ")": -1}.get(word.text, 0)
        if depth == 0 and word.text in ("permit", "forbid") and (at == 0 or found[at - 1].text != "@"):
            return at
    return len(found)
