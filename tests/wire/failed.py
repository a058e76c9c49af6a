"""A failed call as the transport shows it, with whatever details its server chose to send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import grpc
from google.protobuf import any_pb2
from google.rpc import error_details_pb2, status_pb2

from gateway.errors import GatewayError
from gateway.wire.problem import to_status

DETAILS = "grpc-status-details-bin"


class Failed(grpc.RpcError):
    """A call that ended with a status, a message for people, and trailing metadata."""

    def __init__(
        self, code: grpc.StatusCode, details: str | None, trailing: Sequence[tuple[str, Any]] | None
    ):
        super().__init__(details)
        self._code, self._details, self._trailing = code, details, trailing

    def code(self) -> grpc.StatusCode:
        """Return the status."""
        return self._code

    def details(self) -> str | None:
        """Return the message."""
        return self._details

    def trailing_metadata(self) -> Any:
        """Return the trailing metadata."""
        return self._trailing


def refused_with(error: GatewayError) -> Failed:
    """Return the call that a refusal ends."""
    status = to_status(error)
    return Failed(status.code, status.details, status.trailing_metadata)


def details_of(error: GatewayError) -> status_pb2.Status:
    """Return the status that travels in the trailing metadata."""
    ((name, data),) = to_status(error).trailing_metadata
    assert name == DETAILS
    return status_pb2.Status.FromString(data)


def answered(
    *details: any_pb2.Any, code: grpc.StatusCode = grpc.StatusCode.ABORTED, message: str = "no"
) -> Failed:
    """Return the call of a server that sends these details."""
    status = status_pb2.Status(code=code.value[0], message=message, details=details)
    return Failed(code, message, [(DETAILS, status.SerializeToString())])


def packed(message: Any) -> any_pb2.Any:
    """Return a message as a detail."""
    detail = any_pb2.Any()
    detail.Pack(message)
    return detail


def info(reason: str = "NO", **metadata: str) -> any_pb2.Any:
    """Return an `ErrorInfo` that says it is of ours."""
    return packed(error_details_pb2.ErrorInfo(reason=reason, domain="comity", metadata=metadata))
