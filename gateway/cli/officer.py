"""`comity officer`: who may approve at this agency, made on their own machines and vouched for by others."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.door import JsonOption, now
from gateway.cli.files import read_file, require_new, write_new
from gateway.cli.officer_key import AgentOption, KeyOption, new_key, signer_of
from gateway.cli.reach import GatewayOption, IdentityOption, RunningHome
from gateway.cli.review_desk import open_review
from gateway.cli.screen import Screen
from gateway.errors import Malformed
from gateway.flow.review.enrol import Enrolled
from gateway.record.lookalike import named
from gateway.record.moment import from_ms, to_ms
from gateway.record.text import check_agency_id, parse_day
from gateway.record.vocabulary import Duty
from gateway.tls.credential import new_request
from gateway.tls.identity import Identity, Role, check_name
from keys.durable import write_private
from keys.officer import PERSON_BYTES, new_officer, vouch
from keys.officer_file import OfficerFile, parse_officer_file
from keys.signer import Signer

app = typer.Typer(
    help="Liaison officers: enrol, countersign, add, list, disable.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_DAYS = 365
HandleArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Short name, as `officer list` shows it.")
]


@app.command("enrol")
def enrol(
    *,
    agency: Annotated[str, typer.Option(help="Agency id.")],
    handle: Annotated[str, typer.Option("--as", help="Short name: a-z, 0-9 and dash.")],
    name: Annotated[str, typer.Option(help="Name as colleagues know it.")],
    duty: Annotated[list[str], typer.Option(help="RLO VPO CPO DPO JUD DUTY NGO; may be repeated.")],
    out: Annotated[Path, typer.Option(help="New file to hand to two officers, then to the operator.")],
    key: KeyOption = None,
    agent: AgentOption = "",
    tls: Annotated[
        Path | None,
        typer.Option(help="New file for the key of your connection; the certificate comes later."),
    ] = None,
    person: Annotated[
        str, typer.Option(help="Your person id, hex, where you have had a key here before.")
    ] = "",
    days: Annotated[int, typer.Option(min=1, max=731, help="How long the enrolment holds.")] = _DAYS,
    until: Annotated[str, typer.Option(help="Last day instead, YYYY-MM-DD: for a duty taken over.")] = "",
    home: RunningHome = None,
    as_json: JsonOption = False,
) -> None:
    """Ask to be enrolled, on your own machine: makes your key, and a file that others countersign.

    With --key a new encrypted key file is made; one that exists is used, which is how a further duty is taken
    over until a day. With --agent your ssh-agent holds the key. Two enrolled officers countersign the file;
    the first two officers of an agency countersign each other.

    Example: comity officer enrol --agency police.nl --as anna --name "Anna de Vries" --duty RLO --duty VPO
    --key anna.key --tls anna.pem --out anna.officer
    """
    screen = Screen(as_json=as_json)
    identity = Identity(agency=check_agency_id(agency, "--agency"), role=Role.OFFICER, name=_named(handle))
    for new in (out, tls):
        if new is not None:
            require_new(new)
    signer = _own_key(key, agent, home)
    began = now().replace(microsecond=0)
    officer = new_officer(
        signer,
        person=_person(person),
        name=name,
        duties=[Duty.from_token(one.upper(), "--duty") for one in duty],
        valid_from_ms=to_ms(began),
        valid_until_ms=to_ms(_end(until, began, days)),
    )
    request = b""
    if tls is not None:
        private, request = new_request(identity)
        write_new(tls, private)
    file = OfficerFile(
        agency=agency, handle=handle, request=request, signed=(vouch(officer.encode(), signer),)
    )
    write_new(out, file.encode())
    screen.result(
        {
            "ok": True,
            "path": str(out),
            "person": officer.person.hex(),
            "key_id": officer.key_id,
            "duties": [one.token for one in officer.duties],
        },
        [
            f"{out} asks to enrol {name} as {', '.join(one.token for one in officer.duties)}.",
            f"Key id {officer.key_id}; person id {officer.person.hex()}: keep it for your next key.",
            "Have two officers run `comity officer countersign` on it, then hand it to the operator.",
            *([f"Put the certificate you will get behind the key in {tls}."] if tls is not None else []),
        ],
    )


def _named(handle: str) -> str:
    try:
        return check_name(handle, "--as")
    except Malformed as exc:
        raise Malformed(exc.message, field="--as", code="usage") from exc


def _own_key(key: Path | None, agent: str, home: Path | None) -> Signer:
    if key is not None and not key.exists():
        if agent:
            raise Malformed("stands with --agent or alone, one of the two", field="--key", code="usage")
        require_new(key)
        return new_key(key, secrets.token_bytes(32), home)
    return signer_of(key, agent, home)


def _person(stated: str) -> bytes:
    try:
        person = bytes.fromhex(stated) if stated else secrets.token_bytes(PERSON_BYTES)
    except ValueError as exc:
        raise Malformed("is not hexadecimal", field="--person", code="usage") from exc
    if len(person) != PERSON_BYTES:
        raise Malformed(f"is not {PERSON_BYTES} bytes in hex", field="--person", code="usage")
    return person


def _end(until: str, began: datetime, days: int) -> datetime:
    if not until:
        return began + timedelta(days=days)
    return _midnight_after(until)


def _midnight_after(day: str) -> datetime:
    return datetime.combine(parse_day(day, "--until") + timedelta(days=1), time.min, tzinfo=UTC)


@app.command("countersign")
def countersign(
    *,
    file: Annotated[Path, typer.Argument(help="An officer file.")],
    key: KeyOption = None,
    agent: AgentOption = "",
    home: RunningHome = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Vouch for another officer: adds your signature to their file, after showing what it says.

    Make sure by another way that the key id is theirs.

    Example: comity officer countersign carla.officer --key anna.key
    """
    screen = Screen(as_json=as_json)
    found = parse_officer_file(read_file(file))
    officer = found.officer
    screen.say(f"{officer.name} ({found.handle}) at {found.agency}", "bold")
    screen.say(f"  duties: {', '.join(one.token for one in officer.duties)}")
    screen.say(
        f"  from {from_ms(officer.valid_from_ms):%Y-%m-%d} until {from_ms(officer.valid_until_ms):%Y-%m-%d}"
    )
    screen.say(f"  key id {officer.key_id}, person {officer.person.hex()}")
    if not yes and (as_json or not typer.confirm("Do you vouch for this?", default=False)):
        raise Malformed("is needed to countersign without being asked", field="--yes", code="usage")
    signed = found.countersigned(signer_of(key, agent, home))
    write_private(file, signed.encode())
    screen.result(
        {"ok": True, "path": str(file), "signatures": len(signed.signed), "key_id": officer.key_id},
        [f"{file} bears {len(signed.signed)} signatures now."],
    )


