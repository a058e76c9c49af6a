"""What an agency's systems and operators may have passed on, while its gateway runs."""

from __future__ import annotations

from datetime import datetime

import grpc

from gateway.flow.gateway import Gateway
from gateway.flow.passing.forward import Forwarded, forward
from gateway.flow.submit import Addressee
from gateway.record.text import check_agency_id
from gateway.record.vocabulary import LegalBasis, Purpose
from gateway.services.caller import CALLER
from gateway.services.desk import Desk
from gateway.services.handlers import service
from gateway.v1 import forwarding_pb2 as pb


def forwarding_service(desk: Desk) -> grpc.GenericRpcHandler:
    """Return the handlers of the forwarding service."""
    return service("Forwarding", {"ForwardRecord": Forwarding(desk).forward_record}, desk.pulse.ended)


class Forwarding:
    """The servicer; who acts is read from the caller's certificate."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def forward_record(self, request: pb.ForwardRecordRequest) -> pb.ForwardRecordResponse:
        """Ask the originator of what came to let it go on."""
        actor, basis = CALLER.get().actor, request.legal_basis
        to = Addressee(
            agency=check_agency_id(request.agency, "agency"),
            unit=request.unit,
            purpose=Purpose.from_token(request.purpose, "purpose") if request.purpose else None,
            legal_basis=LegalBasis.from_token(basis, "legal_basis") if basis else None,
        )

        def run(gateway: Gateway, now: datetime) -> Forwarded:
            return forward(gateway, request.exchange_id, to, reason=request.reason, actor=actor, now=now)

        return response(await self._desk.run(run, beats=True))


def response(found: Forwarded) -> pb.ForwardRecordResponse:
    """Return what became of it as a message."""
    answer = found.answer
    return pb.ForwardRecordResponse(
        exchange_id=answer.exchange_id,
        recipient=answer.recipient,
        outcome=answer.outcome.value,
        approvals=answer.approvals,
        reasons=[pb.ForwardReason(rule=rule, text=text) for rule, text in answer.reasons],
        originator=found.originator,
        request_id=found.request_id,
        portions=found.portions,
    )
