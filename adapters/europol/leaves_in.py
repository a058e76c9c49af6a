"""Single values of an entity, read from the elements or lines that hold them; and places made of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import ROUND_CEILING, Decimal
from types import MappingProxyType
from typing import Any, Final

from adapters.countries import alpha2
from adapters.europol import tables
from adapters.europol.leaves import AMOUNT, CURRENCY, Form, Leaf
from adapters.europol.nodes import Node
from adapters.loss import Effect
from adapters.row import ABSENT
from adapters.values import number_of, read_date, read_degrees, read_instant, read_number
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

_LANGUAGE: Final = re.compile("[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_MOST_COUNT: Final = {"size_bytes": 2**64 - 1, "confidence": 100, "age_at_exploitation": 130}
_OTHER_COUNTS: Final = 2**32 - 1


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


def read_leaves(node: Node, message: Any, leaves: Sequence[Leaf]) -> None:
    """Read the elements of these values."""
    for leaf in leaves:
        read_leaf(node, message, leaf, node.texts(leaf.name))


def read_place(node: Node, place: pb.Place) -> None:
    """Read a place; half a coordinate is none."""
    read_leaves(node, place, tables.PLACE)
    if place.HasField("latitude_e6") != place.HasField("longitude_e6"):
        place.ClearField("latitude_e6")
        place.ClearField("longitude_e6")
        node.lose("Latitude", Effect.DROPPED, "is half a coordinate")


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
    amount = text if AMOUNT.fullmatch(text) else f"{read_number(text, node.where(leaf)):f}".lstrip("+")
    if not AMOUNT.fullmatch(amount):
        raise Malformed("is not an amount that can be kept", field=node.where(leaf), code="bad-number")
    _put(target, amount)


def _read_currency(node: Node, leaf: str, text: str, target: _Target) -> None:
    if CURRENCY.fullmatch(text):
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
