"""What an agency's operators and auditors may ask of their gateway while it runs."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Final

import grpc

from gateway.errors import Malformed
from gateway.flow.access import Access, Pulling, add_access, list_access, revoke_access
from gateway.flow.activate import Activated, activate_own
from gateway.flow.audit import export_ledger
from gateway.flow.carry import pack, unpack
from gateway.flow.consult import Shown, arrivals, show_arrival, show_own
from gateway.flow.gateway import Gateway
from gateway.flow.verify import verify
from gateway.record.moment import to_ms
from gateway.record.text import check_agency_id
from gateway.sealing.bundle import BUNDLE_BYTES_MAX
from gateway.services.caller import CALLER
from gateway.services.desk import Desk
from gateway.services.handlers import service
from gateway.services.standing import Now, probe_message, status_message
from gateway.tls.authority import ISSUED_LIFE_MAX
from gateway.v1 import operation_pb2 as pb
from gateway.wire.limits import pieces

Asked = Callable[[], Awaitable[Now]]
Probed = Callable[[str], Awaitable[Sequence[tuple[str, bool, str]]]]

_DAYS: Final = 90
_ARRIVALS: Final = 1_024
"""How many arrivals one message of a stream lists."""


def operation_services(
    desk: Desk, *, status: Asked, probe: Probed, changed: Callable[[Gateway], None]
) -> list[grpc.GenericRpcHandler]:
    """Return the handlers of operators and auditors; `changed` is told where who has access changed."""
    servicer = Operation(desk, status, probe, changed)
    return [
        service(
            "Operation",
            {
                "GetStatus": servicer.get_status,
                "ProbePeer": servicer.probe_peer,
                "AddAccess": servicer.add_access,
                "ListAccess": servicer.list_access,
                "RevokeAccess": servicer.revoke_access,
                "ActivateRules": servicer.activate_rules,
                "ListArrivals": servicer.list_arrivals,
                "ShowRecord": servicer.show_record,
                "VerifyRecord": servicer.verify_record,
                "PackEnvelopes": servicer.pack_envelopes,
                "UnpackEnvelopes": servicer.unpack_envelopes,
            },
            desk.pulse.ended,
        ),
        service("Audit", {"ExportLedger": servicer.export_ledger}, desk.pulse.ended),
    ]


class Operation:
    """The servicer; who acts is read from the caller's certificate."""

    def __init__(self, desk: Desk, status: Asked, probe: Probed, changed: Callable[[Gateway], None]) -> None:
        self._desk = desk
        self._status = status
        self._probe = probe
        self._changed = changed

    async def get_status(self, _: pb.GetStatusRequest) -> pb.GetStatusResponse:
        """Say how the gateway stands."""
        return status_message(await self._status())

    async def probe_peer(self, request: pb.ProbePeerRequest) -> pb.ProbePeerResponse:
        """Try to reach a peer."""
        agency = check_agency_id(request.agency, "agency")
        return probe_message(await self._probe(agency))

    async def add_access(self, request: pb.AddAccessRequest) -> pb.AddAccessResponse:
        """Issue a certificate."""
        if request.days > ISSUED_LIFE_MAX.days:
            raise Malformed(f"is not 1 to {ISSUED_LIFE_MAX.days} days", field="days", code="bad-life")

        pulling = None
        if request.acts_for or request.purposes:
            pulling = Pulling(agency=request.acts_for, purposes=tuple(request.purposes))

        def add(gateway: Gateway, now: datetime) -> tuple[Access, bytes]:
            issued = add_access(
                gateway,
                request.role,
                request.name,
                request_pem=request.request,
                life=timedelta(days=request.days or _DAYS),
                now=now,
                pulling=pulling,
            )
            self._changed(gateway)
            return issued

        access, certificate = await self._desk.run(add, beats=True)
        return pb.AddAccessResponse(access=_access(access), certificate=certificate)

    async def list_access(self, _: pb.ListAccessRequest) -> pb.ListAccessResponse:
        """List every certificate issued."""
        found = await self._desk.run(lambda gateway, _: list_access(gateway))
        return pb.ListAccessResponse(accesses=[_access(one) for one in found])

    async def revoke_access(self, request: pb.RevokeAccessRequest) -> pb.RevokeAccessResponse:
        """Revoke every certificate of a name; it holds for the next call and for streams under way."""

        def revoke(gateway: Gateway, now: datetime) -> list[Access]:
            revoked = revoke_access(gateway, request.role, request.name, now)
            self._changed(gateway)
            return revoked

        found = await self._desk.run(revoke, beats=True)
        return pb.RevokeAccessResponse(accesses=[_access(one) for one in found])

    async def activate_rules(self, request: pb.ActivateRulesRequest) -> pb.ActivateRulesResponse:
        """Take the agency's own rules into force, between two jobs."""

        def swap(gateway: Gateway, now: datetime) -> Activated:
            self._desk.gateway, activated = activate_own(gateway, request.rules, now)
            return activated

        found = await self._desk.run(swap, beats=True)
        return pb.ActivateRulesResponse(old=found.old, new=found.new, own=found.own)

    async def list_arrivals(self, _: pb.ListArrivalsRequest) -> AsyncIterator[pb.ListArrivalsResponse]:
        """List what arrived."""
        found = await self._desk.run(lambda gateway, _: arrivals(gateway))
        for start in range(0, len(found), _ARRIVALS):
            page = found[start : start + _ARRIVALS]
            yield pb.ListArrivalsResponse(arrivals=[pb.Arrival(**asdict(one)) for one in page])

    async def show_record(self, request: pb.ShowRecordRequest) -> pb.ShowRecordResponse:
        """Show an own record, or what came with an exchange."""
        actor, purpose = CALLER.get().actor, request.purpose
        if bool(request.record_id) == bool(request.exchange_id):
            raise Malformed("names a record or an exchange, and not both", field="record_id", code="missing")

        def show(gateway: Gateway, now: datetime) -> Shown:
            if request.record_id:
                return show_own(gateway, request.record_id, purpose=purpose, actor=actor, now=now)
            return show_arrival(gateway, request.exchange_id, purpose=purpose, actor=actor, now=now)

        shown = await self._desk.run(show, beats=True)
        return pb.ShowRecordResponse(view=json.dumps(asdict(shown)).encode())

    async def verify_record(self, request: pb.VerifyRecordRequest) -> pb.VerifyRecordResponse:
        """Verify a stored record."""
        found = await self._desk.run(lambda gateway, now: verify(gateway, request.identifier, now))
        return pb.VerifyRecordResponse(**{**asdict(found), "sealed_on": found.sealed_on.isoformat()})

    async def pack_envelopes(
        self, request: pb.PackEnvelopesRequest
    ) -> AsyncIterator[pb.PackEnvelopesResponse]:
        """Write what waits for a recipient into a bundle."""
        recipient = check_agency_id(request.recipient, "recipient")
        only = frozenset(request.exchange_ids) or None
        data, leaving = await self._desk.run(
            lambda gateway, now: pack(gateway, recipient, now, only=only), beats=True
        )
        held = [pb.HeldBack(exchange_id=one, why=why) for one, why in leaving.held_back]
        yield pb.PackEnvelopesResponse(exchange_ids=leaving.exchanges, held_back=held)
        for piece in pieces(data):
            yield pb.PackEnvelopesResponse(data=piece)

    async def unpack_envelopes(
        self, requests: AsyncIterator[pb.UnpackEnvelopesRequest]
    ) -> AsyncIterator[pb.UnpackEnvelopesResponse]:
        """Take in a bundle."""
        data = bytearray()
        async for request in requests:
            data += request.data
            if len(data) > BUNDLE_BYTES_MAX:
                raise Malformed(f"is larger than {BUNDLE_BYTES_MAX} bytes", field="data", code="too-large")
        carried = await self._desk.run(lambda gateway, now: unpack(gateway, bytes(data), now), beats=True)
        yield pb.UnpackEnvelopesResponse(
            sender=carried.sender,
            receipts=None if carried.receipts is None else carried.receipts.encode(),
            closed=[pb.Closed(**asdict(one)) for one in carried.acknowledged],
        )
        for piece in pieces(carried.reply or b""):
            yield pb.UnpackEnvelopesResponse(data=piece)

    async def export_ledger(self, request: pb.ExportLedgerRequest) -> AsyncIterator[pb.ExportLedgerResponse]:
        """Return the files of an export."""
        files = await self._desk.run(
            lambda gateway, now: export_ledger(gateway, now, openings=request.openings), beats=True
        )
        for path, data in files.items():
            yield pb.ExportLedgerResponse(path=path, data=b"")
            for piece in pieces(data):
                yield pb.ExportLedgerResponse(path=path, data=piece)


def _access(one: Access) -> pb.Access:
    times: Iterable[datetime | None] = (one.issued_at, one.expires_at, one.revoked_at)
    issued, expires, revoked = (None if at is None else to_ms(at) for at in times)
    return pb.Access(
        serial=one.serial,
        role=one.role,
        name=one.name,
        key_id=one.key_id,
        issued_at=issued,
        expires_at=expires,
        revoked_at=revoked,
        acts_for=one.acts_for or None,
        purposes=one.purposes,
    )
