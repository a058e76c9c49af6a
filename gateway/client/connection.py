"""A connection of an agency's own system or person to its gateway's local port.

The identity file holds the key, its certificate and the agency's CA (`comity access add` writes the last
two): who one is, and whom one trusts, follow from it alone.

Source: DESIGN section 9.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self, TypeVar

import grpc
from google.protobuf.message import Message
from grpc_health.v1.health_pb2 import HealthCheckRequest

from gateway.errors import GatewayError, Misconfigured, NotFound, Unreachable, VerificationFailed
from gateway.tls.credential import Credential, read_credential
from gateway.wire.limits import channel_options
from gateway.wire.methods import Method, method
from gateway.wire.problem import error_of

M = TypeVar("M", bound=Message)

ASK_S: Final = 30.0
"""How long a single answer may take."""
GREET_S: Final = 5.0
"""How long a gateway may take to say that it is there."""

_HEALTH: Final = "/grpc.health.v1.Health/Check"
_WHY: Final = {
    "Connection refused": "nothing listens there",
    "Deadline Exceeded": "it does not answer in time",
    "lookup": "the name is not known",
}


def read_identity(path: Path) -> Credential:
    """Return the credential of an identity file.

    Raises:
        NotFound: code `no-file`.
        Misconfigured: code `wrong-mode`: others than its owner may read it.
        Malformed: it does not hold key, certificate and CA.
    """
    try:
        with path.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            data = stream.read(64 * 1024)
    except OSError as exc:
        raise NotFound(f"{path.name} cannot be read", field="identity", code="no-file") from exc
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Misconfigured(
            f"{path.name} is open to other users: take their permissions away",
            field="identity",
            code="wrong-mode",
        )
    return read_credential(data)


class Connection:
    """Calls on one local port; a context manager. Every failure is a `GatewayError`."""

    def __init__(self, address: str, credential: Credential) -> None:
        """Take `host:port` and who calls; nothing is opened yet."""
        self.credential = credential
        self.identity = credential.identity
        self.address = address
        self._closed = False
        secrets = grpc.ssl_channel_credentials(
            root_certificates=credential.ca,
            private_key=credential.key,
            certificate_chain=credential.certificate,
        )
        options = channel_options(credential.identity.agency)
        self._channel = grpc.secure_channel(address, secrets, options=options)

    def greet(self, *, timeout_s: float | None = None) -> None:
        """Return once the gateway has answered; without this a person waits as long as the call may take.

        Raises:
            Unreachable: code `no-gateway`.
            GatewayError: as `ask`.
        """
        call: Any = self._channel.unary_unary(_HEALTH)
        try:
            call(HealthCheckRequest().SerializeToString(), timeout=timeout_s or GREET_S)
        except grpc.RpcError as exc:
            failure = self._failure(exc)
            if not isinstance(failure, Unreachable):
                raise failure from exc
            why = next((words for sign, words in _WHY.items() if sign in failure.message), failure.message)
            message = f"no gateway answers at {self.address}: {why}"
            raise Unreachable(message, code="no-gateway") from exc

    def _check_open(self) -> None:
        if self._closed:
            raise Unreachable("the connection was closed on this side", code="closed")

    def _failure(self, exc: grpc.RpcError) -> GatewayError:
        self._check_open()
        failure = error_of(exc)
        # The transport tells it in words only; where those change, Unreachable remains.
        if isinstance(failure, Unreachable) and "CERTIFICATE_VERIFY_FAILED" in failure.message:
            told = f"who answers at {self.address} does not prove to be the gateway of {self.identity.agency}"
            return VerificationFailed(told, code="other-gateway")
        return failure

    def ask(self, asked: Method, request: Message, answer: type[M], *, timeout_s: float = ASK_S) -> M:
        """Return the one answer to a request.

        Raises:
            Unreachable: it cannot be reached, or not in time; code `closed`: `close` was called.
            VerificationFailed: code `other-gateway`: whoever answers is not of this identity's agency.
            GatewayError: the gateway refused.
        """
        self._check_open()
        call: Any = self._channel.unary_unary(asked.path)
        try:
            return answer.FromString(call(request.SerializeToString(), timeout=timeout_s))
        except grpc.RpcError as exc:
            raise self._failure(exc) from exc

    def stream(
        self,
        asked: Method,
        requests: Message | Iterable[Message],
        answer: type[M],
        *,
        timeout_s: float | None = None,
    ) -> Iterator[M]:
        """Yield the answers of a stream; leaving early ends the call.

        Raises:
            GatewayError: as `ask`.
        """
        self._check_open()
        if isinstance(requests, Message):
            begun: Any = self._channel.unary_stream(asked.path)
            call = begun(requests.SerializeToString(), timeout=timeout_s)
        else:
            begun = self._channel.stream_stream(asked.path)
            call = begun((one.SerializeToString() for one in requests), timeout=timeout_s)
        try:
            for data in call:
                yield answer.FromString(data)
        except grpc.RpcError as exc:
            raise self._failure(exc) from exc
        finally:
            call.cancel()

    def close(self) -> None:
        """Close it, and every call on it."""
        self._closed = True
        self._channel.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


__all__ = ["Connection", "method", "read_identity"]
