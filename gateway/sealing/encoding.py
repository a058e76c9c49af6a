"""Reading what is carried: the size stands before everything else, so that a bomb costs nothing.

Source: PROTOCOL section 1; THREATS A42.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from google.protobuf.message import Message

from gateway.errors import Malformed
from gateway.record.encoding import Encoded
from gateway.record.encoding import read as read_within
from gateway.record.wire_bytes import Limits

_M = TypeVar("_M", bound=Message)
_V = TypeVar("_V", bound=Encoded)


def read(
    message: type[_M], data: bytes, value: Callable[[_M], _V], *, size_max: int, count_max: int, field: str
) -> _V:
    """Return the value of bytes that are exactly what it encodes to.

    `value` makes it from the parsed message; `count_max` bounds how many elements the message may hold.

    Raises:
        Malformed: code `too-large` before anything is looked at; else as `gateway.record.encoding.read`.
    """
    check_size(data, size_max, field)
    limits = Limits(size_bytes=size_max, elements=count_max)
    return read_within(message, data, value, limits=limits, field=field)


def check_size(data: bytes, size_max: int, field: str) -> bytes:
    """Return the data, if it is not larger than `size_max` bytes; else Malformed, code `too-large`."""
    if len(data) > size_max:
        raise Malformed(f"is larger than {size_max} bytes", field=field, code="too-large")
    return data
