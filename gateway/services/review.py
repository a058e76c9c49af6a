"""What officers ask of their gateway while it runs; whose word counts is judged by the flow alone."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import asdict, fields
from datetime import datetime
from operator import attrgetter
from typing import Any, Final

import grpc

from gateway.delivery.pulse import heard
from gateway.errors import Forbidden, Malformed
from gateway.flow.gateway import Gateway
from gateway.flow.review.approve import Word, answer_hold
from gateway.flow.review.claim import claim_hold
from gateway.flow.review.emergency import review_emergency
from gateway.flow.review.enrol import (
    Enrolled,
    add_officers,
    disable_officer,
    list_officers,
    note_absence,
)
from gateway.flow.review.history import history_of, previous_of, reach_of
from gateway.flow.review.listing import HoldLine, Waiting, waiting
from gateway.flow.review.narrow import narrow_hold
from gateway.flow.review.showing import show_hold
from gateway.record.moment import from_ms, to_ms
from gateway.services.caller import ADMIT_AGAIN, CALLER
from gateway.services.desk import Desk
from gateway.services.handlers import service
from gateway.tls.identity import Role
from gateway.v1 import review_pb2 as pb
from gateway.wire.limits import PIECE_BYTES
from keys.officer_file import parse_officer_file

_LOOK_EVERY_S: Final = 30.0
"""How often a watch looks by itself: a claim ends, and time runs out, without anything happening."""

_LATEST_MS: Final = 253_402_300_800_000
"""The end of the year 9999, beyond which no clock counts."""

_HOLD: Final = tuple(field.name for field in fields(HoldLine))
_HOLD_VALUES: Final = attrgetter(*_HOLD)


def review_service(desk: Desk, changed: Callable[[Gateway], None]) -> grpc.GenericRpcHandler:
    """Return the handlers of officers; `changed` is told where who has access changed."""
    servicer = Review(desk, changed)
    methods: dict[str, Callable[..., Any]] = {
        "ListHolds": servicer.list_holds,
        "ShowHold": servicer.show_hold,
        "AnswerHold": servicer.answer_hold,
        "NarrowHold": servicer.narrow_hold,
        "ClaimHold": servicer.claim_hold,
        "WatchHolds": servicer.watch_holds,
        "TellHistory": servicer.tell_history,
        "TellPrevious": servicer.tell_previous,
        "ReviewEmergency": servicer.review_emergency,
        "TellReach": servicer.tell_reach,
        "AddOfficers": servicer.add_officers,
        "ListOfficers": servicer.list_officers,
        "DisableOfficer": servicer.disable_officer,
        "NoteAbsence": servicer.note_absence,
    }
    return service("Review", methods, desk.pulse.ended)


class Review:
    """The servicer; who acts is read from the caller's certificate."""

    def __init__(self, desk: Desk, changed: Callable[[Gateway], None]) -> None:
        self._desk = desk
        self._changed = changed

    async def list_holds(self, request: pb.ListHoldsRequest) -> AsyncIterator[pb.ListHoldsResponse]:
        """List what waits."""
        view = await self._desk.run(
            lambda gateway, now: _listed(
                waiting(gateway, now, duty=request.duty, peer=request.peer, case=request.case)
            )
        )
        for piece in _cut(view):
            yield pb.ListHoldsResponse(view=piece)

    async def show_hold(self, request: pb.ShowHoldRequest) -> AsyncIterator[pb.ShowHoldResponse]:
        """Show a hold."""
        actor = CALLER.get().actor
        found = await self._desk.run(
            lambda gateway, now: show_hold(gateway, request.exchange_id, actor=actor, now=now), beats=True
        )
        for piece in _pieces(asdict(found)):
            yield pb.ShowHoldResponse(view=piece)

    async def answer_hold(self, request: pb.AnswerHoldRequest) -> pb.AnswerHoldResponse:
        """Take a word."""
        word = Word(signed=request.approval, at_ms=request.at, caller=CALLER.get())
        found = await self._desk.run(lambda gateway, now: answer_hold(gateway, word, now), beats=True)
        return pb.AnswerHoldResponse(**asdict(found))

    async def narrow_hold(self, request: pb.NarrowHoldRequest) -> pb.NarrowHoldResponse:
        """Give less."""
        caller = CALLER.get()
        found = await self._desk.run(
            lambda gateway, now: narrow_hold(
                gateway,
                request.exchange_id,
                withhold=list(request.withhold),
                generalise=list(request.generalise),
                caller=caller,
                now=now,
            ),
            beats=True,
        )
        return pb.NarrowHoldResponse(**asdict(found))

    async def claim_hold(self, request: pb.ClaimHoldRequest) -> pb.ClaimHoldResponse:
        """Claim, or give a claim up."""
        caller = CALLER.get()
        until = await self._desk.run(
            lambda gateway, now: claim_hold(
                gateway,
                request.exchange_id,
                officer=request.officer,
                give_up=request.give_up,
                caller=caller,
                now=now,
            ),
            beats=True,
        )
        return pb.ClaimHoldResponse(until=None if until is None else to_ms(until))

    async def watch_holds(self, request: pb.WatchHoldsRequest) -> AsyncIterator[pb.WatchHoldsResponse]:
        """Say what waits, and again whenever that changes."""
        admit_again = ADMIT_AGAIN.get()
        last: object = None
        while not self._desk.pulse.ended.is_set():
            ticket = self._desk.pulse.ticket()
            admit_again()
            found = await self._desk.run(
                lambda gateway, now: waiting(gateway, now, duty=request.duty, peer=request.peer)
            )
            seen = [(one.exchange, one.round, one.missing, one.claimed_by) for one in found.holds]
            if seen != last:
                last = seen
                yield pb.WatchHoldsResponse(view=_listed(found))
            await heard(ticket, _LOOK_EVERY_S)

    async def tell_history(self, request: pb.TellHistoryRequest) -> AsyncIterator[pb.TellHistoryResponse]:
        """Say what became of an exchange."""
        found = await self._desk.run(lambda gateway, _: history_of(gateway, request.exchange_id))
        for piece in _pieces(asdict(found)):
            yield pb.TellHistoryResponse(view=piece)

    async def tell_previous(self, request: pb.TellPreviousRequest) -> AsyncIterator[pb.TellPreviousResponse]:
        """Say who was told what before."""
        found = await self._desk.run(lambda gateway, now: previous_of(gateway, request.exchange_id, now))
        for piece in _pieces([asdict(one) for one in found]):
            yield pb.TellPreviousResponse(view=piece)

    async def review_emergency(self, request: pb.ReviewEmergencyRequest) -> pb.ReviewEmergencyResponse:
        """Take a word on an emergency."""
        word = Word(signed=request.approval, at_ms=request.at, caller=CALLER.get())
        found = await self._desk.run(lambda gateway, now: review_emergency(gateway, word, now), beats=True)
        return pb.ReviewEmergencyResponse(**asdict(found))

    async def tell_reach(self, request: pb.TellReachRequest) -> pb.TellReachResponse:
        """Say who could have read a release."""
        found = await self._desk.run(lambda gateway, _: reach_of(gateway, request.exchange_id))
        return pb.TellReachResponse(view=json.dumps(asdict(found)).encode())

    async def add_officers(self, request: pb.AddOfficersRequest) -> pb.AddOfficersResponse:
        """Enrol officers."""
        files = [parse_officer_file(data) for data in request.files]

        def add(gateway: Gateway, now: datetime) -> list[Enrolled]:
            done = add_officers(gateway, files, now)
            self._changed(gateway)
            return done

        return pb.AddOfficersResponse(view=_officers(await self._desk.run(add, beats=True)))

    async def list_officers(self, _: pb.ListOfficersRequest) -> pb.ListOfficersResponse:
        """List officers."""
        return pb.ListOfficersResponse(view=_officers(await self._desk.run(list_officers)))

    async def disable_officer(self, request: pb.DisableOfficerRequest) -> pb.DisableOfficerResponse:
        """End an officer's keys and certificates; it holds for the next call."""

        def disable(gateway: Gateway, now: datetime) -> list[Enrolled]:
            done = disable_officer(gateway, request.handle, now)
            self._changed(gateway)
            return done

        return pb.DisableOfficerResponse(view=_officers(await self._desk.run(disable, beats=True)))

    async def note_absence(self, request: pb.NoteAbsenceRequest) -> pb.NoteAbsenceResponse:
        """Note when somebody is away; an officer says so of nobody else."""
        caller = CALLER.get()
        if caller.role is Role.OFFICER and caller.name != request.handle:
            raise Forbidden("an officer notes their own absence only", code="other-officer")
        starts, ends = _time(request.starts_at, "starts_at"), _time(request.ends_at, "ends_at")
        found = await self._desk.run(
            lambda gateway, now: note_absence(gateway, request.handle, starts, ends, now),
            beats=True,
        )
        return pb.NoteAbsenceResponse(view=_officers(found))


def _time(ms: int, field: str) -> datetime:
    if not 0 <= ms < _LATEST_MS:
        raise Malformed("is not a time in milliseconds UTC", field=field)
    return from_ms(ms)


def _officers(found: list[Enrolled]) -> bytes:
    return json.dumps([asdict(one) for one in found]).encode()


def _listed(found: Waiting) -> bytes:
    # There may be thousands: their values are plain, and going through each of them to the ground takes as
    # long as everything else together.
    holds = [dict(zip(_HOLD, _HOLD_VALUES(one), strict=True)) for one in found.holds]
    view = {"holds": holds, "reviews": [asdict(one) for one in found.reviews]}
    return json.dumps(view, check_circular=False).encode()


def _pieces(view: Any) -> Iterator[bytes]:
    return _cut(json.dumps(view).encode())


def _cut(data: bytes) -> Iterator[bytes]:
    return (data[start : start + PIECE_BYTES] for start in range(0, len(data), PIECE_BYTES))
