"""`comity adapt`: which formats are read and written, and what a file of theirs becomes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from adapters.registry import names, written_names
from gateway.cli.door import JsonOption, now
from gateway.cli.files import read_file, require_new, write_new
from gateway.cli.intake import parse_drafts
from gateway.cli.screen import Screen
from gateway.record.json_form import to_json

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


@app.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="A document.")],
    format_name: Annotated[str, typer.Option("--format", help="Its format.")],
    as_json: JsonOption = False,
) -> None:
    """Read a document and say what would be lost; nothing is stored.

    Example: comity adapt check case.csv --format htcds
    """
    screen = Screen(as_json=as_json)
    drafts = parse_drafts(read_file(file), format_name, exercise=False, now=now())
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


@app.command("convert")
def convert(
    file: Annotated[Path, typer.Argument(help="A document.")],
    out: Annotated[
        Path, typer.Argument(help="New .json file for the record, to be completed with a header.")
    ],
    format_name: Annotated[str, typer.Option("--format", help="Its format.")],
    exercise: Annotated[bool, typer.Option("--exercise", help="The data are invented.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Turn a document into records in the native JSON form.

    One file each: NAME.json, NAME-2.json ... They want a header before they can be pushed.

    Example: comity adapt convert case.csv case.json --format htcds
    """
    screen = Screen(as_json=as_json)
    drafts = parse_drafts(read_file(file), format_name, exercise=exercise, now=now())
    paths = [
        out if number == 1 else out.with_stem(f"{out.stem}-{number}") for number, _ in enumerate(drafts, 1)
    ]
    for path in paths:
        require_new(path)
    for path, draft in zip(paths, drafts, strict=True):
        write_new(path, (to_json(draft.record) + "\n").encode())
    written = [str(path) for path in paths]
    screen.result({"ok": True, "files": written}, [f"Written: {path}" for path in written])
