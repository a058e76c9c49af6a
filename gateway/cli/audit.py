"""`comity audit`: the ledger as files, and their verification without trusting anybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from gateway.cli.desk import Desk, open_desk
from gateway.cli.door import JsonOption
from gateway.cli.federation import repository_in
from gateway.cli.files import NO_FILE, read_file, read_text
from gateway.cli.reach import GatewayOption, IdentityOption, remotely
from gateway.cli.remote import RemoteDesk
from gateway.cli.screen import Screen
from gateway.config import FILE_NAME, read_config
from gateway.errors import GatewayError, Malformed, Misconfigured, NotFound
from gateway.flow.audit import read_export, require_empty, trust_of, write_export
from gateway.ledger.export import CHECKPOINT_PATH
from gateway.ledger.findings import Finding, Report, Severity
from gateway.ledger.inspection import inspect
from gateway.ledger.trust import Trust
from keys.directory import Directory
from keys.mirror import Mirror, file_source

app = typer.Typer(
    help="Export the ledger; verify an export.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

OptionalHome = Annotated[
    Path | None, typer.Option("--home", envvar="COMITY_HOME", help="Home whose pinned directory is trusted.")
]
PIN = "pinned-root.json"
_SHOWN = {Severity.FINDING: "finding", Severity.NOTICE: "notice", Severity.NOT_JUDGED: "not judged"}


@app.command("export")
def export(
    *,
    out: Annotated[Path, typer.Argument(help="New or empty folder to write to.")],
    home: Annotated[
        Path | None, typer.Option("--home", envvar="COMITY_HOME", help="Home to export from.")
    ] = None,
    gateway: GatewayOption = "",
    identity: IdentityOption = None,
    openings: Annotated[
        bool,
        typer.Option("--openings", help="Add what opens the commitments; for this agency's auditor only."),
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Write the whole ledger as files that anybody can verify offline.

    An auditor needs no home: --gateway and --identity ask the running gateway.

    Example: comity audit export export-nl --home nl

    Example: comity audit export export-nl --gateway gateway.police.nl:7443 --identity auditor.pem
    """
    screen = Screen(as_json=as_json)
    require_empty(out)
    with _exporting(home, gateway, identity, screen) as desk:
        files = desk.export(openings=openings)
    write_export(files, out)
    origin = files.get(CHECKPOINT_PATH, b"").partition(b"\n")[0].decode("ascii", "replace")
    screen.result(
        {"ok": True, "origin": origin, "files": len(files), "path": str(out)},
        [
            f"The ledger {origin} is in {out}, {len(files)} files.",
            f"Verify it with: comity audit verify {out} --trust KEYS",
        ],
    )


@contextmanager
def _exporting(home: Path | None, gateway: str, identity: Path | None, screen: Screen) -> Iterator[Desk]:
    if gateway or identity is not None:
        with remotely(gateway, identity) as connection:
            yield RemoteDesk(connection, exercise=False)
        return
    if home is None:
        raise Malformed("names no home; or name --gateway and --identity", field="--home", code="usage")
    with open_desk(home, screen) as desk:
        yield desk


@app.command("verify")
def verify(
    path: Annotated[Path, typer.Argument(help="Folder of an export.")],
    trust: Annotated[
        Path | None,
        typer.Option(
            help="Keys from outside the export: a file of C2SP vkeys, a federation's folder, or a home."
        ),
    ] = None,
    since: Annotated[
        Path | None,
        typer.Option(help="A checkpoint kept from an earlier visit; the ledger must have grown from it."),
    ] = None,
    home: OptionalHome = None,
    as_json: JsonOption = False,
) -> None:
    """Verify an export: exit 0 clean, 1 with findings, 2 when it cannot be judged.

    Trust is the home's pinned directory unless --trust names another; without any trust the verdict is 2.

    Example: comity audit verify export-nl --trust auditors-keys.txt --since last-visit.checkpoint
    """
    screen = Screen(as_json=as_json)
    if not path.is_dir():
        raise NotFound("is no folder", field=str(path), code=NO_FILE)
    trusted = _trust(trust, home)
    report = inspect(read_export(path), trusted, read_text(since) if since is not None else None)
    show_report(screen, report, str(path))
    raise typer.Exit(report.exit_code)


def show_report(screen: Screen, report: Report, path: str) -> None:
    """Print a verdict with every finding, gravest first."""
    verdict = {0: "clean", 1: "findings", 2: "cannot judge"}[report.exit_code]
    root = report.root.hex() if report.root is not None else ""
    screen.result(
        {
            "ok": report.exit_code == 0,
            "verdict": verdict,
            "origin": report.origin,
            "size": report.size,
            "root": root,
            "findings": [_row(found) for found in report.findings],
        }
    )
    screen.say(f"{path}: {verdict}", {0: "bold green", 1: "bold red", 2: "bold yellow"}[report.exit_code])
    if report.origin:
        screen.say(f"  ledger  {report.origin}, {report.size} entries")
        screen.say(f"  root    {root}")
    order = list(_SHOWN)
    for found in sorted(report.findings, key=lambda found: order.index(found.severity)):
        told = f"{found.where}: {found.message} [{found.code}]"
        screen.tell(told, indent=2, lead=f"{_SHOWN[found.severity]}:")


def _row(found: Finding) -> dict[str, object]:
    return {
        "severity": found.severity.value,
        "code": found.code,
        "message": found.message,
        "where": found.where,
        "file": found.file,
        "index": found.index,
    }


def _trust(named: Path | None, home: Path | None) -> Trust | None:
    """Return the keys to judge by; what is wrong with them is no finding about the export."""
    chosen = named if named is not None else home
    if chosen is None:
        return None
    try:
        if named is not None and not named.is_dir():
            return Trust.from_vkeys(read_text(named))
        return trust_of(_directory(chosen))
    except GatewayError as exc:
        raise Misconfigured(exc.message, code=exc.code, field=exc.field or str(chosen)) from exc


def _directory(folder: Path) -> Directory:
    if (folder / FILE_NAME).exists():
        folder = read_config(folder).directory
    pin = folder / PIN
    if pin.exists():
        return Mirror(folder, read_file(pin)).load()
    repository = repository_in(folder)
    root = read_file(repository / "metadata" / "1.root.json")
    with TemporaryDirectory(prefix="comity-") as scratch:
        return Mirror(Path(scratch), root).refresh(file_source(repository))
