"""Pushing a long file: read piece by piece, pushed batch by batch, and gone on with after an interruption.

The file is read through once before anything is pushed, so that one that is broken as a whole is refused as a
whole. Every row is pushed under a key made of the file's digest and its place, so that the gateway itself
knows a batch again whose answer was lost: nothing is pushed twice, and nothing acknowledged is lost.

Source: ADR 0014; THREATS F13.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, BinaryIO, Final

from adapters.spreadsheet import write_line
from adapters.stream import Piece, StreamAdapter
from gateway.cli import push_state
from gateway.cli.desk import Desk
from gateway.cli.door import now
from gateway.cli.files import NO_FILE, read_file, require_new
from gateway.cli.intake import stamped
from gateway.cli.loss_summary import LossSummary
from gateway.cli.push_state import PushState
from gateway.cli.reject_file import RejectFile
from gateway.cli.request import Request
from gateway.cli.screen import Screen
from gateway.errors import Conflict, GatewayError, Kind, Malformed, Misconfigured, NotFound
from gateway.flow.access import CONSOLE
from gateway.flow.repeat import PushAnswer
from gateway.flow.submit import PushItem
from gateway.tls.identity import Role
from gateway.v1.record_pb2 import RecordHeader
from policy.decision import Outcome

BATCH: Final = 64
BATCH_BYTES: Final = 4 * 1024 * 1024
_DIGESTED_BYTES: Final = 1024 * 1024

# The gateway that runs knows the caller by this name; so a batch is known again whichever desk pushes it.
ACTOR: Final = f"{Role.OPERATOR.value}/{CONSOLE}"

_NOT_THE_ROWS: Final = frozenset(
    {Kind.BUSY, Kind.UNREACHABLE, Kind.LOCKED, Kind.STALE, Kind.CORRUPT, Kind.MISCONFIGURED, Kind.FORBIDDEN}
)
_OF_THE_REQUEST: Final = frozenset(
    {"no-purpose", "no-legal-basis", "unknown-recipient", "unknown-unit", "exercise-mismatch"}
)
_STATED: Final = ("header.marking", "header.retain_until", "header.purpose", "header.legal_basis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One piece with what it was read from, as one line of CSV."""

    piece: Piece
    text: str


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
            for batch in self._batches(desk.exercise):
                self._push(desk, batch, stamp)
                advance(self.state.position)
            if _digest(self.source) != self.state.file:
                raise Conflict("was changed while it was pushed", field=str(self.file), code="changed")
            self.state.done = True
            push_state.save(self.home, self.state)

    def _reject_file(self) -> RejectFile:
        self.source.seek(0)
        header_of: Callable[[BinaryIO], str] | None = getattr(self.adapter, "unit_header", None)
        header = header_of(self.source) if header_of is not None else write_line(["unit"])
        return RejectFile(self.rejects_path, header, self.state.reject_bytes, resumed=self.resumed)

    def _batches(self, exercise: bool) -> Iterator[list[Unit]]:
        """Yield the units behind the acknowledged position, as many as travel together."""
        self.source.seek(0)
        batch: list[Unit] = []
        size_bytes, before, moved = 0, self.state.position, True
        pieces = units_of(
            self.adapter, self.source, today=self.state.today, exercise=exercise, after=self.state.position
        )
        for unit in pieces:
            size_bytes += len(unit.text)
            # A run goes on behind a position: what has not moved it would come again.
            if moved and batch and (len(batch) >= BATCH or size_bytes > BATCH_BYTES):
                yield batch
                batch, size_bytes = [], len(unit.text)
            batch.append(unit)
            moved, before = unit.piece.position > before, unit.piece.position
        if batch:
            yield batch

    def _push(self, desk: Desk, batch: Sequence[Unit], stamp: RecordHeader) -> None:
        items: list[PushItem] = []
        unfit: dict[int, Malformed] = {}
        for at, unit in enumerate(batch):
            if unit.piece.draft is None:
                continue
            try:
                intake = stamped(unit.piece.draft, stamp)
            except Malformed as exc:
                unfit[at] = exc
                continue
            self.losses.add(intake.losses)
            key = self.state.key(unit.piece.position)
            items.append(replace(self.request.item(intake), key=key, actor=ACTOR))
        answers = iter(desk.push(items) if items else [])
        told = [
            unfit.get(at) if unit.piece.draft is None or at in unfit else next(answers)
            for at, unit in enumerate(batch)
        ]
        self._check(told)
        lines = b""
        for unit, answer in zip(batch, told, strict=True):
            if isinstance(answer, PushAnswer):
                self._count(answer)
            else:
                lines += self._rejected(unit, answer)
        self.rejects.write(lines)
        self.state.reject_bytes = self.rejects.size_bytes
        self.state.position = batch[-1].piece.position
        push_state.save(self.home, self.state)

    def _check(self, told: Sequence[PushAnswer | GatewayError | None]) -> None:
        """Stop where the gateway cannot go on, or refuses what is asked and not what a row says."""
        for answer in told:
            if isinstance(answer, GatewayError) and _stops(answer):
                if not self.state.position and not any(isinstance(one, PushAnswer) for one in told):
                    push_state.forget(
                        self.home, self.state.run
                    )  # nothing was taken in: nothing to go on with
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


