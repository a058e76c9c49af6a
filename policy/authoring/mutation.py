"""A rule with one thing changed: dropped, or one literal, comparison or negation of it turned.

`policy.authoring.hunt` tries cases on each. What no case notices is either not tested or not needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, NamedTuple

from policy.authoring.schema import closed_lists
from policy.authoring.syntax import Word, plain, scope_of, words
from policy.rule import Layer
from policy.statement import Statement

_COMPARISONS: Final[Mapping[str, tuple[str, ...]]] = {
    "==": ("!=",),
    "!=": ("==",),
    "<": ("<=", ">="),
    "<=": ("<", ">"),
    ">": (">=", "<="),
    ">=": (">", "<"),
    "containsAll": ("containsAny",),
    "containsAny": ("containsAll",),
}
_ASKING: Final = frozenset({"contains", "isEmpty"})
"""What is asked of a set and has no counterpart: it is turned by a negation before it."""

_TRUTHS: Final = frozenset({"true", "false"})
_VARIABLES: Final = frozenset({"principal", "resource", "context"})


class Change(StrEnum):
    """What was done to a rule."""

    DROPPED = "rule dropped"
    LITERAL = "literal"
    COMPARISON = "comparison"
    NEGATION = "negation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One rule with one thing changed. `statement` is None where the rule was dropped; the place is that of
    what was changed.
    """

    rule: str
    layer: Layer
    change: Change
    file: str
    line: int
    column: int
    old: str
    new: str
    statement: Statement | None


def mutants_of(rule: str, layer: Layer, statement: Statement) -> Iterator[Mutant]:
    """Yield the rule dropped, and then with each of its words changed."""
    whole, rule_words = _Whole(rule, layer, statement), words(statement)
    first = rule_words[0]
    dropped = whole.turned(Change.DROPPED, first, first, "")
    yield replace(dropped, old=rule, statement=None)
    scope, body = scope_of(rule_words)
    for word in scope:
        for new in _other_members(word, scope):
            yield whole.turned(Change.LITERAL, word, word, new)
    for at, word in enumerate(body):
        for new in _literals(word, at, body):
            yield whole.turned(Change.LITERAL, word, word, new)
        for new in _COMPARISONS.get(word.text, ()):
            yield whole.turned(Change.COMPARISON, word, word, new)
        for start, last, new in _negated(word, at, body):
            change = Change.COMPARISON if word.text in _ASKING else Change.NEGATION
            yield whole.turned(change, start, last, new)


class _Whole(NamedTuple):
    """The rule as it is."""

    rule: str
    layer: Layer
    statement: Statement

    def turned(self, change: Change, start: Word, last: Word, new: str) -> Mutant:
        """Return the rule in which what stands from `start` to `last` is replaced; `*` in `new` is what stood
        there.
        """
        text = self.statement.text
        old = text[start.start : last.end]
        new = new.replace("*", old)
        return Mutant(
            rule=self.rule,
            layer=self.layer,
            change=change,
            file=self.statement.file,
            line=start.line,
            column=start.column,
            old=plain(old),
            new=plain(new) or "(nothing)",
            statement=replace(self.statement, text=text[: start.start] + new + text[last.end :]),
        )


def _negated(word: Word, at: int, body: list[Word]) -> Iterator[tuple[Word, Word, str]]:
    """Yield from where to where a condition is replaced and by what, so that it says the opposite."""
    before = body[at - 1].text if at else ""
    if word.text in ("when", "unless"):
        yield word, word, "unless" if word.text == "when" else "when"
    elif word.text == "!":
        yield word, word, " "
    elif word.text in _ASKING and before == ".":
        start = _operand(at - 2, body)
        if start == 0 or body[start - 1].text != "!":
            yield body[start], word, "!*"
    elif word.text in _VARIABLES and _is_condition(at, body):
        yield word, body[at + 2], "!*"


def _operand(at: int, body: list[Word]) -> int:
    """Return where the value begins whose last word stands at a place: a name with dots, or brackets."""
    if body[at].text in ("]", ")"):
        depth = 0
        while True:
            depth += {"]": 1, ")": 1, "[": -1, "(": -1}.get(body[at].text, 0)
            if depth == 0:
                return at
            at -= 1
    while at >= 2 and body[at - 1].text == ".":
        at -= 2
    return at


def _is_condition(at: int, body: list[Word]) -> bool:
    """Tell whether a truth value is read here as it is, as in `resource.notes`: it can only be negated."""
    before = [one.text for one in body[max(at - 2, 0) : at]]
    after = [one.text for one in body[at + 1 : at + 4]]
    alone = before[-1:] in (["&&"], ["||"], ["{"]) or (
        before[-1:] == ["("] and before[0] in ("&&", "||", "{", "(", "!")
    )
    return alone and after[:1] == ["."] and after[2:3] in (["&&"], ["||"], [")"], ["}"])


def _literals(word: Word, at: int, body: list[Word]) -> Iterator[str]:
    match word.kind:
        case "entity":
            yield from _other_members(word, _set_around(at, body))
        case "number":
            yield str(int(word.text) + 1)
            if int(word.text) > 0:
                yield str(int(word.text) - 1)
        case "string":
            yield f'{word.text[:-1]}-other"'
        case "name" if word.text in _TRUTHS:
            yield "false" if word.text == "true" else "true"
        case _:
            return


def _other_members(word: Word, beside: list[Word]) -> list[str]:
    """Return one other member of the closed list, none of those that stand beside the word.

    A member that stands there too would only drop the word, as does one that nothing is; so the nearest other
    one is taken, and where all stand there `unknown`.
    """
    if word.kind != "entity":
        return []
    type_, name = word.member
    members = closed_lists().get(type_, ())
    if name not in members:
        return []
    taken = {other.member[1] for other in beside if other.kind == "entity" and other.member[0] == type_}
    at = members.index(name)
    others = [member for member in (*members[at + 1 :], *members[:at]) if member != name]
    free = [member for member in others if member not in taken] or others
    known = [member for member in free if member != "unknown"] or free
    lead = word.text[: word.text.rindex("::")]
    return [f'{lead}::"{member}"' for member in known[:1]]


def _set_around(at: int, body: list[Word]) -> list[Word]:
    """Return the words of the brackets around a word, or the word alone."""
    opened = next((i for i in range(at, -1, -1) if body[i].text in ("[", "]")), -1)
    if opened < 0 or body[opened].text == "]":
        return [body[at]]
    closed = next(i for i in range(at, len(body)) if body[i].text == "]")
    return body[opened : closed + 1]
