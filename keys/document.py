"""Reading the directory's JSON documents strictly: every member is known, of one form, and taken once."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final, NoReturn, TypeVar

from gateway.errors import Malformed
from gateway.record.text import check_text, parse_day

SIZE_BYTES_MAX: Final = 1_048_576
LIST_MAX: Final = 1024
TEXT_CHARS_MAX: Final = 65_536

_DEPTH_MAX: Final = 16
_MOMENT: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")

Choice = TypeVar("Choice", bound=StrEnum)

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]


class Document:
    """One JSON object being read. Each reader names a member and its form; `close` refuses what is left.

    Every refusal is Malformed and names the member by its path, e.g. `keys[2].valid_from`.
    """

    __slots__ = ("_left", "_path")

    def __init__(self, members: Mapping[str, Json], path: str = "") -> None:
        self._left = dict(members)
        self._path = path

    def where(self, name: str) -> str:
        """Return the path of a member."""
        return f"{self._path}.{name}" if self._path else name

    def has(self, name: str) -> bool:
        """Whether an optional member is there; null is not a way to leave a member out."""
        return name in self._left

    def names(self) -> tuple[str, ...]:
        """Return the members not taken yet, in the order written."""
        return tuple(self._left)

    def text(self, name: str) -> str:
        """Take a non-empty string in NFC without unseen characters."""
        return _text(self._take(name), self.where(name))

    def texts(self, name: str) -> tuple[str, ...]:
        """Take a list of distinct strings, in the order written."""
        found = tuple(_text(item, f"{self.where(name)}[{at}]") for at, item in enumerate(self._list(name)))
        if len(set(found)) != len(found):
            raise Malformed("names one thing twice", field=self.where(name), code="duplicate")
        return found

    def choice(self, name: str, among: type[Choice]) -> Choice:
        """Take a member of a closed list."""
        return _choice(self.text(name), among, self.where(name))

    def choices(self, name: str, among: type[Choice]) -> tuple[Choice, ...]:
        """Take distinct members of a closed list, in the order written."""
        return tuple(
            _choice(value, among, f"{self.where(name)}[{at}]") for at, value in enumerate(self.texts(name))
        )

    def flag(self, name: str) -> bool:
        """Take true or false."""
        value = self._take(name)
        if not isinstance(value, bool):
            raise Malformed("is not true or false", field=self.where(name))
        return value

    def integer(self, name: str) -> int:
        """Take an integer from 0 to 2^53 - 1."""
        value = self._take(name)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 2**53:
            raise Malformed("is not an integer from 0 to 2^53 - 1", field=self.where(name))
        return value

    def day(self, name: str) -> date:
        """Take a day written `YYYY-MM-DD`."""
        return parse_day(self.text(name), self.where(name))

    def moment(self, name: str) -> datetime:
        """Take a time written `YYYY-MM-DDTHH:MM:SSZ`, as aware UTC."""
        value = self.text(name)
        if not _MOMENT.fullmatch(value):
            raise Malformed("is not a time written YYYY-MM-DDTHH:MM:SSZ", field=self.where(name))
        try:
            return datetime.fromisoformat(value[:-1]).replace(tzinfo=UTC)
        except ValueError as exc:
            raise Malformed("is not a time of the calendar", field=self.where(name)) from exc

    def blob(self, name: str) -> bytes:
        """Take bytes written in padded base64, in its one canonical spelling."""
        return _blob(self._take(name), self.where(name))

    def blobs(self, name: str) -> tuple[bytes, ...]:
        """Take a list of distinct byte strings written in base64."""
        return tuple(_blob(value, f"{self.where(name)}[{at}]") for at, value in enumerate(self.texts(name)))

    def object(self, name: str) -> Document:
        """Take one object."""
        return _object(self._take(name), self.where(name))

    def objects(self, name: str) -> tuple[Document, ...]:
        """Take a list of objects, in the order written."""
        return tuple(_object(item, f"{self.where(name)}[{at}]") for at, item in enumerate(self._list(name)))

    def close(self) -> None:
        """Refuse every member that was not taken: what this version does not know, it must not ignore."""
        for name in self._left:
            raise Malformed("is not a member of this document", field=self.where(name), code="unknown-member")

    def _take(self, name: str) -> Json:
        if name not in self._left:
            raise Malformed("is missing", field=self.where(name), code="missing")
        return self._left.pop(name)

    def _list(self, name: str) -> list[Json]:
        value = self._take(name)
        if not isinstance(value, list) or len(value) > LIST_MAX:
            raise Malformed(f"is not a list of at most {LIST_MAX}", field=self.where(name))
        return value


def read_document(data: bytes, name: str) -> Document:
    """Return the one JSON object that `data` holds.

    Raises:
        Malformed: over 1 MiB, not UTF-8, not JSON, not an object, a member named twice, a number that is
            not an integer, or nested too deep. `field` is `name`.
    """
    if len(data) > SIZE_BYTES_MAX:
        raise Malformed("is larger than 1 MiB", field=name, code="too-large")

    def fail(message: str) -> NoReturn:
        raise Malformed(message, field=name)

    def distinct(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        members = dict(pairs)
        if len(members) != len(pairs):
            fail("names one member twice")
        return members

    def no_number(_: str) -> NoReturn:
        fail("holds a number that is not an integer")

    try:
        value: Json = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=distinct,
            parse_float=no_number,
            parse_constant=no_number,
        )
        if _depth(value) > _DEPTH_MAX:
            fail("is nested too deep")
    except (UnicodeDecodeError, ValueError, RecursionError) as exc:
        raise Malformed("is not JSON in UTF-8", field=name) from exc
    if not isinstance(value, dict):
        fail("is not a JSON object")
    return Document(value)


def write_document(members: Mapping[str, Json]) -> bytes:
    """Return a document as people and machines read it: sorted members, two spaces, a final newline."""
    return (json.dumps(members, ensure_ascii=False, sort_keys=True, indent=2) + "\n").encode()


def write_moment(moment: datetime) -> str:
    """Return an aware UTC time of whole seconds as documents spell it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def write_blob(raw: bytes) -> str:
    """Return bytes in padded base64."""
    return base64.b64encode(raw).decode()


def check_moment(moment: datetime, field: str) -> None:
    """Refuse a time that is not aware UTC in whole seconds: written and read again, it would be another."""
    if moment.utcoffset() != timedelta(0) or moment.microsecond:
        raise Malformed("is not an aware UTC time of whole seconds", field=field)


def _text(value: Json, field: str) -> str:
    if not isinstance(value, str) or not value:
        raise Malformed("is not a string with something in it", field=field)
    if len(value) > TEXT_CHARS_MAX:
        raise Malformed("is too long", field=field)
    return check_text(value, field)


def _choice(value: str, among: type[Choice], field: str) -> Choice:
    try:
        return among(value)
    except ValueError as exc:
        known = ", ".join(among)
        raise Malformed(f"is not one of {known}", field=field, code="unknown-value") from exc


def _blob(value: Json, field: str) -> bytes:
    # Bounded by the document's size, not by that of a text: a keys document travels as one of these.
    if not isinstance(value, str) or not value:
        raise Malformed("is not base64", field=field)
    try:
        raw = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as exc:
        raise Malformed("is not base64", field=field) from exc
    if write_blob(raw) != value:
        raise Malformed("is not canonical base64", field=field)
    return raw


def _object(value: Json, field: str) -> Document:
    if not isinstance(value, dict):
        raise Malformed("is not an object", field=field)
    return Document(value, field)


def _depth(value: Json) -> int:
    if isinstance(value, dict):
        return 1 + max(map(_depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(_depth, value), default=0)
    return 1
