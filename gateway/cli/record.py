"""`comity record`: check, preview, push, show, verify and forward records."""

from __future__ import annotations

from typing import Annotated

import typer

from gateway.cli import forward
from gateway.cli.answers import loss_rows, show_answers, show_losses
from gateway.cli.comparison import as_object, show_comparison
from gateway.cli.desk import open_desk
from gateway.cli.door import HomeOption, JsonOption, now
from gateway.cli.intake import narrowest_header, read_header, read_records
from gateway.cli.portions import show_view
from gateway.cli.push_command import is_long, push_long
from gateway.cli.request import (
    RETENTION,
    AskOption,
    BasisOption,
    ColumnsOption,
    FileArgument,
    FormatOption,
    FromStartOption,
    HeaderOption,
    LaneOption,
    NecessityOption,
    PurposeOption,
    RejectsOption,
    Request,
    RetainOption,
    TargetOption,
    ThreatOption,
    ToOption,
    addressees_of,
    purpose_of,
)
from gateway.cli.screen import Screen
from gateway.errors import GatewayError, Malformed
from gateway.flow.repeat import PushAnswer
from gateway.record.validation import read_record
from gateway.record.vocabulary import Lane

app = typer.Typer(
    help="Check, preview, push, show, verify and forward records.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

forward.register(app)

BATCH = 64


@app.command("validate")
def validate(
    file: FileArgument,
    format_name: FormatOption = "",
    columns: ColumnsOption = None,
    header: HeaderOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check a record's form; needs no home. Every finding names its path.

    Example: comity record validate case.json
    """
    screen = Screen(as_json=as_json)
    at = now()
    stamp = read_header(header) if header else narrowest_header((), (), at.date() + RETENTION)
    intakes = read_records(file, format_name, header=stamp, exercise=False, now=at, columns=columns)
    for intake in intakes:
        read_record(intake.data, today=at.date())
    screen.result(
        {"ok": True, "records": len(intakes), "losses": loss_rows(intakes)},
        [f"{len(intakes)} record(s), no finding."],
    )
    show_losses(screen, intakes)


@app.command("preview")
def preview(
    *,
    file: FileArgument,
    home: HomeOption,
    to: ToOption,
    purpose: PurposeOption = "",
    basis: BasisOption = "",
    target: TargetOption = "",
    ask: AskOption = None,
    necessity: NecessityOption = "",
    threat: ThreatOption = "",
    lane: LaneOption = Lane.ROUTINE.token,
    format_name: FormatOption = "",
    columns: ColumnsOption = None,
    header: HeaderOption = None,
    retain_until: RetainOption = "",
    as_json: JsonOption = False,
) -> None:
    """Show what each recipient would see, and why.

    Nothing is stored or sent. Values are cut to one line each; --json has them in full.

    Example: comity record preview case.json --to police.ro:investigation:law-enforcement-task --home nl

    Example: comity record preview case.json --to "police.ro/Serviciul 2:investigation" --home nl
    """
    screen = Screen(as_json=as_json)
    request = Request(
        addressees=addressees_of(to, purpose, basis, target),
        ask=frozenset(ask or ()),
        format_name=format_name,
        header=header,
        retain_until=retain_until,
        lane=Lane.from_token(lane, "--lane"),
        necessity=necessity,
        threat=threat,
        columns=columns,
    )
    with open_desk(home, screen) as desk:
        intakes, items = request.read(file, exercise=desk.exercise, now=now())
        found = [desk.preview(item) for item in items]
    told = {"ok": True, "records": [as_object(one) for one in found], "losses": loss_rows(intakes)}
    screen.result(told)
    for number, one in enumerate(found, 1):
        if len(found) > 1:
            screen.say(f"Record {number} of {len(found)}", "bold")
        show_comparison(screen, one, one.lines)
    show_losses(screen, intakes)


@app.command("push")
def push(
    *,
    file: FileArgument,
    home: HomeOption,
    to: ToOption,
    purpose: PurposeOption = "",
    basis: BasisOption = "",
    target: TargetOption = "",
    ask: AskOption = None,
    necessity: NecessityOption = "",
    threat: ThreatOption = "",
    lane: LaneOption = Lane.ROUTINE.token,
    format_name: FormatOption = "",
    columns: ColumnsOption = None,
    header: HeaderOption = None,
    retain_until: RetainOption = "",
    rejects: RejectsOption = None,
    from_start: FromStartOption = False,
    as_json: JsonOption = False,
) -> None:
    """Submit a record: decided per recipient; sealed, held or denied.

    All of it is committed to in the ledger. Several records of one file are judged each on its own.

    A long file, such as a sheet, is pushed in batches. Rows that are wrong are left out and written to a
    reject file, each with its row, column and reason; mend them there, and push that file like the first.
    After an interruption the same command goes on where it stopped, and nothing is pushed twice.

    Example: comity record push case.json --to police.ro --to shelter.ngo:victim-protection:consent --home nl

    Example: comity record push cases.csv --format csv --columns columns.toml --rejects wrong.csv
    --to police.ro:investigation:law-enforcement-task --home nl
    """
    screen = Screen(as_json=as_json)
    request = Request(
        addressees=addressees_of(to, purpose, basis, target),
        ask=frozenset(ask or ()),
        format_name=format_name,
        header=header,
        retain_until=retain_until,
        lane=Lane.from_token(lane, "--lane"),
        necessity=necessity,
        threat=threat,
        columns=columns,
    )
    if is_long(request):
        push_long(screen, file, request, home, rejects=rejects, from_start=from_start)
        return
    if rejects is not None or from_start:
        raise Malformed("are for formats that are read row by row", field="--rejects", code="usage")
    answers: list[PushAnswer | GatewayError] = []
    with open_desk(home, screen) as desk:
        intakes, items = request.read(file, exercise=desk.exercise, now=now())
        batches = [items[start : start + BATCH] for start in range(0, len(items), BATCH)]
        for batch in screen.progress(batches, "Submitting"):
            answers += desk.push(batch)
    clean = show_answers(screen, answers, intakes)
    if not clean:
        raise typer.Exit(1)


@app.command("show")
def show(
    record_id: Annotated[str, typer.Argument(help="Id of one of this agency's own records.")],
    home: HomeOption,
    purpose: Annotated[str, typer.Option(help="What you read it for; goes into the ledger as a commitment.")],
    as_json: JsonOption = False,
) -> None:
    """Show an own record and where it went.

    The reading itself is noted in the ledger, with its purpose as a commitment.

    Example: comity record show 0193... --purpose investigation --home nl
    """
    screen = Screen(as_json=as_json)
    stated = purpose_of(purpose)
    with open_desk(home, screen) as desk:
        shown = desk.show_own(record_id, stated)
    show_view(screen, shown)


@app.command("verify")
def verify(
    identifier: Annotated[str, typer.Argument(help="Id of an own record, or of the exchange one came with.")],
    home: HomeOption,
    as_json: JsonOption = False,
) -> None:
    """Verify a stored record from its bytes alone.

    The originator's signature must hold, and every portion must be among what it signed.

    Example: comity record verify 0193... --home ro
    """
    screen = Screen(as_json=as_json)
    if not identifier:
        raise Malformed("is empty", field="identifier", code="usage")
    with open_desk(home, screen) as desk:
        found = desk.verify(identifier)
    screen.result(
        {
            "ok": True,
            "record_id": found.record_id,
            "version": found.version,
            "originator": found.originator,
            "key_id": found.key_id,
            "sealed_on": found.sealed_on.isoformat(),
            "portions": found.portions,
            "leaves": found.leaves,
        },
        [
            f"Record {found.record_id} version {found.version} verifies:",
            f"  signed by {found.originator} on {found.sealed_on.isoformat()} with key {found.key_id},",
            f"  {found.portions} portions here, each among the {found.leaves} leaves it signed.",
        ],
    )
