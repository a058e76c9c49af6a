"""What an agency's people may ask about decisions of their gateway while it runs; nothing is stored by it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import asdict
from datetime import datetime
from functools import partial

import grpc

from gateway.errors import Malformed
from gateway.flow.explain import explain_record
from gateway.flow.explain_act import explain_act
from gateway.flow.explain_exchange import explain_exchange
from gateway.flow.gateway import Gateway
from gateway.flow.inquiry import Act, Explained, Inquiry, Weighed
from gateway.flow.simulate import AT_ONCE, Proposal, newest, proposed_engine, simulate
from gateway.flow.submit import Addressee
from gateway.record.text import check_agency_id
from gateway.record.vocabulary import Lane, LegalBasis, Purpose
from gateway.services.desk import Desk
from gateway.services.handlers import service
from gateway.v1 import explanation_pb2 as pb
from gateway.wire.limits import PIECE_BYTES
from policy.engine import Engine
from policy.vocabulary import Target


def explanation_service(desk: Desk) -> grpc.GenericRpcHandler:
    """Return the handlers of the explanation service."""
    servicer = Explanation(desk)
    return service(
        "Explanation",
        {
            "ExplainRecord": servicer.explain_record,
            "ExplainExchange": servicer.explain_exchange,
            "SimulateRules": servicer.simulate_rules,
        },
        desk.pulse.ended,
    )


class Explanation:
    """The servicer."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def explain_record(
        self, request: pb.ExplainRecordRequest
    ) -> AsyncIterator[pb.ExplainRecordResponse]:
        """Say what would be decided."""
        inquiry = inquiry_of(request)

        def explain(gateway: Gateway, now: datetime) -> Explained | Weighed:
            if inquiry.act is not None:
                return explain_act(gateway, inquiry, inquiry.act, now)
            return explain_record(gateway, inquiry, now)

        found = await self._desk.run(explain)
        for piece in _pieces(asdict(found)):
            yield pb.ExplainRecordResponse(view=piece)

    async def explain_exchange(
        self, request: pb.ExplainExchangeRequest
    ) -> AsyncIterator[pb.ExplainExchangeResponse]:
        """Say what was decided."""
        found = await self._desk.run(lambda gateway, _: explain_exchange(gateway, request.exchange_id))
        for piece in _pieces(asdict(found)):
            yield pb.ExplainExchangeResponse(view=piece)

    async def simulate_rules(
        self, request: pb.SimulateRulesRequest
    ) -> AsyncIterator[pb.SimulateRulesResponse]:
        """Decide the newest exchanges again, a few in a turn."""
        proposal = Proposal(
            local={one.name: one.text for one in request.local},
            baseline=request.baseline if request.HasField("baseline") else None,
        )

        def begin(gateway: Gateway, _: datetime) -> tuple[list[str], Engine]:
            return newest(gateway, request.last), proposed_engine(gateway, proposal)

        ids, engine = await self._desk.run(begin)
        yield pb.SimulateRulesResponse(total=len(ids), policy_digest=engine.policy_digest)
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            rows = await self._desk.run(partial(_simulated, engine, some))
            yield pb.SimulateRulesResponse(view=json.dumps(rows).encode())


def inquiry_of(request: pb.ExplainRecordRequest) -> Inquiry:
    """Return what is asked; a value that is not in its closed list is Malformed."""
    addressee = Addressee(
        agency=check_agency_id(request.agency, "agency"),
        unit=request.unit,
        purpose=Purpose.from_token(request.purpose, "purpose") if request.purpose else None,
        legal_basis=LegalBasis.from_token(request.legal_basis, "legal_basis")
        if request.legal_basis
        else None,
        target=_target(request.target),
    )
    return Inquiry(
        addressee=addressee,
        record_id=request.record_id,
        data=request.record,
        ask=frozenset(request.ask),
        act=Act.from_token(request.act, "act") if request.act else None,
        person=request.person,
        reason_stated=request.reason_stated,
        specialised_staff=request.specialised_staff,
        representative=request.representative,
        sessions=request.sessions,
        lane=Lane.from_token(request.lane, "lane") if request.lane else Lane.ROUTINE,
        necessity=request.necessity,
        threat=request.threat,
    )


def _target(stated: str) -> Target:
    try:
        return Target(stated) if stated else Target.UNKNOWN
    except ValueError as exc:
        raise Malformed("is not subject or others", field="target", code="unknown-value") from exc


def _simulated(engine: Engine, some: list[str], gateway: Gateway, now: datetime) -> list[object]:
    return list(simulate(gateway, engine, some, now))


def _pieces(view: object) -> Iterator[bytes]:
    data = json.dumps(view).encode()
    return (data[start : start + PIECE_BYTES] for start in range(0, len(data), PIECE_BYTES))
