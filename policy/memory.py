"""What was decided before, under the whole question: bounded, and never asked for a failed evaluation."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

T = TypeVar("T")


class Memory(Generic[T]):
    """Values by their whole question. When `most` are held all are forgotten, which costs time and nothing
    else.
    """

    __slots__ = ("_held", "_most")

    def __init__(self, most: int) -> None:
        self._most = most
        self._held: dict[Hashable, T] = {}

    def get(self, key: Hashable) -> T | None:
        """Return what was kept under an equal key."""
        return self._held.get(key)

    def put(self, key: Hashable, value: T) -> T:
        """Keep the value and return it."""
        if len(self._held) >= self._most:
            self._held.clear()
        self._held[key] = value
        return value

    def __len__(self) -> int:
        return len(self._held)
