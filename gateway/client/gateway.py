"""The client of an agency's own systems: push, preview, look up, watch, take over what arrived."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from google.protobuf.message import Message

from gateway.client import reading
from gateway.client.answers import Answer, Arrived, Exchange, Found, Preview, Push
from gateway.client.connection import Connection, read_identity
from gateway.client.patience import Patience
from gateway.client.pushes import Pushes
from gateway.errors import Busy, GatewayError
from gateway.tls.credential import Credential
from gateway.v1 import submission_pb2 as pb
from gateway.wire.methods import Method, method

M = TypeVar("M", bound=Message)


class Gateway:
    """An agency's gateway, seen by one of its systems; a context manager.

    `address` is `host:port` of its local port, `identity` the file with key, certificate and CA. A call that
    meets a gateway being restarted tries again for `patience_s` seconds: pushes lose and repeat nothing, and
    streams go on where they stood. Every failure is a `gateway.errors.GatewayError`.
    """

    def __init__(self, address: str, identity: Path | str | Credential, *, patience_s: float = 30.0) -> None:
        credential = identity if isinstance(identity, Credential) else read_identity(Path(identity))
        self._connection = Connection(address, credential)
        self._patience_s = patience_s

    def push(self, pushes: Iterable[Push], *, batch: int = 16) -> Iterator[Answer]:
        """Yield one answer for each push, in any order, once it is durable or refused.

        `pushes` is drawn from on another thread, at most 256 ahead of the answers; up to `batch` of them
        travel together, so give 1 where each must leave as soon as it is made. What it raises is raised here,
        once everything drawn before has its answer.

        Raises:
            Malformed: a push that cannot travel.
            Unreachable: the gateway stayed away longer than the patience; what has no answer may be pushed
                again under the same keys.
        """
        work = Pushes(pushes, batch)
        called = method("Submission", "Push")
        patience = Patience(self._patience_s)
        try:
            while not work.done:
                patience.begin()
                broken: GatewayError
                try:
                    for response in self._connection.stream(called, work.requests(), pb.PushResponse):
                        for message in response.answers:
                            if work.answered(message.ordinal):
                                patience.renew()
                                yield reading.answer(message)
                    broken = Busy("the gateway ended the stream before it had answered all", code="stopping")
                except GatewayError as exc:
                    broken = exc
                work.check()
                if not work.done:
                    patience.wait(broken)
        finally:
            work.end()

    def push_one(self, push: Push) -> Answer:
        """Return the answer to one push; raises what `push` raises."""
        return next(self.push([push], batch=1))

    def preview(self, push: Push) -> Preview:
        """Return what each recipient would see of a push, and why; nothing is kept or sent."""
        request = pb.PreviewRequest(item=reading.item(push))
        return reading.preview(self._ask(method("Submission", "Preview"), request, pb.PreviewResponse))

    def exchange(self, exchange_id: str) -> Exchange:
        """Return how an exchange stands; one that is not here is NotFound."""
        request = pb.GetExchangeRequest(exchange_id=exchange_id)
        found = self._ask(method("Submission", "GetExchange"), request, pb.GetExchangeResponse)
        return reading.exchange(found.exchange)

    def watch(self, *exchange_ids: str, timeout_s: float | None = None) -> Iterator[Exchange]:
        """Yield how exchanges stand, now and at every change, until all of them are closed.

        Raises:
            Unreachable: code `transport-deadline-exceeded`: `timeout_s` has passed.
        """
        request = pb.WatchExchangeRequest(exchange_ids=exchange_ids)
        asked = method("Submission", "WatchExchange")
        told: dict[str, str] = {}
        for message in self._stream(asked, request, pb.WatchExchangeResponse, timeout_s):
            found = reading.exchange(message.exchange)
            # A stream that was begun again tells how things stand once more.
            if told.get(found.id) != found.state:
                told[found.id] = found.state
                yield found

    def find(self, own_reference: str) -> list[Found]:
        """Return the records submitted under a reference, oldest first."""
        request = pb.FindRecordsRequest(own_reference=own_reference)
        found = self._ask(method("Submission", "FindRecords"), request, pb.FindRecordsResponse)
        return [reading.found(one) for one in found.records]

    def inbox(
        self, purpose: str, *, consumer: str = "", follow: bool = False, timeout_s: float | None = None
    ) -> Iterator[Arrived]:
        """Yield what arrived for a purpose behind what was acknowledged; with `follow` wait for more.

        At most 64 arrivals are handed out beyond the last one acknowledged. Every arrival yielded is a
        reading that the ledger holds.

        Raises:
            Unreachable: code `transport-deadline-exceeded`: `timeout_s` has passed.
        """
        request = pb.InboxRequest(purpose=reading.purpose(purpose), consumer=consumer, follow=follow)
        last = -1
        for message in self._stream(method("Submission", "Inbox"), request, pb.InboxResponse, timeout_s):
            # A stream that was begun again begins behind what was acknowledged, not behind what was yielded.
            if message.position > last:
                last = message.position
                yield reading.arrived(message)

    def acknowledge(self, arrived: Arrived, *, consumer: str = "") -> None:
        """Say that an arrival, and all before it for the same purpose, are safe with this consumer."""
        request = pb.AcknowledgeRequest(
            purpose=reading.purpose(arrived.purpose), consumer=consumer, position=arrived.position
        )
        self._ask(method("Submission", "Acknowledge"), request, pb.AcknowledgeResponse)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(self, asked: Method, request: Message, answer: type[M]) -> M:
        """Return an answer; what is asked here may be asked twice."""
        patience = Patience(self._patience_s)
        while True:
            patience.begin()
            try:
                return self._connection.ask(asked, request, answer)
            except GatewayError as exc:
                patience.wait(exc)

    def _stream(
        self, asked: Method, request: Message, answer: type[M], timeout_s: float | None
    ) -> Iterator[M]:
        """Yield a stream's answers; one that breaks off is begun again."""
        patience = Patience(self._patience_s)
        until = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            rest_s = None if until is None else max(0.0, until - time.monotonic())
            patience.begin()
            try:
                for message in self._connection.stream(asked, request, answer, timeout_s=rest_s):
                    patience.renew()
                    yield message
            except GatewayError as exc:
                patience.wait(exc)
            else:
                return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
