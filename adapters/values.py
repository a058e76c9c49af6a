"""Single values between the record and foreign documents: partial dates, instants, coordinates, hashes.

Nothing becomes more precise on its way: a year stays a year, and an instant keeps its own day.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

from gateway.errors import Malformed
from gateway.record.json_form import enum_token
from gateway.v1 import record_pb2 as pb

HASH_NAMES: Final[Mapping[int, str]] = MappingProxyType(
    {
        pb.HASH_ALGORITHM_MD5: "MD5",
        pb.HASH_ALGORITHM_SHA1: "SHA-1",
        pb.HASH_ALGORITHM_SHA256: "SHA-256",
        pb.HASH_ALGORITHM_SHA512: "SHA-512",
        pb.HASH_ALGORITHM_SHA3_256: "SHA3-256",
        pb.HASH_ALGORITHM_SHA3_512: "SHA3-512",
        pb.HASH_ALGORITHM_SSDEEP: "SSDEEP",
        pb.HASH_ALGORITHM_TLSH: "TLSH",
        pb.HASH_ALGORITHM_PHOTODNA: "PHOTODNA",
        pb.HASH_ALGORITHM_PDQ: "PDQ",
    }
)
"""Algorithms as STIX 2.1 writes them; MISP and others leave the hyphens and the capitals out."""

_PARTIAL: Final = re.compile(r"(\d{4})(?:[-/](\d{2})(?:[-/](\d{2}))?)?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MS: Final = timedelta(milliseconds=1)


def write_date(when: pb.PartialDate | pb.BirthDate, separator: str = "-") -> str:
    """Return a date as far as it is known: `1988`, `1988-05`, `1988-05-06`; nothing without a year."""
    if not when.year:
        return ""
    parts = [f"{when.year:04}"]
    if when.month:
        parts.append(f"{when.month:02}")
        if when.day:
            parts.append(f"{when.day:02}")
    return separator.join(parts)


def read_date(text: str, field: str) -> pb.PartialDate | None:
    """Return a date as far as it is known; month and day `00` are absent, and so is the year `0000`.

    Raises:
        Malformed: code `bad-date`: another form (nobody can tell day from month in `04/02/2031`), or no day
            of the calendar.
    """
    match = _PARTIAL.fullmatch(text.strip())
    if match is None:
        raise Malformed("is not a date written YYYY-MM-DD, YYYY-MM or YYYY", field=field, code="bad-date")
    year, month, day = (int(part or 0) for part in match.groups())
    if not year:
        return None
    try:
        date(year, month or 1, day or 1)
    except ValueError as exc:
        raise Malformed("is not a day of the calendar", field=field, code="bad-date") from exc
    partial = pb.PartialDate(year=year)
    if month:
        partial.month = month
        if day:
            partial.day = day
    return partial


def is_whole(when: pb.PartialDate | pb.BirthDate) -> bool:
    """Tell whether a date is known to the day."""
    return bool(when.year and when.month and when.day)


def write_instant(moment: pb.Moment) -> str:
    """Return an instant as RFC 3339 in UTC to the millisecond; nothing where only a date is known."""
    if not moment.HasField("at"):
        return ""
    try:
        when = _EPOCH + timedelta(milliseconds=moment.at)
    except OverflowError:
        return ""
    return when.strftime("%Y-%m-%dT%H:%M:%S.") + f"{when.microsecond // 1000:03}Z" if when.year > 999 else ""


def read_instant(text: str, field: str) -> pb.Moment:
    """Return the instant of an RFC 3339 time with an offset, to the millisecond, and its date as written.

    Raises:
        Malformed: code `bad-date`.
    """
    try:
        when = datetime.fromisoformat(text.strip())
    except ValueError as exc:
        raise Malformed("is not a time written as in RFC 3339", field=field, code="bad-date") from exc
    if when.tzinfo is None:
        raise Malformed("is a time without an offset from UTC", field=field, code="bad-date")
    stated = pb.PartialDate(year=when.year, month=when.month, day=when.day)
    return pb.Moment(date=stated, at=(when - _EPOCH) // _MS)


def read_moment(text: str, field: str) -> pb.Moment | None:
    """Return a date as far as it is known, or an instant; None for a year of noughts.

    Raises:
        Malformed: code `bad-date`.
    """
    if "T" in text or ":" in text:
        return read_instant(text, field)
    known = read_date(text, field)
    return None if known is None else pb.Moment(date=known)


def write_degrees(millionths: int) -> str:
    """Return a coordinate in degrees, with as many decimals as it has."""
    whole = f"{Decimal(millionths) / 1_000_000:f}"
    return whole.rstrip("0").rstrip(".") if "." in whole else whole


def read_degrees(value: object, field: str, *, most: int) -> int:
    """Return a coordinate in millionths of a degree; outside ±`most` degrees it is Malformed."""
    number = read_number(value, field)
    if abs(number) > most:
        raise Malformed(f"is not between -{most} and {most}", field=field, code="bad-number")
    return round(number * 1_000_000)


def read_number(value: object, field: str) -> Decimal:
    """Return a number, however it is written; Malformed with code `bad-number` for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | str | Decimal):
        raise Malformed("is not a number", field=field, code="bad-number")
    try:
        number = Decimal(value if not isinstance(value, str) else value.strip())
    except InvalidOperation as exc:
        raise Malformed("is not a number", field=field, code="bad-number") from exc
    if not number.is_finite() or abs(number.adjusted()) > 20:
        raise Malformed("is not a number in range", field=field, code="bad-number")
    return number


def token(message: Any, field: str) -> str:
    """Return the short token of an enum field, such as `debt-bondage`; nothing where it is not stated."""
    descriptor = message.DESCRIPTOR.fields_by_name[field]
    held = getattr(message, field)
    return enum_token(descriptor.enum_type, held) if held else ""


def tokens(message: Any, field: str) -> list[str]:
    """Return the short tokens of a repeated enum field, in their order."""
    descriptor = message.DESCRIPTOR.fields_by_name[field]
    return [enum_token(descriptor.enum_type, held) for held in getattr(message, field)]


def number_of(message: Any, field: str, word: str) -> int | None:
    """Return the number of an enum token, however its letters stand (`Debt_Bondage`), None for no token."""
    descriptor = message.DESCRIPTOR.fields_by_name[field]
    folded = word.strip().lower().replace("_", "-").replace(" ", "-")
    for value in descriptor.enum_type.values:
        if value.number and enum_token(descriptor.enum_type, value.number) == folded:
            return int(value.number)
    return None
