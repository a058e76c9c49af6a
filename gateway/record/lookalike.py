"""Names that readers take for one another: what a display name may hold, and which names look like it.

A name is reduced to a skeleton in Latin letters: look-alikes of other scripts, capitals, digits, diacritics,
spaces and punctuation no longer count. Two names with one skeleton are not the same name, but may be read as
the same. The tables hold what officers meet (Latin, Cyrillic, Greek, Armenian, kana beside Han, variant
letters of Arabic) and not all of Unicode; mixing of scripts is refused besides, and the key id stands beside
every name because no table is complete.

Source: THREATS A50; Unicode Technical Standard 39, sections 4 and 5.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from gateway.errors import Malformed
from gateway.record.folding import fold, squeeze
from gateway.record.text import check_text
from gateway.record.transliteration import as_it_looks
from gateway.record.visible import visible

DISPLAY_NAME_CHARS_MAX: Final = 100

KEY_ID_SHOWN_CHARS: Final = 8

# Each name of a letter in Unicode starts with one of these; the longer ones before those they start with.
_SCRIPTS = {
    **{"LATIN ": "Latin", "CYRILLIC ": "Cyrillic", "GREEK ": "Greek", "HEBREW ": "Hebrew"},
    **{"ARABIC": "Arabic", "EXTENDED ARABIC": "Arabic", "ARMENIAN ": "Armenian", "GEORGIAN ": "Georgian"},
    **{"CJK UNIFIED IDEOGRAPH": "Han", "IDEOGRAPHIC ITERATION MARK": "Han", "HIRAGANA ": "Hiragana"},
    **{"KATAKANA-HIRAGANA ": "", "KATAKANA ": "Katakana", "HANGUL ": "Hangul", "COMBINING ": ""},
    **{"MODIFIER LETTER APOSTROPHE": "", "MODIFIER LETTER TURNED COMMA": ""},
}
# Scripts that one language writes together.
_TOGETHER = (frozenset({"Han", "Hiragana", "Katakana"}), frozenset({"Han", "Hangul"}))

# What the table of look-alikes in `transliteration` leaves out: it serves Cyrillic and Greek names.
_LOOKS_TOO = str.maketrans(
    dict(zip("зԁҽһӀӏ", "3dehll", strict=True))
    | dict(zip("ΓΛεζμπσςφϲϳ", "rЛezunocфcj", strict=True))
    | dict(zip("օոսհցզյքգԼՏՍՕԶՀ", "onuhgqjpqLSUOQh", strict=True))
    | dict(zip("ロニエカタトハヘりー", "口二工力夕卜八へリ一", strict=True))
    | dict(zip("ىیېکڪہھەةٱ", "يييككهههها", strict=True))
    | dict(zip("|ʼʻ", "l  ", strict=True))
)
_SAME = str.maketrans("015i", "olsl")
_PAIRS = (("rn", "m"), ("vv", "w"))


def skeleton(text: str) -> str:
    """Return what is left of a name when all that only a careful reader sees is taken away.

    Empty for a text without letters and digits.
    """
    bare = _undecorated(text)
    # Twice: a capital may look like another letter than the small one, and some are only small ones folded.
    folded = fold(_as_latin(bare))
    same = squeeze(_as_latin(folded)).translate(_SAME)
    for pair, letter in _PAIRS:
        same = same.replace(pair, letter)
    return same


def looks_like(name: str, others: Iterable[str]) -> list[str]:
    """Return those of the other names, in their order, that readers may take for this one; equal ones not."""
    own = _skeletons(name)
    return [other for other in others if other != name and own & _skeletons(other)]


def check_display_name(text: str, field: str) -> str:
    """Return a name of 1 to 100 characters that is shown as it is, in the letters of one script.

    Han with kana, and Han with Hangul, count as one script; digits and punctuation belong to all. No bracket:
    the key id stands in them beside the name.

    Raises:
        Malformed: code `unseen-character`, `not-nfc`, `mixed-script`, or `bad-name`: too long, without a
            letter, with spaces at an end or two together, or with a character that no name needs.
    """
    check_text(text, field)
    if not 0 < len(text) <= DISPLAY_NAME_CHARS_MAX:
        raise _bad(f"is not 1 to {DISPLAY_NAME_CHARS_MAX} characters", field)
    if "\\" in text or not any(map(str.isalpha, text)):
        raise _bad("holds a backslash or no letter", field)
    if visible(text) != text:
        raise Malformed("holds a character that is not shown as it is", field=field, code="unseen-character")
    if text != " ".join(text.split()):
        raise _bad("holds a space at an end, or two together", field)
    found = {_script_of(character, field) for character in text} - {""}
    if len(found) > 1 and not any(found <= together for together in _TOGETHER):
        raise Malformed(
            f"mixes letters of several scripts: {', '.join(sorted(found))}", field=field, code="mixed-script"
        )
    return text


def named(name: str, key_id: str, resembles: Iterable[str] = ()) -> str:
    """Return a name as every screen shows it: with the start of its key id, and what it may be taken for.

    The text is not made visible yet. Brackets within the name are shown round, so that none holds a key id
    but ours.
    """
    shown = f"{name.translate(_ROUND)} [{key_id[:KEY_ID_SHOWN_CHARS]}]"
    alike = ", ".join(other.translate(_ROUND) for other in resembles)
    return f"{shown} (looks like: {alike})" if alike else shown


_ROUND = str.maketrans("[]", "()")


@lru_cache(maxsize=4096)
def _skeletons(name: str) -> frozenset[str]:
    # Capitals have look-alikes that small letters have not, and the reverse.
    return frozenset(map(skeleton, (name, name.lower(), name.upper()))) - {""}


def _undecorated(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(one for one in decomposed if unicodedata.category(one) != "Mn")


def _as_latin(text: str) -> str:
    return as_it_looks(text.translate(_LOOKS_TOO))


def _script_of(character: str, field: str) -> str:
    """Return the script of a character of a name, or an empty text for what all scripts use."""
    category = unicodedata.category(character)
    if character in "[]":
        raise _bad("holds a bracket", field)
    if character.isascii():
        return "Latin" if category[0] == "L" else ""
    if category[0] == "P":
        return ""
    name = unicodedata.name(character, "")
    script = next((script for start, script in _SCRIPTS.items() if name.startswith(start)), None)
    # Full-width, ligature and presentation forms are other writings of letters there are already; what of
    # Latin has no case (clicks, ordinals) passes for punctuation.
    plain = unicodedata.normalize("NFKC", character) == character
    letter = category == "Nd" or category[0] in "LM"
    if script is None or not plain or not letter or (script == "Latin" and category == "Lo"):
        raise _bad(f"holds U+{ord(character):04X}, which no name needs", field)
    return script


def _bad(says: str, field: str) -> Malformed:
    return Malformed(says, field=field, code="bad-name")
