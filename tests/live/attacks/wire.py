"""A caller that keeps to no rules: any certificate, any method, any bytes, over the real wire."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

import grpc
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from gateway.tls.credential import Credential

TIMEOUT_S = 20.0
GARBAGE = b"\xff\xff\xff\xff\xff\xff"
"""Bytes that are no message of any type."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a call was told: `reason` and `kind` are ours and empty where the transport itself refused."""

    status: grpc.StatusCode
    reason: str
    kind: str
    details: str
    answers: tuple[bytes, ...]
    trailers: bytes

    @property
    def everything(self) -> bytes:
        """Every byte the caller was given."""
        return b"\n".join((self.details.encode(), self.trailers, *self.answers))

    @property
    def short(self) -> str:
        """Our reason, else the transport's status."""
        return self.reason or self.status.name


class Wire:
    """A connection to one port; a context manager."""

    def __init__(
        self,
        address: str,
        *,
        server: str,
        authority: bytes,
        shown: Credential | None,
        options: Sequence[tuple[str, Any]] = (),
    ) -> None:
        """Take `host:port`, the DNS name and CA (PEM) the server must show, and what is shown to it."""
        secrets = grpc.ssl_channel_credentials(
            root_certificates=authority,
            private_key=None if shown is None else shown.key,
            certificate_chain=None if shown is None else shown.certificate,
        )
        free = {
            "grpc.ssl_target_name_override": server,
            "grpc.default_authority": server,
            "grpc.max_send_message_length": -1,
            "grpc.max_receive_message_length": -1,
            "grpc.use_local_subchannel_pool": 1,
            "grpc.enable_http_proxy": 0,
            "grpc.enable_retries": 0,
            **dict(options),
        }
        self.channel = grpc.secure_channel(address, secrets, options=list(free.items()))

    def call(
        self, path: str, *bodies: bytes, answers_max: int = 16, timeout_s: float = TIMEOUT_S, **options: Any
    ) -> Told:
        """Send these messages on a method, whatever it takes, and return how it went."""
        return self.stream(path, bodies, answers_max=answers_max, timeout_s=timeout_s, **options)

    def stream(
        self,
        path: str,
        bodies: Iterable[bytes],
        *,
        answers_max: int = 16,
        timeout_s: float = TIMEOUT_S,
        **options: Any,
    ) -> Told:
        """Send messages as they come, until the answers end or there are `answers_max`."""
        begun: Any = self.channel.stream_stream(path)
        answers: list[bytes] = []
        call: Any = begun(iter(bodies), timeout=timeout_s, **options)
        try:
            for answer in islice(call, answers_max):
                answers.append(answer)
            if len(answers) == answers_max:
                call.cancel()
                return _told(None, answers)
        except grpc.RpcError as exc:
            return _told(exc, answers)
        return _told(None, answers)

    def close(self) -> None:
        """Close it, and every call on it."""
        self.channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Stream:
    """A stream under way: a message in, an answer out, at the caller's pace."""

    def __init__(self, wire: Wire, path: str, timeout_s: float = TIMEOUT_S) -> None:
        self._out: SimpleQueue[bytes | None] = SimpleQueue()
        begun: Any = wire.channel.stream_stream(path)
        self.call: Any = begun(iter(self._out.get, None), timeout=timeout_s)

    def ask(self, body: bytes) -> bytes:
        """Return the next answer after a message; raises what the call ends with."""
        self._out.put(body)
        answer: bytes = next(self.call)
        return answer

    def refused(self, body: bytes) -> Told:
        """Return how a message ends the call."""
        try:
            answer = self.ask(body)
        except grpc.RpcError as exc:
            return _told(exc, [])
        finally:
            self.end()
        raise AssertionError(f"answered with {len(answer)} bytes")

    def end(self) -> None:
        """Send no more."""
        self._out.put(None)


def _told(failure: Any, answers: list[bytes]) -> Told:
    if failure is None:
        return Told(
            status=grpc.StatusCode.OK, reason="", kind="", details="", answers=tuple(answers), trailers=b""
        )
    trailers = [(str(key), value) for key, value in failure.trailing_metadata() or ()]
    info = error_details_pb2.ErrorInfo()
    rich = rpc_status.from_call(failure)
    for detail in rich.details if rich is not None else ():
        if detail.Is(info.DESCRIPTOR):
            detail.Unpack(info)
    return Told(
        status=failure.code(),
        reason=info.reason.lower().replace("_", "-"),
        kind=info.metadata.get("kind", ""),
        details=failure.details() or "",
        answers=tuple(answers),
        trailers=b"\n".join(
            key.encode() + b"=" + (value if isinstance(value, bytes) else value.encode())
            for key, value in trailers
        ),
    )
