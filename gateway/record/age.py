"""Ages told from dates that may be partial: bands, and what a birth date proves."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from gateway.record.vocabulary import AgeClass
from gateway.v1 import record_pb2

_Band = record_pb2.AgeBand

# First age of each band, highest first. A minor is told in no finer bands than the first three.
_BANDS: tuple[tuple[int, record_pb2.AgeBand.ValueType], ...] = (
    (48, _Band.AGE_BAND_48_PLUS),
    (39, _Band.AGE_BAND_39_47),
    (30, _Band.AGE_BAND_30_38),
    (27, _Band.AGE_BAND_27_29),
    (24, _Band.AGE_BAND_24_26),
    (21, _Band.AGE_BAND_21_23),
    (18, _Band.AGE_BAND_18_20),
    (15, _Band.AGE_BAND_15_17),
    (9, _Band.AGE_BAND_9_14),
    (0, _Band.AGE_BAND_0_8),
)
MINOR_BANDS = frozenset(
    {
        _Band.AGE_BAND_0_8,
        _Band.AGE_BAND_9_14,
        _Band.AGE_BAND_15_17,
        _Band.AGE_BAND_0_17,
        _Band.AGE_BAND_9_17,
    }
)
ADULT = 18
"""Years of age from which a person is an adult. Source: CETS 197 Article 4(d)."""


class AgeRange(NamedTuple):
    """The lowest and highest age in whole years that a partial birth date allows."""

    lowest: int
    highest: int


def age_range(birth: record_pb2.BirthDate, on: date) -> AgeRange | None:
    """Return the ages a birth date allows on a day; None when it states no year or lies wholly ahead."""
    year, month, day = birth.year, birth.month, birth.day
    if not year:
        return None
    highest = _age(year, month or 1, day or 1, on)
    if highest < 0:
        return None
    lowest = highest if month and day else _age(year, month or 12, day or 31, on)
    return AgeRange(max(lowest, 0), highest)


def age_band(birth: record_pb2.BirthDate, on: date) -> record_pb2.AgeBand.ValueType | None:
    """Return the band of a person of this birth date on a day: the same at both extremes, else minor or adult
    as a whole, else None. A band stated in place of a date is returned as it is.

    Source: rule VP-04.
    """
    if birth.HasField("age_band"):
        return birth.age_band or None
    ages = age_range(birth, on)
    if ages is None:
        return None
    low, high = _band(ages.lowest), _band(ages.highest)
    if low == high:
        return low
    if ages.highest < ADULT:
        return _Band.AGE_BAND_0_17
    return _Band.AGE_BAND_18_PLUS if ages.lowest >= ADULT else None


def proven_age(birth: record_pb2.BirthDate, on: date) -> AgeClass:
    """Return what a birth date proves: minor, adult, or unknown where it allows both."""
    if birth.age_band:
        return AgeClass.MINOR if birth.age_band in MINOR_BANDS else AgeClass.ADULT
    ages = age_range(birth, on)
    if ages is None or ages.lowest < ADULT <= ages.highest:
        return AgeClass.UNKNOWN
    return AgeClass.MINOR if ages.highest < ADULT else AgeClass.ADULT


def _age(year: int, month: int, day: int, on: date) -> int:
    return on.year - year - ((on.month, on.day) < (month, day))


def _band(age: int) -> record_pb2.AgeBand.ValueType:
    return _BAND_OF_AGE[min(age, len(_BAND_OF_AGE) - 1)]


# Of every age up to the first of the last band.
_BAND_OF_AGE = tuple(next(band for first, band in _BANDS if age >= first) for age in range(_BANDS[0][0] + 1))
