"""Pushing a long file: read piece by piece, pushed batch by batch, and gone on with after an interruption.

Every row is pushed under a key made of the file's digest and its place, so that the gateway itself knows a
batch again whose answer was lost: nothing is pushed twice, and nothing acknowledged is lost.

Source: ADR 0014; THREATS F13.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, Final

from adapters.stream import StreamAdapter
from gateway.cli import push_state
from gateway.cli.desk import Desk
from gateway.cli.intake import stamped
from gateway.cli.loss_summary import LossSummary
from gateway.cli.push_source import Unit, batches, digest_of, header_of, units_of
from gateway.cli.push_state import PushState
from gateway.cli.reject_file import RejectFile
from gateway.cli.request import Request
from gateway.cli.screen import Screen
from gateway.errors import Conflict, GatewayError, Kind, Malformed, Misconfigured
from gateway.flow.access import CONSOLE
from gateway.flow.repeat import PushAnswer
from gateway.flow.submit import PushItem
from gateway.tls.identity import Role
from gateway.v1.record_pb2 import RecordHeader
from policy.decision import Outcome

# The gateway that runs knows the caller by this name; so a batch is known again whichever desk pushes it.
ACTOR: Final = f"{Role.OPERATOR.value}/{CONSOLE}"

_NOT_THE_ROWS: Final = frozenset(
    {Kind.BUSY, Kind.UNREACHABLE, Kind.LOCKED, Kind.STALE, Kind.CORRUPT, Kind.MISCONFIGURED, Kind.FORBIDDEN}
)
_OF_THE_REQUEST: Final = frozenset(
    {"no-purpose", "no-legal-basis", "unknown-recipient", "unknown-unit", "exercise-mismatch"}
)
_STATED: Final = ("header.marking", "header.retain_until", "header.purpose", "header.legal_basis")


@dataclass(slots=True, kw_only=True)
class LongPush:
    """One run of a long push: what is read, for whom, and what became of it so far."""

    file: Path
    source: BinaryIO
    adapter: StreamAdapter
    request: Request
    home: Path
    state: PushState
    rejects_path: Path
    resumed: bool
    losses: LossSummary = field(default_factory=LossSummary)
    rejects: RejectFile = field(init=False)

    def run(self, desk: Desk, screen: Screen) -> None:
        """Push what is not acknowledged yet.

        Raises:
            GatewayError: the gateway cannot go on, or refuses what is asked for every row; or code `stopped`
                for an interruption. What is acknowledged is kept.
        """
        stamp = self.request.stamp(self.state.today)
        self.rejects = self._reject_file()
        push_state.save(self.home, self.state)
        with self._told_where(), screen.counting("Pushing", self.state.last, self.state.position) as advance:
            state = self.state
            units = units_of(
                self.adapter, self.source, today=state.today, exercise=desk.exercise, after=state.position
            )
            self.source.seek(0)
            for batch in batches(units, state.position):
                self._push(desk, batch, stamp)
                advance(self.state.position)
            if digest_of(self.source) != self.state.file:
                raise Conflict("was changed while it was pushed", field=str(self.file), code="changed")
            self.state.done = True
            push_state.save(self.home, self.state)

    def _reject_file(self) -> RejectFile:
        header = header_of(self.adapter, self.source)
        return RejectFile(self.rejects_path, header, self.state.reject_bytes, resumed=self.resumed)

    def _push(self, desk: Desk, batch: Sequence[Unit], stamp: RecordHeader) -> None:
        told: list[PushAnswer | GatewayError | None] = [None] * len(batch)
        items: dict[int, PushItem] = {}
        for at, unit in enumerate(batch):
            if unit.piece.draft is None:
                continue
            try:
                intake = stamped(unit.piece.draft, stamp)
            except Malformed as exc:
                told[at] = exc
                continue
            self.losses.add(intake.losses)
            key = self.state.key(unit.piece.position)
            items[at] = replace(self.request.item(intake), key=key, actor=ACTOR)
        for at, answer in zip(items, desk.push(list(items.values())) if items else [], strict=True):
            told[at] = answer
        self._check(told)
        lines = b""
        for unit, found in zip(batch, told, strict=True):
            if isinstance(found, PushAnswer):
                self._count(found)
            else:
                lines += self._rejected(unit, found)
        self.rejects.write(lines)
        self.state.reject_bytes = self.rejects.size_bytes
        self.state.position = batch[-1].piece.position
        push_state.save(self.home, self.state)

    def _check(self, told: Sequence[PushAnswer | GatewayError | None]) -> None:
        """Stop where the gateway cannot go on, or refuses what is asked and not what a row says."""
        for answer in told:
            if isinstance(answer, GatewayError) and _stops(answer):
                if not self.state.position and not any(isinstance(one, PushAnswer) for one in told):
                    push_state.forget(self.home, self.state.run)  # nothing was taken in
                raise answer

    def _count(self, answer: PushAnswer) -> None:
        self.state.accepted += 1
        for one in answer.exchanges:
            name = f"{one.recipient} {one.outcome.value}"
            self.state.outcomes[name] = self.state.outcomes.get(name, 0) + 1
            for rule, text in one.reasons if one.outcome is Outcome.DENIED else ():
                told = f"{one.recipient} {text} ({rule})"
                self.state.reasons[told] = self.state.reasons.get(told, 0) + 1

    def _rejected(self, unit: Unit, answer: GatewayError | None) -> bytes:
        self.state.rejected += 1
        found = unit.piece.reject
        if found is not None:
            return self.rejects.add(
                unit.text, _place(found.where), found.field, f"{found.message} [{found.code}]"
            )
        assert answer is not None
        rule = f"{answer.message} [{answer.code}]"
        return self.rejects.add(unit.text, str(unit.piece.position), answer.field, rule)

    @contextmanager
    def _told_where(self) -> Iterator[None]:
        """Say with whatever stops the push how far it came, and that it goes on from there."""
        try:
            yield
        except KeyboardInterrupt as exc:
            raise Misconfigured(f"stopped; {self._so_far()}", field=str(self.file), code="stopped") from exc
        except GatewayError as exc:
            if self.state.position:
                exc.message = f"{exc.message}; {self._so_far()}"
            raise

    def _so_far(self) -> str:
        state = self.state
        return (
            f"done up to row {state.position} of {state.last}: {state.accepted} pushed, {state.rejected} "
            "rejected; the same command goes on from there"
        )


def _place(where: str) -> str:
    """Return the number that a place such as `row[17]` names."""
    return where.partition("[")[2].rstrip("]") or where


def _stops(exc: GatewayError) -> bool:
    return exc.kind in _NOT_THE_ROWS or exc.code in _OF_THE_REQUEST or exc.field.startswith(_STATED)
