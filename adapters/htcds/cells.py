"""One row of an HTCDS table on its way out: typed writing, field by field.

A cell holds only what the reader would take from it as it is. Whatever does not fit is left out here and
found missing when the finished document is read again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from adapters.codelist import CodeList, Member
from adapters.countries import alpha2
from adapters.document import MAX_TEXT_BYTES, Json, clean_text
from adapters.row import ABSENT, Row
from gateway.errors import Malformed
from gateway.v1 import record_pb2

_SEPARATORS = frozenset(";|")


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one row, by the standard's name; an empty one is never written."""

    values: dict[str, Json] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.values)

    def states_something(self) -> bool:
        """Tell whether the row, as it is read, gives somebody a role."""
        return Row(values=self.values, path="", losses=[]).states_something()

    def text(self, name: str, value: str) -> None:
        """Write a text; one that would read as "not recorded" is left out."""
        if cleaned := _cleaned(value):
            self.values[name] = cleaned

    def items(self, name: str, values: Iterable[str]) -> None:
        """Write several texts; one that holds a separator is left out, and one that stands there already."""
        kept = [value for value in values if is_item(value)]
        if kept:
            self.values[name] = [*dict.fromkeys(kept)]

    def code(self, name: str, codes: CodeList[Member], member: int) -> None:
        """Write a single code, if the standard has one."""
        if code := codes.spellings.get(member):
            self.values[name] = code

    def codes(
        self, name: str, codes: CodeList[Member], members: Iterable[int], words: Iterable[str] = ()
    ) -> bool:
        """Write several codes, and the words that the source had in their place; return whether the words
        are read again as such. If not, they are left out.
        """
        coded = [codes.spellings[member] for member in members if member in codes.spellings]
        verbatim = list(words)
        written = list(dict.fromkeys([*coded, *verbatim]))
        row = Row(values={name: [*written]}, path="", losses=[])
        known = all(map(is_item, verbatim)) and row.codes(name, codes)[1] == verbatim
        self.items(name, written if known else coded)
        return known

    def word(self, name: str, codes: CodeList[Member], word: str) -> bool:
        """Write what the source had in place of a single code; return whether it is read again as such."""
        known = self.codes(name, codes, [], [word])
        if known:
            self.values[name] = word
        return known

    def flag(self, name: str, value: bool) -> None:
        """Write a checkbox."""
        self.values[name] = value

    def count(self, name: str, value: int, *, least: int, most: int) -> None:
        """Write a whole number within these bounds; another one is left out."""
        if least <= value <= most:
            self.values[name] = value

    def day(self, name: str, when: record_pb2.PartialDate | record_pb2.BirthDate) -> None:
        """Write a date as far as it is known, `1988` or `1988-05`: never fuller."""
        try:
            date(when.year, when.month or 1, when.day or 1)
        except (ValueError, OverflowError):
            return
        parts = [f"{when.year:04}"]
        if when.month:
            parts.append(f"{when.month:02}")
            if when.day:
                parts.append(f"{when.day:02}")
        self.values[name] = "-".join(parts)

    def country(self, name: str, country: str) -> None:
        """Write a country by its two letters; `XX` and the like, which name none, are left out."""
        if country and alpha2(country) == country:
            self.values[name] = country

    def place(self, prefix: str, place: record_pb2.Place) -> None:
        """Write a place into the fields that start with `prefix`, at whatever precision it has."""
        self.text(f"{prefix}Street", place.street)
        self.text(f"{prefix}PostalCode", place.postal_code)
        self.text(f"{prefix}City", place.town)
        self.text(f"{prefix}State", place.region)
        self.country(f"{prefix}Country", place.country)
        original = _cleaned(place.original)
        if not place.country and original and alpha2(original) is None:
            self.values[f"{prefix}Country"] = original
        latitude, longitude = place.latitude_e6, place.longitude_e6
        stated = place.HasField("latitude_e6") and place.HasField("longitude_e6")
        within = abs(latitude) <= 90_000_000 and abs(longitude) <= 180_000_000
        if stated and within and (latitude or longitude):
            self.values[f"{prefix}Latitude"] = Decimal(latitude) / 1_000_000
            self.values[f"{prefix}Longitude"] = Decimal(longitude) / 1_000_000


def is_item(value: str) -> bool:
    """Tell whether a text reads as itself among several in one cell."""
    return _cleaned(value) == value != "" and _SEPARATORS.isdisjoint(value)


def in_a_cell(value: Json) -> str:
    """Return a value as one cell of CSV; of several values those that fit into 64 KiB."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if not isinstance(value, list):
        return str(value)
    kept: list[str] = []
    size_bytes = -1
    for item in map(str, value):
        size_bytes += len(item.encode()) + 1
        if size_bytes > MAX_TEXT_BYTES:
            break
        kept.append(item)
    return ";".join(kept)


def _cleaned(value: str) -> str:
    try:
        cleaned, _ = clean_text(value, "text")
    except Malformed:  # too long for any field
        return ""
    return "" if cleaned in ABSENT else cleaned
