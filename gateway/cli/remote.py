"""The desk of a running gateway: the same answers, asked through its local port."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from time import monotonic
from uuid import uuid4

from gateway import client
from gateway.cli import remote_document, remote_inquiry
from gateway.client import Answer, Gateway, Push, To, reading
from gateway.client.connection import Connection
from gateway.errors import GatewayError
from gateway.flow.access import Access, Pulling
from gateway.flow.acknowledge import Acknowledged
from gateway.flow.activate import Activated
from gateway.flow.carry import Carried, Packed
from gateway.flow.consult import Arrival, Shown
from gateway.flow.document import Order, Written
from gateway.flow.inquiry import Act, Explained, Inquiry, Plain, Weighed
from gateway.flow.preview import Line, Preview, Seen
from gateway.flow.repeat import PushAnswer
from gateway.flow.settle import ExchangeAnswer
from gateway.flow.simulate import Proposal
from gateway.flow.submit import PushItem
from gateway.flow.verify import Verified
from gateway.record.moment import from_ms
from gateway.sealing.batch import parse_receipt_batch
from gateway.tls.authority import CONSOLE_LIFE
from gateway.v1 import operation_pb2 as pb
from gateway.v1 import submission_pb2 as spb
from gateway.wire.limits import PIECE_BYTES
from gateway.wire.methods import method
from gateway.wire.problem import refusal
from policy.decision import Outcome
from policy.vocabulary import Target

_EXPORT_S = 600.0
_RENEW_S = CONSOLE_LIFE.total_seconds() / 2


class RemoteDesk:
    """Asks the gateway that runs."""

    def __init__(
        self, connection: Connection, *, exercise: bool, renew: Callable[[], Connection] | None = None
    ) -> None:
        """Take a connection; `renew` makes another one before the console's certificate, good for minutes,
        ends in the middle of a long push.
        """
        self._connection = connection
        self._renew = renew
        self._connected_s = monotonic()
        self.agency = connection.identity.agency
        self.exercise = exercise

    def push(self, items: Sequence[PushItem]) -> list[PushAnswer | GatewayError]:
        """Submit records, each once even where the gateway is started again meanwhile."""
        if self._renew is not None and monotonic() - self._connected_s > _RENEW_S:
            self._connection, self._connected_s = self._renew(), monotonic()
        pushes = [_push(item) for item in items]
        with Gateway(self._connection.address, self._connection.credential) as client:
            answers = {answer.key: _answer(answer) for answer in client.push(pushes, batch=len(pushes))}
        return [answers[push.key] for push in pushes]

    def preview(self, item: PushItem) -> Preview:
        """Say what a push would show."""
        asked = method("Submission", "Preview")
        request = spb.PreviewRequest(item=reading.item(_push(item)))
        return previewed(reading.preview(self._connection.ask(asked, request, spb.PreviewResponse)))

    def show_own(self, record_id: str, purpose: str) -> Shown:
        """Show an own record."""
        return self._show(pb.ShowRecordRequest(record_id=record_id, purpose=purpose))

    def show_arrival(self, exchange_id: str, purpose: str) -> Shown:
        """Show what came with an exchange."""
        return self._show(pb.ShowRecordRequest(exchange_id=exchange_id, purpose=purpose))

    def _show(self, request: pb.ShowRecordRequest) -> Shown:
        found = self._connection.ask(method("Operation", "ShowRecord"), request, pb.ShowRecordResponse)
        return Shown(**json.loads(found.view))

    def verify(self, identifier: str) -> Verified:
        """Verify a stored record."""
        request = pb.VerifyRecordRequest(identifier=identifier)
        found = self._connection.ask(method("Operation", "VerifyRecord"), request, pb.VerifyRecordResponse)
        return Verified(
            record_id=found.record_id,
            version=found.version,
            originator=found.originator,
            key_id=found.key_id,
            sealed_on=date.fromisoformat(found.sealed_on),
            portions=found.portions,
            leaves=found.leaves,
        )

    def arrivals(self) -> list[Arrival]:
        """List what arrived."""
        asked = method("Operation", "ListArrivals")
        pages = self._connection.stream(asked, pb.ListArrivalsRequest(), pb.ListArrivalsResponse)
        return [
            Arrival(
                exchange_id=one.exchange_id,
                sender=one.sender,
                originator=one.originator,
                record_id=one.record_id,
                outcome=one.outcome,
                code=one.code,
                purpose=one.purpose,
                use_until=one.use_until,
            )
            for page in pages
            for one in page.arrivals
        ]

    def pack(self, recipient: str, only: Collection[str] | None) -> Packed:
        """Write what waits for a recipient into a bundle."""
        request = pb.PackEnvelopesRequest(recipient=recipient, exchange_ids=sorted(only or ()))
        called = method("Operation", "PackEnvelopes")
        pieces = list(self._connection.stream(called, request, pb.PackEnvelopesResponse))
        return Packed(
            data=b"".join(piece.data for piece in pieces),
            exchanges=tuple(one for piece in pieces for one in piece.exchange_ids),
            held_back=tuple((one.exchange_id, one.why) for piece in pieces for one in piece.held_back),
        )

    def unpack(self, data: bytes) -> Carried:
        """Take in a bundle."""
        called = method("Operation", "UnpackEnvelopes")
        sent = (
            pb.UnpackEnvelopesRequest(data=data[start : start + PIECE_BYTES])
            for start in range(0, len(data), PIECE_BYTES)
        )
        first, *rest = self._connection.stream(called, sent, pb.UnpackEnvelopesResponse)
        return Carried(
            sender=first.sender,
            acknowledged=tuple(
                Acknowledged(exchange_id=one.exchange_id, outcome=one.outcome, code=one.code)
                for one in first.closed
            ),
            receipts=parse_receipt_batch(first.receipts) if first.HasField("receipts") else None,
            reply=b"".join(piece.data for piece in rest) or None,
        )

    def export(self, *, openings: bool) -> dict[str, bytes]:
        """Return the files of an export of the ledger."""
        called = method("Audit", "ExportLedger")
        request = pb.ExportLedgerRequest(openings=openings)
        files: dict[str, bytearray] = {}
        for piece in self._connection.stream(called, request, pb.ExportLedgerResponse, timeout_s=_EXPORT_S):
            files.setdefault(piece.path, bytearray()).extend(piece.data)
        return {path: bytes(data) for path, data in files.items()}

    def write_document(self, order: Order) -> Written:
        """Write what came with some exchanges as a document of a foreign format."""
        return remote_document.written(self._connection, order)

    def check_document(self, certificate: bytes, *, digest: bytes, size: int) -> str:
        """Return the id of the key a certificate is signed under, once it holds for a document."""
        return remote_document.checked(self._connection, certificate, digest=digest, size=size)

    def explain(self, asked: Inquiry) -> Explained:
        """Say what would be decided about a record."""
        return remote_inquiry.explained(self._connection, asked)

    def explain_act(self, asked: Inquiry, act: Act) -> Weighed:
        """Say what the rules say to an act."""
        return remote_inquiry.weighed(self._connection, replace(asked, act=act))

    def explain_exchange(self, exchange_id: str) -> Explained:
        """Say what was decided about an exchange."""
        return remote_inquiry.explained_exchange(self._connection, exchange_id)

    def simulate(self, proposal: Proposal, last: int) -> Iterator[tuple[int, bytes, list[Plain]]]:
        """Yield how many exchanges there are, the digest of the proposed rules, and the next of them."""
        return remote_inquiry.simulated(self._connection, proposal, last)

    def activate_rules(self, own: str) -> Activated:
        """Take the agency's own rules into force."""
        request = pb.ActivateRulesRequest(rules=own)
        found = self._connection.ask(method("Operation", "ActivateRules"), request, pb.ActivateRulesResponse)
        return Activated(old=found.old, new=found.new, own=found.own)

    def add_access(
        self, role: str, name: str, request: bytes, life: timedelta, pulling: Pulling | None = None
    ) -> tuple[Access, bytes]:
        """Issue a certificate."""
        asked = pb.AddAccessRequest(role=role, name=name, request=request, days=life.days)
        if pulling is not None:
            asked.acts_for = pulling.agency
            asked.purposes.extend(pulling.purposes)
        found = self._connection.ask(method("Operation", "AddAccess"), asked, pb.AddAccessResponse)
        return _access(found.access), found.certificate

    def list_access(self) -> list[Access]:
        """List every certificate issued."""
        asked = method("Operation", "ListAccess")
        found = self._connection.ask(asked, pb.ListAccessRequest(), pb.ListAccessResponse)
        return [_access(one) for one in found.accesses]

    def revoke_access(self, role: str, name: str) -> list[Access]:
        """Revoke every certificate of a name."""
        asked = pb.RevokeAccessRequest(role=role, name=name)
        found = self._connection.ask(method("Operation", "RevokeAccess"), asked, pb.RevokeAccessResponse)
        return [_access(one) for one in found.accesses]


