"""The client of an agency's own systems: push, preview, look up, watch, take over what arrived."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from gateway.client import reading
from gateway.client.answers import Answer, Arrived, Exchange, Found, Preview, Push
from gateway.client.connection import Connection, read_identity
from gateway.client.pushes import Pushes
from gateway.errors import Busy, GatewayError, Unreachable
from gateway.tls.credential import Credential
from gateway.v1 import submission_pb2 as pb
from gateway.wire.methods import method

RETRY_FIRST_S: Final = 0.2
RETRY_CAP_S: Final = 5.0


class Gateway:
    """An agency's gateway, seen by one of its systems; a context manager.

    `address` is `host:port` of its local port, `identity` the file with key, certificate and CA. A call that
    meets a gateway being restarted tries again for `patience_s` seconds: pushes lose and repeat nothing.
    Every failure is a `gateway.errors.GatewayError`.
    """

    def __init__(self, address: str, identity: Path | str | Credential, *, patience_s: float = 30.0) -> None:
        credential = identity if isinstance(identity, Credential) else read_identity(Path(identity))
        self._connection = Connection(address, credential)
        self._patience_s = patience_s

    def push(self, pushes: Iterable[Push], *, batch: int = 16) -> Iterator[Answer]:
        """Yield one answer for each push, in any order, once it is durable or refused.

        `pushes` is drawn from on another thread, at most 256 ahead of the answers; up to `batch` of them
        travel together, so give 1 where each must leave as soon as it is made.

        Raises:
            Malformed: a push that cannot travel.
            Unreachable: the gateway stayed away longer than the patience; what has no answer may be pushed
                again under the same keys.
        """
        work = Pushes(pushes, batch)
        called = method("Submission", "Push")
        patience = _Patience(self._patience_s)
        while not work.done:
            try:
                for response in self._connection.stream(called, work.requests(), pb.PushResponse):
                    for message in response.answers:
                        if work.answered(message.ordinal):
                            patience.renew()
                            yield reading.answer(message)
                work.check()
            except (Unreachable, Busy) as exc:
                work.check()
                patience.wait(exc)

    def push_one(self, push: Push) -> Answer:
        """Return the answer to one push; raises what `push` raises."""
        return next(self.push([push], batch=1))

    def preview(self, push: Push) -> Preview:
        """Return what each recipient would see of a push, and why; nothing is kept or sent."""
        request = pb.PreviewRequest(item=reading.item(push))
        asked = method("Submission", "Preview")
        return reading.preview(self._connection.ask(asked, request, pb.PreviewResponse))

    def exchange(self, exchange_id: str) -> Exchange:
        """Return how an exchange stands; one that is not here is NotFound."""
        request = pb.GetExchangeRequest(exchange_id=exchange_id)
        found = self._connection.ask(method("Submission", "GetExchange"), request, pb.GetExchangeResponse)
        return reading.exchange(found.exchange)

    def watch(self, *exchange_ids: str, timeout_s: float | None = None) -> Iterator[Exchange]:
        """Yield how exchanges stand, now and at every change, until all of them are closed.

        Raises:
            Unreachable: code `transport-deadline-exceeded`: `timeout_s` has passed.
        """
        request = pb.WatchExchangeRequest(exchange_ids=exchange_ids)
        asked = method("Submission", "WatchExchange")
        for found in self._connection.stream(asked, request, pb.WatchExchangeResponse, timeout_s=timeout_s):
            yield reading.exchange(found.exchange)

    def find(self, own_reference: str) -> list[Found]:
        """Return the records submitted under a reference, oldest first."""
        request = pb.FindRecordsRequest(own_reference=own_reference)
        found = self._connection.ask(method("Submission", "FindRecords"), request, pb.FindRecordsResponse)
        return [reading.found(one) for one in found.records]

    def inbox(self, purpose: str, *, consumer: str = "", follow: bool = False) -> Iterator[Arrived]:
        """Yield what arrived for a purpose behind what was acknowledged; with `follow` wait for more.

        At most 64 arrivals are handed out beyond the last one acknowledged. Every arrival yielded is a
        reading that the ledger holds.
        """
        request = pb.InboxRequest(purpose=reading.purpose(purpose), consumer=consumer, follow=follow)
        for message in self._connection.stream(method("Submission", "Inbox"), request, pb.InboxResponse):
            yield reading.arrived(message)

    def acknowledge(self, arrived: Arrived, *, consumer: str = "") -> None:
        """Say that an arrival, and all before it for the same purpose, are safe with this consumer."""
        request = pb.AcknowledgeRequest(
            purpose=reading.purpose(arrived.purpose), consumer=consumer, position=arrived.position
        )
        self._connection.ask(method("Submission", "Acknowledge"), request, pb.AcknowledgeResponse)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _Patience:
    """How long to go on trying; every success renews it."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self.renew()

    def renew(self) -> None:
        self._until = time.monotonic() + self._patience_s
        self._rest_s = RETRY_FIRST_S

    def wait(self, failure: GatewayError) -> None:
        """Rest before the next try; raises the failure once there is no patience left."""
        if time.monotonic() + self._rest_s > self._until:
            raise failure
        time.sleep(self._rest_s * (0.5 + random.random() / 2))  # noqa: S311  jitter is no secret
        self._rest_s = min(RETRY_CAP_S, 2 * self._rest_s)
