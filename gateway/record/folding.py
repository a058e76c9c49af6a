"""Text folded for comparison: what is left when case, diacritics, punctuation and spacing no longer count."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

# ASCII letters to lower case, digits kept, everything else dropped.
_ASCII_SQUEEZE = {code: chr(code).lower() if chr(code).isalnum() else None for code in range(128)}
_NO_FIGURES = bytes(code for code in range(128) if not chr(code).isdecimal())

# Letters that no decomposition takes apart, casefolded, and what passports write for them (ICAO 9303).
_WHOLE_LETTERS = {
    **{"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ɖ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"},
    **{"ħ": "h", "ŋ": "n", "ŧ": "t", "ĸ": "k", "ə": "a", "ƒ": "f", "ɑ": "a", "ɡ": "g", "ɩ": "i", "ʋ": "v"},
}
# Letters of the fancy alphabets in which advertisements are written.
_SMALL_CAPITALS = dict(zip("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡʏᴢ", "abcdefghijklmnopqrstuvwyz", strict=True))
_FANCY_FROM = (0x1F150, 0x1F170, 0x1F1E6)
_FANCY = {chr(first + at): chr(ord("a") + at) for first in _FANCY_FROM for at in range(26)}
_LETTERS = {**_WHOLE_LETTERS, **_SMALL_CAPITALS, **_FANCY}

# How letters with two dots, a ring or a stroke are written where the keyboard has none.
_SPELLED_OUT = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Å": "Aa"}
    | {"Ø": "Oe"}
)
_ESCAPED = re.compile(r"%[0-9A-Fa-f]{2}|&#?\w{2,8};")
_MOST_ESCAPES = 3
"""How often a text may have been escaped, one escape around another."""


def fold(text: str) -> str:
    """Return text casefolded, decomposed for compatibility, without combining marks, digits of every script
    as ASCII digits; punctuation and spacing stay.
    """
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return decomposed.translate(_FOLDED)


def squeeze(text: str) -> str:
    """Return folded text with nothing but letters and digits left, so that `M-a.r ía` is `maria`."""
    if text.isascii():
        return text.translate(_ASCII_SQUEEZE)
    return "".join(filter(str.isalnum, fold(text)))


def figures(squeezed: str) -> str:
    """Return the digits of a squeezed text, without the letters that stood between them."""
    return squeezed.encode("ascii", "ignore").translate(None, _NO_FIGURES).decode()


def is_escaped(text: str) -> bool:
    """Tell whether a text holds what addresses and pages write for letters they cannot carry."""
    return ("%" in text or "&" in text) and _ESCAPED.search(text) is not None


def unescaped(text: str) -> str:
    """Return a text with `Mar%C3%ADa` and `Mar&iacute;a` as people read them, however often escaped."""
    for _ in range(_MOST_ESCAPES):
        plain = html.unescape(unquote(text))
        if plain == text:
            break
        text = plain
    return text


def spelled_out(text: str) -> str:
    """Return text with `ä`, `ö`, `ü`, `å` and `ø` as two letters: `Müller` as `Mueller`."""
    return text if text.isascii() else unicodedata.normalize("NFC", text).translate(_SPELLED_OUT)


class _Folded:
    """What stands for each character of decomposed text; asked by code point, as `str.translate` does."""

    def __getitem__(self, code: int) -> str | None:
        return _folded(code)


_FOLDED = _Folded()


@lru_cache(maxsize=8192)
def _folded(code: int) -> str | None:
    character = chr(code)
    if character.isascii():
        return character
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Cf"}:
        return None
    digit = unicodedata.decimal(character, None)
    return _LETTERS.get(character, character) if digit is None else str(digit)
