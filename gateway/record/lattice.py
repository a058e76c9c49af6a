"""The orders a marking's members follow: chains, sets in which None means everything, and last days."""

from __future__ import annotations

from datetime import date
from enum import IntEnum
from typing import TypeVar

_Step = TypeVar("_Step", bound=IntEnum)
_Value = TypeVar("_Value")


def higher(a: _Step, b: _Step) -> _Step:
    """Return the higher of two steps of a chain."""
    return a if a >= b else b


def lower(a: _Step, b: _Step) -> _Step:
    """Return the lower of two steps of a chain."""
    return a if a <= b else b


def narrower(a: frozenset[_Value] | None, b: frozenset[_Value] | None) -> frozenset[_Value] | None:
    """Return what both sets allow; None allows everything."""
    if a is None:
        return b
    return a if b is None else a & b


def wider(a: frozenset[_Value] | None, b: frozenset[_Value] | None) -> frozenset[_Value] | None:
    """Return what either set allows; None allows everything."""
    return None if a is None or b is None else a | b


def sooner(a: date | None, b: date | None) -> date | None:
    """Return the earlier of two days; None is never."""
    if a is None:
        return b
    return a if b is None else min(a, b)


def later(a: date | None, b: date | None) -> date | None:
    """Return the later of two days; None is never."""
    return None if a is None or b is None else max(a, b)
