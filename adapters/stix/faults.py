"""Values that break a rule of content, which a peer may have let out: the rest is written without them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from google.protobuf.message import Message

from adapters.document import MAX_TEXT_BYTES
from gateway.record.content_walk import ContentWalk
from gateway.record.findings import Report


def without_faults(message: Any) -> tuple[Any, list[str]]:
    """Return a message without the values that break a rule of content, and the paths of those, so that a
    reader takes the rest. What peers let out may break one.
    """
    report = _faults(message)
    if not report.findings:
        return message, []
    sound = type(message)()
    sound.CopyFrom(message)
    faults = []
    while report.findings:
        # Backwards, so that a place in a list stays that place until it is its turn.
        for finding in reversed(report.findings):
            path = finding.path.lstrip(".")
            faults.append(path)
            _clear(sound, path)
        report = _faults(sound)
    return sound, faults


def within(message: Message, path: str, faults: list[str]) -> Iterator[str]:
    """Yield the paths of the single values of a message under a path that no fault covers."""
    for place in _places(message, ""):
        covered = any(_covers(fault, place) for fault in faults)
        if _covers(path, place) and not covered:
            yield place


def _places(message: Message, prefix: str) -> Iterator[str]:
    for field, held in message.ListFields():
        for at, one in enumerate(held if field.is_repeated else [held]):
            place = f"{prefix}{field.name}" + (f"[{at}]" if field.is_repeated else "")
            if isinstance(one, Message):
                yield from _places(one, f"{place}.")
            else:
                yield place


def _covers(path: str, place: str) -> bool:
    return place == path or place.startswith((f"{path}.", f"{path}["))


def _faults(message: Any) -> Report:
    report = Report()
    ContentWalk(report, date.max, MAX_TEXT_BYTES).visit(message, "")
    return report


def _clear(message: Any, path: str) -> None:
    *way, last = path.split(".")
    for step in way:
        name, _, place = step.partition("[")
        held = getattr(message, name)
        at = int(place.removesuffix("]")) if place else None
        if at is not None and at >= len(held):
            return
        message = held if at is None else held[at]
    name, _, place = last.partition("[")
    if not place:
        message.ClearField(name)
    elif int(place.removesuffix("]")) < len(getattr(message, name)):
        del getattr(message, name)[int(place.removesuffix("]"))]
