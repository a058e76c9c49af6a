"""Names across scripts: one recorded in Latin letters found in Cyrillic or Greek text, and the reverse.

There is no one romanisation (`Юлия` is Iuliia, Yuliya, Julija and Yulia), so none is chosen. Text of every
script is written in *signs*, one per sound, where what a spelling leaves open has a sign of its own; a name
becomes a pattern in which each sign stands for all it may be written as. Russian, Ukrainian, Bulgarian,
Serbian, Macedonian and Greek are known. Arabic, Hebrew and all other scripts are compared as they are written
only: their names have no vowels to go by, or more readings than a pattern can hold.

Source: rule VP-05; ICAO 9303 part 3 section 6, ISO 9, ISO 843, BGN/PCGN romanisation.
"""

from __future__ import annotations

import re
from functools import lru_cache

_FOREIGN = re.compile("[\u0370-\u03ff\u1f00-\u1fff\u0400-\u052f]")
_LETTER = r"[^\W\d_]"

# Small letters are the Latin ones. The capitals: Z zh, S sh, C ch, T ts, Q sht and shch, J dzh, X ks, K Latin
# `ch`, U the hard sign, E reversed e, I yeru, Y gamma, V beta, W Greek upsilon after alpha and epsilon, B
# mu-pi, D nu-tau, G gamma-kappa.
_LATIN = {
    **dict.fromkeys(("schtsch", "shch", "chtch", "szcz", "stsch", "sht", "scht"), "Q"),
    **dict.fromkeys(("tsch", "tch", "cz", "cs"), "C"),
    **dict.fromkeys(("dzh", "dsch", "dj", "dz", "gj"), "J"),
    **dict.fromkeys(("sch", "sh", "sz"), "S"),
    **dict.fromkeys(("ts", "tz"), "T"),
    **{"zh": "Z", "kh": "h", "gh": "g", "ph": "f", "th": "t", "dh": "d", "ch": "K", "ck": "k", "ks": "X"},
    **{"ou": "u", "oo": "u", "x": "X", "w": "v", "q": "k", "y": "i"},
}
_GREEK_PAIRS = {
    **{"αυ": "aW", "ευ": "eW", "ου": "u", "μπ": "B", "ντ": "D", "γκ": "G", "γγ": "G", "γχ": "nh"},
    **{"γξ": "nX", "τζ": "J", "τσ": "T"},
}
_GREEK = dict(zip("αβγδεζηθικλμνξοπρσςτυφχω", "aVYdezitiklmnXoprsstifho", strict=True)) | {"ψ": "ps"}
_CYRILLIC = {
    **dict(zip("абвгґдеєжзиіїйклмнопрстуўф", "abvggdeeZziiiiklmnoprstuuf", strict=True)),
    **{"х": "h", "ц": "T", "ч": "C", "ш": "S", "щ": "Q", "ъ": "U", "ы": "I", "ь": "", "э": "E", "ю": "iu"},
    **{"я": "ia", "ђ": "J", "ћ": "C", "џ": "J", "љ": "li", "њ": "ni", "ј": "i", "ѕ": "J"},
}
_SINGLE = str.maketrans({**_GREEK, **_CYRILLIC})
_PAIRS = {**_LATIN, **_GREEK_PAIRS}
_PAIR = re.compile("|".join(sorted(map(re.escape, _PAIRS), key=len, reverse=True)))
_JOINED = {"ks": "X", "dZ": "J", "dz": "J", "St": "Q", "SC": "Q", "ts": "T", "tT": "T", "tC": "C"}
_JOINT = re.compile("|".join(_JOINED))
_TWICE = re.compile(r"([A-Za-z])\1+")

