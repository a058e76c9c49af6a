"""One node of a document: typed reading of its properties, a loss for what has no equal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from adapters.document import MAX_TEXT_BYTES, clean_text
from adapters.loss import Effect, Loss
from adapters.row import ABSENT
from adapters.values import read_degrees, read_moment, read_number
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

_MIDNIGHT: Final = ("T00:00:00Z", "T00:00:00+00:00")
_NO_NUMBER: Final = ("", "-99")
_SEVERAL: Final = "holds several values, of which the record has room for one"


class Literal(NamedTuple):
    """A value that stands in the document itself; `kind` is its stated type, such as `xsd:dateTime`."""

    value: Any
    kind: str = ""


class Reference(NamedTuple):
    """A value that names another node."""

    iri: str


@dataclass(slots=True, kw_only=True)
class Node:
    """What a document says of one thing; `seen` are the properties that were asked for."""

    iri: str
    path: str
    losses: list[Loss]
    part: bool
    types: dict[str, None] = field(default_factory=dict)
    values: dict[str, list[Any]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    used: bool = False

    def where(self, name: str) -> str:
        """Return the path of a property in the document."""
        return f"{self.path}.{_shown(name)}"

    def lose(self, name: str, effect: Effect, why: str) -> None:
        """Note that a property did not come through as it was."""
        self.losses.append(Loss(path=self.where(name), effect=effect, why=why))

    def finish(self, why: str) -> None:
        """Note every property that was never asked for as dropped, for this reason."""
        for name, held in self.values.items():
            if name not in self.seen and held:
                self.lose(name, Effect.DROPPED, why)

    def texts(self, name: str) -> list[str]:
        """Return the texts of a property; what stands for "not recorded" is left out.

        Raises:
            Malformed: code `bad-type` for what is no text, `bad-encoding`, `too-long`.
        """
        found = []
        for one in self._literals(name):
            if isinstance(one.value, bool | dict | list):
                raise Malformed("is not text", field=self.where(name), code="bad-type")
            text, changed = clean_text(str(one.value), self.where(name))
            if changed:
                self.lose(name, Effect.GENERALISED, "unseen characters are left out")
            if text not in ABSENT:
                found.append(text)
        return found

    def text(self, name: str) -> str:
        """Return the first text of a property, nothing where it states none."""
        if name not in self.values:
            return ""
        found = self.texts(name)
        if len(found) > 1:
            self.lose(name, Effect.DROPPED, _SEVERAL)
        return found[0] if found else ""

    def joined(self, *names: str, before: str = "") -> str:
        """Return the texts of properties as lines of one text, behind a line of our own; what a text of a
        record has no room for is left out.
        """
        kept = [before] if before else []
        size_bytes = len(before.encode())
        for name in names:
            for text in self.texts(name):
                size_bytes += len(text.encode()) + 1
                if size_bytes <= MAX_TEXT_BYTES:
                    kept.append(text)
                else:
                    self.lose(name, Effect.DROPPED, "no text has room for all of it")
        return "\n".join(kept)

    def flag(self, name: str) -> bool | None:
        """Return a truth value, None for anything else, which is noted."""
        for one in self._literals(name):
            word = str(one.value).strip().casefold()
            if word in ("true", "false", "1", "0"):
                return word in ("true", "1")
            self.lose(name, Effect.DROPPED, "is neither true nor false")
        return None

    def count(self, name: str, *, most: int) -> int | None:
        """Return a whole number up to `most`, None where none is stated.

        Raises:
            Malformed: code `bad-number`.
        """
        for one in self._stated(name):
            number = read_number(one.value, self.where(name))
            if number != number.to_integral_value() or not 0 <= number <= most:
                raise Malformed(
                    f"is not a whole number up to {most}", field=self.where(name), code="bad-number"
                )
            return int(number)
        return None

    def degrees_e6(self, name: str, *, most: int) -> int | None:
        """Return a coordinate in millionths of a degree, None where none is stated."""
        for one in self._stated(name):
            return read_degrees(one.value, self.where(name), most=most)
        return None

    def moment(self, name: str) -> pb.Moment | None:
        """Return an instant, or the date alone where the time is a whole midnight, which says no time; a date
        as far as it is known where somebody wrote one for a time.

        Raises:
            Malformed: code `bad-date`.
        """
        if name not in self.values:
            return None
        text = self.text(name)
        if not text:
            return None
        moment = read_moment(text, self.where(name))
        if moment is not None and text.endswith(_MIDNIGHT):
            moment.ClearField("at")
        return moment

    def day(self, name: str) -> pb.PartialDate | None:
        """Return the date of a time; a time of day is left out, which is noted."""
        moment = self.moment(name)
        if moment is None:
            return None
        if moment.HasField("at"):
            self.lose(name, Effect.GENERALISED, "the time of day is left out")
        return moment.date

    def references(self, name: str) -> list[str]:
        """Return the IRIs of the nodes that a property names."""
        held = self.values.get(name)
        if held is None:
            return []
        self.seen.add(name)
        return [one.iri for one in held if isinstance(one, Reference)]

    def reference(self, name: str) -> str:
        """Return the IRI of the first node that a property names, nothing where it names none."""
        found = self.references(name)
        if len(found) > 1:
            self.lose(name, Effect.DROPPED, _SEVERAL)
        return found[0] if found else ""

    def own(self, name: str) -> Any:
        """Return the JSON value of a property of our own, None where it holds none."""
        return next((one.value for one in self._literals(name) if one.kind == "@json"), None)

    def _stated(self, name: str) -> Iterator[Literal]:
        return (one for one in self._literals(name) if str(one.value).strip() not in _NO_NUMBER)

    def _literals(self, name: str) -> Iterator[Literal]:
        held = self.values.get(name)
        if held is None:
            return
        self.seen.add(name)
        for one in held:
            if isinstance(one, Literal):
                yield one
            else:
                self.lose(name, Effect.DROPPED, "names a node where a value is read")


def _shown(name: str) -> str:
    return name if name.isprintable() and 0 < len(name) <= 96 else "?"
