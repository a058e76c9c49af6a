"""`comity init`, `join`, `keys`: making a home and taking part in a federation."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway import app as gateway_app
from gateway import home as gateway_home
from gateway.cli.door import HomeOption, JsonOption, now, passphrase_for, read_home
from gateway.cli.federation import repository_in
from gateway.cli.screen import Screen
from gateway.config import HomeConfig
from gateway.errors import Malformed
from gateway.record.text import check_agency_id, check_country
from gateway.tls.credential import private_key, spki
from keys.keystore import Keystore
from keys.member import MemberKind, Regime, Unit, UnitFunction
from keys.signer import key_id
from keys.use import AGENCY_USES, KeyUse

keys_app = typer.Typer(help="Look at this agency's keys.", no_args_is_help=True, rich_markup_mode=None)


def register(app: typer.Typer) -> None:
    """Add the commands that stand without a group."""
    app.command("init")(init)
    app.command("join")(join)
    app.add_typer(keys_app, name="keys")


def init(
    *,
    home: HomeOption,
    agency: Annotated[str, typer.Option(help="Agency id, a lower-case dotted name.")],
    kind: Annotated[MemberKind, typer.Option(help="What the agency is.")],
    country: Annotated[str, typer.Option(help="Two-letter country code.")],
    name: Annotated[str, typer.Option(help="Display name.")],
    unit: Annotated[
        list[str],
        typer.Option(help="A unit and its functions, NAME:FUNCTION[,FUNCTION...]; may be repeated."),
    ],
    regime: Annotated[Regime, typer.Option(help="Data-protection law that binds the agency.")] = Regime.LED,
    exercise: Annotated[bool, typer.Option("--exercise", help="A home for invented data only.")] = False,
    passphrase_file: Annotated[
        str, typer.Option(help="File in the home that holds the passphrase; exercise homes only.")
    ] = "",
    listen: Annotated[str, typer.Option(help="HOST:PORT to listen on for other gateways.")] = "",
    endpoint: Annotated[
        str, typer.Option(help="HOST:PORT they call it by; goes into the directory. Default: --listen.")
    ] = "",
    local: Annotated[
        str, typer.Option(help="HOST:PORT to listen on for own systems and people, e.g. 127.0.0.1:7444.")
    ] = "",
    directory_from: Annotated[
        Path | None, typer.Option(help="Folder where the federation publishes; asked before any peer.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Make a home: keys, store, enrolment file.

    Without --listen letters go by file; with it the home publishes its endpoint, its TLS authority and its
    witness key.

    Example: comity init --home nl --agency police.nl --kind leo --country NL --name "Police NL"
    --unit "THB unit:anti-trafficking" --listen 0.0.0.0:7443 --endpoint gw.police.example:7443
    --local 127.0.0.1:7444
    """
    screen = Screen(as_json=as_json)
    if passphrase_file and not exercise:
        raise Malformed("is accepted only with --exercise", field="--passphrase-file", code="usage")
    if passphrase_file != Path(passphrase_file).name:
        raise Malformed("is not the name of a file in the home", field="--passphrase-file", code="usage")
    config = HomeConfig(
        home=home,
        agency=check_agency_id(agency, "--agency"),
        exercise=exercise,
        passphrase_file=home / passphrase_file if passphrase_file else None,
        listen=listen,
        endpoint=endpoint or listen,
        local=local,
        directory_from=directory_from.resolve() if directory_from is not None else None,
    )
    description = gateway_home.Description(
        agency=config.agency,
        kind=kind,
        country=check_country(country, "--country"),
        regime=regime,
        display_name=name,
        units=tuple(_unit(text) for text in unit),
    )
    path = gateway_home.create_home(config, description, passphrase_for(config, confirm=True), now())
    screen.result(
        {"ok": True, "agency": config.agency, "enrolment": str(path)},
        [f"The home of {config.agency} is made.", f"Hand {path} to the federation, then run `comity join`."],
    )


def _unit(text: str) -> Unit:
    name, colon, functions = text.partition(":")
    if not colon:
        raise Malformed("is not NAME:FUNCTION[,FUNCTION...]", field="--unit", code="usage")
    try:
        return Unit(name=name, functions=tuple(UnitFunction(word) for word in functions.split(",")))
    except ValueError as exc:
        known = ", ".join(UnitFunction)
        raise Malformed(f"names a function other than {known}", field="--unit", code="usage") from exc


def join(
    source: Annotated[Path, typer.Argument(help="The federation's folder, or a copy of its repository.")],
    home: HomeOption,
    root: Annotated[str, typer.Option(help="Expected SHA-256 of the federation's first root, hex.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Join a federation, or bring its directory up to date.

    The directory is verified, its root pinned the first time, and its rules are taken into force.

    Example: comity join ../federation --home nl --root 3f1c...
    """
    screen = Screen(as_json=as_json)
    config = read_home(home, screen)
    try:
        expected = bytes.fromhex(root) if root else None
    except ValueError as exc:
        raise Malformed("is not hexadecimal", field="--root", code="usage") from exc
    passphrase = passphrase_for(config)
    joined = gateway_app.join(config, passphrase, repository_in(source), now(), expected_root=expected)
    others = ", ".join(member for member in joined.members if member != config.agency)
    screen.result(
        {
            "ok": True,
            "root": joined.root_digest.hex(),
            "members": list(joined.members),
            "look_alikes": {agency: list(alike) for agency, alike in joined.look_alikes.items()},
        },
        [
            f"{config.agency} takes part{f' with {others}' if others else '; nobody else does yet'}.",
            *(f"  {agency}: {name}" for agency, name in zip(joined.members, joined.names, strict=True)),
            f"Pinned root: {joined.root_digest.hex()}",
            *(
                ()
                if root
                else ("Compare the root with the federation by another way than this folder came.",)
            ),
        ],
    )
    for agency, alike in joined.look_alikes.items():
        screen.warn(f"{agency} may be taken for {', '.join(alike)}")


@keys_app.command("list")
def keys_list(home: HomeOption, as_json: JsonOption = False) -> None:
    """List this agency's private keys by use and key id; the keys themselves are never shown.

    Example: comity keys list --home nl
    """
    screen = Screen(as_json=as_json)
    config = read_home(home, screen)
    keystore = Keystore.open(config.keystore, passphrase_for(config), allow_cheap=config.exercise)
    rows = [(use.value, name, _key_id(keystore, use)) for use in AGENCY_USES for name in keystore.names(use)]
    screen.result({"ok": True, "keys": [{"use": u, "name": n, "key_id": k} for u, n, k in rows]})
    screen.table(f"Keys of {config.agency}", ("use", "name", "key id"), rows)


def _key_id(keystore: Keystore, use: KeyUse) -> str:
    if use.is_ed25519:
        return keystore.signer(use).key_id
    match use:
        case KeyUse.SEALING:
            return keystore.opener().key_id
        case KeyUse.LEDGER_MLDSA:
            return key_id(gateway_home.mldsa_public(keystore))
        case KeyUse.TLS_CA:
            return key_id(spki(private_key(keystore.secret(use)).public_key()))
        case _:
            return "secret"
