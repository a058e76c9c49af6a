"""What officers' commands do: on a stopped home, or through the gateway that runs; the answers are the same.

An officer comes remotely with a certificate of their own, or sits at the home. Their word counts by its
signature either way.

Source: DESIGN section 12.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from gateway import app
from gateway.cli import door
from gateway.cli.reach import from_home, remotely
from gateway.cli.remote_review import RemoteReview
from gateway.cli.screen import Screen
from gateway.config import HomeConfig
from gateway.errors import Locked, Malformed, Unreachable
from gateway.flow.access import CONSOLE
from gateway.flow.explain_exchange import explain_exchange
from gateway.flow.gateway import Gateway
from gateway.flow.inquiry import Explained
from gateway.flow.review import approve, claim, emergency, enrol, listing, narrow, showing
from gateway.flow.review import history as histories
from gateway.flow.review.before import Before
from gateway.record.moment import to_ms
from gateway.tls.identity import Identity, Role
from keys.officer_file import OfficerFile


class ReviewDesk(Protocol):
    """One agency's gateway as its officers use it; `exercise` is whether it handles invented data only."""

    agency: str
    exercise: bool
    caller: Identity

    def waiting(self, *, duty: str = "", peer: str = "", case: str = "") -> listing.Waiting:
        """List what waits."""
        ...

    def watch(self, *, duty: str = "", peer: str = "") -> Iterator[listing.Waiting]:
        """Yield what waits, and again whenever that changes."""
        ...

    def show(self, exchange_id: str) -> showing.HoldView:
        """Show a hold."""
        ...

    def answer(self, signed: bytes) -> approve.Answered:
        """Hand in a signed word."""
        ...

    def narrow(self, exchange_id: str, withhold: Sequence[str], generalise: Sequence[str]) -> narrow.Narrowed:
        """Give less of what is held."""
        ...

    def claim(self, exchange_id: str, officer: str, *, give_up: bool) -> datetime | None:
        """Claim a hold, or give a claim up."""
        ...

    def explain(self, exchange_id: str) -> Explained:
        """Say what was decided about an exchange."""
        ...

    def history(self, exchange_id: str) -> histories.History:
        """Say what became of an exchange."""
        ...

    def previous(self, exchange_id: str) -> list[Before]:
        """Say who was told what before."""
        ...

    def reach(self, exchange_id: str) -> histories.Reach:
        """Say who could have read a release."""
        ...

    def review_emergency(self, signed: bytes) -> emergency.Found:
        """Hand in a signed word on an emergency."""
        ...

    def officers(self) -> list[enrol.Enrolled]:
        """List officers."""
        ...

    def add_officers(self, files: Sequence[OfficerFile]) -> list[enrol.Enrolled]:
        """Enrol officers."""
        ...

    def disable_officer(self, handle: str) -> list[enrol.Enrolled]:
        """End an officer's keys."""
        ...

    def note_absence(self, handle: str, starts: datetime, ends: datetime) -> list[enrol.Enrolled]:
        """Note when an officer is away."""
        ...


@contextmanager
def open_review(
    home: Path | None, gateway: str, identity: Path | None, screen: Screen
) -> Iterator[ReviewDesk]:
    """Give the desk of a home, stopped or running, or of a gateway at an address.

    Raises:
        Malformed: code `usage`: neither is named.
        Locked, Unreachable: the home is held by a process that cannot be asked.
    """
    if gateway or identity is not None:
        with remotely(gateway, identity) as connection:
            yield RemoteReview(connection, exercise=False)
        return
    if home is None:
        raise Malformed("names no home; or name --gateway and --identity", field="--home", code="usage")
    config = door.read_home(home, screen)
    passphrase = door.passphrase_for(config)
    with ExitStack() as opened:
        try:
            stopped = opened.enter_context(app.open_gateway(config, passphrase, door.now()))
        except Locked as held:
            if not config.local:
                raise
            yield _running(opened, config, passphrase, held)
            return
        door.warn_standing(stopped, screen)
        yield HomeReview(stopped)


def _running(opened: ExitStack, config: HomeConfig, passphrase: bytes, held: Locked) -> ReviewDesk:
    try:
        connection = opened.enter_context(from_home(config, passphrase))
    except Unreachable as exc:
        raise Unreachable(f"another process holds this home, and {exc.message}", code=exc.code) from held
    return RemoteReview(connection, exercise=config.exercise)


class HomeReview:
    """Works on a stopped home."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self.agency = gateway.me
        self.exercise = gateway.exercise
        self.caller = Identity(agency=gateway.me, role=Role.OPERATOR, name=CONSOLE)

    def waiting(self, *, duty: str = "", peer: str = "", case: str = "") -> listing.Waiting:
        """List what waits."""
        return listing.waiting(self._gateway, door.now(), duty=duty, peer=peer, case=case)

    def watch(self, *, duty: str = "", peer: str = "") -> Iterator[listing.Waiting]:
        """Yield what waits, once: on a stopped home nothing changes."""
        yield self.waiting(duty=duty, peer=peer)

    def show(self, exchange_id: str) -> showing.HoldView:
        """Show a hold."""
        return showing.show_hold(self._gateway, exchange_id, actor=self.caller.actor, now=door.now())

    def answer(self, signed: bytes) -> approve.Answered:
        """Hand in a signed word."""
        return approve.answer_hold(self._gateway, self._word(signed), door.now())

    def _word(self, signed: bytes) -> approve.Word:
        return approve.Word(signed=signed, at_ms=to_ms(door.now()), caller=self.caller)

    def narrow(self, exchange_id: str, withhold: Sequence[str], generalise: Sequence[str]) -> narrow.Narrowed:
        """Give less of what is held."""
        return narrow.narrow_hold(
            self._gateway,
            exchange_id,
            withhold=withhold,
            generalise=generalise,
            caller=self.caller,
            now=door.now(),
        )

    def claim(self, exchange_id: str, officer: str, *, give_up: bool) -> datetime | None:
        """Claim a hold, or give a claim up."""
        return claim.claim_hold(
            self._gateway, exchange_id, officer=officer, give_up=give_up, caller=self.caller, now=door.now()
        )

    def explain(self, exchange_id: str) -> Explained:
        """Say what was decided about an exchange."""
        return explain_exchange(self._gateway, exchange_id)

    def history(self, exchange_id: str) -> histories.History:
        """Say what became of an exchange."""
        return histories.history_of(self._gateway, exchange_id)

    def previous(self, exchange_id: str) -> list[Before]:
        """Say who was told what before."""
        return histories.previous_of(self._gateway, exchange_id, door.now())

    def reach(self, exchange_id: str) -> histories.Reach:
        """Say who could have read a release."""
        return histories.reach_of(self._gateway, exchange_id)

    def review_emergency(self, signed: bytes) -> emergency.Found:
        """Hand in a signed word on an emergency."""
        return emergency.review_emergency(self._gateway, self._word(signed), door.now())

    def officers(self) -> list[enrol.Enrolled]:
        """List officers."""
        return enrol.list_officers(self._gateway, door.now())

    def add_officers(self, files: Sequence[OfficerFile]) -> list[enrol.Enrolled]:
        """Enrol officers."""
        return enrol.add_officers(self._gateway, files, door.now())

    def disable_officer(self, handle: str) -> list[enrol.Enrolled]:
        """End an officer's keys."""
        return enrol.disable_officer(self._gateway, handle, door.now())

    def note_absence(self, handle: str, starts: datetime, ends: datetime) -> list[enrol.Enrolled]:
        """Note when an officer is away."""
        return enrol.note_absence(self._gateway, handle, starts, ends, door.now())
