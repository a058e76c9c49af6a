"""What a long push begins with: a new one once the whole file was read, or one that was stopped.

The file is read through once before anything is pushed, so that one that is broken as a whole is refused as
a whole. A push is known by the digest of the file and of all that is asked for it; one whose file was changed
in between is not gone on with.

Source: ADR 0014; THREATS F13.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO

from adapters.stream import StreamAdapter
from gateway.cli import push_state
from gateway.cli.door import now
from gateway.cli.files import read_file, require_new
from gateway.cli.push_source import digest_of, hex_of
from gateway.cli.push_state import PushState
from gateway.cli.push_stream import LongPush
from gateway.cli.request import Request
from gateway.errors import Conflict, Malformed


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
    digest = digest_of(source)
    place, run = hex_of(str(file.resolve())), _run(digest, request, home)
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
            rejects=hex_of(str(rejects.resolve())),
            begun_on=now().date().isoformat(),
            total=0,
            last=0,
        )
        _read_through(source, adapter, state)
    elif not state.done and state.rejects != hex_of(str(rejects.resolve())):
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


def _run(digest: str, request: Request, home: Path) -> str:
    """Return the digest of all that a push asks for: another file, recipient or map is another push."""
    parts = [digest, request.format_name, str(home.resolve()), request.retain_until, request.lane.token]
    parts += [request.necessity, request.threat, *sorted(request.ask), *map(repr, request.addressees)]
    for path in (request.header, request.columns):
        parts.append(hex_of(read_file(path)) if path is not None else "")
    return hex_of("".join(f"{len(part.encode())}:{part}" for part in parts))
