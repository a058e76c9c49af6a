"""Runs `comity serve` with one function that kills the process, before or after its n-th call.

Run as `python -m tests.live.crashing POINT before|after N --home HOME --json`; the product knows nothing of
it.
"""

from __future__ import annotations

import functools
import inspect
import itertools
import os
import signal
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final

POINTS: Final = {
    # Where the store changes, whoever asks for it.
    "commit": ("gateway.store.writer", "Writer._commit"),
    "write the tree": ("gateway.store.writer", "Writer._write_tree"),
    # Where a head is signed.
    "read back": ("gateway.store.writer", "Writer.read_back"),
    "raise the high-water mark": ("gateway.flow.notary", "HighWater.raise_to"),
    "put the mark in place": ("pathlib", "Path.replace"),
    "sign a head": ("gateway.flow.notary", "Notary._signed"),
    # On the way of a record, at its sender.
    "push": ("gateway.worker.worker", "push"),
    "answer a push": ("gateway.services.pushing", "answer_message"),
    "take a load": ("gateway.worker.courier", "take_load"),
    "write to the stream": ("grpc.aio._call", "_StreamRequestMixin.write"),
    "take a receipt in": ("gateway.worker.courier", "acknowledge"),
    # At its recipient.
    "admit": ("gateway.services.peer", "admit"),
    # Between witnesses.
    "cosign for another": ("gateway.services.peer", "cosign_for"),
    "keep what was cosigned": ("gateway.worker.witnessing", "keep_cosigned"),
    "note what a witness saw": ("gateway.worker.witnessing", "note_seen"),
}
"""Where a process may end, by name: the module as it is looked up when called, and the name in it."""

DRAINING: Final = {
    "begin to stop": ("gateway.serve", "Running.stop"),
    "end a listener": ("gateway.services.server", "Listener.drain"),
    "end the worker": ("gateway.worker.worker", "Worker.stop"),
    "close the store": ("gateway.store.store", "Store.close"),
}
"""Where a process may end that was told to stop."""


def arm(point: str, when: str, number: int) -> None:
    """Let the n-th call of a function end the process, before it does anything or when it is done."""
    module, path = (POINTS | DRAINING)[point]
    *owners, name = path.split(".")
    owner: Any = functools.reduce(getattr, owners, import_module(module))
    setattr(owner, name, _fatal(getattr(owner, name), when, number))


def _fatal(called: Callable[..., Any], when: str, number: int) -> Callable[..., Any]:
    turns = itertools.count(1)

    def due(turn: int, moment: str) -> None:
        if turn == number and when == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    if inspect.iscoroutinefunction(called):

        async def awaited(*values: Any, **named: Any) -> Any:
            turn = next(turns)
            due(turn, "before")
            result = await called(*values, **named)
            due(turn, "after")
            return result

        return awaited

    def run(*values: Any, **named: Any) -> Any:
        turn = next(turns)
        due(turn, "before")
        result = called(*values, **named)
        due(turn, "after")
        return result

    return run


def main() -> None:
    """Arm one point and serve."""
    from gateway.cli.main import main as comity

    point, when, number, *rest = sys.argv[1:]
    arm(point, when, int(number))
    sys.argv = ["comity", "serve", *rest]
    comity()


if __name__ == "__main__":
    main()
