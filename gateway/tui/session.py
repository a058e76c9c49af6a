"""An officer's session: whose key signs, in which duties, and one thread that asks the desk for everything.

A desk is asked by one thread, one call after the other: a stopped home knows no other way, and the screen
never waits. Nothing that fails here escapes as a traceback, which may quote what a record holds.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Protocol, TypeVar

from gateway.errors import GatewayError, Incident, Refused
from gateway.flow.review.approve import Answered
from gateway.flow.review.emergency import Found
from gateway.flow.review.enrol import Enrolled
from gateway.flow.review.history import History
from gateway.flow.review.listing import HoldLine, Waiting
from gateway.flow.review.narrow import Narrowed
from gateway.flow.review.showing import HoldView
from gateway.officer.shown import checked_matter
from gateway.officer.verdict import check_clock, own_enrolments, signed_verdict
from gateway.record.vocabulary import Duty
from keys.approval import Verdict
from keys.signer import Signer

T = TypeVar("T")


class Desk(Protocol):
    """An agency's gateway as a full screen uses it; `gateway.cli.review_desk` has the whole of it."""

    agency: str
    exercise: bool

    def waiting(self) -> Waiting:
        """List what waits."""
        ...

    def watch(self) -> Iterator[Waiting]:
        """Yield what waits, and again whenever that changes."""
        ...

    def show(self, exchange_id: str) -> HoldView:
        """Show a hold."""
        ...

    def answer(self, signed: bytes) -> Answered:
        """Hand in a signed word."""
        ...

    def narrow(self, exchange_id: str, withhold: Sequence[str], generalise: Sequence[str]) -> Narrowed:
        """Give less of what is held."""
        ...

    def claim(self, exchange_id: str, officer: str, *, give_up: bool) -> datetime | None:
        """Claim a hold, or give a claim up."""
        ...

    def history(self, exchange_id: str) -> History:
        """Say what became of an exchange."""
        ...

    def review_emergency(self, signed: bytes) -> Found:
        """Hand in a signed word on an emergency."""
        ...

    def officers(self) -> list[Enrolled]:
        """List officers."""
        ...


class Session:
    """One officer at one desk; `live` says that the gateway runs and tells of changes by itself."""

    def __init__(self, desk: Desk, signer: Signer, clock: Callable[[], datetime], *, live: bool) -> None:
        """Look the officer up by their key.

        Raises:
            Refused: code `not-an-officer`.
        """
        self.desk = desk
        self.live = live
        self.agency = desk.agency
        self.exercise = desk.exercise
        self.key_id = signer.key_id
        self.own = own_enrolments(desk.officers(), signer.key_id)
        self._signer = signer
        self._clock = clock
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="desk")

    @property
    def handle(self) -> str:
        """The officer's short name."""
        return self.own[0].handle

    @property
    def name(self) -> str:
        """The officer's name as colleagues know it."""
        return self.own[0].name

    @property
    def duties(self) -> tuple[str, ...]:
        """The duties the officer holds now."""
        return tuple(sorted({duty for one in self.own for duty in one.duties}))

    def close(self) -> None:
        """Ask nothing more. A stopped home is left once the last call on it has ended."""
        self._thread.shutdown(wait=not self.live, cancel_futures=True)

    async def ask(self, call: Callable[[Desk], T]) -> T:
        """Return what a call on the desk returns, made on the session's thread.

        Raises:
            GatewayError: whatever failed; code `internal` where nobody foresaw it.
        """
        return await asyncio.get_running_loop().run_in_executor(self._thread, _tried, call, self.desk)

    async def show(self, exchange_id: str) -> HoldView:
        """Return a hold, checked on this machine against the bytes that would be signed.

        Raises:
            VerificationFailed: code `other-bytes`.
            Refused: code `clock-skew`.
        """

        def shown(desk: Desk) -> HoldView:
            view = desk.show(exchange_id)
            checked_matter(view)
            check_clock(view, self._clock())
            return view

        return await self.ask(shown)

    async def signed(self, view: HoldView, duty: Duty, verdict: Verdict, reason: str) -> bytes:
        """Return the officer's word on exactly what a view shows, once the hold still is what it shows.

        Raises:
            Refused: code `hold-closed`, `hold-superseded`, `hold-moved`: it is not; nothing was signed.
        """

        def sign(desk: Desk) -> bytes:
            checked_matter(view)
            if tuple(line_of(view, desk.waiting()).missing) != tuple(view.missing):
                # What the officer was told their word would do is not what it would do now.
                raise Refused("somebody has spoken on it meanwhile", code="hold-moved", field="exchange")
            return signed_verdict(view, duty, verdict, reason, self._signer)

        return await self.ask(sign)

    async def signed_review(self, view: HoldView, verdict: Verdict, reason: str) -> bytes:
        """Return the officer's word, as data protection officer, on an emergency release that has left."""
        return await self.ask(lambda _: signed_verdict(view, Duty.DPO, verdict, reason, self._signer))


def line_of(view: HoldView, found: Waiting) -> HoldLine:
    """Return how an open hold stands in a list, once it still is the release that a view shows.

    Raises:
        Refused: code `hold-closed`, `hold-superseded`.
    """
    line = next((one for one in found.holds if one.exchange == view.exchange), None)
    if line is None:
        raise Refused("it has closed meanwhile", code="hold-closed", field="exchange")
    if line.round != view.round:
        raise Refused("it is another release meanwhile", code="hold-superseded", field="exchange")
    return line


def _tried(call: Callable[[Desk], T], desk: Desk) -> T:
    try:
        return call(desk)
    except GatewayError:
        raise
    except Exception as exc:
        raise unforeseen() from exc


def unforeseen() -> Incident:
    """Return what is told of a failure that nobody foresaw: a number, and nothing of what it quotes."""
    incident = secrets.token_hex(6)
    return Incident(f"internal error, incident {incident}", incident=incident)
