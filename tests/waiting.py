"""Waiting for something to become true: the one place where a test of running gateways does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")

_PAUSE_S = 0.02


def until(condition: Callable[[], T], seconds: float = 30.0, *, told: Callable[[], Any] | None = None) -> T:
    """Return what a condition returns once that is true; fail with what is `told` if that takes too long."""
    end = time.monotonic() + seconds
    pause = threading.Event()
    while not (found := condition()):
        said = told() if told is not None and time.monotonic() >= end else ""
        assert time.monotonic() < end, f"not so after {seconds} s {said}"
        pause.wait(_PAUSE_S)
    return found


def moment(seconds: float) -> None:
    """Let some time pass: only to choose a moment at random, never to wait for anything."""
    threading.Event().wait(seconds)
