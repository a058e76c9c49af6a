"""What is wrong with rules before anybody takes them into force: everything in one reading, with its place.

Some of it the rule language accepts without a word: text that is on no list, a rule that can never apply,
a permit without a condition.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from gateway.errors import Malformed
from policy.authoring.schema import closed_lists
from policy.authoring.syntax import Word, scope_of, words
from policy.rule import Layer
from policy.rulebook import faults
from policy.statement import RuleFile, Statement, split
from policy.vocabulary import APPROVAL_ROLES, APPROVAL_TOKENS

LONGEST_REASON: Final = 200
"""Characters of a reason that still stand beside a field on a screen."""

_ANNOTATION: Final = re.compile(r'//[^\n]*|@(\w+)\s*\(\s*"((?:[^"\\]|\\.)*)"\s*\)')
_WORDS: Final = frozenset({"country", "agreements", "communities"})
"""What no closed list holds, so that it is compared with text."""

# Told here with their place; what the loader says of them names the rule only.
_TOLD_HERE: Final = ("asks with `has`", "is a template", "has no `///`", "compares with a string", "@lift ")
_PLACE: Final = re.compile(r"(.*?):(\d+)(?::(\d+))?")
_NOT_DECLARED: Final = re.compile(r'entity `Comity::(\w+)::"')
_NO_ACTION: Final = re.compile(r"unrecognized action|find an applicable action")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One thing that is wrong, where, and what was expected there."""

    file: str
    line: int
    column: int
    message: str
    expected: str

    @property
    def place(self) -> str:
        """File, line and column as editors read them."""
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class _Annotation:
    name: str
    value: str
    line: int
    column: int


def lint(files: Iterable[tuple[Layer, RuleFile]]) -> list[Finding]:
    """Return everything that is wrong with these files, by place; empty where nothing is."""
    found: set[Finding] = set()
    ids: dict[str, str] = {}
    for layer, file in files:
        try:
            statements = split(file)
        except Malformed as exc:
            found.add(_of_loader(exc))
            continue
        for statement in statements:
            found.update(_of_statement(layer, statement))
            for note in _annotations(statement):
                if note.name != "id":
                    continue
                place = f"{statement.file}:{note.line}"
                earlier = ids.setdefault(note.value, place)
                if earlier != place:
                    told = f"@id {note.value} is used at {earlier} too"
                    found.add(_at(statement, note, told, "an id that no other rule has"))
    return sorted(found)


def _of_statement(layer: Layer, statement: Statement) -> Iterator[Finding]:
    notes, rule = _annotations(statement), words(statement)
    unlisted = [] if not rule else list(_of_literals(statement, rule))
    for fault in faults(layer, statement):
        told_here = fault.message.startswith(_TOLD_HERE) or _NOT_DECLARED.search(fault.message)
        if not told_here and not (unlisted and _NO_ACTION.search(fault.message)):
            yield _of_loader(fault)
    yield from unlisted
    if not rule:
        return
    yield from _of_annotations(statement, notes, rule[0])
    scope, body = scope_of(rule)
    for word in [*scope, *body]:
        if word.kind == "slot":
            yield _at(
                statement, word, "is a template, which nobody links: it never applies", "a rule as it is"
            )
    yield from _of_body(statement, rule[0], body)


def _of_annotations(statement: Statement, notes: list[_Annotation], effect: Word) -> Iterator[Finding]:
    if not statement.sentence:
        yield _at(
            statement,
            notes[0] if notes else effect,
            "has no sentence above it",
            "a line `/// ...` that says it",
        )
    for note in notes:
        if note.name == "reason" and len(note.value) > LONGEST_REASON:
            told = f"@reason has {len(note.value)} characters"
            yield _at(statement, note, told, f"{LONGEST_REASON} at most")
        if note.name == "lift":
            yield from _of_lift(statement, note)


