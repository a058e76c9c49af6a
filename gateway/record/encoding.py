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


def read(message: type[_M], data: bytes, value: Callable[[_M], _V], *, limits: Limits, field: str) -> _V:
    """Return the value of bytes that are exactly what it encodes to; `value` makes it from the message.

    Raises:
        Malformed: code `too-large` before anything is looked at; else what is wrong, or that another
            spelling was used than the one the maker's library writes.
    """
    scan(data, cast(Descriptor, message.DESCRIPTOR), limits, field=field)
    try:
        parsed = message.FromString(data)
    except DecodeError as exc:
        raise Malformed("does not parse", field=field) from exc
    made = value(parsed)
    # The scan refuses other spellings of the same message; this refuses other messages of the same meaning.
    if made.encode() != data:
        raise Malformed("is not in its one encoding", field=field, code="not-canonical")
    return made
