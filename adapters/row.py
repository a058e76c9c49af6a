"""One row or object of a foreign document: typed reading, field by field, a loss for what has no equal."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from adapters.codelist import CodeList, Member
from adapters.countries import alpha2
from adapters.document import Json, clean_text
from adapters.loss import Effect, Loss
from gateway.errors import Malformed
from gateway.record.folding import squeeze
from gateway.record.text import parse_day
from gateway.v1 import record_pb2

ABSENT = frozenset({"", "-99", "00", "0"})
"""What sources write for "not recorded": unknown is not zero."""

_UNSTATED_CODES = frozenset({"u", "unknown", "na", "notspecified", "notrecorded"})
_YES = frozenset({"true", "yes", "1"})
_NO = frozenset({"false", "no", "0"})
_DATE = re.compile(r"(\d{4})(?:[-/](\d{2})(?:[-/](\d{2}))?)?([T ]\d{2}:\d{2}.*)?")
_ITEMS = re.compile(r"[;|]")
_WORDS = re.compile(r"[\s,]+")
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """The fields of one row or object, by the standard's name; `losses` is the whole document's list.

    `seen` are the fields that were asked for; `finish` declares the others lost.
    """

    values: Mapping[str, Json]
    path: str
    losses: list[Loss]
    seen: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        """False for a row whose every field is left blank."""
        return any(value not in (None, "", []) for value in self.values.values())

    def states_something(self) -> bool:
        """False also where every field says "not recorded"; such a row gives nobody a role."""
        scalars = [
            str(scalar).strip()
            for value in self.values.values()
            for scalar in (value if isinstance(value, list) else [value])
            if scalar is not None
        ]
        return any(scalar not in ABSENT and squeeze(scalar) not in _UNSTATED_CODES for scalar in scalars)

    def where(self, name: str) -> str:
        """Return the path of a field in the document."""
        return f"{self.path}.{name}" if self.path else name

    def lose(self, name: str, effect: Effect, why: str) -> None:
        """Note that a field did not come through as it was."""
        self.losses.append(Loss(path=self.where(name), effect=effect, why=why))

    def finish(self, why: str) -> None:
        """Note every field that states something and was never asked for as dropped, for this reason.

        What the document calls such a field is shown only where it is short and can be seen.
        """
        for name, value in self.values.items():
            if name not in self.seen and value not in (None, "", [], {}):
                shown = name if name.isprintable() and 0 < len(name) <= _LONGEST_NAME else "?"
                self.lose(shown, Effect.DROPPED, why)

    def row(self, name: str) -> Row:
        """Return an object within; one without fields where the field is absent.

        Raises:
            Malformed: code `bad-type` for anything else than an object.
        """
        self.seen.add(name)
        value = self.values.get(name)
        if value is None:
            value = {}
        if not isinstance(value, dict):
            raise Malformed("is not an object", field=self.where(name), code="bad-type")
        return Row(values=value, path=self.where(name), losses=self.losses)

    def rows(self, name: str) -> list[Row]:
        """Return the objects of a list within; none where the field is absent.

        Raises:
            Malformed: code `bad-type` for anything else than a list of objects.
        """
        self.seen.add(name)
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            raise Malformed("is not a list", field=self.where(name), code="bad-type")
        found = []
        for number, one in enumerate(value):
            path = f"{self.where(name)}[{number}]"
            if not isinstance(one, dict):
                raise Malformed("is not an object", field=path, code="bad-type")
            found.append(Row(values=one, path=path, losses=self.losses))
        return found

    def text(self, name: str) -> str | None:
        """Return the text of a single-valued field, None when it states nothing.

        Raises:
            Malformed: code `bad-type` for an object, a truth value or several values.
        """
        words = self._scalars(name)
        if len(words) > 1:
            raise Malformed("holds several values, one is allowed", field=self.where(name), code="bad-type")
        return words[0] if words else None

    def items(self, name: str, known: Callable[[str], bool] = lambda _: False) -> list[str]:
        """Return the values of a multi-valued field, however it separates them.

        Lists are taken as they are; text is split at `;` and `|`, and at spaces or commas only where every
        word is `known`, because labels hold spaces too.
        """
        found: list[str] = []
        for scalar in self._scalars(name):
            for item in [scalar] if known(scalar) else map(str.strip, _ITEMS.split(scalar)):
                words = [word for word in _WORDS.split(item) if word]
                if not known(item) and len(words) > 1 and all(map(known, words)):
                    found += words
                elif item not in ABSENT:
                    found.append(item)
        return list(dict.fromkeys(found))

    def code(self, name: str, codes: CodeList[Member]) -> Member | None:
        """Return the member of a single code; one without an equal becomes the list's `other`, or nothing."""
        text = self.text(name)
        if text is None:
            return None
        members, foreign = self._find(name, codes, [text])
        if foreign:
            why = "the code has no equal"
            self.lose(name, Effect.DROPPED if codes.other is None else Effect.GENERALISED, why)
        return members[0] if members else None

    def codes(self, name: str, codes: CodeList[Member]) -> tuple[list[Member], list[str]]:
        """Return the members of several codes, and the words without an exact equal, for keeping verbatim."""
        members, foreign = self._find(
            name, codes, self.items(name, lambda word: codes.find(word) is not None)
        )
        if foreign:
            self.lose(name, Effect.KEPT_AS_EXTENSION, "a code has no exact equal; its word is kept in a text")
        return members, foreign

    def flag(self, name: str) -> bool | None:
        """Return a checkbox; a word that is neither yes nor no is dropped, never taken for yes."""
        self.seen.add(name)
        value = self.values.get(name)
        if isinstance(value, bool):
            return value
        if isinstance(value, list | dict):
            raise Malformed("is not yes or no", field=self.where(name), code="bad-type")
        # Compared whole, not squeezed: `-1` must not become a yes.
        word = "" if value is None else str(value).strip().casefold()
        if word in _YES or word in _NO:
            return word in _YES
        if word not in ABSENT and squeeze(word) not in _UNSTATED_CODES:
            self.lose(name, Effect.DROPPED, "is neither yes nor no")
        return None

    def count(self, name: str, *, most: int, zero: bool) -> int | None:
        """Return a whole number up to `most`; nought means "none" only where `zero` says so.

        Raises:
            Malformed: code `bad-number`.
        """
        number = self._number(name)
        if number is None:
            return None
        if number != number.to_integral_value() or not 0 <= number <= most:
            raise Malformed(f"is not a whole number up to {most}", field=self.where(name), code="bad-number")
        if number == 0 and not zero:
            self.lose(name, Effect.DROPPED, "nought may stand for unknown")
            return None
        return int(number)

    def degrees_e6(self, name: str, *, most: int) -> int | None:
        """Return a coordinate in millionths of a degree; outside ±`most` degrees it is Malformed."""
        number = self._number(name)
        if number is None:
            return None
        if abs(number) > most:
            raise Malformed(f"is not between -{most} and {most}", field=self.where(name), code="bad-number")
        return round(number * 1_000_000)

    def day(self, name: str) -> record_pb2.PartialDate | None:
        """Return a date as far as it is known: `1988`, `1988-05`, `1988-05-06`, also with `/` or `-00`.

        Raises:
            Malformed: code `bad-date`; `04/02/2031` among others, since nobody can tell day from month.
        """
        text = self.text(name)
        if text is None or text.startswith("0000"):
            return None
        match = _DATE.fullmatch(text)
        if match is None:
            raise Malformed(
                "is not a date written YYYY-MM-DD, YYYY-MM or YYYY", field=self.where(name), code="bad-date"
            )
        year, month, day = match[1], match[2] or "00", match[3] or "00"
        if match[4]:
            self.lose(name, Effect.GENERALISED, "the time of day is left out")
        checked = parse_day(
            f"{year}-{month if month != '00' else '01'}-{day if day != '00' else '01'}", self.where(name)
        )
        partial = record_pb2.PartialDate(year=checked.year)
        if month != "00":
            partial.month = checked.month
            if day != "00":
                partial.day = checked.day
        return partial

    def country(self, name: str) -> str | None:
        """Return the alpha-2 code of a country field, None when absent or when it names none we know."""
        text = self.text(name)
        return None if text is None else alpha2(text)

    def _number(self, name: str) -> Decimal | None:
        self.seen.add(name)
        value = self.values.get(name)
        text = "0" if str(value).strip() == "0" else self.text(name)
        if text is None:
            return None
        try:
            number = Decimal(text)
        except InvalidOperation as exc:
            raise Malformed("is not a number", field=self.where(name), code="bad-number") from exc
        if not number.is_finite() or abs(number.adjusted()) > 20:
            raise Malformed("is not a number in range", field=self.where(name), code="bad-number")
        return number

    def _scalars(self, name: str) -> list[str]:
        self.seen.add(name)
        value = self.values.get(name)
        texts: list[str] = []
        for scalar in value if isinstance(value, list) else [value]:
            if scalar is None:
                continue
            if isinstance(scalar, bool | dict | list):
                raise Malformed("is not text", field=self.where(name), code="bad-type")
            text, changed = clean_text(str(scalar), self.where(name))
            if changed:
                self.lose(name, Effect.GENERALISED, "unseen characters are left out")
            if text not in ABSENT:
                texts.append(text)
        return texts

    def _find(self, name: str, codes: CodeList[Member], words: list[str]) -> tuple[list[Member], list[str]]:
        members: list[Member] = []
        foreign: list[str] = []
        for word in words:
            found = codes.find(word)
            if found is None and squeeze(word) in _UNSTATED_CODES:
                continue
            if found is None or not found[1]:
                foreign.append(word)
            member = codes.other if found is None else found[0]
            if member is not None and member not in members:
                members.append(member)
        return members, foreign
