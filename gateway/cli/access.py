"""`comity access`: who of this agency's own may use its gateway, and which tools of others may pull."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli.desk import open_desk
from gateway.cli.door import HomeOption, JsonOption
from gateway.cli.files import read_file, require_new, write_new
from gateway.cli.screen import Screen
from gateway.errors import Malformed
from gateway.flow.access import Access, Pulling
from gateway.tls.authority import ISSUED_LIFE_MAX
from gateway.tls.credential import new_request
from gateway.tls.identity import ISSUED, Identity, Role, check_name

app = typer.Typer(
    help="Certificates of this agency's own systems, auditors and operators, and of tools that pull.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

RoleArgument = Annotated[
    str,
    typer.Argument(
        help="system: push, preview, inbox. auditor: export. operator: everything here. "
        "taxii: a tool of another member, which pulls what was released to it.",
    ),
]
NameArgument = Annotated[str, typer.Argument(help="Name within the agency: a-z, 0-9 and dash.")]
_DAYS_MAX = ISSUED_LIFE_MAX.days


@app.command("add")
def add(
    *,
    role: RoleArgument,
    name: NameArgument,
    home: HomeOption,
    out: Annotated[Path, typer.Option(help="New file for the certificate, or for key and certificate.")],
    request: Annotated[
        Path | None, typer.Option(help="PKCS#10 request (PEM) of whoever holds the key.")
    ] = None,
    new_key: Annotated[
        bool, typer.Option("--new-key", help="Make the key here and write it into the same file.")
    ] = False,
    days: Annotated[int, typer.Option(min=1, max=_DAYS_MAX, help="How long it holds.")] = 90,
    acts_for: Annotated[
        str, typer.Option("--as", help="taxii: the member whose tool it is; the policy decides as for it.")
    ] = "",
    purpose: Annotated[
        list[str] | None, typer.Option(help="taxii: what it pulls for; may be repeated.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Issue a certificate for one of this agency's own, or for a tool that pulls, and note it in the ledger.

    With --request the key never leaves its holder: put the certificate behind the key, in one file. With
    --new-key this command makes the key, and the file is the finished identity.

    Example: comity access add system records --request records.csr --out records.crt --home nl

    Example: comity access add auditor anna --new-key --days 30 --out anna.pem --home nl

    Example: comity access add taxii misp --as police.ro --purpose investigation --request misp.csr
    --out misp.crt --home nl
    """
    screen = Screen(as_json=as_json)
    if (request is None) != new_key:
        raise Malformed("stands with --new-key or alone, one of the two", field="--request", code="usage")
    _check_named(role, name)
    pulling = _pulling(role, acts_for, purpose or [])
    require_new(out)
    with open_desk(home, screen) as desk:
        key, asked = b"", read_file(request) if request is not None else b""
        if new_key:
            key, asked = new_request(Identity(agency=desk.agency, role=Role(role), name=name))
        access, certificate = desk.add_access(role, name, asked, timedelta(days=days), pulling)
    write_new(out, key + certificate)
    screen.result(
        {"ok": True, "path": str(out), **_object(access)},
        [
            f"{access.role} {access.name} may use this gateway until {access.expires_at:%Y-%m-%d}.",
            *([f"It pulls as {access.acts_for}, for {', '.join(access.purposes)}."] if pulling else []),
            f"{out} is the identity file: key, certificate, the agency's CA. Hand it to nobody else."
            if key
            else f"{out} holds the certificate and the agency's CA; put both behind the key, in one file.",
        ],
    )


@app.command("list")
def list_(home: HomeOption, as_json: JsonOption = False) -> None:
    """List every certificate that was issued, oldest first.

    Example: comity access list --home nl
    """
    screen = Screen(as_json=as_json)
    with open_desk(home, screen) as desk:
        found = desk.list_access()
    screen.result({"ok": True, "accesses": [_object(one) for one in found]})
    _table(screen, found)


@app.command("revoke")
def revoke(role: RoleArgument, name: NameArgument, home: HomeOption, as_json: JsonOption = False) -> None:
    """Revoke every certificate of a name; it ends at once, in the middle of a stream too.

    Example: comity access revoke system records --home nl
    """
    screen = Screen(as_json=as_json)
    _check_named(role, name)
    with open_desk(home, screen) as desk:
        found = desk.revoke_access(role, name)
    screen.result(
        {"ok": True, "revoked": [_object(one) for one in found]},
        [f"{role} {name} has no access any more ({len(found)} certificate(s) revoked)."],
    )


def _check_named(role: str, name: str) -> None:
    if role not in [one.value for one in ISSUED]:
        raise Malformed(f"is none of {', '.join(ISSUED)}", field="role", code="usage")
    try:
        check_name(name, "name")
    except Malformed as exc:
        raise Malformed(exc.message, field=exc.field, code="usage") from exc


def _pulling(role: str, acts_for: str, purposes: Sequence[str]) -> Pulling | None:
    if (role == Role.TAXII) != bool(acts_for) or bool(acts_for) != bool(purposes):
        raise Malformed(
            "stands with --purpose, and both with the role taxii alone", field="--as", code="usage"
        )
    return Pulling(agency=acts_for, purposes=tuple(purposes)) if acts_for else None


def _object(one: Access) -> dict[str, Any]:
    return {
        "serial": one.serial,
        "role": one.role,
        "name": one.name,
        "key_id": one.key_id,
        "issued_at": one.issued_at.isoformat(),
        "expires_at": one.expires_at.isoformat(),
        "revoked_at": one.revoked_at.isoformat() if one.revoked_at else None,
        "as": one.acts_for or None,
        "purposes": list(one.purposes),
    }


def _table(screen: Screen, found: Sequence[Access]) -> None:
    now = datetime.now(UTC)

    def state(one: Access) -> str:
        if one.revoked_at is not None:
            return f"revoked {one.revoked_at:%Y-%m-%d}"
        return "expired" if one.expires_at <= now else f"until {one.expires_at:%Y-%m-%d}"

    rows = [(one.role, one.name, state(one), one.key_id) for one in found]
    screen.table("Access", ("role", "name", "state", "key id"), rows)
    for name, reach in dict.fromkeys((one.name, _reach(one)) for one in found if one.acts_for):
        screen.say(f"{name} pulls {reach}")


def _reach(one: Access) -> str:
    return f"as {one.acts_for}: {', '.join(one.purposes)}"