def previewed(found: client.Preview) -> Preview:
    """Return a preview that came over the wire as the flow itself gives it."""
    return Preview(
        lines=[
            Line(
                entity=line.entity,
                kind=line.kind,
                field=line.field,
                category=line.category,
                exact=line.exact,
                texts=line.texts,
                seen={one.recipient: Seen(rung=one.rung, text=one.text, why=one.why) for one in line.seen},
            )
            for line in found.lines
        ],
        outcomes={agency: Outcome(word) for agency, word in found.outcomes.items()},
        headlines=found.headlines,
        rules=found.rules,
    )


def _push(item: PushItem) -> Push:
    return Push(
        record=item.record,
        to=[
            To(
                agency=one.agency,
                purpose=one.purpose.token if one.purpose is not None else "",
                basis=one.legal_basis.token if one.legal_basis is not None else "",
                unit=one.unit,
                target=one.target.value if one.target is not Target.UNKNOWN else "",
            )
            for one in item.addressees
        ],
        ask=sorted(item.ask),
        lane=item.lane.token,
        necessity=item.necessity,
        threat=item.threat,
        key=item.key or str(uuid4()),
    )


def _answer(found: Answer) -> PushAnswer | GatewayError:
    if found.problem is not None:
        told = found.problem
        return refusal(told.kind, told.message, code=told.code, field=told.field, findings=told.findings)
    return PushAnswer(
        record_id=found.record_id,
        exchanges=tuple(
            ExchangeAnswer(
                exchange_id=one.exchange_id,
                recipient=one.recipient,
                outcome=Outcome(one.outcome),
                approvals=one.approvals,
                reasons=one.reasons,
            )
            for one in found.exchanges
        ),
    )


def _access(one: pb.Access) -> Access:
    return Access(
        serial=one.serial,
        role=one.role,
        name=one.name,
        key_id=one.key_id,
        issued_at=from_ms(one.issued_at),
        expires_at=from_ms(one.expires_at),
        revoked_at=from_ms(one.revoked_at) if one.HasField("revoked_at") else None,
        acts_for=one.acts_for,
        purposes=tuple(one.purposes),
    )
