"""`comity serve`, `status`, `doctor`: running a gateway, seeing how it stands, finding out what is wrong."""

from __future__ import annotations

import asyncio
import gc
import resource
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from gateway import app as gateway_app
from gateway.cli.door import HomeOption, JsonOption, now, passphrase_for, read_home
from gateway.cli.reach import GatewayOption, IdentityOption, RunningHome, reach
from gateway.cli.screen import EXIT_REFUSED, EXIT_UNREACHABLE, Screen
from gateway.client.connection import Connection
from gateway.observe import start_log
from gateway.v1 import operation_pb2 as pb
from gateway.wire.methods import method


def register(app: typer.Typer) -> None:
    """Add the commands that stand without a group."""
    app.command("serve")(serve)
    app.command("status")(status)
    app.command("doctor")(doctor)


def serve(
    home: HomeOption,
    taxii: Annotated[
        str,
        typer.Option(
            help="HOST:PORT where tools of other members pull over TAXII 2.1, if comity.toml says none."
        ),
    ] = "",
    accept_unwitnessed: Annotated[
        bool,
        typer.Option(
            "--accept-unwitnessed",
            help="Sign although no witness answers. Only where you know that this store is the newest.",
        ),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Run the gateway until SIGTERM or Ctrl-C.

    It listens where comity.toml says: `listen` for other gateways, `local` for this agency's own systems and
    people, `taxii_listen` (or --taxii) for tools of other members, registered with `comity access add taxii`.
    Events go to standard error, one JSON object a line.

    Example: comity serve --home nl

    Example: comity serve --home nl --taxii 0.0.0.0:7446
    """
    from gateway.serve import serve as run

    screen = Screen(as_json=as_json)
    config = read_home(home, screen)
    if taxii:
        config = replace(config, taxii_listen=taxii)
    start_log()
    with gateway_app.open_gateway(config, passphrase_for(config), now()) as gateway:
        if accept_unwitnessed:
            screen.warn("Signing unwitnessed, because --accept-unwitnessed says so.")
            gateway.notary.vouched()
        _settle_process()

        def ready() -> None:
            screen.result(
                {
                    "ok": True,
                    "agency": gateway.me,
                    "listen": config.listen,
                    "local": config.local,
                    "taxii": config.taxii_listen,
                },
                [
                    f"{gateway.me} serves.",
                    f"  other gateways: {config.listen or 'by file only'}",
                    f"  own systems and people: {config.local or 'nobody; set `local` in comity.toml'}",
                    *(
                        [f"  tools that pull over TAXII: {config.taxii_listen}"]
                        if config.taxii_listen
                        else []
                    ),
                    "Stop it with Ctrl-C or SIGTERM.",
                ],
            )
            screen.flush()

        asyncio.run(run(config, gateway, ready, lambda: screen.aside("Stopping: what is queued is done.")))
    screen.aside("Stopped.")


def _settle_process() -> None:
    """Set this process up for a long run with keys in its memory."""
    # No memory image is ever written: it would hold every key.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What start-up made stays for good: the collector need not walk it again and again.
    gc.freeze()
    # Nor what a list of thousands holds while it is made: at the usual 700 that takes as long as making it.
    gc.set_threshold(20_000)
    # The thread that works hands the interpreter to the one that answers within a millisecond, not five.
    sys.setswitchinterval(0.001)


def status(
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show how a running gateway stands: ledger, peers, what waits, what is wrong.

    Example: comity status --home nl

    Example: comity status --gateway gw.inside:7444 --identity me.pem
    """
    screen = Screen(as_json=as_json)
    with reach(home, gateway, identity, screen) as reached:
        found = _status(reached)
    told = status_object(found)
    screen.result({"ok": True, **told})
    cosigned = f"{found.cosigned_size} cosigned by {found.quorum}" if found.quorum else "none to be cosigned"
    screen.say(f"{found.agency}, version {found.version}, since {_when(found.started_at)}", "bold")
    screen.say(f"  ledger: {found.size} entries, {found.signed_size} signed, {cosigned}")
    screen.say(
        f"  rules: {found.policy_digest.hex()[:16]}; directory until {_when(found.directory_expires_at)}"
    )
    counts = ", ".join(f"{one.count} {one.state}" for one in found.exchanges)
    screen.say(f"  exchanges: {counts or 'none'}")
    pulled = f"{found.taxii_listen}, {found.taxii_clients} registered" if found.taxii_listen else "not served"
    screen.say(f"  tools that pull over TAXII: {pulled}")
    rows = [
        (one.agency, one.state, str(one.waiting), one.code, _when(one.heard_at) if one.heard_at else "never")
        for one in found.peers
    ]
    screen.table("Peers", ("agency", "state", "waiting", "last failure", "heard"), rows)
    for warning in found.warnings:
        screen.warn(warning)


def _status(reached: Connection) -> pb.GetStatusResponse:
    return reached.ask(method("Operation", "GetStatus"), pb.GetStatusRequest(), pb.GetStatusResponse)


def status_object(found: pb.GetStatusResponse) -> dict[str, Any]:
    """Return a status as one JSON object."""
    return {
        "agency": found.agency,
        "version": found.version,
        "started_at": _iso(found.started_at),
        "size": found.size,
        "root": found.root.hex(),
        "signed_size": found.signed_size,
        "cosigned_size": found.cosigned_size,
        "quorum": found.quorum,
        "policy": found.policy_digest.hex(),
        "directory_expires_at": _iso(found.directory_expires_at),
        "exchanges": {one.state: one.count for one in found.exchanges},
        "peers": [
            {
                "agency": one.agency,
                "state": one.state,
                "waiting": one.waiting,
                "code": one.code,
                "heard_at": _iso(one.heard_at) if one.heard_at else None,
            }
            for one in found.peers
        ],
        "counters": {one.name: one.value for one in found.counters},
        "taxii": {"listen": found.taxii_listen or None, "registered": found.taxii_clients},
        "warnings": list(found.warnings),
    }


def doctor(
    peer: Annotated[str, typer.Argument(help="Agency id of the peer that cannot be reached.")],
    home: RunningHome = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find out why a peer cannot be reached: directory, network, TLS, call, one after the other.

    Exit 3 where the network or TLS fails; 1 where the directory knows no such peer, or the peer refuses.

    Example: comity doctor police.ro --home nl

    Example: comity doctor police.ro --gateway gw.inside:7444 --identity me.pem
    """
    screen = Screen(as_json=as_json)
    with reach(home, gateway, identity, screen) as reached:
        request = pb.ProbePeerRequest(agency=peer)
        found = reached.ask(method("Operation", "ProbePeer"), request, pb.ProbePeerResponse)
    steps = [{"what": one.what, "ok": one.ok, "told": one.told} for one in found.steps]
    well = all(one.ok for one in found.steps)
    screen.result({"ok": well, "peer": peer, "steps": steps})
    for one in found.steps:
        screen.tell(one.told, lead=f"{'ok  ' if one.ok else 'FAIL'} {one.what}:")
    if not well:
        raise typer.Exit(EXIT_REFUSED if steps[-1]["what"] in ("directory", "call") else EXIT_UNREACHABLE)


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat()


def _when(ms: int) -> str:
    return f"{datetime.fromtimestamp(ms / 1000, UTC):%Y-%m-%d %H:%M:%S} UTC"
