"""Documents, asked of a running gateway through its local port."""

from __future__ import annotations

from gateway.client.connection import Connection
from gateway.flow.document import Order, Written
from gateway.v1 import document_pb2 as pb
from gateway.wire.methods import method


def written(connection: Connection, order: Order) -> Written:
    """Return what the gateway wrote: the document and its certificate."""
    request = pb.WriteDocumentRequest(
        exchange_ids=order.exchanges,
        purpose=order.purpose.token,
        format=order.format,
        form=order.form,
        allowed=sorted(order.allowed),
    )
    pieces = list(connection.stream(method("Documents", "WriteDocument"), request, pb.WriteDocumentResponse))
    return Written(
        data=b"".join(piece.document for piece in pieces),
        certificate=b"".join(piece.certificate for piece in pieces),
    )


def checked(connection: Connection, certificate: bytes, *, digest: bytes, size: int) -> str:
    """Return the id of the key that the gateway found a certificate to be signed under."""
    request = pb.CheckDocumentRequest(certificate=certificate, digest=digest, size=size)
    return connection.ask(method("Documents", "CheckDocument"), request, pb.CheckDocumentResponse).key_id
