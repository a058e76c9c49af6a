"""What an agency's systems and operators may have written as documents, while its gateway runs."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import grpc

from gateway.flow.document import Order, Written, check_document, write_document
from gateway.flow.gateway import Gateway
from gateway.record.vocabulary import Purpose
from gateway.services.caller import CALLER
from gateway.services.desk import Desk
from gateway.services.handlers import service
from gateway.v1 import document_pb2 as pb
from gateway.wire.limits import pieces


def documents_service(desk: Desk) -> grpc.GenericRpcHandler:
    """Return the handlers of the documents service."""
    servicer = Documents(desk)
    return service(
        "Documents",
        {"WriteDocument": servicer.write_document, "CheckDocument": servicer.check_document},
        desk.pulse.ended,
    )


class Documents:
    """The servicer; who acts is read from the caller's certificate."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def write_document(
        self, request: pb.WriteDocumentRequest
    ) -> AsyncIterator[pb.WriteDocumentResponse]:
        """Write what came with some exchanges as one document."""
        actor = CALLER.get().actor
        order = Order(
            exchanges=tuple(request.exchange_ids),
            purpose=Purpose.from_token(request.purpose, "purpose"),
            format=request.format,
            form=request.form,
            allowed=frozenset(request.allowed),
        )

        def run(gateway: Gateway, now: datetime) -> Written:
            return write_document(gateway, order, actor=actor, now=now)

        written = await self._desk.run(run)
        for piece in pieces(written.certificate):
            yield pb.WriteDocumentResponse(certificate=piece)
        for piece in pieces(written.data):
            yield pb.WriteDocumentResponse(document=piece)

    async def check_document(self, request: pb.CheckDocumentRequest) -> pb.CheckDocumentResponse:
        """Say whether a certificate holds for a document."""
        signed, digest, size = request.certificate, request.digest, request.size
        key_id = await self._desk.run(
            lambda gateway, _: check_document(gateway, signed, digest=digest, size=size)
        )
        return pb.CheckDocumentResponse(key_id=key_id)
