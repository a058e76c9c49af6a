"""How far a long push has come: kept in the home after every batch, so that a second run goes on from there.

It holds digests and counts, and nothing about anybody. Row by row the gateway knows a push again by its key,
which is made of the same digest; so a batch that was acknowledged in part is not pushed twice.

Source: ADR 0014.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from gateway.errors import Corrupt

FOLDER: Final = "pushes"
KEPT: Final = timedelta(days=90)
"""As long as the gateway knows a push again."""
_VERSION: Final = 1


@dataclass(slots=True, kw_only=True)
class PushState:
    """One long push. `run` is the digest of the file and of all that is asked for it, `place` that of the
    file's path, `rejects` that of the reject file's; `position` is acknowledged, with all before it.
    `outcomes` counts by recipient and outcome, `reasons` by recipient and the rule that denied.
    """

    run: str
    file: str
    place: str
    rejects: str
    begun_on: str
    total: int
    last: int
    position: int = 0
    accepted: int = 0
    rejected: int = 0
    reject_bytes: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    reasons: dict[str, int] = field(default_factory=dict)
    done: bool = False

    def key(self, position: int) -> str:
        """Return the key under which the unit at a position is pushed."""
        return f"{self.run[:48]}-{position}"

    @property
    def today(self) -> date:
        """The day of the first run: ages and last days are reckoned from it, so records stay the same."""
        return date.fromisoformat(self.begun_on)


def load(home: Path, run: str) -> PushState | None:
    """Return how far a push has come, None for a new one."""
    path = _path(home, run)
    return _read(path) if path.exists() else None


def unfinished(home: Path, place: str) -> Iterator[PushState]:
    """Yield the pushes of the file at a place that were begun and not ended."""
    for path in sorted((home / FOLDER).glob("*.json")):
        state = _read(path)
        if state.place == place and not state.done:
            yield state


def save(home: Path, state: PushState) -> None:
    """Keep how far a push has come, so that it is there after a power cut, whole or as it was before."""
    folder = home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    path = _path(home, state.run)
    new = path.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        json.dump({"version": _VERSION, **asdict(state)}, stream)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(path)
    _sync(folder)


def forget(home: Path, run: str) -> None:
    """Forget a push."""
    _path(home, run).unlink(missing_ok=True)


def forget_old(home: Path, today: date) -> None:
    """Forget the pushes that the gateway knows no more."""
    for path in (home / FOLDER).glob("*.json"):
        if _read(path).today < today - KEPT:
            path.unlink(missing_ok=True)


def _path(home: Path, run: str) -> Path:
    return home / FOLDER / f"{run[:32]}.json"


def _read(path: Path) -> PushState:
    try:
        found: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if found.pop("version") != _VERSION:
            raise ValueError
        state = PushState(**found)
        date.fromisoformat(state.begun_on)
    except (ValueError, TypeError, KeyError, AttributeError) as exc:
        raise Corrupt(
            "says no more how far a push had come; take it away, and the push is known again row by row",
            field=str(path),
            code="corrupt",
        ) from exc
    return state


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
