"""The pushes of one call: drawn from the caller's iterable, kept until answered, sent again if need be."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Final

from gateway.client import reading
from gateway.client.answers import Push
from gateway.v1 import submission_pb2 as pb
from gateway.wire.limits import BATCH_BYTES_MAX, PUSH_ITEMS_MAX, PUSH_UNANSWERED_MAX

_CALM_S: Final = 0.5


class Pushes:
    """Shared by the thread that sends and the one that reads answers."""

    def __init__(self, pushes: Iterable[Push], batch: int) -> None:
        self._source = iter(pushes)
        self._batch = max(1, min(batch, PUSH_ITEMS_MAX))
        self._turn = threading.Condition()
        self._drawing = threading.Lock()
        self._unanswered: dict[int, pb.PushItem] = {}
        self._session = 0
        self._ordinals: list[int] = []
        self._drawn = 0
        self._exhausted = False
        self._failure: BaseException | None = None

    @property
    def done(self) -> bool:
        """Whether everything there was to push has its answer."""
        with self._turn:
            return self._exhausted and not self._unanswered

    def check(self) -> None:
        """Raise what the caller's iterable raised, if it did: nothing more can be drawn from it."""
        with self._turn:
            if self._failure is not None and not self._unanswered:
                raise self._failure

    def requests(self) -> Iterator[pb.PushRequest]:
        """Yield messages for one stream: first what has no answer yet, then what is new.

        An earlier stream's iterator ends as soon as another begins.
        """
        with self._turn:
            self._session += 1
            session, self._ordinals = self._session, []
            self._turn.notify_all()
        return self._requests(session)

    def answered(self, ordinal: int) -> bool:
        """Note the answer to the n-th item of the stream; return whether it is the first to that item."""
        with self._turn:
            if ordinal >= len(self._ordinals):
                return False
            known = self._unanswered.pop(self._ordinals[ordinal], None) is not None
            self._turn.notify_all()
            return known

    def _requests(self, session: int) -> Iterator[pb.PushRequest]:
        while numbers := self._next(session):
            while numbers:
                part, numbers = self._fitting(numbers)
                if (request := self._request(session, part)) is None:
                    return
                yield request

    def _next(self, session: int) -> list[int]:
        """Return what this stream has not sent yet, else draw more; nothing at the end, or for an old one."""
        with self._drawing:
            with self._turn:
                sent = set(self._ordinals)
                unsent = [number for number in self._unanswered if number not in sent]
                while not unsent and len(self._unanswered) + self._batch > PUSH_UNANSWERED_MAX:
                    self._turn.wait(_CALM_S)
                    if session != self._session:
                        return []
                if unsent or self._exhausted or session != self._session:
                    return unsent if session == self._session else []
            return self._draw()

    def _draw(self) -> list[int]:
        drawn = []
        try:
            for push in self._source:
                drawn.append(reading.item(push))
                if len(drawn) == self._batch:
                    break
        except BaseException as exc:
            self._failure = exc
        with self._turn:
            self._exhausted = len(drawn) < self._batch
            numbers = list(range(self._drawn, self._drawn + len(drawn)))
            self._unanswered |= zip(numbers, drawn, strict=True)
            self._drawn += len(drawn)
        return numbers

    def _fitting(self, numbers: list[int]) -> tuple[list[int], list[int]]:
        """Part numbers into those that fit one message and the rest."""
        size, count = 0, 0
        with self._turn:
            for number in numbers[:PUSH_ITEMS_MAX]:
                item = self._unanswered.get(number)
                size += item.ByteSize() + 16 if item is not None else 0
                if count and size > BATCH_BYTES_MAX:
                    break
                count += 1
        return numbers[:count], numbers[count:]

    def _request(self, session: int, numbers: list[int]) -> pb.PushRequest | None:
        with self._turn:
            if session != self._session:
                return None
            here = [number for number in numbers if number in self._unanswered]
            self._ordinals += here
            return pb.PushRequest(items=[self._unanswered[number] for number in here])
