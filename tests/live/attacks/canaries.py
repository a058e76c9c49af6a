"""Words that stand nowhere else, planted wherever a record takes text, and looked for in every spelling."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import count
from typing import Any
from urllib.parse import quote

from google.protobuf.message import Message

from gateway.record.findings import InvalidRecord
from gateway.record.validation import read_record
from gateway.v1.record_pb2 import Record
from tests.flow import oracle
from tests.live.houses import case

KEY = "kanarie-sleutel-4411"
REFERENCE = "KANARIE/ZAAK/5522"
CONSUMER = "kanarie-lezer-6633"
FILE = "metadata/kanarie-bestand-7744.json"
NAME = "kanarie-naam-8855"
ASKED = (KEY, REFERENCE, CONSUMER, "kanarie-bestand-7744", NAME)


@cache
def planted() -> tuple[bytes, tuple[str, ...]]:
    """Return the case with a canary in every text that may be any text, and the canaries."""
    record = Record.FromString(case())
    record.header.own_reference = REFERENCE
    words = []
    number = count(100)
    for message, name, at in list(_texts(record)):
        if name == "own_reference":
            continue
        before = _text(message, name, at)
        for word in (f"Kanárie{next(number)}vogel", f"KANARIE{next(number)}VOGEL"):
            _set(message, name, at, word)
            if _valid(record):
                words.append(word)
                break
            _set(message, name, at, before)
    return record.SerializeToString(deterministic=True), tuple(words)


def found(words: tuple[str, ...], blobs: dict[str, bytes]) -> list[tuple[str, str]]:
    """Return (word, name of the blob) wherever a word stands in a blob, in any spelling."""
    escaped = [
        (word, name)
        for word in words
        for name, data in blobs.items()
        if quote(word, "").encode() in data or quote(word, "").lower().encode() in data
    ]
    return oracle.places(words, blobs) + escaped


def _texts(message: Message) -> Iterator[tuple[Any, str, int | None]]:
    """Yield every text below a message: what holds it, the field, and its place in a repeated one."""
    for field, value in message.ListFields():
        values = list(value) if field.is_repeated else [value]
        for at, one in enumerate(values):
            if isinstance(one, Message):
                yield from _texts(one)
            elif isinstance(one, str):
                yield message, field.name, at if field.is_repeated else None


def _text(message: Any, name: str, at: int | None) -> str:
    text: str = getattr(message, name) if at is None else getattr(message, name)[at]
    return text


def _set(message: Any, name: str, at: int | None, text: str) -> None:
    if at is None:
        setattr(message, name, text)
    else:
        getattr(message, name)[at] = text


def _valid(record: Record) -> bool:
    try:
        read_record(record.SerializeToString(deterministic=True), today=datetime.now(UTC).date())
    except InvalidRecord:
        return False
    return True


def spoilt() -> Iterator[bytes]:
    """Yield the case with a canary in one text that may not be any text: an id, a country, a date."""
    for number in range(len(list(_texts(Record.FromString(case()))))):
        record = Record.FromString(case())
        message, name, at = list(_texts(record))[number]
        _set(message, name, at, f"KANARIE{100 + number}VOGEL {NAME}")
        if not _valid(record):
            yield record.SerializeToString(deterministic=True)
