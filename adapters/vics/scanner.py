"""JSON read from a file without holding it: the place is known, the text of one value at a time is kept.

Only the frame of the document is understood here: brackets, names, separators. A value that somebody asks for
is returned as the text it is, and read as strictly as any other document by `adapters.document.read_json`.

Source: RFC 8259; THREATS A42, A43.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO, Final

from adapters.document import read_json
from gateway.errors import Malformed

CHUNK_BYTES: Final = 64 * 1024
"""How much is read at a time."""

MAX_NAME: Final = 1024
"""Longest name of a member of an object of the frame, in characters."""

MAX_MEMBERS: Final = 1024
"""Most members of one object of the frame."""

_SPACE: Final = re.compile(r"[ \t\r\n]*+")
# What opens and closes nothing, with strings skipped whole, so that a bracket inside one does not count.
_FLAT: Final = re.compile(r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")*+', re.DOTALL)
_UNQUOTED: Final = re.compile(r'[^"\\]*+')
_SCALAR: Final = re.compile(r'[^\s,\]}\[{":]*+')


class Scanner:
    """A place in a JSON document that moves forward only.

    Raises, from every method:
        Malformed: code `bad-encoding` (not UTF-8) or `not-json`, also where the document ends early.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._buffer = ""
        self._at = 0
        self._ended = False

    def peek(self) -> str:
        """Return the next character that is no space, and stay before it; nothing at the end."""
        while True:
            match = _SPACE.match(self._buffer, self._at)
            assert match is not None
            self._at = match.end()
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def take(self, wanted: str) -> None:
        """Go past one character, which must be this one."""
        if self.peek() != wanted:
            raise self._broken(f"`{wanted}` is missing")
        self._at += 1

    def members(self) -> Iterator[str]:
        """Yield the names of an object's members; whoever takes a name reads its value before the next.

        Raises:
            Malformed: also `duplicate-field` and `too-many-elements`.
        """
        self.take("{")
        names: set[str] = set()
        while self._goes_on("}", first=not names):
            text = self.value(MAX_NAME) if self.peek() == '"' else None
            if text is None:
                raise self._broken("a name is missing or too long")
            name = str(read_json(text))
            if name in names:
                shown = name[:64] if name.isprintable() and name else "document"
                raise Malformed("stands twice in one object", field=shown, code="duplicate-field")
            if len(names) == MAX_MEMBERS:
                raise Malformed("holds too many members", field="document", code="too-many-elements")
            names.add(name)
            self.take(":")
            yield name

    def elements(self) -> Iterator[int]:
        """Yield the place of each element of an array; whoever takes one reads it before the next."""
        self.take("[")
        place = 0
        while self._goes_on("]", first=not place):
            yield place
            place += 1

    def value(self, most: int) -> str | None:
        """Return the text of the next value, None where it has more than `most` characters; go past it."""
        kept = _Kept(most)
        first = self.peek()
        if first in ("{", "["):
            self._bracketed(kept)
        elif first == '"':
            self._string(kept)
        else:
            self._scalar(kept)
        return kept.text()

    def end(self) -> None:
        """Make sure that nothing follows."""
        if self.peek():
            raise self._broken("something follows its end")

    def _goes_on(self, closing: str, *, first: bool) -> bool:
        """Go to the next element, past its comma, or past the closing bracket."""
        if self.peek() == closing:
            self._at += 1
            return False
        if not first:
            self.take(",")
        return True

    def _bracketed(self, kept: _Kept) -> None:
        depth = 0
        while True:
            match = _FLAT.match(self._buffer, self._at)
            assert match is not None
            self._keep(kept, match.end())
            character = self._next()
            if character == '"':
                self._string(kept)  # one that goes on behind what was read
                continue
            if character not in "[]{}":
                continue  # more was read
            self._keep(kept, self._at + 1)
            depth += 1 if character in "[{" else -1
            if not depth:
                return

    def _string(self, kept: _Kept) -> None:
        self._keep(kept, self._at + 1)
        while True:
            match = _UNQUOTED.match(self._buffer, self._at)
            assert match is not None
            self._keep(kept, match.end())
            character = self._next()
            if character == '"':
                self._keep(kept, self._at + 1)
                return
            if character == "\\":
                self._keep(kept, self._at + 1)
                self._next()
                self._keep(kept, self._at + 1)

    def _scalar(self, kept: _Kept) -> None:
        while True:
            match = _SCALAR.match(self._buffer, self._at)
            assert match is not None
            self._keep(kept, match.end())
            if self._at < len(self._buffer) or not self._more():
                break
        if not kept.size:
            raise self._broken("a value is missing")

    def _next(self) -> str:
        """Return the character at hand, reading on where there is none."""
        if self._at == len(self._buffer) and not self._more():
            raise self._broken("it ends before it is complete")
        return self._buffer[self._at]

    def _keep(self, kept: _Kept, end: int) -> None:
        kept.add(self._buffer[self._at : end])
        self._at = end

    def _more(self) -> bool:
        """Read on, and tell whether anything came; what lies behind is let go."""
        self._buffer = self._buffer[self._at :]
        self._at = 0
        length = len(self._buffer)
        while len(self._buffer) == length and not self._ended:
            data = self._source.read(CHUNK_BYTES)
            self._ended = not data
            try:
                self._buffer += self._decoder.decode(data, final=self._ended)
            except UnicodeDecodeError as exc:
                raise Malformed("is not UTF-8 text", field="document", code="bad-encoding") from exc
        return len(self._buffer) > length

    def _broken(self, why: str) -> Malformed:
        return Malformed(f"is not JSON: {why}", field="document", code="not-json")


class _Kept:
    """The text of one value, as long as it is not too long; what is too long is counted and let go."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._parts: list[str] = []
        self.size = 0

    def add(self, part: str) -> None:
        self.size += len(part)
        if self.size > self._most:
            self._parts.clear()
        elif part:
            self._parts.append(part)

    def text(self) -> str | None:
        return None if self.size > self._most else "".join(self._parts)
