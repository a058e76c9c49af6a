"""Single values of an entity: how each is written into an element or a line, and read from it again.

What an element cannot carry exactly is not written: a year is no instant, and half a coordinate is no place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, Final

from adapters.countries import alpha2
from adapters.europol.nodes import Node
from adapters.loss import Effect
from adapters.row import ABSENT
from adapters.values import (
    number_of,
    read_date,
    read_degrees,
    read_instant,
    read_number,
    write_date,
    write_degrees,
)
from adapters.xml import xml_text
from gateway.errors import Malformed
from gateway.record.json_form import enum_token


class Form(Enum):
    """How a value is spelled."""

    TEXT = auto()
    COUNTRY = auto()
    DATE = auto()
    INSTANT = auto()
    KIND = auto()
    """A code in capitals, `DEBT_BONDAGE`."""
    CODE = auto()
    """A code in small letters, `debt_bondage`."""
    AMOUNT = auto()
    CURRENCY = auto()
    COUNT = auto()
    LATITUDE = auto()
    LONGITUDE = auto()
    FLAG = auto()
    LANGUAGE = auto()
    """An ISO 639 code."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One value: the element, attribute or line that holds it, its path within the entity, its form.

    Of a `required` one an empty element is written where nothing is stated.
    """

    name: str
    path: str
    form: Form = Form.TEXT
    required: bool = False


_COUNTRY: Final = re.compile("[A-Z]{2}")
_CURRENCY: Final = re.compile("[A-Z]{3}")
_AMOUNT: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,8})?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LANGUAGE: Final = re.compile("[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_MOST_COUNT: Final = {"size_bytes": 2**64 - 1, "confidence": 100, "age_at_exploitation": 130}
_OTHER_COUNTS: Final = 2**32 - 1


def held(message: Any, path: str) -> tuple[Any, str] | None:
    """Return what holds the last name of a path, and that name; None where nothing on the way is stated."""
    *way, name = path.split(".")
    for step in way:
        if not message.HasField(step):
            return None
        message = getattr(message, step)
    if message.DESCRIPTOR.fields_by_name[name].is_repeated:
        return (message, name) if getattr(message, name) else None
    return (message, name) if message.HasField(name) else None


def write_leaf(message: Any, leaf: Leaf) -> list[str]:
    """Return the spellings of a value, several of a repeated one, none of what cannot be spelled exactly."""
    found = held(message, leaf.path)
    if found is None:
        return []
    holder, name = found
    values = getattr(holder, name)
    repeated = holder.DESCRIPTOR.fields_by_name[name].is_repeated
    write = _WRITERS[leaf.form]
    return [text for value in (values if repeated else [values]) if (text := write(holder, name, value))]


def read_leaf(node: Node, message: Any, leaf: Leaf, texts: list[str]) -> None:
    """Put what was read into a message.

    Raises:
        Malformed: code `bad-date` or `bad-number`.
    """
    holder = message
    *way, name = leaf.path.split(".")
    for step in way:
        holder = getattr(holder, step)
    for text in texts:
        if text:
            _READERS[leaf.form](node, leaf.name, text, (holder, name))


def write_stamp(moment: Any) -> str:
    """Return an instant with an offset that keeps the date which the source stated; nothing without one.

    The stated date may be the day before or after that of the instant in UTC; a whole number of hours
    between the two is enough to say both.
    """
    if not moment.HasField("at"):
        return ""
    try:
        stated = date(moment.date.year, moment.date.month, moment.date.day)
        instant = _EPOCH + timedelta(milliseconds=moment.at)
        hours = next(
            hours
            for hours in sorted(range(-14, 15), key=abs)
            if (instant + timedelta(hours=hours)).date() == stated
        )
        local = instant + timedelta(hours=hours)
    except (ValueError, OverflowError, StopIteration):
        return ""
    written = f"{local.year:04}" + local.strftime("-%m-%dT%H:%M:%S")
    fraction = f".{local.microsecond // 1000:03}" if local.microsecond else ""
    return written + fraction + (f"{hours:+03}:00" if hours else "Z")


def _write_text(_holder: Any, _name: str, value: str) -> str:
    return xml_text(value)


def _write_country(_holder: Any, _name: str, value: str) -> str:
    return value if _COUNTRY.fullmatch(value) else ""


def _write_date(_holder: Any, _name: str, value: Any) -> str:
    return write_date(value)


def _write_instant(_holder: Any, _name: str, value: Any) -> str:
    return write_stamp(value)


def _write_kind(holder: Any, name: str, value: int) -> str:
    return _write_code(holder, name, value).upper()


def _write_code(holder: Any, name: str, value: int) -> str:
    enum = holder.DESCRIPTOR.fields_by_name[name].enum_type
    return enum_token(enum, value).replace("-", "_") if value and value in enum.values_by_number else ""


def _write_amount(_holder: Any, _name: str, value: str) -> str:
    return value if _AMOUNT.fullmatch(value) else ""


def _write_currency(_holder: Any, _name: str, value: str) -> str:
    return value if _CURRENCY.fullmatch(value) else ""


def _write_count(_holder: Any, _name: str, value: int) -> str:
    return str(value)


def _write_degrees(holder: Any, _name: str, value: int) -> str:
    return write_degrees(value) if holder.HasField("latitude_e6") and holder.HasField("longitude_e6") else ""


def _write_flag(_holder: Any, _name: str, value: bool) -> str:
    return "true" if value else "false"


_Target = tuple[Any, str]


def _put(target: _Target, value: Any) -> None:
    holder, name = target
    if holder.DESCRIPTOR.fields_by_name[name].is_repeated:
        getattr(holder, name).append(value)
    else:
        setattr(holder, name, value)


def _read_text(_node: Node, _leaf: str, text: str, target: _Target) -> None:
    if text not in ABSENT:
        _put(target, text)


def _read_language(node: Node, leaf: str, text: str, target: _Target) -> None:
    if not _LANGUAGE.fullmatch(text):
        raise Malformed("is not an ISO 639 code", field=node.where(leaf), code="bad-language")
    _put(target, text)


def _read_country(node: Node, leaf: str, text: str, target: _Target) -> None:
    code = alpha2(text)
    if code is None:
        node.keep(leaf, text)
    else:
        _put(target, code)


def _read_date(node: Node, leaf: str, text: str, target: _Target) -> None:
    partial = read_date(text, node.where(leaf))
    if partial is None:
        return
    for part, value in partial.ListFields():
        setattr(getattr(*target), part.name, value)


def _read_instant(node: Node, leaf: str, text: str, target: _Target) -> None:
    moment = getattr(*target)
    if re.search(r"(Z|[+-]\d{2}:\d{2})$", text):
        moment.CopyFrom(read_instant(text, node.where(leaf)))
        return
    stated = read_date(text.partition("T")[0], node.where(leaf))
    if stated is not None:
        moment.date.CopyFrom(stated)
        node.lose(leaf, Effect.GENERALISED, "is a time without an offset from UTC; its date alone is kept")


def _read_code(node: Node, leaf: str, text: str, target: _Target) -> None:
    holder, name = target
    number = number_of(holder, name, text)
    if number is None:
        if text in ABSENT:
            return
        node.keep(leaf, text)
        number = _other(holder, name)
        if holder.DESCRIPTOR.fields_by_name[name].is_repeated and number in getattr(holder, name):
            return
    if number:
        _put(target, number)


def _other(holder: Any, name: str) -> int:
    values = holder.DESCRIPTOR.fields_by_name[name].enum_type.values
    return next((int(value.number) for value in values if value.name.endswith("_OTHER")), 0)


def _read_amount(node: Node, leaf: str, text: str, target: _Target) -> None:
    amount = text if _AMOUNT.fullmatch(text) else f"{read_number(text, node.where(leaf)):f}".lstrip("+")
    if not _AMOUNT.fullmatch(amount):
        raise Malformed("is not an amount that can be kept", field=node.where(leaf), code="bad-number")
    _put(target, amount)


def _read_currency(node: Node, leaf: str, text: str, target: _Target) -> None:
    if _CURRENCY.fullmatch(text):
        _put(target, text)
    elif text not in ABSENT:
        node.keep(leaf, text)


def _read_count(node: Node, leaf: str, text: str, target: _Target) -> None:
    number = read_number(text, node.where(leaf))
    whole = number.to_integral_value(rounding=ROUND_CEILING)
    if not 0 <= whole <= _MOST_COUNT.get(target[1], _OTHER_COUNTS):
        raise Malformed("is not a whole number in range", field=node.where(leaf), code="bad-number")
    if whole != number:
        node.lose(leaf, Effect.GENERALISED, "is rounded up to a whole number")
    _put(target, int(whole))


def _degrees(most: int) -> Callable[[Node, str, str, _Target], None]:
    def read(node: Node, leaf: str, text: str, target: _Target) -> None:
        millionths = read_degrees(text, node.where(leaf), most=most)
        if Decimal(millionths) != read_number(text, node.where(leaf)) * 1_000_000:
            node.lose(leaf, Effect.GENERALISED, "is rounded to a millionth of a degree")
        _put(target, millionths)

    return read


def _read_flag(node: Node, leaf: str, text: str, target: _Target) -> None:
    if text in ("true", "1", "false", "0"):
        _put(target, text in ("true", "1"))
    else:
        node.keep(leaf, text)


_WRITERS: Final[Mapping[Form, Callable[[Any, str, Any], str]]] = MappingProxyType(
    {
        Form.TEXT: _write_text,
        Form.COUNTRY: _write_country,
        Form.DATE: _write_date,
        Form.INSTANT: _write_instant,
        Form.KIND: _write_kind,
        Form.CODE: _write_code,
        Form.AMOUNT: _write_amount,
        Form.CURRENCY: _write_currency,
        Form.COUNT: _write_count,
        Form.LATITUDE: _write_degrees,
        Form.LONGITUDE: _write_degrees,
        Form.FLAG: _write_flag,
        Form.LANGUAGE: _write_text,
    }
)
_READERS: Final[Mapping[Form, Callable[[Node, str, str, _Target], None]]] = MappingProxyType(
    {
        Form.TEXT: _read_text,
        Form.COUNTRY: _read_country,
        Form.DATE: _read_date,
        Form.INSTANT: _read_instant,
        Form.KIND: _read_code,
        Form.CODE: _read_code,
        Form.AMOUNT: _read_amount,
        Form.CURRENCY: _read_currency,
        Form.COUNT: _read_count,
        Form.LATITUDE: _degrees(90),
        Form.LONGITUDE: _degrees(180),
        Form.FLAG: _read_flag,
        Form.LANGUAGE: _read_language,
    }
)
