"""Text folded for comparison: what is left when case, diacritics, punctuation and spacing no longer count.

Transliteration between scripts belongs here too once it is built (step 3).
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

# ASCII letters to lower case, digits kept, everything else dropped.
_ASCII_SQUEEZE = {code: chr(code).lower() if chr(code).isalnum() else None for code in range(128)}
_NO_FIGURES = bytes(code for code in range(128) if not chr(code).isdecimal())


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
    return character if digit is None else str(digit)
