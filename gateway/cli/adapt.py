"""`comity adapt`: which formats are read and written, and what a file of theirs becomes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from adapters.document import MAX_DOCUMENT_BYTES
from adapters.registry import names, written_names
from adapters.sheet.default import DEFAULT
from adapters.stream import StreamAdapter
from gateway.cli.door import JsonOption, now
from gateway.cli.files import read_file, require_new, write_new
from gateway.cli.intake import adapter_of
from gateway.cli.loss_summary import LossSummary
from gateway.cli.push_source import open_source
from gateway.cli.request import ColumnsOption
from gateway.cli.screen import Screen
from gateway.record.json_form import to_json

_FAULTS: Final = 1_000
_FAULTS_SHOWN: Final = 20

app = typer.Typer(
    help="Formats: what is read and written, and what a file becomes.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("formats")
def formats(as_json: JsonOption = False) -> None:
    """List the formats, and which of them are read and which are written.

    Example: comity adapt formats
    """
    read, written = names(), written_names()
    known = sorted({*read, *written})
    ways = {
        name: [way for way, among in (("read", read), ("written", written)) if name in among]
        for name in known
    }
    Screen(as_json=as_json).result(
        {"ok": True, "formats": known, "read": list(read), "written": list(written)},
        [f"{name}: {' and '.join(ways[name])}" for name in known],
    )


@app.command("columns")
def columns(as_json: JsonOption = False) -> None:
    """Print the column map of a sheet that brings none, as a start for one of your own.

    Example: comity adapt columns > columns.toml
    """
    Screen(as_json=as_json).result({"ok": True, "columns": DEFAULT}, DEFAULT.splitlines())


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="A document.")],
    format_name: Annotated[str, typer.Option("--format", help="Its format.")],
    columns_file: ColumnsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a document and say what would be lost, and which rows are wrong; nothing is stored.

    Example: comity adapt check case.csv --format htcds

    Example: comity adapt check cases.csv --format csv --columns columns.toml
    """
    screen = Screen(as_json=as_json)
    adapter = adapter_of(format_name, columns_file)
    if isinstance(adapter, StreamAdapter):
        _check_long(screen, file, adapter)
        return
    drafts = adapter.parse(read_file(file, most=MAX_DOCUMENT_BYTES), today=now().date(), exercise=False)
    losses = [(loss.path, loss.effect.value, loss.why) for draft in drafts for loss in draft.losses]
    screen.result(
        {
            "ok": True,
            "records": len(drafts),
            "losses": [{"path": path, "effect": effect, "why": why} for path, effect, why in losses],
        },
        [f"{len(drafts)} record(s); {len(losses) or 'no'} value(s) carried only in part."],
    )
    if losses:
        screen.table("Carried in part", ("path", "effect", "why"), losses)


def _check_long(screen: Screen, file: Path, adapter: StreamAdapter) -> None:
    """Read a long document piece by piece; every wrong row is told, the first of them in words."""
    records = rejected = 0
    losses = LossSummary()
    faults: list[tuple[str, str, str, str]] = []
    with open_source(file) as source, screen.waiting(f"Reading {file.name}"):
        for piece in adapter.stream(source, today=now().date(), exercise=False):
            if piece.draft is not None:
                records += 1
                losses.add(piece.draft.losses)
            elif piece.reject is not None:
                rejected += 1
                found = piece.reject
                if len(faults) < _FAULTS:
                    faults.append((found.where, found.field, found.message, found.code))
    screen.result(
        {
            "ok": not rejected,
            "records": records,
            "rejected": rejected,
            "rejects": [
                {"where": where, "field": field, "error": message, "code": code}
                for where, field, message, code in faults
            ],
            "losses": losses.rows(),
        },
        [
            f"{records} record(s), {rejected} row(s) that are wrong; "
            f"{losses.total or 'no'} value(s) carried only in part.",
            *(
                f"  {where}{f', {field}' if field else ''}: {message} [{code}]"
                for where, field, message, code in faults[:_FAULTS_SHOWN]
            ),
            *([f"  and {rejected - _FAULTS_SHOWN} more"] if rejected > _FAULTS_SHOWN else []),
        ],
    )
    losses.show(screen)
    if rejected:
        raise typer.Exit(1)


@app.command("convert")
def convert(
    *,
    file: Annotated[Path, typer.Argument(help="A document.")],
    out: Annotated[
        Path, typer.Argument(help="New .json file for the record, to be completed with a header.")
    ],
    format_name: Annotated[str, typer.Option("--format", help="Its format.")],
    exercise: Annotated[bool, typer.Option("--exercise", help="The data are invented.")] = False,
    columns_file: ColumnsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Turn a document into records in the native JSON form.

    One file each: NAME.json, NAME-2.json ... They want a header before they can be pushed.

    Example: comity adapt convert case.csv case.json --format htcds
    """
    screen = Screen(as_json=as_json)
    adapter = adapter_of(format_name, columns_file)
    drafts = adapter.parse(read_file(file, most=MAX_DOCUMENT_BYTES), today=now().date(), exercise=exercise)
    paths = [
        out if number == 1 else out.with_stem(f"{out.stem}-{number}") for number, _ in enumerate(drafts, 1)
    ]
    for path in paths:
        require_new(path)
    for path, draft in zip(paths, drafts, strict=True):
        write_new(path, (to_json(draft.record) + "\n").encode())
    written = [str(path) for path in paths]
    screen.result({"ok": True, "files": written}, [f"Written: {path}" for path in written])
