"""Single values of an entity: how each is written into an element or a line.

What an element cannot carry exactly is not written: a year is no instant, and half a coordinate is no place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, Final

from adapters.values import write_date, write_degrees
from adapters.xml import xml_text
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
CURRENCY: Final = re.compile("[A-Z]{3}")
AMOUNT: Final = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,8})?")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


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
    return value if AMOUNT.fullmatch(value) else ""


def _write_currency(_holder: Any, _name: str, value: str) -> str:
    return value if CURRENCY.fullmatch(value) else ""


def _write_count(_holder: Any, _name: str, value: int) -> str:
    return str(value)


def _write_degrees(holder: Any, _name: str, value: int) -> str:
    return write_degrees(value) if holder.HasField("latitude_e6") and holder.HasField("longitude_e6") else ""


def _write_flag(_holder: Any, _name: str, value: bool) -> str:
    return "true" if value else "false"


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
