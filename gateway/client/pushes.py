"""The pushes of one call: drawn from the caller's iterable, kept until answered, sent again if need be."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from gateway.client import reading
from gateway.client.answers import Push
from gateway.v1 import submission_pb2 as pb
from gateway.wire.limits import BATCH_BYTES_MAX, PUSH_ITEMS_MAX, PUSH_UNANSWERED_MAX

_CALM_S: Final = 0.5
_FRAME_BYTES: Final = 16
"""Room for what a message writes around an item."""


class Pushes:
    """Shared by the thread that sends and the one that reads answers.

    Items are numbered as they are drawn. A stream (`session`) numbers what it sends anew; `_sent` says which
    item each of its numbers is, as long as that has no answer.
    """

    def __init__(self, pushes: Iterable[Push], batch: int) -> None:
        self._source = iter(pushes)
        self._batch = max(1, min(batch, PUSH_ITEMS_MAX))
        self._turn = threading.Condition()
        self._drawing = threading.Lock()
        self._unanswered: dict[int, pb.PushItem] = {}
        self._session = 0
        self._sent: dict[int, int] = {}
        self._sent_count = 0
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
            session, self._sent, self._sent_count = self._session, {}, 0
            again = sorted(self._unanswered)
            self._turn.notify_all()
        return self._requests(session, again)

    def end(self) -> None:
        """End every stream's iterator: nobody waits for answers any more."""
        with self._turn:
            self._session += 1
            self._turn.notify_all()

    def answered(self, ordinal: int) -> bool:
        """Note the answer to the n-th item of the stream; return whether it is the first to that item."""
        with self._turn:
            number = self._sent.pop(ordinal, None)
            known = number is not None and self._unanswered.pop(number, None) is not None
            self._turn.notify_all()
            return known

    def _requests(self, session: int, again: list[int]) -> Iterator[pb.PushRequest]:
        # What has no answer yet goes first and waits for nobody: the caller's iterable may itself be waiting
        # for these answers.
        numbers = again or self._draw(session)
        while numbers:
            yield from _batches(self._take(session, numbers))
            numbers = self._draw(session)

    def _take(self, session: int, numbers: Sequence[int]) -> list[pb.PushItem]:
        """Return these items, numbered as sent in this stream; none where another has begun."""
        with self._turn:
            if session != self._session:
                return []
            here = [number for number in numbers if number in self._unanswered]
            self._sent |= zip(range(self._sent_count, self._sent_count + len(here)), here, strict=True)
            self._sent_count += len(here)
            return [self._unanswered[number] for number in here]

    def _draw(self, session: int) -> list[int]:
        """Return the numbers of items just drawn or not sent in this stream; none at its end."""
        with self._drawing:
            with self._turn:
                while self._is_full(session):
                    self._turn.wait(_CALM_S)
                if session != self._session:
                    return []
                sent = set(self._sent.values())
                # An earlier stream drew them while this one began.
                if unsent := [number for number in self._unanswered if number not in sent]:
                    return unsent
                if self._exhausted:
                    return []
            return self._drawn_now()

    def _is_full(self, session: int) -> bool:
        return session == self._session and len(self._unanswered) + self._batch > PUSH_UNANSWERED_MAX

    def _drawn_now(self) -> list[int]:
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


def _batches(items: Sequence[pb.PushItem]) -> Iterator[pb.PushRequest]:
    """Yield items in order, in as few messages as the limits of the wire allow."""
    rest = list(items)
    while rest:
        count = _fitting(rest)
        yield pb.PushRequest(items=rest[:count])
        rest = rest[count:]


def _fitting(items: Sequence[pb.PushItem]) -> int:
    """Return how many of these, from the first, fit one message; at least one does."""
    size = 0
    for count, item in enumerate(items[:PUSH_ITEMS_MAX]):
        size += item.ByteSize() + _FRAME_BYTES
        if count and size > BATCH_BYTES_MAX:
            return count
    return min(len(items), PUSH_ITEMS_MAX)
