"""The methods of the wire contract, as its descriptors state them; one table for servers and clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from gateway.v1 import (
    document_pb2,
    explanation_pb2,
    forwarding_pb2,
    operation_pb2,
    peer_pb2,
    review_pb2,
    submission_pb2,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """One method: its path on the wire, what it takes and gives, and which side streams."""

    path: str
    service: str
    name: str
    request: type[Message]
    response: type[Message]
    client_streams: bool
    server_streams: bool


def _method(descriptor: MethodDescriptor) -> Method:
    service = descriptor.containing_service.full_name
    return Method(
        path=f"/{service}/{descriptor.name}",
        service=service,
        name=descriptor.name,
        request=GetMessageClass(descriptor.input_type),
        response=GetMessageClass(descriptor.output_type),
        client_streams=descriptor.client_streaming,
        server_streams=descriptor.server_streaming,
    )


METHODS: Final = {
    method.path: method
    for file in (
        submission_pb2,
        peer_pb2,
        operation_pb2,
        explanation_pb2,
        review_pb2,
        forwarding_pb2,
        document_pb2,
    )
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in map(_method, service.methods)
}
"""Every method of ours by its path."""


def method(service: str, name: str) -> Method:
    """Return a method by the short name of its service."""
    return METHODS[f"/gateway.v1.{service}/{name}"]


def service_name(service: str) -> str:
    """Return the full name of a service of ours."""
    return f"gateway.v1.{service}"
