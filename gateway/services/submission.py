"""What an agency's own systems may ask: push, preview, look up, watch, take over what arrived."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from functools import partial

import grpc

from gateway.delivery.pulse import heard
from gateway.errors import Busy, Malformed
from gateway.flow.exchange import Exchange, exchange_now, find_records
from gateway.flow.gateway import Gateway
from gateway.flow.inbox import Handed, arrived_after, place_of, take_over
from gateway.flow.preview import preview
from gateway.record.vocabulary import Purpose
from gateway.services.caller import ADMIT_AGAIN, CALLER
from gateway.services.desk import Desk
from gateway.services.handlers import service
from gateway.services.pushing import Pushing
from gateway.services.translate import (
    exchange_message,
    found_message,
    handed_message,
    item_of,
    preview_message,
)
from gateway.tls.identity import check_name
from gateway.v1 import submission_pb2 as pb
from gateway.wire.limits import INBOX_UNACKNOWLEDGED_MAX, WATCHED_MAX


def submission_service(desk: Desk) -> grpc.GenericRpcHandler:
    """Return the handlers of the submission service."""
    servicer = Submission(desk)
    return service(
        "Submission",
        {
            "Push": servicer.push,
            "Preview": servicer.preview,
            "GetExchange": servicer.get_exchange,
            "WatchExchange": servicer.watch_exchange,
            "FindRecords": servicer.find_records,
            "Inbox": servicer.inbox,
            "Acknowledge": servicer.acknowledge,
        },
        desk.pulse.ended,
    )


class Submission:
    """The servicer; the caller's identity is that of its certificate."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def push(self, requests: AsyncIterator[pb.PushRequest]) -> AsyncIterator[pb.PushResponse]:
        """Answer every item of a stream, in any order."""
        async for response in Pushing(self._desk, CALLER.get().actor).answers(requests):
            yield response

    async def preview(self, request: pb.PreviewRequest) -> pb.PreviewResponse:
        """Say what a push would do; nothing is kept."""
        item = item_of(request.item, CALLER.get().actor, keyed=False)
        return preview_message(await self._desk.run(lambda gateway, now: preview(gateway, item, now)))

    async def get_exchange(self, request: pb.GetExchangeRequest) -> pb.GetExchangeResponse:
        """Say how an exchange stands."""
        found = await self._desk.run(lambda gateway, _: exchange_now(gateway, request.exchange_id))
        return pb.GetExchangeResponse(exchange=exchange_message(found))

    async def watch_exchange(
        self, request: pb.WatchExchangeRequest
    ) -> AsyncIterator[pb.WatchExchangeResponse]:
        """Say how exchanges stand, and again at every change, until all are closed."""
        open_ones = list(dict.fromkeys(request.exchange_ids))
        if not 0 < len(open_ones) <= WATCHED_MAX:
            raise Malformed(f"is not 1 to {WATCHED_MAX}", field="exchange_ids", code="too-many")
        last: dict[str, str] = {}
        while open_ones:
            ticket = self._desk.pulse.ticket()
            found = await self._desk.run(partial(_exchanges, open_ones))
            for one in found:
                if last.get(one.id) != one.state:
                    last[one.id] = one.state
                    yield pb.WatchExchangeResponse(exchange=exchange_message(one))
            open_ones = [one.id for one in found if one.open]
            if open_ones:
                await self._wait(ticket)

    async def find_records(self, request: pb.FindRecordsRequest) -> pb.FindRecordsResponse:
        """Find records by the reference they were submitted under."""
        found = await self._desk.run(lambda gateway, _: find_records(gateway, request.own_reference))
        return found_message(found)

    async def inbox(self, request: pb.InboxRequest) -> AsyncIterator[pb.InboxResponse]:
        """Hand out what arrived for a purpose, never more than a bound beyond what was acknowledged."""
        reader, purpose = _reader(request.consumer), _purpose(request.purpose)
        actor = CALLER.get().actor
        sent: list[int] = []
        after: int | None = None
        while True:
            ticket = self._desk.pulse.ticket()
            place = await self._desk.run(lambda gateway, _: place_of(gateway, reader, purpose))
            sent = [position for position in sent if position > place]
            start = max(place, after if after is not None else place)
            room = INBOX_UNACKNOWLEDGED_MAX - len(sent)
            found = await self._desk.run(partial(_arrived, (purpose, start, room), actor)) if room > 0 else []
            for one in found:
                yield handed_message(one, purpose)
                sent.append(one.position)
                after = one.position
            if not found and room > 0 and not request.follow:
                return
            if not found:
                await self._wait(ticket)

    async def _wait(self, ticket: asyncio.Event) -> None:
        """Wait until something has changed.

        Raises:
            Busy: code `stopping`: the stream breaks off, and is no whole answer.
            Forbidden: the caller has lost its access meanwhile.
        """
        await heard(ticket)
        if self._desk.pulse.ended.is_set():
            raise Busy("the gateway is stopping", code="stopping")
        ADMIT_AGAIN.get()()

    async def acknowledge(self, request: pb.AcknowledgeRequest) -> pb.AcknowledgeResponse:
        """Move a consumer's place."""
        reader, purpose = _reader(request.consumer), _purpose(request.purpose)
        position = await self._desk.run(
            lambda gateway, _: take_over(gateway, reader, purpose, request.position), beats=True
        )
        return pb.AcknowledgeResponse(position=position)


def _exchanges(ids: Sequence[str], gateway: Gateway, _: datetime) -> list[Exchange]:
    return [exchange_now(gateway, one) for one in ids]


def _arrived(wanted: tuple[Purpose, int, int], actor: str, gateway: Gateway, now: datetime) -> list[Handed]:
    purpose, start, room = wanted
    return arrived_after(gateway, purpose, start, limit=room, actor=actor, now=now)


def _reader(consumer: str) -> str:
    if consumer:
        check_name(consumer, "consumer")
    return f"{CALLER.get().actor}/{consumer}"


def _purpose(number: int) -> Purpose:
    if not number:
        raise Malformed("is missing: what arrived is read for a purpose", field="purpose", code="missing")
    return Purpose.from_number(number, "purpose")
