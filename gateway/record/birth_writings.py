"""The common ways of writing a full birth date in text."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

from gateway.record.folding import fold
from gateway.v1 import record_pb2 as pb

# Beginnings of month names: one stands for the name, its cases and its abbreviations. English, Dutch, German,
# French, Spanish, Italian, Portuguese, Romanian, Polish; Czech, Croatian, Hungarian, Turkish, Albanian,
# Lithuanian, Finnish, Estonian; then Russian, Ukrainian, Bulgarian, Serbian, Macedonian and Greek.
_BEGINNINGS = (
    "jan|ene|gen|ian|sty|led|sij|oca|sau|tam|jaan|янв|січ|яну|јан|ιαν",
    "feb|fev|lut|uno|vel|sub|şub|shk|vas|hel|vee|фев|лют|феб|φεβ",
    "mar|maa|mrt|mae|bre|ozu|kov|мар|бер|μαρ",
    "apr|avr|abr|kwi|dub|tra|nis|pri|bal|huh|апр|кві|απρ",
    "may|mai|mei|mag|maj|kve|svi|geg|tou|мая|май|мае|тра|мај|μαι",
    "jun|juin|giu|iun|cze|cer|lip|haz|qer|bir|kes|juu|июн|чер|юни|јун|ιουν",
    "jul|juil|lug|iul|lip|cer|srp|tem|kor|lie|hei|juu|июл|лип|юли|јул|ιουλ",
    "aug|aou|ago|sie|avg|srp|kol|gus|rugp|elo|авг|сер|αυγ",
    "sep|set|wrz|zar|ruj|sze|eyl|sht|rugs|syy|сен|вер|сеп|σεπ",
    "oct|okt|out|ott|paz|rij|lis|eki|tet|spa|lok|окт|жов|οκτ",
    "nov|noi|lis|stu|kas|nen|lap|marr|ноя|лис|ное|нов|νοε",
    "dec|dez|dic|gru|pro|ara|dhj|gruo|jou|дек|гру|дец|δεκ",
)
_MONTHS = tuple(map(fold, _BEGINNINGS))
_ROMAN = ("i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii")
_GAP = r"[\W_]{0,3}"
_BREAK = r"[\W_]{1,3}"
_NTH = "(?:st|nd|rd|th|er|e|o|a|го|ого|е|ти|ro|η|ης)"


Writing = tuple[str, str]
"""A way of writing: a squeezed text that must occur, and the pattern that then decides in folded text."""


def birth_writings(birth: pb.BirthDate) -> list[Writing]:
    """Return the writings of a full date: in figures in every usual order, and with the month in words. A
    partial date has none, since many people share it.
    """
    if not (birth.year and birth.month and birth.day):
        return []
    year = f"{birth.year:04}"
    short = year[-2:]
    in_full, in_short, around = _ways(birth.month, birth.day)
    pattern = in_short.replace(_YEAR, short)
    english = _MONTHS[birth.month - 1][:3]
    return [
        (year, in_full.replace(_YEAR, year)),
        *((before + short + after, pattern) for before, after in around),
        # As passports have it: `04 MAR 11`.
        (f"{birth.day}{english}", rf"(?<!\d)0*{birth.day}{_GAP}{english}[^\W\d_]*{_GAP}{short}(?!\d)"),
    ]


_YEAR = "YEAR"
"""Stands for the year in a pattern, whose letters are small otherwise."""


@lru_cache(maxsize=12 * 31)
def _ways(month: int, day: int) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Return how a day of the year is written: the patterns with the year in full and in short, and what may
    stand squeezed before and after the short one.
    """
    d, m = f"0*{day}", f"0*{month}"
    name = rf"(?:{_MONTHS[month - 1]})[^\W\d_]*"
    nth = rf"(?:[\W_]?{_NTH})?"
    in_full = "|".join(
        (
            _orders(d, m, _YEAR, _GAP),
            rf"(?<!\d){d}{nth}{_GAP}(?:(?:de|of|van){_GAP})?{name}{_GAP}(?:(?:de|del){_GAP})?{_YEAR}(?!\d)",
            rf"(?<!\d){d}{_BREAK}{_ROMAN[month - 1]}{_BREAK}{_YEAR}(?!\d)",
            rf"{name}{_GAP}{d}{nth}{_GAP}{_YEAR}(?!\d)",
            rf"(?<!\d){_YEAR}{_GAP}(?:(?:m|ev|г){_GAP})?{name}{_GAP}{d}(?!\d)",
        )
    )
    days, months = {f"{day}", f"{day:02}"}, {f"{month}", f"{month:02}"}
    around = [
        place
        for d, m in product(sorted(days), sorted(months))
        for place in ((d + m, ""), (m + d, ""), ("", m + d))
    ]
    return in_full, _orders(d, m, _YEAR, _BREAK), tuple(dict.fromkeys(around))


def _orders(day: str, month: str, year: str, between: str) -> str:
    orders = ((day, month, year), (month, day, year), (year, month, day))
    return "|".join(rf"(?<!\d){between.join(order)}(?!\d)" for order in orders)
