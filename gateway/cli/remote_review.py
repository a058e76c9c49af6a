"""The officers' desk of a running gateway: the same answers, asked through its local port."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from gateway.cli import remote_inquiry
from gateway.client.connection import Connection
from gateway.flow.inquiry import Explained
from gateway.flow.review.approve import Answered
from gateway.flow.review.before import Before
from gateway.flow.review.emergency import Found
from gateway.flow.review.enrol import Enrolled
from gateway.flow.review.history import History, Reach, Step
from gateway.flow.review.lines import FieldLine
from gateway.flow.review.listing import HoldLine, ReviewLine, Waiting
from gateway.flow.review.narrow import Narrowed
from gateway.flow.review.showing import HoldView
from gateway.record.moment import from_ms, to_ms
from gateway.v1 import review_pb2 as pb
from gateway.wire.methods import Method, method
from keys.officer_file import OfficerFile

_WATCH_S = 3600.0


class RemoteReview:
    """Asks the gateway that runs; see `gateway.cli.review_desk.ReviewDesk`."""

    def __init__(self, connection: Connection, *, exercise: bool) -> None:
        self._connection = connection
        self.agency = connection.identity.agency
        self.exercise = exercise
        self.caller = connection.identity

    def waiting(self, *, duty: str = "", peer: str = "", case: str = "") -> Waiting:
        """List what waits."""
        request = pb.ListHoldsRequest(duty=duty, peer=peer, case=case)
        return _waiting(self._stream("ListHolds", request, pb.ListHoldsResponse))

    def watch(self, *, duty: str = "", peer: str = "") -> Iterator[Waiting]:
        """Yield what waits, and again whenever that changes."""
        request = pb.WatchHoldsRequest(duty=duty, peer=peer)
        called = _method("WatchHolds")
        for one in self._connection.stream(called, request, pb.WatchHoldsResponse, timeout_s=_WATCH_S):
            yield _waiting(json.loads(one.view))

    def show(self, exchange_id: str) -> HoldView:
        """Show a hold."""
        request = pb.ShowHoldRequest(exchange_id=exchange_id)
        view = self._stream("ShowHold", request, pb.ShowHoldResponse)
        lines = [FieldLine(**one) for one in view.pop("lines")]
        before = [Before(**one) for one in view.pop("before")]
        return HoldView(**view, lines=lines, before=before)

    def answer(self, signed: bytes) -> Answered:
        """Hand in a signed word."""
        request = pb.AnswerHoldRequest(approval=signed, at=_now_ms())
        found = self._connection.ask(_method("AnswerHold"), request, pb.AnswerHoldResponse)
        return Answered(exchange_id=found.exchange_id, state=found.state, missing=tuple(found.missing))

    def narrow(self, exchange_id: str, withhold: Sequence[str], generalise: Sequence[str]) -> Narrowed:
        """Give less of what is held."""
        request = pb.NarrowHoldRequest(exchange_id=exchange_id, withhold=withhold, generalise=generalise)
        found = self._connection.ask(_method("NarrowHold"), request, pb.NarrowHoldResponse)
        return Narrowed(exchange_id=found.exchange_id, outcome=found.outcome, required=tuple(found.required))

    def claim(self, exchange_id: str, officer: str, *, give_up: bool) -> datetime | None:
        """Claim a hold, or give a claim up."""
        request = pb.ClaimHoldRequest(exchange_id=exchange_id, officer=officer, give_up=give_up)
        found = self._connection.ask(_method("ClaimHold"), request, pb.ClaimHoldResponse)
        return from_ms(found.until) if found.HasField("until") else None

    def explain(self, exchange_id: str) -> Explained:
        """Say what was decided about an exchange."""
        return remote_inquiry.explained_exchange(self._connection, exchange_id)

    def history(self, exchange_id: str) -> History:
        """Say what became of an exchange."""
        request = pb.TellHistoryRequest(exchange_id=exchange_id)
        view = self._stream("TellHistory", request, pb.TellHistoryResponse)
        return History(**{**view, "steps": [Step(**one) for one in view["steps"]]})

    def previous(self, exchange_id: str) -> list[Before]:
        """Say who was told what before."""
        request = pb.TellPreviousRequest(exchange_id=exchange_id)
        return [Before(**one) for one in self._stream("TellPrevious", request, pb.TellPreviousResponse)]

    def reach(self, exchange_id: str) -> Reach:
        """Say who could have read a release."""
        request = pb.TellReachRequest(exchange_id=exchange_id)
        found = self._connection.ask(_method("TellReach"), request, pb.TellReachResponse)
        return Reach(**json.loads(found.view))

    def review_emergency(self, signed: bytes) -> Found:
        """Hand in a signed word on an emergency."""
        request = pb.ReviewEmergencyRequest(approval=signed, at=_now_ms())
        found = self._connection.ask(_method("ReviewEmergency"), request, pb.ReviewEmergencyResponse)
        return Found(exchange_id=found.exchange_id, finding=found.finding)

    def officers(self) -> list[Enrolled]:
        """List officers."""
        asked = _method("ListOfficers")
        return _officers(self._connection.ask(asked, pb.ListOfficersRequest(), pb.ListOfficersResponse).view)

    def add_officers(self, files: Sequence[OfficerFile]) -> list[Enrolled]:
        """Enrol officers."""
        request = pb.AddOfficersRequest(files=[one.encode() for one in files])
        return _officers(self._connection.ask(_method("AddOfficers"), request, pb.AddOfficersResponse).view)

    def disable_officer(self, handle: str) -> list[Enrolled]:
        """End an officer's keys."""
        request = pb.DisableOfficerRequest(handle=handle)
        found = self._connection.ask(_method("DisableOfficer"), request, pb.DisableOfficerResponse)
        return _officers(found.view)

    def note_absence(self, handle: str, starts: datetime, ends: datetime) -> list[Enrolled]:
        """Note when an officer is away."""
        request = pb.NoteAbsenceRequest(handle=handle, starts_at=to_ms(starts), ends_at=to_ms(ends))
        return _officers(self._connection.ask(_method("NoteAbsence"), request, pb.NoteAbsenceResponse).view)

    def _stream(self, name: str, request: Any, answer: Any) -> Any:
        pieces: Iterable[Any] = self._connection.stream(_method(name), request, answer)
        return json.loads(b"".join(piece.view for piece in pieces))


def _method(name: str) -> Method:
    return method("Review", name)


def _now_ms() -> int:
    return to_ms(datetime.now(UTC))


def _waiting(view: Any) -> Waiting:
    return Waiting(
        holds=tuple(_line(one) for one in view["holds"]),
        reviews=tuple(ReviewLine(**one) for one in view["reviews"]),
    )


def _line(one: dict[str, Any]) -> HoldLine:
    one["required"], one["missing"] = tuple(one["required"]), tuple(one["missing"])
    one["given"] = tuple([(duty, name, key) for duty, name, key in one["given"]])
    return HoldLine(**one)


def _officers(view: bytes) -> list[Enrolled]:
    return [Enrolled(**{**one, "duties": tuple(one["duties"])}) for one in json.loads(view)]
