"""`comity envelope` and `comity inbox`: carrying by file, and what has come in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.desk import open_desk
from gateway.cli.door import HomeOption, JsonOption
from gateway.cli.files import read_file, require_new, write_new
from gateway.cli.portions import show_view
from gateway.cli.request import purpose_of
from gateway.cli.screen import Screen
from gateway.errors import Malformed
from gateway.flow.carry import Carried
from gateway.flow.consult import Arrival
from gateway.ledger.entry import parse
from gateway.record.text import check_agency_id
from gateway.sealing.batch import parse_receipt

app = typer.Typer(
    help="Carry sealed envelopes and receipts between agencies by file.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
inbox_app = typer.Typer(help="List and show what has come in.", no_args_is_help=True, rich_markup_mode=None)


@app.command("export")
def export(
    recipient: Annotated[str, typer.Argument(help="Agency the file is for.")],
    out: Annotated[Path, typer.Argument(help="New file to write.")],
    home: HomeOption,
    exchange: Annotated[
        list[str] | None,
        typer.Option(help="Only this exchange; may be repeated. Without it: all that waits."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write what waits for a recipient, sealed to it, into one file.

    An envelope waits on, and is exported again, until its receipt is back.

    Example: comity envelope export police.ro to-ro.bundle --home nl
    """
    screen = Screen(as_json=as_json)
    try:
        check_agency_id(recipient, "recipient")
    except Malformed as exc:
        raise Malformed(exc.message, field="recipient", code="usage") from exc
    require_new(out)
    with open_desk(home, screen) as desk:
        packed = desk.pack(recipient, frozenset(exchange) if exchange else None)
    write_new(out, packed.data)
    screen.result(
        {
            "ok": True,
            "path": str(out),
            "exchanges": list(packed.exchanges),
            "held_back": [{"exchange": one, "why": why} for one, why in packed.held_back],
        },
        [
            f"{out} holds {len(packed.exchanges)} sealed envelope(s); only {recipient} can open them.",
            *(f"Stays here: {one}: {why}" for one, why in packed.held_back),
            f"Import the file at {recipient}, and bring back the receipts that its import writes.",
        ],
    )


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A file from another agency: envelopes, receipts, or both.")],
    home: HomeOption,
    receipts: Annotated[Path | None, typer.Option(help="New file for the receipts to carry back.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Take in a file: verify and open its envelopes, and close what its receipts answer.

    Example: comity envelope import to-ro.bundle --home ro --receipts to-nl.bundle
    """
    screen = Screen(as_json=as_json)
    data = read_file(file)
    if receipts is not None:
        require_new(receipts)
    with open_desk(home, screen) as desk:
        try:
            carried = desk.unpack(data)
        except Malformed as exc:
            told = f"is no file of envelopes or receipts ({exc})"
            raise Malformed(told, field=str(file), code=exc.code) from exc
    if carried.reply is not None and receipts is not None:
        write_new(receipts, carried.reply)
    written = receipts if carried.reply is not None else None
    ok = _tell(screen, carried, written)
    if written is not None:
        screen.say(f"Carry {written} back to {carried.sender}: its ledger waits for these receipts.")
    elif carried.reply is not None:
        screen.tell(
            "No receipts were written. Import it again with --receipts FILE; nothing is admitted twice.",
            style="yellow",
        )
    if not ok:
        raise typer.Exit(1)


def _tell(screen: Screen, carried: Carried, written: Path | None) -> bool:
    answers = []
    if carried.receipts is not None:
        for data in carried.receipts.receipts:
            entry = parse(parse_receipt(data).entry)
            answers.append((entry.exchange or "", entry.kind.name.lower(), entry.code or ""))
        answers += [("", "not accepted", error.code) for error in carried.receipts.errors]
    closed = [(one.exchange_id, one.outcome, one.code) for one in carried.acknowledged]
    bad = [row for row in (*answers, *closed) if row[1] not in ("received", "delivered", "repeated")]
    screen.result(
        {
            "ok": not bad,
            "sender": carried.sender,
            "received": [{"exchange": e, "outcome": o, "code": c} for e, o, c in answers],
            "closed": [{"exchange": e, "outcome": o, "code": c} for e, o, c in closed],
            "receipts": None if written is None else str(written),
        }
    )
    _list(screen, f"Envelopes of {carried.sender}:", answers)
    _list(screen, f"Receipts of {carried.sender}:", closed)
    return not bad


def _list(screen: Screen, title: str, rows: Sequence[tuple[str, str, str]]) -> None:
    if rows:
        screen.say(title, "bold")
    for exchange, outcome, code in rows:
        screen.say(f"  {exchange or '(unknown exchange)'}  {outcome}{f' ({code})' if code else ''}")


@inbox_app.command("list")
def inbox_list(home: HomeOption, as_json: JsonOption = False) -> None:
    """List what has come in, oldest first; quarantined items are counted, never shown.

    Example: comity inbox list --home ro
    """
    screen = Screen(as_json=as_json)
    with open_desk(home, screen) as desk:
        found = desk.arrivals()
    screen.result({"ok": True, "items": [_item(one) for one in found]})
    if not found:
        screen.say("Nothing has come in.")
    for one in found:
        reason = f" ({one.code})" if one.code else ""
        screen.say(f"{one.exchange_id}  from {one.sender}: {one.outcome}{reason}", "bold")
        if one.record_id:
            by = "" if one.originator == one.sender else f" of {one.originator}"
            screen.say(f"  record {one.record_id}{by}, for {one.purpose}, until {one.use_until}")


def _item(one: Arrival) -> dict[str, str]:
    return {
        "exchange": one.exchange_id,
        "sender": one.sender,
        "originator": one.originator,
        "record": one.record_id,
        "outcome": one.outcome,
        "code": one.code,
        "purpose": one.purpose,
        "use_until": one.use_until,
    }


@inbox_app.command("show")
def inbox_show(
    exchange: Annotated[str, typer.Argument(help="Exchange id.")],
    home: HomeOption,
    purpose: Annotated[
        str, typer.Option(help="What you read it for; another purpose than it was released for is refused.")
    ],
    as_json: JsonOption = False,
) -> None:
    """Show what came with one exchange, verified again from its stored bytes; the reading is ledgered.

    Example: comity inbox show 0193... --purpose investigation --home ro
    """
    screen = Screen(as_json=as_json)
    stated = purpose_of(purpose)
    with open_desk(home, screen) as desk:
        shown = desk.show_arrival(exchange, stated)
    show_view(screen, shown)