# Signs that one name may be written with, two by two.
_ALIKE = (
    *(
        "bV",
        "bB",
        "vV",
        "vf",
        "vW",
        "Vf",
        "VW",
        "fW",
        "uW",
        "uU",
        "aU",
        "aE",
        "aI",
        "tT",
        "dD",
        "dJ",
        "gG",
        "gh",
        "gY",
    ),
    *("hY", "gJ", "gZ", "kc", "kK", "kG", "cK", "cC", "cT", "cs", "CK", "CT", "SK", "hK", "hX", "sS"),
    *(
        "sz",
        "zZ",
        "zT",
        "SZ",
        "SQ",
        "ZJ",
        "zJ",
        "JT",
        "Jj",
        "Zj",
        "hc",
        "gk",
    ),
)
_I = "[ijYI]"
# Signs that stand for other sounds together than each alone.
_TOGETHER = {
    **dict.fromkeys(("io", "jo", "Yo"), f"(?:{_I}{{1,3}}o|{_I}{{0,3}}e|[ZJg]o)"),
    **dict.fromkeys(("ai", "aj"), f"(?:a{_I}{{1,3}}|e)"),
    "ji": f"(?:[ZJg]?{_I}{{1,3}})",
    "ij": f"(?:[eo]?{_I}{{1,3}})",
    **dict.fromkeys(("Yi", "gi"), f"(?:[ghGk]?{_I}{{1,3}}|[JZ]{_I}{{0,3}})"),
    **dict.fromkeys(("ei", "ej", "oi", "oj"), f"(?:[eo]?{_I}{{1,3}})"),
    **dict.fromkeys(("mb", "mp", "B"), "(?:m[bpvV]|[bB])"),
    **dict.fromkeys(("nt", "nd", "D"), "(?:n[tdT]|[dD])"),
    **dict.fromkeys(("ng", "nk", "nh", "G"), "(?:n[gkhcKYJZ]|[gkG])"),
    **dict.fromkeys(("st", "sc", "sC", "sK", "Sc", "sT", "Q"), "(?:[sSzc][tTcCkK]|[QS])"),
    **dict.fromkeys(("iu", "ju"), f"(?:{_I}{{0,3}}[uWU]|[ZJg]u)"),
    **dict.fromkeys(("ie", "je", "Ye"), f"(?:{_I}{{0,3}}[eE]|{_I}{{1,3}}o|[ZJg]e)"),
}
_SIGN = {
    "i": f"[eo]?{_I}{{1,3}}",
    "I": f"(?:[eo]?{_I}{{1,3}}|a)",
    "Y": f"(?:[gh]?{_I}{{1,3}}|[ghYk])",
    "j": f"(?:[ZJzgs]|{_I}{{1,3}})",
    "e": f"(?:{_I}{{0,3}}[eE]|{_I}{{1,3}}o|a{_I})",
    "E": "[Eea]",
    "u": f"{_I}{{0,3}}[uUW]",
    "U": "[Uaiu]?",
    "X": "(?:X|h|k?s)",
}
# What may follow a stem: the endings of names in Slavic languages and in Greek.
_ENDING = "(?:[sSmh]|v[ie]|mi)?"
_VOWELS = "aeiouEIUWY"

# What looks alike: letters of other scripts for the Latin ones that readers take them for.
_LOOKS = str.maketrans(
    dict(
        zip(
            "АВЕЗІЈКМНОРСТУХЅԚԜҮаеёіјорсухѕԛԝһвкмнтпги",
            "ABE3IJKMHOPCTYXSQWYaeeijopcyxsqwhbkmhtnru",
            strict=True,
        )
    )
    | dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧαβειικνορτυχγηω", "ABEZHIKMNOPTYXabeiikvoptuxynw", strict=True))
    | {"ї": "i", "Ї": "I", "Ё": "E"}
)


def is_foreign(text: str) -> bool:
    """Tell whether a text holds a Cyrillic or Greek letter."""
    return not text.isascii() and _FOREIGN.search(text) is not None


def as_it_looks(text: str) -> str:
    """Return text with look-alike letters as the Latin ones they pass for: `Маriа` in Latin letters alone."""
    return text.translate(_LOOKS)


