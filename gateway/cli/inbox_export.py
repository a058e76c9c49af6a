"""`comity inbox export` and `comity adapt certificate`: documents of what came in, and what they lost."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from adapters.registry import written_names
from gateway.cli.desk import open_desk
from gateway.cli.door import HomeOption, JsonOption
from gateway.cli.files import read_file, require_new, write_new
from gateway.cli.request import purpose_of
from gateway.cli.screen import Screen
from gateway.errors import Malformed
from gateway.flow.document import ALLOWANCES, IDENTITY, Order
from gateway.record.moment import from_ms
from gateway.record.vocabulary import Purpose
from gateway.release.loss_certificate import CertifiedView, LossCertificate, peek_certificate

CERTIFICATE: Final = ".certificate"
"""What is put behind a document's name to name its certificate."""

_AllowOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow",
        help="handling, evaluation or anonymity: that caveat may be lost. identity: protected persons may "
        "stand in it as they were shown to you. May be repeated.",
    ),
]


def register(inbox: typer.Typer, adapt: typer.Typer) -> None:
    """Add the commands to the groups `inbox` and `adapt`."""
    inbox.command("export")(export)
    adapt.command("certificate")(certificate)


def export(
    *,
    exchanges: Annotated[list[str], typer.Argument(help="Exchange ids, in the order of the document.")],
    out: Annotated[Path, typer.Option("--out", help="New file; its certificate is OUT.certificate.")],
    home: HomeOption,
    format_name: Annotated[str, typer.Option("--format", help="One that `comity adapt formats` lists.")],
    purpose: Annotated[str, typer.Option(help="What you read it for: what it was released for.")],
    form: Annotated[str, typer.Option(help="Form of the format; its first one by default.")] = "",
    allow: _AllowOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write what came in as a document of a foreign format, for your own systems.

    Protected persons are taken out of formats whose readers may ignore a marking; the marking is written in.
    A signed certificate beside it lists all that the document does not say. The reading is ledgered.

    Example: comity inbox export 0193... --format stix21 --purpose investigation --out case.json --home ro
    """
    screen = Screen(as_json=as_json)
    beside = out.with_name(f"{out.name}{CERTIFICATE}")
    order = Order(
        exchanges=tuple(exchanges),
        purpose=Purpose.from_token(purpose_of(purpose), "purpose"),
        format=_known(format_name),
        form=form,
        allowed=frozenset(map(_allowance, allow or ())),
    )
    for path in (out, beside):
        require_new(path)
    with open_desk(home, screen) as desk:
        written = desk.write_document(order)
    write_new(out, written.data)
    write_new(beside, written.certificate)
    certified, key_id = peek_certificate(written.certificate)
    screen.result({"ok": True, "path": str(out), "certificate": str(beside), **_told(certified, key_id)})
    screen.say(f"{out} holds {len(certified.views)} record(s) as {certified.format} ({certified.form}).")
    _tell(screen, certified)
    screen.say(f"What it does not say is signed in {beside}: keep both together.")
    if IDENTITY in order.allowed:
        screen.tell("Protected persons may stand in it. Whoever opens it sees them.", style="yellow")


def certificate(
    document: Annotated[Path, typer.Argument(help="A document that a gateway wrote.")],
    home: HomeOption,
    file: Annotated[
        Path | None, typer.Option("--certificate", help="Its certificate; DOCUMENT.certificate by default.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Verify a document by its loss certificate, and say what it left out of what was disclosed.

    Example: comity adapt certificate case.json --home ro
    """
    screen = Screen(as_json=as_json)
    beside = file or document.with_name(f"{document.name}{CERTIFICATE}")
    data, signed = read_file(document), read_file(beside)
    with open_desk(home, screen) as desk:
        key_id = desk.check_document(signed, digest=sha256(data).digest(), size=len(data))
    certified, _ = peek_certificate(signed)
    at = from_ms(certified.written_at_ms)
    screen.result({"ok": True, **_told(certified, key_id)})
    screen.say(
        f"Written by {certified.agency} [{key_id[:8]}] on {at:%Y-%m-%d %H:%M} UTC, for "
        f"{certified.purpose.token}; not changed since."
    )
    _tell(screen, certified)


def _known(format_name: str) -> str:
    if format_name not in written_names():
        raise Malformed(f"is none of: {', '.join(written_names())}", field="--format", code="usage")
    return format_name


def _allowance(word: str) -> str:
    if word not in ALLOWANCES:
        raise Malformed(f"is none of: {', '.join(ALLOWANCES)}", field="--allow", code="usage")
    return word


def _told(certified: LossCertificate, key_id: str) -> dict[str, Any]:
    return {
        "agency": certified.agency,
        "key": key_id,
        "format": certified.format,
        "form": certified.form,
        "purpose": certified.purpose.token,
        "allowed": list(certified.allowed),
        "records": [
            {
                "exchange": view.exchange,
                "originator": view.originator,
                "record": view.record,
                "version": view.version,
                "losses": [{"path": one.path, "effect": one.effect, "why": one.why} for one in view.losses],
            }
            for view in certified.views
        ],
    }


def _tell(screen: Screen, certified: LossCertificate) -> None:
    if certified.allowed:
        screen.say(f"Allowed to lose or show: {', '.join(certified.allowed)}.")
    for view in certified.views:
        screen.say(f"{view.exchange}: {_counted(view)}", "bold")
        groups: dict[tuple[str, str], list[str]] = {}
        for one in view.losses:
            groups.setdefault((one.effect, one.why), []).append(one.path)
        for (effect, why), paths in groups.items():
            screen.tell(f"{why}: {', '.join(paths)}", indent=2, lead=f"{effect}:")


def _counted(view: CertifiedView) -> str:
    if not view.losses:
        return "everything came through as it was disclosed."
    return f"{len(view.losses)} value(s) are not in it as they were disclosed."