def begin(
    file: Path, source: BinaryIO, adapter: StreamAdapter, request: Request, home: Path, **options: Any
) -> LongPush:
    """Return a run of a long push: a new one once the file was read through, or one to go on with.

    Options: `rejects` is the path of the reject file, `from_start` forgets an earlier run.

    Raises:
        Malformed: the file is broken as a whole; nothing was pushed.
        Conflict: code `changed`: the file was changed since a push of it was stopped; `exists`: the reject
            file is there already.
    """
    rejects: Path = options["rejects"]
    digest = _digest(source)
    place, run = _hex(str(file.resolve())), _run(digest, request, home)
    state = push_state.load(home, run)
    if options["from_start"]:
        for old in list(push_state.unfinished(home, place)):
            push_state.forget(home, old.run)
        push_state.forget(home, run)
        state = None
    resumed = state is not None
    if state is None:
        _check_unchanged(home, place, digest, file)
        require_new(rejects)
        state = PushState(
            run=run,
            file=digest,
            place=place,
            rejects=_hex(str(rejects.resolve())),
            begun_on=now().date().isoformat(),
            total=0,
            last=0,
        )
        _read_through(source, adapter, state)
    elif not state.done and state.rejects != _hex(str(rejects.resolve())):
        raise Malformed("is another file than the one this push began with", field="--rejects", code="usage")
    return LongPush(
        file=file,
        source=source,
        adapter=adapter,
        request=request,
        home=home,
        state=state,
        rejects_path=rejects,
        resumed=resumed,
    )


def units_of(adapter: StreamAdapter, source: BinaryIO, **options: Any) -> Iterator[Unit]:
    """Yield the pieces of a document, each with what it was read from where the format tells it."""
    found: Callable[..., Iterator[tuple[Piece, str]]] | None = getattr(adapter, "stream_units", None)
    if found is not None:
        for piece, text in found(source, **options):
            yield Unit(piece=piece, text=text)
        return
    for piece in adapter.stream(source, **options):
        text = piece.reject.row if piece.reject is not None else ""
        yield Unit(piece=piece, text=write_line([text]))


def open_source(file: Path) -> BinaryIO:
    """Open a file that is read more than once; what cannot be is NotFound, code `no-file`."""
    try:
        source = file.open("rb")
    except OSError as exc:
        raise NotFound(f"cannot be read: {exc.strerror}", field=str(file), code=NO_FILE) from exc
    if not source.seekable():
        source.close()
        raise Malformed("is no file that can be read twice: save it first", field=str(file), code="usage")
    return source


def _read_through(source: BinaryIO, adapter: StreamAdapter, state: PushState) -> None:
    """Read the whole file once: what is wrong with it as a whole is found before anything is pushed."""
    source.seek(0)
    for piece in adapter.stream(source, today=state.today, exercise=False):
        state.total += 1
        state.last = piece.position
    if not state.total:
        raise Malformed("has a header and no row", field="document", code="empty-document")


def _check_unchanged(home: Path, place: str, digest: str, file: Path) -> None:
    for old in push_state.unfinished(home, place):
        if old.file != digest:
            raise Conflict(
                f"was changed since a push of it was stopped at row {old.position}; put the file back as it "
                "was and push it to its end, or push the changed one with --from-start: its rows up to there "
                "are then pushed a second time",
                field=str(file),
                code="changed",
            )


def _digest(source: BinaryIO) -> str:
    source.seek(0)
    found = sha256()
    while data := source.read(_DIGESTED_BYTES):
        found.update(data)
    return found.hexdigest()


def _run(digest: str, request: Request, home: Path) -> str:
    """Return the digest of all that a push asks for: another file, recipient or map is another push."""
    parts = [digest, request.format_name, str(home.resolve()), request.retain_until, request.lane.token]
    parts += [request.necessity, request.threat, *sorted(request.ask), *map(repr, request.addressees)]
    for path in (request.header, request.columns):
        parts.append(_hex(read_file(path)) if path is not None else "")
    return _hex("".join(f"{len(part.encode())}:{part}" for part in parts))


def _hex(data: str | bytes) -> str:
    return sha256(data if isinstance(data, bytes) else data.encode("utf-8", "surrogateescape")).hexdigest()


def _place(where: str) -> str:
    """Return the number that a place such as `row[17]` names."""
    return where.partition("[")[2].rstrip("]") or where


def _stops(exc: GatewayError) -> bool:
    return exc.kind in _NOT_THE_ROWS or exc.code in _OF_THE_REQUEST or exc.field.startswith(_STATED)
