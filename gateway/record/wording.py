"""Whether free text blames, judges or exposes those it tells of.

A finding forbids no word: it asks the officer for victim protection to read the text before it leaves.

Source: rule VP-20; WHO ethical and safety recommendations for interviewing trafficked women, 2003.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from gateway.record.folding import fold
from gateway.record.wording_terms import TERMS

FREE_TEXT = frozenset({"narrative.text", "person.statement", "person.safety", "assessment.score"})
"""Categories whose text people write about people."""


def harmful_wording(text: str) -> tuple[str, ...]:
    """Return the harmful wording in a text, each finding folded as it stands there, once, in order."""
    return tuple(dict.fromkeys(" ".join(_WORD.findall(match[0])) for match in _HARMFUL.finditer(fold(text))))


def neutral_wording(found: str) -> str:
    """Return what to write instead of one finding; empty for what is none."""
    for pattern, instead in _INSTEAD:
        if pattern.fullmatch(found):
            return instead
    return ""


def has_harmful_wording(value: Any) -> bool:
    """Tell whether any text of a field's value is worded harmfully: of a text, a message, or several."""
    return any(_HARMFUL.search(fold(text)) for text in _texts(value))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif hasattr(value, "ListFields"):
        for _, inner in value.ListFields():
            yield from _texts(inner)
    elif isinstance(value, Sequence) and not isinstance(value, bytes):
        for one in value:
            yield from _texts(one)


def _pattern(term: str) -> str:
    # Words may stand apart by a space, a line, a hyphen or an apostrophe.
    return re.escape(term).replace(r"\*", r"\w*").replace(r"\ ", r"[\W_]{1,3}")


def _grouped(terms: list[str]) -> str:
    """Return one pattern of all terms, by their first two characters, so that most words are passed over."""
    groups: dict[str, list[str]] = {}
    for term in terms:
        groups.setdefault(term[:2], []).append(_pattern(term[2:]))
    letters: dict[str, list[str]] = {}
    for start, rests in groups.items():
        letters.setdefault(start[0], []).append(f"{_pattern(start[1])}(?:{'|'.join(rests)})")
    return "|".join(f"{first}(?:{'|'.join(rests)})" for first, rests in letters.items())


# The longest first, so that `child prostitute` is found as what it is.
_LONGEST_FIRST = sorted(TERMS, key=len, reverse=True)
_WORD = re.compile(r"[^\W_]+")
_HARMFUL = re.compile(rf"(?<!\w)(?:{_grouped(_LONGEST_FIRST)})(?!\w)")
_INSTEAD = [(re.compile(_pattern(term)), TERMS[term]) for term in _LONGEST_FIRST]
