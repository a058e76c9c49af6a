"""One notice on its way out: typed writing, member by member.

A member holds only what the reader takes from it as it is. What does not fit is left out here, and found
missing when the finished document is read again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from adapters.countries import alpha2
from adapters.document import Json, clean_text
from adapters.interpol.words import as_lines
from adapters.row import ABSENT
from adapters.values import number_of, token, tokens, write_date
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb


@dataclass(frozen=True, slots=True)
class Cells:
    """The members of one object, by name; one that says nothing is never written."""

    values: dict[str, Json] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.values)

    def text(self, name: str, value: str) -> None:
        """Write a text; one that reads as "not recorded" is left out."""
        if text := cleaned(value):
            self.values[name] = text

    def texts(self, name: str, values: Iterable[str]) -> None:
        """Write several texts."""
        if kept := [text for value in values if (text := cleaned(value))]:
            self.values[name] = [*kept]

    def lines(self, name: str, values: Iterable[str]) -> None:
        """Write several texts as the lines of one, as many as 64 KiB hold."""
        self.text(name, "\n".join(as_lines([text for value in values if (text := cleaned(value))])))

    def day(self, name: str, when: pb.PartialDate | pb.BirthDate) -> None:
        """Write a date as far as it is known: `1988`, `1988/05`, `1988/05/06`."""
        try:
            date(when.year, when.month or 1, when.day or 1)
        except (ValueError, OverflowError):
            return
        self.values[name] = write_date(when, "/")

    def country(self, name: str, country: str) -> None:
        """Write a country by its two letters; `XX` and the like, which name none, are left out."""
        if is_country(country):
            self.values[name] = country

    def place(self, town: str, country: str, place: pb.Place) -> None:
        """Write a place by its town and country, or by the code that the source had in place of a country."""
        self.text(town, place.town)
        self.country(country, place.country)
        code = place.original
        odd = code.isascii() and code.isalnum() and code.upper() == code and len(code) in (2, 3)
        if not place.country and odd and code not in ABSENT and alpha2(code) is None:
            self.values[country] = code

    def token(self, message: Any, name: str) -> None:
        """Write the token of an enum field, under its own name."""
        word = token(message, name)
        if word and number_of(message, name, word) is not None:
            self.values[name] = word

    def tokens(self, message: Any, name: str) -> None:
        """Write the tokens of a repeated enum field, under its own name."""
        if known := [one for one in tokens(message, name) if number_of(message, name, one) is not None]:
            self.values[name] = [*known]

    def measure(self, name: str, value: int, *, per_unit: int, most: int) -> None:
        """Write a measure that stands so many to the document's one; nought is not known and left out."""
        if 0 < value <= most:
            self.values[name] = value if per_unit == 1 else Decimal(value) / per_unit

    def in_order(self, names: Iterable[str], *, nulls: Iterable[str] = ()) -> Mapping[str, Json]:
        """Return the members in this order, those of `nulls` also where they say nothing."""
        empty = frozenset(nulls)
        return {name: self.values.get(name) for name in names if name in self.values or name in empty}


def is_country(country: str) -> bool:
    """Tell whether a code names a country and is read as itself."""
    return bool(country) and alpha2(country) == country


def cleaned(value: str) -> str:
    """Return a text as the reader takes it; nothing for one that it takes for "not recorded" or refuses."""
    try:
        text, _ = clean_text(value, "text")
    except Malformed:  # too long for any field
        return ""
    return "" if text in ABSENT else text
