"""The common ways of writing a full birth date in text."""

from __future__ import annotations

from functools import lru_cache
from itertools import product

from gateway.v1 import record_pb2 as pb

# Beginnings of month names, folded: English, Dutch, German, French, Spanish, Italian, Portuguese, Romanian,
# Polish. A beginning stands for the name, its cases and its abbreviations.
_MONTHS = (
    "jan|ene|gen|ian|sty",
    "feb|fev|lut",
    "mar|maa|mrt|mae",
    "apr|avr|abr|kwi",
    "may|mai|mei|mag|maj",
    "jun|juin|giu|iun|cze",
    "jul|juil|lug|iul|lip",
    "aug|aou|ago|sie",
    "sep|set|wrz",
    "oct|okt|out|ott|paz",
    "nov|noi|lis",
    "dec|dez|dic|gru",
)
_GAP = r"[\W_]{0,3}"
_BREAK = r"[\W_]{1,3}"


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
    return [
        (year, in_full.replace(_YEAR, year)),
        *((before + short + after, pattern) for before, after in around),
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
    nth = r"(?:st|nd|rd|th|er|e)?"
    in_full = "|".join(
        (
            _orders(d, m, _YEAR, _GAP),
            rf"(?<!\d){d}{nth}{_GAP}(?:(?:de|of){_GAP})?{name}{_GAP}(?:de{_GAP})?{_YEAR}(?!\d)",
            rf"{name}{_GAP}{d}{nth}{_GAP}{_YEAR}(?!\d)",
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