def signs(folded: str) -> str:
    """Return folded text of any script in signs; what is no letter stays."""
    paired = _PAIR.sub(lambda match: _PAIRS[match[0]], folded).translate(_SINGLE)
    return _TWICE.sub(r"\1", _JOINT.sub(lambda match: _JOINED[match[0]], paired))


class Sound:
    """A name as it sounds: `anywhere` finds it within words and without spaces, `apart` as a word of its own
    with whatever ending its case asks for.
    """

    __slots__ = ("anywhere", "apart")

    def __init__(self, anywhere: re.Pattern[str] | None, apart: re.Pattern[str]) -> None:
        self.anywhere = anywhere
        self.apart = apart

    def stands_in(self, run: str, words: str) -> bool:
        """Tell whether it stands in a text in signs, given without spaces and as `spaced` left it."""
        # In both: without spaces, the last letter of a word and the first of the next may be read as a pair.
        if self.anywhere is not None and (self.anywhere.search(run) or self.anywhere.search(words)):
            return True
        return self.apart.search(words) is not None


@lru_cache(maxsize=4096)
def sound_of(squeezed: str, *, anywhere_from: int, part: bool) -> Sound:
    """Return how a squeezed name sounds.

    Args:
        anywhere_from: letters from which on it is looked for within words.
        part: whether it is one word, which no space can stand in; `а на` is no `Ana`.
    """
    written = signs(squeezed)
    sounds = _sounds(written)
    anywhere = None
    if min(len(written), len(squeezed)) >= anywhere_from:
        anywhere = re.compile("".join(sounds))
    between = "-*" if part else "[- ]*"
    stem, ending = _inflected(written)
    inflected = between.join((*_sounds(stem), ending))
    return Sound(anywhere, re.compile(f"(?<!{_LETTER}){inflected}(?!{_LETTER})"))


def spaced(folded: str) -> str:
    """Return folded text with one space where there was any, one hyphen for other signs within words, and
    what was spelled letter by letter as the word it is.
    """
    return _SPELLED.sub(_joined, _SPACE.sub(" ", _PUNCTUATION.sub("-", folded)))


def only_foreign(spaced_text: str) -> str:
    """Return spaced text without its words in Latin letters alone: those are compared letter by letter."""
    return _WORD.sub(lambda match: match[0] if _FOREIGN.search(match[0]) else "|", spaced_text)


_PUNCTUATION = re.compile(r"(?:[^\w\s]|_)+")
_SPACE = re.compile(r"-*\s[\s-]*")
_SPELLED = re.compile(rf"(?<!\w){_LETTER}(?:[- ]{_LETTER}(?!\w)){{2,}}")
_WORD = re.compile(rf"{_LETTER}+")


def _joined(match: re.Match[str]) -> str:
    return match[0].replace(" ", "").replace("-", "")


def _inflected(written: str) -> tuple[str, str]:
    """Return the stem that stays through all cases, and a pattern of what follows it."""
    stem = written
    if len(written) > 4 and written[-1] == "s" and written[-2] in _VOWELS:
        stem = written[:-2]
    elif len(written) > 2 and written[-1] in _VOWELS:
        stem = written[:-1]
    least = 1 if len(stem) < min(4, len(written)) else 0
    return stem, f"[aeijouEIUY]{{{least},4}}{_ENDING}" if stem != written or len(
        stem
    ) > 3 else "[aeiou]{0,2}m?"


def _sounds(written: str) -> list[str]:
    """Return, sign by sign, the pattern of everything it may be written as."""
    found = []
    at = 0
    while at < len(written):
        pair = written[at : at + 2]
        step = 2 if pair in _TOGETHER and len(pair) == 2 else 1
        sign = pair if step == 2 else written[at]
        found.append(_TOGETHER.get(sign) or _SIGN.get(sign) or _alike(sign))
        at += step
    return found


@lru_cache(maxsize=256)
def _alike(sign: str) -> str:
    others = {other for pair in _ALIKE for other in pair if sign in pair}
    return f"[{''.join(sorted(others))}]" if others else re.escape(sign)
