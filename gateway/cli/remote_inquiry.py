"""Asking a running gateway about decisions: the same answers as its stopped home gives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from gateway.client.connection import Connection
from gateway.flow.inquiry import Explained, Inquiry, Plain, Weighed
from gateway.flow.simulate import Proposal
from gateway.v1 import explanation_pb2 as pb
from gateway.wire.methods import method
from policy.vocabulary import Target


def explained(connection: Connection, inquiry: Inquiry) -> Explained:
    """Return what would be decided about a record."""
    return Explained(**_view(connection, inquiry))


def weighed(connection: Connection, inquiry: Inquiry) -> Weighed:
    """Return what the rules say to an act."""
    return Weighed(**_view(connection, inquiry))


def _view(connection: Connection, inquiry: Inquiry) -> dict[str, Any]:
    to = inquiry.addressee
    request = pb.ExplainRecordRequest(
        record_id=inquiry.record_id,
        record=inquiry.data,
        agency=to.agency,
        unit=to.unit,
        purpose=to.purpose.token if to.purpose is not None else "",
        legal_basis=to.legal_basis.token if to.legal_basis is not None else "",
        ask=sorted(inquiry.ask),
        act=inquiry.act.value if inquiry.act is not None else "",
        person=inquiry.person,
        reason_stated=inquiry.reason_stated,
        specialised_staff=inquiry.specialised_staff,
        representative=inquiry.representative,
        sessions=inquiry.sessions,
        target="" if to.target is Target.UNKNOWN else to.target.value,
        necessity=inquiry.necessity,
        threat=inquiry.threat,
        lane=inquiry.lane.token,
    )
    called = method("Explanation", "ExplainRecord")
    pieces = connection.stream(called, request, pb.ExplainRecordResponse)
    view: dict[str, Any] = json.loads(b"".join(piece.view for piece in pieces))
    return view


def explained_exchange(connection: Connection, exchange_id: str) -> Explained:
    """Return what was decided about an exchange."""
    called = method("Explanation", "ExplainExchange")
    request = pb.ExplainExchangeRequest(exchange_id=exchange_id)
    pieces = connection.stream(called, request, pb.ExplainExchangeResponse)
    return Explained(**json.loads(b"".join(piece.view for piece in pieces)))


def simulated(
    connection: Connection, proposal: Proposal, last: int
) -> Iterator[tuple[int, bytes, list[Plain]]]:
    """Yield how many exchanges there are, the digest of the proposed rules, and the next rows."""
    request = pb.SimulateRulesRequest(
        local=[pb.RuleText(name=name, text=text) for name, text in sorted(proposal.local.items())],
        baseline=proposal.baseline,
        last=last,
    )
    called = method("Explanation", "SimulateRules")
    total, digest = 0, b""
    for answer in connection.stream(called, request, pb.SimulateRulesResponse):
        if answer.HasField("total"):
            total, digest = answer.total, answer.policy_digest
        yield total, digest, json.loads(answer.view) if answer.view else []
