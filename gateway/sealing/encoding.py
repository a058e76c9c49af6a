"""Reading one of our own messages from foreign bytes: size, shape, meaning, and then its one encoding.

Source: PROTOCOL section 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar, cast

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError, Message

from gateway.errors import Malformed
from gateway.record.scan import scan
from gateway.record.wire_bytes import Limits


class Encoded(Protocol):
    """A value that knows its one encoding."""

    def encode(self) -> bytes:
        """Return the value's bytes."""


_M = TypeVar("_M", bound=Message)
_V = TypeVar("_V", bound=Encoded)


def read(
    message: type[_M], data: bytes, value: Callable[[_M], _V], *, size_max: int, count_max: int, field: str
) -> _V:
    """Return the value of bytes that are exactly what it encodes to.

    `value` makes it from the parsed message; `count_max` bounds how many elements the message may hold.

    Raises:
        Malformed: code `too-large` before anything is looked at; else what is wrong, or that another
            spelling was used than the one the maker's library writes.
    """
    check_size(data, size_max, field)
    limits = Limits(size_bytes=size_max, elements=count_max)
    scan(data, cast(Descriptor, message.DESCRIPTOR), limits, field=field)
    try:
        parsed = message.FromString(data)
    except DecodeError as exc:
        raise Malformed("does not parse", field=field) from exc
    made = value(parsed)
    # Whatever the parser forgives (a field twice, unknown, out of order, an overlong number) ends here.
    if made.encode() != data:
        raise Malformed("is not in its one encoding", field=field, code="not-canonical")
    return made


def check_size(data: bytes, size_max: int, field: str) -> bytes:
    """Return the data, if it is not larger than `size_max` bytes; else Malformed, code `too-large`."""
    if len(data) > size_max:
        raise Malformed(f"is larger than {size_max} bytes", field=field, code="too-large")
    return data
