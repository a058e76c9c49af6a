"""Words of a notice that have no field of their own in a record: kept as they stand, in a narrative."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from adapters.document import MAX_TEXT_BYTES, clean_text
from adapters.loss import Effect
from adapters.row import ABSENT, Row
from gateway.errors import Malformed
from gateway.v1 import record_pb2 as pb

AS_WRITTEN: Final = ", as written"
"""Ends the title of such a narrative, behind the name of the member."""

_KEPT: Final = "has no field of its own; the words are kept in a narrative"
_TOO_MUCH: Final = "is longer than a narrative may be"
_OBJECT: Final = "is an object, and what its members mean is not known"


def texts(row: Row, name: str) -> list[str]:
    """Return the texts of a list as they stand, none of them split; a single text counts as one.

    An object among them is declared dropped: its members are not published.

    Raises:
        Malformed: code `bad-type` for a list in the list or a truth value.
    """
    row.seen.add(name)
    value = row.values.get(name)
    found: list[str] = []
    for place, one in enumerate(value if isinstance(value, list) else [value]):
        if one is None:
            continue
        if isinstance(one, dict):
            row.lose(name, Effect.DROPPED, _OBJECT)
            continue
        where = f"{row.where(name)}[{place}]"
        if isinstance(one, bool | list):
            raise Malformed("is not text", field=where, code="bad-type")
        text, changed = clean_text(str(one), where)
        if changed:
            row.lose(name, Effect.GENERALISED, "unseen characters are left out")
        if text not in ABSENT:
            found.append(text)
    return found


def as_lines(words: Sequence[str]) -> Sequence[str]:
    """Return the first of these words, as many as 64 KiB hold as the lines of one text."""
    size_bytes = -1
    for place, word in enumerate(words):
        size_bytes += len(word.encode()) + 1
        if size_bytes > MAX_TEXT_BYTES:
            return words[:place]
    return words


def keep(row: Row, name: str, words: Sequence[str], record: pb.Record, subject: str) -> None:
    """Keep the words of one member in a narrative about `subject`, under its name, and declare it."""
    fitting = as_lines(words)
    if len(fitting) < len(words):
        row.lose(name, Effect.DROPPED, _TOO_MUCH)
    if fitting:
        number = len(record.narratives) + 1
        narrative = record.narratives.add(id=f"words-{number}", title=f"{name}{AS_WRITTEN}")
        narrative.text = "\n".join(fitting)
        narrative.subjects.append(subject)
        row.lose(name, Effect.KEPT_AS_EXTENSION, _KEPT)
