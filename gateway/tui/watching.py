"""Watching what waits in a running gateway: changes are told, a lost connection is told and tried again."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from textual.message import Message

from gateway.errors import GatewayError
from gateway.flow.review.listing import Waiting
from gateway.tui.session import Desk, unforeseen

RETRY_FIRST_S: Final = 1.0
RETRY_CAP_S: Final = 30.0

_RENEWED: Final = "transport-deadline-exceeded"
_CLOSED: Final = "closed"


class Heard(Message):
    """What waits now, or what went wrong with asking."""

    def __init__(self, news: Waiting | GatewayError) -> None:
        super().__init__()
        self.news = news


class Watch:
    """A thread that follows `desk.watch`; `tell` is called there, with what waits or with what failed.

    It is a daemon: a stream that hangs keeps nobody from leaving.
    """

    def __init__(self, desk: Desk, tell: Callable[[Waiting | GatewayError], object]) -> None:
        self._desk = desk
        self._tell = tell
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Tell nothing more; the thread ends with its stream."""
        self._ended.set()

    def _run(self) -> None:
        rest_s = RETRY_FIRST_S
        while not self._ended.is_set():
            failure = self._follow()
            if self._ended.is_set() or (failure is not None and failure.code == _CLOSED):
                return
            if failure is None or failure.code == _RENEWED:
                # It stood, and ended as long streams do: that is no news.
                rest_s = RETRY_FIRST_S
            else:
                self._tell(failure)
                rest_s = min(RETRY_CAP_S, 2 * rest_s)
            self._ended.wait(rest_s)

    def _follow(self) -> GatewayError | None:
        try:
            for found in self._desk.watch():
                if self._ended.is_set():
                    break
                self._tell(found)
        except GatewayError as exc:
            return exc
        except Exception:
            return unforeseen()
        return None
