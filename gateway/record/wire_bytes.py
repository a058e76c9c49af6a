"""Protobuf's wire form at the level of bytes: limits, varints, and the state of one bounded walk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.errors import Malformed

VARINT, FIXED64, LENGTH, _GROUP, _GROUP_END, FIXED32 = range(6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds on foreign bytes: total size, nesting (the outermost message is depth 1), and elements, that is
    fields and packed values at all depths.
    """

    size_bytes: int = 4 * 1024 * 1024
    depth: int = 16
    elements: int = 65_536


DEFAULT_LIMITS: Final = Limits()


class Walk:
    """One walk over bytes: what it reads, its limits, and how much of them it used."""

    __slots__ = ("data", "elements", "field", "limits")

    def __init__(self, data: bytes, limits: Limits, field: str) -> None:
        self.data = data
        self.limits = limits
        self.field = field
        self.elements = 0

    def refuse(self, why: str, code: str, name: str = "") -> Malformed:
        """Return the refusal to raise, naming the field below the walk's own path."""
        return Malformed(why, code=code, field=self.path(name))

    def path(self, name: str) -> str:
        """Return the path of a field below the message being walked."""
        return f"{self.field}.{name}" if self.field and name else self.field or name

    def count(self) -> None:
        """Count one element.

        Raises:
            Malformed: code `too-many-elements`.
        """
        self.elements += 1
        if self.elements > self.limits.elements:
            raise self.refuse("holds too many elements", "too-many-elements")

    def varint(self, at: int, end: int) -> tuple[int, int]:
        """Return a minimal varint of at most 64 bits, and where it ends.

        Raises:
            Malformed: code `not-canonical` when it is longer than need be, `malformed` when it does not end.
        """
        data = self.data
        value = shift = 0
        while at < end and shift < 70:
            byte = data[at]
            at += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if byte == 0 and shift:
                    raise self.refuse("holds a varint that is longer than need be", "not-canonical")
                if value >> 64:
                    break
                return value, at
            shift += 7
        raise self.refuse("holds a varint that does not end in time", "malformed")


_ONE_BYTE = tuple(bytes((value,)) for value in range(0x80))


def encode_varint(value: int) -> bytes:
    """Return the minimal varint of a number from 0 to 2^64 - 1."""
    if value < 0x80:
        return _ONE_BYTE[value]
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def split_fields(data: bytes) -> list[tuple[int, bytes]]:
    """Return the top-level fields of an encoded message in order, each with its tag, the occurrences of a
    repeated field together. The input is this process's own encoder's output, so nothing is checked.
    """
    pieces: list[tuple[int, bytes]] = []
    at = start = current = 0
    end = len(data)
    while at < end:
        begin = at
        tag = data[at]
        at += 1
        if tag >= 0x80:
            tag, at = _rest_of_varint(data, at, tag)
        number = tag >> 3
        if number != current:
            if current:
                pieces.append((current, data[start:begin]))
            current, start = number, begin
        length = data[at]
        at += 1
        if length >= 0x80:
            length, at = _rest_of_varint(data, at, length)
        if tag & 7 == LENGTH:
            at += length
    if current:
        pieces.append((current, data[start:end]))
    return pieces


def _rest_of_varint(data: bytes, at: int, first: int) -> tuple[int, int]:
    value, shift = first & 0x7F, 7
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
