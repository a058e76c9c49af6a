"""`comity policy explain`: what would be decided about a record for a recipient, why, and what would help."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.desk import Desk, open_desk
from gateway.cli.door import HomeOption, JsonOption, now
from gateway.cli.explanation import show_explained, show_weighed
from gateway.cli.request import (
    AskOption,
    BasisOption,
    FormatOption,
    HeaderOption,
    LaneOption,
    NecessityOption,
    PurposeOption,
    Request,
    RetainOption,
    TargetOption,
    ThreatOption,
    addressees_of,
)
from gateway.cli.screen import Screen
from gateway.errors import Malformed
from gateway.flow.inquiry import Act, Inquiry
from gateway.record.vocabulary import Lane

RecordArgument = Annotated[
    str, typer.Argument(help="Id of an own record on file, or a file with one record: .json or .binpb.")
]
OneToOption = Annotated[
    str,
    typer.Option("--to", help="Recipient: AGENCY, AGENCY/UNIT, AGENCY:PURPOSE or AGENCY/UNIT:PURPOSE:BASIS."),
]
ActOption = Annotated[
    str,
    typer.Option("--act", help="Another act than releasing: request-interview, judicial-use, deconflict."),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Act:
    """The act asked about and what a request for an interview states; nothing where it is about releasing."""

    act: Act | None
    person: str = ""
    reason_stated: bool = False
    specialised_staff: bool = False
    representative: bool = False
    sessions: bool = False


def register(app: typer.Typer) -> None:
    """Add the command to the group `policy`."""
    app.command("explain")(explain)


def explain(
    *,
    record: RecordArgument,
    home: HomeOption,
    to: OneToOption,
    purpose: PurposeOption = "",
    basis: BasisOption = "",
    ask: AskOption = None,
    target: TargetOption = "",
    necessity: NecessityOption = "",
    threat: ThreatOption = "",
    lane: LaneOption = Lane.ROUTINE.token,
    act: ActOption = "",
    person: Annotated[str, typer.Option("--person", help="Whom to interview: an id of the record.")] = "",
    reason_stated: Annotated[
        bool, typer.Option("--reason-stated", help="The request says why the statement is not enough.")
    ] = False,
    specialised_staff: Annotated[
        bool, typer.Option("--specialised-staff", help="The request names specialised staff.")
    ] = False,
    representative: Annotated[
        bool, typer.Option("--representative", help="The request names a representative.")
    ] = False,
    sessions: Annotated[
        bool, typer.Option("--sessions", help="The request names the number of sessions.")
    ] = False,
    format_name: FormatOption = "",
    header: HeaderOption = None,
    retain_until: RetainOption = "",
    as_json: JsonOption = False,
) -> None:
    """Say what would leave, what stays and why, and what would release more.

    Nothing is stored or sent, and no content of the record is shown.

    Example: comity policy explain case.json --to police.ro:investigation:law-enforcement-task --home nl

    Example: comity policy explain 0193... --to police.ro --act request-interview --person victim --home nl
    """
    screen = Screen(as_json=as_json)
    stated = _Act(
        act=Act.from_token(act, "--act") if act else None,
        person=person,
        reason_stated=reason_stated,
        specialised_staff=specialised_staff,
        representative=representative,
        sessions=sessions,
    )
    _check(stated)
    request = Request(
        addressees=addressees_of([to], purpose, basis, target),
        ask=frozenset(ask or ()),
        format_name=format_name,
        header=header,
        retain_until=retain_until,
        lane=Lane.from_token(lane, "--lane"),
        necessity=necessity,
        threat=threat,
    )
    with open_desk(home, screen) as desk:
        _show(screen, desk, _inquiry(record, request, stated, exercise=desk.exercise))


def _show(screen: Screen, desk: Desk, inquiry: Inquiry) -> None:
    if inquiry.act is None:
        show_explained(screen, desk.explain(inquiry))
    else:
        show_weighed(screen, desk.explain_act(inquiry, inquiry.act))


def _check(stated: _Act) -> None:
    interview = stated.act is Act.REQUEST_INTERVIEW
    if interview and not stated.person:
        raise Malformed("is whom to interview", field="--person", code="usage")
    if not interview and stated != _Act(act=stated.act):
        raise Malformed(
            "is request-interview where a request for one is described", field="--act", code="usage"
        )


def _inquiry(record: str, request: Request, stated: _Act, *, exercise: bool) -> Inquiry:
    (addressee,) = request.addressees
    data, record_id = b"", record
    if request.format_name or record.endswith((".json", ".binpb")) or Path(record).is_file():
        intakes, _ = request.read(Path(record), exercise=exercise, now=now())
        if len(intakes) != 1:
            raise Malformed(f"holds {len(intakes)} records: explain one", field=record, code="usage")
        data, record_id = intakes[0].data, ""
    return Inquiry(
        addressee=addressee,
        record_id=record_id,
        data=data,
        ask=request.ask,
        act=stated.act,
        person=stated.person,
        reason_stated=stated.reason_stated,
        specialised_staff=stated.specialised_staff,
        representative=stated.representative,
        sessions=stated.sessions,
        lane=request.lane,
        necessity=request.necessity,
        threat=request.threat,
    )
