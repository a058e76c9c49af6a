"""Rule files cut into single rules, each with its line and the sentence above it, before anything is parsed.

The engine loads every rule from its own text, so what is counted, checked and named here is what is in force.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from gateway.errors import Malformed

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|//[^\n]*|;|"', re.DOTALL)
_QUOTED: Final = re.compile(r"[`']([^`']+)[`']")
_SENTENCE: Final = re.compile(r"///[ \t]?(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """One text of rules; `name` is how people and error messages call it, e.g. `floor/identity.cedar`."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The text of one rule. `sentence` is what its `///` lines say to a lawyer; empty where there are
    none.
    """

    file: str
    line: int
    text: str
    sentence: str


def refusal(file: str, line: int, why: str, code: str = "bad-rule") -> Malformed:
    """Return the error for a rule that does not load, naming file and line."""
    return Malformed(why, code=code, field=f"{file}:{line}")


def misread(statement: Statement, told: str, why: str) -> Malformed:
    """Return the error for a rule that the rule language refuses, naming file, line and column of what the
    message quotes, or of the rule's beginning where it quotes nothing that stands in the rule.
    """
    code = _without_comments(statement.text)
    begin = _first_code(statement.text)
    found = [code.find(quoted, begin) for quoted in _QUOTED.findall(told) if quoted]
    at = next((place for place in found if place >= 0), begin)
    line = statement.line + code.count("\n", begin, at)
    column = at - (code.rfind("\n", 0, at) + 1) + 1
    return refusal(f"{statement.file}:{line}", column, why)


def split(source: RuleFile) -> list[Statement]:
    """Return the rules of a file in their order.

    Raises:
        Malformed: code `bad-rule`: an unfinished string or rule; the field names file and line.
    """
    statements = []
    start = 0
    for token in _TOKEN.finditer(source.text):
        if token.group() == '"':
            raise refusal(source.name, _line(source.text, token.start()), "a string is not closed")
        if token.group() == ";":
            statements.append(_statement(source, start, token.end()))
            start = token.end()
    if _without_comments(source.text[start:]).strip():
        raise refusal(source.name, _first_code_line(source.text, start), "a rule is not finished")
    return statements


def _statement(source: RuleFile, start: int, end: int) -> Statement:
    text = source.text[start:end]
    above = text[: _first_code(text)]
    return Statement(
        file=source.name,
        line=_first_code_line(source.text, start),
        text=text,
        sentence=" ".join(match.group(1).strip() for match in _SENTENCE.finditer(above)).strip(),
    )


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _first_code_line(text: str, start: int) -> int:
    return _line(text, start + _first_code(text[start:]))


def _first_code(text: str) -> int:
    blanked = _without_comments(text)
    return len(blanked) - len(blanked.lstrip())


def _without_comments(text: str) -> str:
    # Comments become spaces, so that offsets stay; strings are tokens too and hide the slashes in them.
    return _TOKEN.sub(
        lambda token: " " * len(token.group()) if token.group()[0] == "/" else token.group(), text
    )
