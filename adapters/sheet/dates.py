"""Dates as people write them in spreadsheets, in an order that the column map states; nothing is guessed."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum
from typing import Final

from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb


class DateOrder(StrEnum):
    """In which order a column writes dates. Years of four digits that stand first are understood in each."""

    YEAR_FIRST = "year-first"
    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


_TIME: Final = re.compile(r"[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?")
_YEAR_FIRST: Final = re.compile(r"(\d{4})(?:[-/.](\d{1,2})(?:[-/.](\d{1,2}))?)?")
_YEAR_LAST: Final = re.compile(r"(?:(?:(\d{1,2})([-/.] ?))?(\d{1,2})[-/.] ?)?(\d{4})")
_SERIAL: Final = re.compile(r"\d{5}(\.\d+)?")
_WRITTEN: Final = {
    DateOrder.YEAR_FIRST: "year, month and day, such as 2031-02-14, 2031-02 or 2031",
    DateOrder.DAY_FIRST: "day, month and year, such as 14.2.2031, 2.2031 or 2031",
    DateOrder.MONTH_FIRST: "month, day and year, such as 2/14/2031, 2/2031 or 2031",
}


def read_day(text: str, order: DateOrder) -> tuple[pb.PartialDate | None, bool]:
    """Return a date as far as it is known, and whether a time of day was left out of it.

    Day, month and year of noughts are absent.

    Raises:
        Malformed: code `bad-date`: another form, or no day of the calendar.
    """
    time = _TIME.search(text)
    if time is not None and time.end() == len(text):
        text = text[: time.start()]
    else:
        time = None
    year, month, day = _parts(text, order)
    if not year:
        return None, False
    if not month and day:
        raise Malformed("states a day without a month", code="bad-date")
    try:
        date(year, month or 1, day or 1)
    except ValueError as exc:
        raise Malformed("is not a day of the calendar", code="bad-date") from exc
    partial = pb.PartialDate(year=year)
    if month:
        partial.month = month
        if day:
            partial.day = day
    return partial, time is not None


def _parts(text: str, order: DateOrder) -> tuple[int, int, int]:
    if match := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part or 0) for part in match.groups())
        return year, month, day
    match = None if order is DateOrder.YEAR_FIRST else _YEAR_LAST.fullmatch(text)
    if match is None:
        if _SERIAL.fullmatch(text):
            raise Malformed(
                "is the number by which spreadsheets count days: format the column as a date and save again",
                code="bad-date",
            )
        raise Malformed(f"is not a date written {_WRITTEN[order]}", code="bad-date")
    before, _, last, year_text = match.groups()
    one, two = int(before or 0), int(last or 0)
    if before is None:
        return int(year_text), two, 0
    return (int(year_text), two, one) if order is DateOrder.DAY_FIRST else (int(year_text), one, two)