@app.command("add")
def add(
    *,
    files: Annotated[list[Path], typer.Argument(help="Officer files; the first two come together.")],
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    out: Annotated[Path, typer.Option(help="Folder for the certificates.")] = Path(),
    as_json: JsonOption = False,
) -> None:
    """Enrol officers whose files are countersigned, and issue their certificates; all of them or none.

    Example: comity officer add anna.officer bob.officer --home nl
    """
    screen = Screen(as_json=as_json)
    wanted = [parse_officer_file(read_file(one)) for one in files]
    places = {one.handle: out / f"{one.handle}.crt" for one in wanted if one.request}
    for place in places.values():
        require_new(place)
    with open_review(home, gateway, identity, screen) as desk:
        done = desk.add_officers(wanted)
    for one in done:
        if one.certificate:
            write_new(places[one.handle], one.certificate.encode())
    screen.result({"ok": True, "officers": [_object(one) for one in done]})
    for one in done:
        screen.say(f"{named(one.name, one.key_id)} is enrolled as {', '.join(one.duties)}.")
        if one.certificate:
            screen.say(f"  {places[one.handle]} is the certificate: put it behind the key, in one file.")


@app.command("list")
def list_(
    *,
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    as_json: JsonOption = False,
) -> None:
    """List every officer's key that was ever enrolled, and what it may do now.

    Example: comity officer list --home nl
    """
    screen = Screen(as_json=as_json)
    with open_review(home, gateway, identity, screen) as desk:
        _told(screen, desk.officers())


@app.command("disable")
def disable(
    *,
    handle: HandleArgument,
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    as_json: JsonOption = False,
) -> None:
    """End every key and certificate of an officer, for good and at once.

    Example: comity officer disable anna --home nl
    """
    screen = Screen(as_json=as_json)
    with open_review(home, gateway, identity, screen) as desk:
        _told(screen, desk.disable_officer(handle))


@app.command("away")
def away(
    *,
    handle: HandleArgument,
    until: Annotated[str, typer.Option(help="Last day away, YYYY-MM-DD.")] = "",
    since: Annotated[str, typer.Option("--from", help="First day away; now where it is left out.")] = "",
    back: Annotated[bool, typer.Option("--back", help="The officer is back.")] = False,
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    as_json: JsonOption = False,
) -> None:
    """Note when an officer is away: until then no approval of theirs counts.

    Somebody else takes a duty over by an enrolment of their own until that day: `officer enrol --until`.

    Example: comity officer away anna --until 2026-12-06 --home nl
    """
    screen = Screen(as_json=as_json)
    if back == bool(until):
        raise Malformed("stands with --back or alone, one of the two", field="--until", code="usage")
    begins = datetime.combine(parse_day(since, "--from"), time.min, tzinfo=UTC) if since else now()
    ends = begins if back else _midnight_after(until)
    with open_review(home, gateway, identity, screen) as desk:
        _told(screen, desk.note_absence(handle, begins, ends))


def _object(one: Enrolled) -> dict[str, object]:
    return {name: value for name, value in asdict(one).items() if name != "certificate"}


def _told(screen: Screen, found: Sequence[Enrolled]) -> None:
    screen.result({"ok": True, "officers": [_object(one) for one in found]})
    rows = [
        (
            one.handle,
            named(one.name, one.key_id),
            " ".join(one.duties),
            one.state if not one.away_until else f"away until {one.away_until[:10]}",
            one.valid_until[:10],
        )
        for one in found
    ]
    screen.table("Officers", ("short name", "name [key]", "duties now", "state", "until"), rows)
    if not found:
        screen.say("No officer is enrolled yet: nothing that is held can leave.")