def _of_lift(statement: Statement, note: _Annotation) -> Iterator[Finding]:
    tokens = [token.strip() for token in note.value.split(",")]
    for token in tokens:
        if token in APPROVAL_TOKENS:
            continue
        foreign = any(mark in token for mark in "./@")
        told = f"@lift names {token!r}, {'an officer of another agency' if foreign else 'no known approval'}"
        expected = f"one of {', '.join(APPROVAL_ROLES)} and a number of people, as VPO:1"
        yield _at(statement, note, told, expected)
    if len(set(tokens)) != len(tokens):
        yield _at(statement, note, "@lift names an approval twice", "each once")


def _of_literals(statement: Statement, code: list[Word]) -> Iterator[Finding]:
    lists: Mapping[str, tuple[str, ...]] = closed_lists()
    for word in code:
        if word.kind != "entity":
            continue
        type_, name = word.member
        if type_ not in lists or name in lists[type_]:
            continue
        near = get_close_matches(name, lists[type_], 1)
        expected = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(lists[type_])}"
        yield _at(statement, word, f"{name!r} is not on the list {type_}", expected)


def _of_body(statement: Statement, effect: Word, body: list[Word]) -> Iterator[Finding]:
    texts = [word.text for word in body]
    if effect.text == "permit" and texts in ([";"], ["when", "{", "true", "}", ";"]):
        yield _at(
            statement, effect, "permits without any condition", "a `when` that says to whom and what for"
        )
    if texts in (["when", "{", "false", "}", ";"], ["unless", "{", "true", "}", ";"]):
        yield _at(statement, body[0], "can never apply", "a condition that some question meets")
    for at, word in enumerate(body):
        if word.kind == "name" and word.text == "has" and effect.text == "forbid":
            told = "a forbid that asks with `has` lets through what is not there"
            yield _at(statement, word, told, "to read the attribute; every one is always there")
        if word.kind == "string" and not _compared_with_words(at, texts):
            told = f"compares with the text {word.text}, which no list would catch if it were misspelt"
            yield _at(
                statement, word, told, f"a member of a closed list; text only for {', '.join(sorted(_WORDS))}"
            )


def _compared_with_words(at: int, texts: list[str]) -> bool:
    """Tell whether a string is compared with what no closed list holds, in its part of the condition."""
    ends = {"&&", "||", "{", "}", ";"}
    start = next((i for i in range(at, -1, -1) if texts[i] in ends), 0)
    end = next((i for i in range(at, len(texts)) if texts[i] in ends), len(texts))
    return any(one in _WORDS for one in texts[start:end])


def _annotations(statement: Statement) -> list[_Annotation]:
    lines = statement.text.count("\n", 0, _code_at(statement.text))
    found = []
    for match in _ANNOTATION.finditer(statement.text):
        if match.group(1) is None:  # a comment
            continue
        at = match.start(1) - 1
        line = statement.line + statement.text.count("\n", 0, at) - lines
        column = at - statement.text.rfind("\n", 0, at)
        found.append(_Annotation(match.group(1), match.group(2), line, column))
    return found


def _code_at(text: str) -> int:
    code = re.sub(r"//[^\n]*", lambda comment: " " * len(comment.group()), text)
    return len(code) - len(code.lstrip())


def _at(statement: Statement, place: Word | _Annotation, message: str, expected: str) -> Finding:
    return Finding(
        file=statement.file, line=place.line, column=place.column, message=message, expected=expected
    )


_EXPECTED: Final[Mapping[str, str]] = {
    "attribute `": "an attribute that policy/schema.cedarschema has",
    "not a valid operator": "one of Cedar's operators, as == for equality",
    "@layer is": "the layer whose file it stands in",
    "is empty": "a few words in each",
    "not compatible": "two values of one type",
    "unexpected": "Cedar syntax there",
}
"""What was expected, by what the message of the rule language says."""


def _of_loader(exc: Malformed) -> Finding:
    placed = _PLACE.fullmatch(exc.field)
    file, line, column = placed.groups() if placed else (exc.field, "1", "1")
    return Finding(
        file=file,
        line=int(line),
        column=int(column or 1),
        message=re.sub(r"for policy `policy0`[:,] ", "", exc.message),
        expected=next((told for sign, told in _EXPECTED.items() if sign in exc.message), "a rule that loads"),
    )
