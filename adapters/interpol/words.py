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


def keep(row: Row, name: str, words: Sequence[str], record: pb.Record, subject: str) -> None:
    """Keep the words of one member in a narrative about `subject`, under its name, and declare it."""
    text = ""
    for word in words:
        longer = f"{text}\n{word}" if text else word
        if len(longer.encode()) > MAX_TEXT_BYTES:
            row.lose(name, Effect.DROPPED, _TOO_MUCH)
            break
        text = longer
    if text:
        number = len(record.narratives) + 1
        narrative = record.narratives.add(id=f"words-{number}", title=f"{name}{AS_WRITTEN}", text=text)
        narrative.subjects.append(subject)
        row.lose(name, Effect.KEPT_AS_EXTENSION, _KEPT)
