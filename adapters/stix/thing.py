"""One STIX object of a foreign bundle: typed reading, property by property, a loss for what has no equal."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, NoReturn

from adapters.document import Json, clean_text
from adapters.loss import Effect, Loss
from adapters.row import ABSENT
from adapters.stix.names import NO_TIME, is_identifier
from adapters.values import read_instant, read_number
from gateway.errors import Malformed
from gateway.record.text import is_plain
from gateway.v1 import record_pb2 as pb

_NO_EQUAL: Final = "this property of STIX has no equal in a record"
# Read for the whole bundle at once, see `bundle` and `handling`.
_COMMON: Final = frozenset(
    {
        *("type", "spec_version", "id", "created", "modified", "created_by_ref", "extensions"),
        *("object_marking_refs", "granular_markings", "confidence", "revoked"),
    }
)
_FINER: Final = re.compile(r"\.\d{3}\d*[1-9]")
_DAY_MS: Final = 86_400_000


@dataclass(slots=True, kw_only=True)
class Thing:
    """The properties of one object; `path` is its place in the document, `losses` the whole document's."""

    id: str
    type: str
    path: str
    values: Mapping[str, Json]
    losses: list[Loss]
    seen: set[str] = field(default_factory=set)

    def lose(self, name: str, effect: Effect, why: str) -> None:
        """Note that a property did not come through as it was."""
        self.losses.append(Loss(path=f"{self.path}.{name}", effect=effect, why=why))

    def finish(self) -> None:
        """Note every property that was never asked for as dropped."""
        for name, value in self.values.items():
            if name not in self.seen and name not in _COMMON and value not in (None, "", [], {}):
                self.lose(name[:64], Effect.DROPPED, _NO_EQUAL)

    def text(self, name: str) -> str:
        """Return the text of a property, cleaned; nothing where it is absent or says "not recorded".

        Raises:
            Malformed: code `bad-type`, `bad-encoding` or `too-long`.
        """
        self.seen.add(name)
        value = self.values.get(name)
        return "" if value is None else self._clean(value, name)

    def texts(self, name: str) -> list[str]:
        """Return the texts of a list; none where it is absent."""
        self.seen.add(name)
        found = []
        for at, value in enumerate(self._list(name)):
            text = self._clean(value, f"{name}[{at}]")
            if text:
                found.append(text)
        return found

    def references(self, name: str) -> list[str]:
        """Return the identifiers of a list, or the one identifier of a property, in their order.

        Raises:
            Malformed: code `bad-type` or `bad-id`.
        """
        self.seen.add(name)
        value = self.values.get(name)
        found = []
        for at, one in enumerate([value] if isinstance(value, str) else self._list(name)):
            if not isinstance(one, str):
                self._refuse(f"{name}[{at}]", "is not an identifier", "bad-type")
            if not is_identifier(one):
                self._refuse(f"{name}[{at}]", "is not an identifier of STIX (type--uuid)", "bad-id")
            found.append(one)
        return found

    def objects(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the objects of a list, each with its path below this object."""
        self.seen.add(name)
        for at, one in enumerate(self._list(name)):
            if not isinstance(one, dict):
                self._refuse(f"{name}[{at}]", "is not an object", "bad-type")
            yield f"{name}[{at}]", one

    def object(self, name: str) -> dict[str, Any]:
        """Return an object within; an empty one where it is absent."""
        self.seen.add(name)
        value = self.values.get(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self._refuse(name, "is not an object", "bad-type")
        return value

    def number(self, name: str) -> Decimal | None:
        """Return a number, None where it is absent; anything but a number is Malformed (`bad-number`)."""
        self.seen.add(name)
        value: object = self.values.get(name)
        if value is None:
            return None
        if isinstance(value, float):  # of an object that was never written
            value = repr(value)
        return read_number(value, f"{self.path}.{name}")

    def count(self, name: str, *, most: int) -> int | None:
        """Return a whole number from nought to `most`, None where it is absent.

        Raises:
            Malformed: code `bad-number`.
        """
        number = self.number(name)
        if number is None:
            return None
        if number != number.to_integral_value() or not 0 <= number <= most:
            self._refuse(name, f"is not a whole number up to {most}", "bad-number")
        return int(number)

    def instant(self, name: str) -> pb.Moment | None:
        """Return an instant to the millisecond; None for one that stands for no time.

        Raises:
            Malformed: code `bad-date` or `bad-type`.
        """
        text = self.text(name)
        if not text or text == NO_TIME:
            return None
        moment = read_instant(text, f"{self.path}.{name}")
        if _FINER.search(text):
            self.lose(name, Effect.GENERALISED, "a record tells time to the millisecond")
        return moment if moment.at else None

    def day(self, name: str) -> pb.PartialDate | None:
        """Return the day of an instant; a time of day other than midnight is left out, and declared."""
        moment = self.instant(name)
        if moment is None:
            return None
        if moment.at % _DAY_MS:
            self.lose(name, Effect.GENERALISED, "a record knows the day alone here")
        return moment.date

    def _clean(self, value: Json, name: str) -> str:
        if not isinstance(value, str):
            self._refuse(name, "is not text", "bad-type")
        # Longer texts and those of other scripts take the way that looks at every character.
        if len(value) < 1_024 and is_plain(value):
            cleaned = value.strip()
        else:
            cleaned, changed = clean_text(value, f"{self.path}.{name}")
            if changed:
                self.lose(name, Effect.GENERALISED, "unseen characters are left out")
        return "" if cleaned in ABSENT else cleaned

    def _list(self, name: str) -> list[Json]:
        value = self.values.get(name)
        if value is None:
            return []
        if not isinstance(value, list):
            self._refuse(name, "is not a list", "bad-type")
        return value

    def _refuse(self, name: str, says: str, code: str) -> NoReturn:
        raise Malformed(says, field=f"{self.path}.{name}", code=code)
