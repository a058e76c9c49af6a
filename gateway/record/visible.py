"""Untrusted text as it may stand on a terminal: what would be obeyed, hidden or drawn over is written out.

One function for every screen, line by line or full; whoever shows text passes it through here exactly once.
An escape is `\\x1b` below U+0100 and `\\u{202e}` above. A backslash that stands before an `x`, a `u` or an
escape is doubled, so no text can pose as the escape of another: two texts never look the same for it.

Letters written from right to left stay as they are: Hebrew and Arabic must be read. A terminal that orders
them may also move digits and punctuation that follow them on the same line, ours included. Only isolates
(U+2068, U+2069) would hold them, and those are what this module keeps out; a screen that shows such a value
beside others gives it a line of its own where that matters. Letters of two scripts that look alike are not
told apart here either: `gateway.record.lookalike` does that for names.

Source: THREATS A49; Unicode Standard Annexes 9 and 44, Default_Ignorable_Code_Point.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Final

MARKS_STACKED: Final = 3
"""How many marks a letter may carry above and below it; more climb into the lines of others."""

MARKS_MOST: Final = 6
"""How many marks may follow a letter in all: syllables of Burmese and Tibetan take more than they stack."""

# Controls, bidi overrides, zero-width and other format characters, private and unassigned ones, line breaks.
_ACTED_ON = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
# Letters, marks and symbols that nobody sees: fillers, variation selectors, blanks.
_BLANK = {
    *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x180F, 0x2800, 0x303F, 0x3164, 0xFFA0, 0xFFFC, 0x16FE4),
    *(*range(0x180B, 0x180F), *range(0xFE00, 0xFE10), 0x13441, 0x13442, 0x1D159, *range(0xE0100, 0xE01F0)),
}
# Vowels and finals of Hangul written letter by letter: each joins the one before it, as a mark does.
_JOINING = {*range(0x1160, 0x1200), *range(0xD7B0, 0xD800)}
_OVERLAY = 1
_SLASH = "\\"


def visible(text: str) -> str:
    """Return the text with every character that is obeyed, unseen or drawn over others written as an escape.

    What is returned holds no line break, no space but U+0020, and no mark without the letter it belongs to.
    """
    if text.isascii() and text.isprintable() and _SLASH not in text:
        return text
    return "".join(_with_plain_slashes(_pieces(text)))


def _with_plain_slashes(pieces: Iterable[str]) -> Iterator[str]:
    """Yield pieces with all backslashes doubled that stand before what would make an escape of them."""
    slashes = 0
    for piece in pieces:
        if piece == _SLASH:
            slashes += 1
            continue
        yield _SLASH * (slashes * 2 if piece[0] in "xu\\" else slashes)
        yield piece
        slashes = 0
    yield _SLASH * slashes


def _pieces(text: str) -> Iterator[str]:
    """Yield every character as it is or as its escape; a backslash of the text is a piece of its own."""
    carried, stacked, carries = 0, 0, False
    for character in text:
        if not _is_mark(character):
            shown = _is_shown(character)
            # Nothing may be drawn on a space: at the start of a line it could be one of ours.
            carried, stacked, carries = 0, 0, shown and character != " "
        else:
            carried += 1
            stacked += unicodedata.combining(character) != 0
            carries = carries and carried <= MARKS_MOST and stacked <= MARKS_STACKED and _is_shown(character)
            shown = carries
        yield character if shown else _escape(character)


@lru_cache(maxsize=8192)
def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M" or ord(character) in _JOINING


@lru_cache(maxsize=8192)
def _is_shown(character: str) -> bool:
    category = unicodedata.category(character)
    if category in _ACTED_ON or ord(character) in _BLANK:
        return False
    # Circles and strokes across a letter make another of it, or strike out what was not struck out.
    if category == "Me" or unicodedata.combining(character) == _OVERLAY:
        return False
    # A wider or narrower space lets one column pose as another.
    return category != "Zs" or character == " "


def _escape(character: str) -> str:
    point = ord(character)
    return f"\\x{point:02x}" if point < 0x100 else f"\\u{{{point:x}}}"
