"""What a format carried only in part, over many records: counted by field, so that it stays short."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from adapters.loss import Loss
from gateway.cli.screen import Screen

_PLACE: Final = re.compile(r"^\w+\[\d+\]\.")
_MOST: Final = 1_000
"""Different fields told apart; more than that helps nobody."""


class LossSummary:
    """Losses by their field, without the row, with how many there were of each."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def add(self, losses: Iterable[Loss]) -> None:
        """Count losses."""
        for loss in losses:
            key = (_PLACE.sub("", loss.path), loss.effect.value, loss.why)
            if key in self._counts or len(self._counts) < _MOST:
                self._counts[key] += 1

    @property
    def total(self) -> int:
        """How many there were."""
        return self._counts.total()

    def rows(self) -> list[dict[str, str | int]]:
        """Return them for --json."""
        return [
            {"path": path, "effect": effect, "why": why, "count": count}
            for (path, effect, why), count in self._counts.items()
        ]

    def show(self, screen: Screen) -> None:
        """Print them on standard error for a person."""
        if screen.as_json or not self._counts:
            return
        screen.aside("Carried only in part:")
        for (path, effect, why), count in self._counts.items():
            screen.aside(f"  {path}: {effect}, {count} time(s): {why}")
