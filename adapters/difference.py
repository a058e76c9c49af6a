"""Where a record and what a reader makes of a document differ, field by field and without any value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from google.protobuf.message import Message

Coarser = Callable[[Any, Any, Any], bool]
"""Tells of a field, by its descriptor, whether the second value says less than the first and nothing else."""

# Elements that are not equal are paired by likeness; beyond this many pairs nobody is helped by it.
_MOST_PAIRS = 10_000


@dataclass(slots=True)
class Difference:
    """Paths within one message, such as `names[0].family`: what is gone, is told less precisely, is new."""

    lost: set[str] = field(default_factory=set)
    coarsened: set[str] = field(default_factory=set)
    invented: set[str] = field(default_factory=set)


def difference(original: Message, readings: Sequence[Message], coarser: Coarser) -> Difference:
    """Return how one message differs from the readings of it, of which there is at least one.

    A value is lost when no reading has it; it is invented when any reading has it beyond the original.
    """
    found = []
    for reading in readings:
        comparison = _Comparison(coarser)
        comparison.of_messages(original, reading, "")
        found.append(comparison.found)
    lost = set.intersection(*(one.lost for one in found))
    return Difference(
        lost=set(_shortest(original, "", lost)[0]),
        coarsened=set().union(*(one.coarsened for one in found)),
        invented=set().union(*(one.invented for one in found)),
    )


class _Comparison:
    """One walk over two messages, which notes every difference."""

    def __init__(self, coarser: Coarser) -> None:
        self.coarser = coarser
        self.found = Difference()

    def of_messages(self, original: Message, reading: Message, prefix: str) -> None:
        stated = {each.name: each for message in (original, reading) for each, _ in message.ListFields()}
        for name, descriptor in stated.items():
            path = f"{prefix}{name}"
            before, after = getattr(original, name), getattr(reading, name)
            if descriptor.is_repeated:
                self.of_lists(descriptor, list(before), list(after), path)
            elif not reading.HasField(name):
                self.found.lost.update(_leaf_paths(before, path))
            elif not original.HasField(name):
                self.found.invented.add(path)
            elif before != after:
                self.of_values(descriptor, before, after, path)

    def of_values(self, descriptor: Any, before: Any, after: Any, path: str) -> None:
        if descriptor.message_type is not None:
            self.of_messages(before, after, f"{path}.")
        elif self.coarser(descriptor, before, after):
            self.found.coarsened.add(path)
        else:
            self.found.invented.add(path)

    def of_lists(self, descriptor: Any, before: list[Any], after: list[Any], path: str) -> None:
        pairs = _equals(before, after)
        gone = {at: value for at, value in enumerate(before) if at not in pairs}
        taken = set(pairs.values())
        new = {at: value for at, value in enumerate(after) if at not in taken}
        likes = self.likes(descriptor, gone, new)
        for at, value in gone.items():
            if at in likes:
                self.of_values(descriptor, value, new[likes[at]], f"{path}[{at}]")
            else:
                self.found.lost.update(_leaf_paths(value, f"{path}[{at}]"))
        if len(new) > len(likes):
            self.found.invented.add(path)
        pairs |= likes
        places = [pairs[at] for at in sorted(pairs)]
        if places != sorted(places):
            self.found.coarsened.add(path)  # all are there, and their order is not

    def likes(self, descriptor: Any, gone: dict[int, Any], new: dict[int, Any]) -> dict[int, int]:
        """Pair what is left over: messages by the most values they share, single values by coarseness."""
        pairs: dict[int, int] = {}
        if len(gone) == len(new) == 1 and descriptor.message_type is not None:
            return dict(zip(gone, new, strict=True))
        if len(gone) * len(new) > _MOST_PAIRS:
            return pairs
        for other, value in new.items():
            free = [at for at in gone if at not in pairs]
            if descriptor.message_type is None:
                scores = {at: int(self.coarser(descriptor, gone[at], value)) for at in free}
            else:
                wanted = set(_leaves(value, ""))
                scores = {at: len(wanted.intersection(_leaves(gone[at], ""))) for at in free}
            best = max(free, key=scores.__getitem__, default=None)
            if best is not None and scores[best]:
                pairs[best] = other
        return pairs


def _equals(before: list[Any], after: list[Any]) -> dict[int, int]:
    """Pair equal elements by their places, each with the first one left."""
    places: dict[Any, list[int]] = defaultdict(list)
    for at in reversed(range(len(after))):
        places[_key(after[at])].append(at)
    pairs = {}
    for at, value in enumerate(before):
        if left := places.get(_key(value)):
            pairs[at] = left.pop()
    return pairs


def _key(value: Any) -> Any:
    return value.SerializeToString(deterministic=True) if isinstance(value, Message) else value


def _leaves(message: Message, prefix: str) -> Iterator[tuple[str, Any]]:
    """Yield every single value with its path, elements of lists without their place."""
    for descriptor, held in message.ListFields():
        for value in held if descriptor.is_repeated else [held]:
            path = f"{prefix}{descriptor.name}"
            if isinstance(value, Message):
                yield from _leaves(value, f"{path}.")
            else:
                yield path, value


def _leaf_paths(value: Any, path: str) -> Iterator[str]:
    if not isinstance(value, Message):
        yield path
        return
    for descriptor, held in value.ListFields():
        name = f"{path}.{descriptor.name}"
        if not descriptor.is_repeated:
            yield from _leaf_paths(held, name)
            continue
        for at, one in enumerate(held):
            yield from _leaf_paths(one, f"{name}[{at}]")


def _shortest(message: Message, prefix: str, lost: set[str]) -> tuple[list[str], bool]:
    """Return the shortest paths that name what is lost of a message, and whether all of it is.

    A part whose every value is lost goes by its own path, a list by its path without places.
    """
    told: list[str] = []
    whole = True
    for descriptor, held in message.ListFields():
        name = f"{prefix}{descriptor.name}"
        places = [f"{name}[{at}]" for at in range(len(held))] if descriptor.is_repeated else [name]
        parts = [
            _shortest_of(value, path, lost)
            for path, value in zip(places, held if descriptor.is_repeated else [held], strict=True)
        ]
        if all(gone for _, gone in parts):
            told.append(name)
        else:
            told += [path for paths, _ in parts for path in paths]
            whole = False
    return told, whole and bool(told)


def _shortest_of(value: Any, path: str, lost: set[str]) -> tuple[list[str], bool]:
    if not isinstance(value, Message):
        return ([path], True) if path in lost else ([], False)
    told, whole = _shortest(value, f"{path}.", lost)
    return ([path], True) if whole else (told, False)
