"""Cells read and written: text on one side, values of the record on the other, by what the field holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from google.protobuf.descriptor import EnumDescriptor

from adapters.countries import alpha2
from adapters.document import MAX_TEXT_BYTES, clean_text
from adapters.loss import Effect
from adapters.mark import TLP_ORDER
from adapters.sheet.column import MOST_DEGREES, Column, Kind, fold_word
from adapters.sheet.dates import read_day
from adapters.values import read_instant, read_number, write_date, write_degrees, write_instant
from gateway.errors import Malformed
from gateway.record.folding import squeeze
from gateway.record.json_form import enum_token
from gateway.v1 import record_pb2 as pb

Note = Callable[[Effect, str], None]
"""Told of a value that a cell did not give as it is written."""

ABSENT: Final = frozenset({"", "-99", "00", "0", "unknown"})
"""What sources write for "not recorded", in any column: unknown is not zero."""

_ABSENT_CODES: Final = frozenset({"u", "na", "notrecorded"})
"""The same, folded, in columns of codes; in a text they may be a name."""
_YES: Final = frozenset({"yes", "true", "y", "1"})
_NO: Final = frozenset({"no", "false", "n", "0"})
_COUNTED: Final = frozenset({"number_of_children", "confidence", "percent", "size_bytes"})
"""Numbers of which nought is one; of the others it stands for unknown."""
_CLOSED: Final = frozenset({Kind.CODE, Kind.FLAG})
_RED: Final = TLP_ORDER[-1]


class UnknownWord(Malformed):
    """A word that no code translates; the column may keep it verbatim."""

    def __init__(self, message: str, word: str) -> None:
        super().__init__(message, code="unknown-value")
        self.word = word


def read_cell(column: Column, text: str, note: Note) -> list[Any]:
    """Return the values of a cell, of one where the field holds one; none where it states nothing.

    Raises:
        Malformed: the cell does not hold what the column says; without a field.
        UnknownWord: the same, of a code.
    """
    cleaned, changed = clean_text(text, "")
    if changed:
        note(Effect.GENERALISED, "unseen characters are left out")
    words = cleaned.split(column.separator) if column.many else [cleaned]
    values = []
    for word in map(str.strip, words):
        for stated in _translated(column, word):
            value = _READERS[column.kind](column, stated, note)
            if value is not None:
                values.append(value)
    return values


def write_cell(column: Column, held: Any) -> str:
    """Return the text of a cell that reads as these values, or as those of them that can be told in it."""
    if not column.many:
        return _one(column, held)
    kept: list[str] = []
    room = MAX_TEXT_BYTES
    for value in held:
        text = _one(column, value)
        room -= len(text.encode()) + len(column.separator)
        if text and column.separator not in text and room >= 0:
            kept.append(text)
    return column.separator.join(kept)


def _one(column: Column, value: Any) -> str:
    """Return the text of one value, "" where no text would be read as it, or as less of it."""
    try:
        text, _ = clean_text(_WRITERS[column.kind](column, value), "")
        read = read_cell(column, text, _silent)
    except Malformed:
        return ""
    if len(read) != 1:
        return ""
    # Of a text less may be left, once cleaned; any other value is the same or none.
    same = read[0] == (text if isinstance(value, str) and column.kind is Kind.TEXT else value)
    return text if same or column.kind in (Kind.DATE, Kind.TRAFFIC_LIGHT) else ""


def _translated(column: Column, word: str) -> list[str]:
    folded = fold_word(word)
    if folded in column.codes:
        return [one for one in map(str.strip, column.codes[folded].split(";")) if one]
    if word in column.absent or folded in column.absent:
        return []
    if column.kind is Kind.FLAG or _counts(column):
        return [word] if word not in ABSENT - {"0"} and word.casefold() != "unknown" else []
    return [] if word.casefold() in ABSENT else [word]


def _counts(column: Column) -> bool:
    name = column.target.field.name
    return column.kind is Kind.DEGREES or name in _COUNTED or name == "amount"


def _text(_column: Column, word: str, _note: Note) -> str:
    return word


def _country(column: Column, word: str, _note: Note) -> str | None:
    if word.casefold() == "u":
        return None
    country = alpha2(word)
    if country is None:
        raise UnknownWord("is no country by its English name or code", word)
    return country


def _language(_column: Column, word: str, _note: Note) -> str:
    primary, hyphen, rest = word.partition("-")
    return f"{primary.lower()}{hyphen}{rest}"


def _traffic_light(_column: Column, word: str, note: Note) -> str:
    label = f"TLP:{word.upper().removeprefix('TLP:').strip()}"
    if label in TLP_ORDER:
        return label
    note(Effect.GENERALISED, "is no label of TLP 2.0, and counts as TLP:RED")
    return _RED


def _code(column: Column, word: str, _note: Note) -> int | None:
    enum = column.target.field.enum_type
    assert enum is not None
    found = _numbers(enum).get(squeeze(word))
    if found is not None:
        return found
    if squeeze(word) in _ABSENT_CODES:
        return None
    raise UnknownWord(f"is none of: {', '.join(_tokens(enum))}", word)


def _flag(_column: Column, word: str, _note: Note) -> bool | None:
    folded = word.casefold()
    if folded in _YES or folded in _NO:
        return folded in _YES
    if squeeze(word) in _ABSENT_CODES:
        return None
    raise UnknownWord("is neither yes nor no", word)


def _number(column: Column, word: str, note: Note) -> int | None:
    number = read_number(word, "")
    if number != number.to_integral_value() or not 0 <= number < 2**32:
        raise Malformed("is not a whole number without a sign", code="bad-number")
    if number == 0 and not _counts(column):
        note(Effect.DROPPED, "nought may stand for unknown")
        return None
    return int(number)


def _degrees(column: Column, word: str, _note: Note) -> int:
    most = MOST_DEGREES[column.target.field.name]
    number = read_number(word, "")
    if abs(number) > most:
        raise Malformed(f"is not a number of degrees between -{most} and {most}", code="bad-number")
    return round(number * Decimal(1_000_000))


def _bytes(_column: Column, word: str, _note: Note) -> bytes:
    try:
        return bytes.fromhex(word)
    except ValueError as exc:
        raise Malformed("is not hexadecimal", code="malformed") from exc


def _date(column: Column, word: str, note: Note) -> Any:
    message = column.target.field.message_type
    assert message is not None
    if message.name == "Moment" and "T" in word:
        return read_instant(word, "")
    known, timed = read_day(word, column.dates)
    if timed:
        note(Effect.GENERALISED, "the time of day is left out")
    if known is None:
        return None
    if message.name == "Moment":
        return pb.Moment(date=known)
    return known if message.name == "PartialDate" else pb.BirthDate.FromString(known.SerializeToString())


def _nationality(_column: Column, word: str, _note: Note) -> pb.Nationality | None:
    if word.casefold() == "u":
        return None
    country = alpha2(word)
    if country is not None:
        return pb.Nationality(country=country)
    region = _numbers(pb.Region.DESCRIPTOR).get(squeeze(word))
    if region is None:
        raise UnknownWord("is no country by its English name or code, and no region of the world", word)
    return pb.Nationality(region=pb.Region.ValueType(region))


def _write_code(column: Column, value: int) -> str:
    enum = column.target.field.enum_type
    assert enum is not None
    return enum_token(enum, value)


def _write_date(_column: Column, value: Any) -> str:
    if not isinstance(value, pb.Moment):
        return write_date(value)
    instant = write_instant(value)
    stated = write_date(value.date)
    # An instant is written in UTC; where its day there is another one, the day as stated says more.
    return instant if instant and instant.startswith(stated) else stated


def _write_nationality(_column: Column, value: pb.Nationality) -> str:
    if value.country or not value.region:
        return value.country
    return enum_token(pb.Region.DESCRIPTOR, value.region)


def _write_traffic_light(_column: Column, value: str) -> str:
    return value if value in TLP_ORDER else _RED


def _silent(_effect: Effect, _why: str) -> None:
    return None


@cache
def _numbers(enum: EnumDescriptor) -> Mapping[str, int]:
    return MappingProxyType(
        {squeeze(enum_token(enum, one.number)): int(one.number) for one in enum.values if one.number}
    )


@cache
def _tokens(enum: EnumDescriptor) -> tuple[str, ...]:
    tokens = (enum_token(enum, one.number) for one in enum.values if one.number)
    return tuple(token for token in tokens if token not in ABSENT)


_READERS: Final[Mapping[Kind, Callable[[Column, str, Note], Any]]] = MappingProxyType(
    {
        Kind.TEXT: _text,
        Kind.COUNTRY: _country,
        Kind.LANGUAGE: _language,
        Kind.TRAFFIC_LIGHT: _traffic_light,
        Kind.CODE: _code,
        Kind.FLAG: _flag,
        Kind.NUMBER: _number,
        Kind.DEGREES: _degrees,
        Kind.BYTES: _bytes,
        Kind.DATE: _date,
        Kind.NATIONALITY: _nationality,
    }
)
_WRITERS: Final[Mapping[Kind, Callable[[Column, Any], str]]] = MappingProxyType(
    {
        Kind.TEXT: lambda _, value: str(value),
        Kind.COUNTRY: lambda _, value: str(value),
        Kind.LANGUAGE: lambda _, value: str(value),
        Kind.TRAFFIC_LIGHT: _write_traffic_light,
        Kind.CODE: _write_code,
        Kind.FLAG: lambda _, value: "yes" if value else "no",
        Kind.NUMBER: lambda _, value: str(value),
        Kind.DEGREES: lambda _, value: write_degrees(value),
        Kind.BYTES: lambda _, value: bytes(value).hex(),
        Kind.DATE: _write_date,
        Kind.NATIONALITY: _write_nationality,
    }
)
