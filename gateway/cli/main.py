"""The command `comity`: its groups, and the one place where errors become messages and exit codes."""

from __future__ import annotations

import gc
import os
import secrets
import sys
import traceback
from importlib.metadata import version
from typing import Annotated

import typer

import gateway.cli.silence  # noqa: F401  before all that imports the transport
from gateway.cli import (
    access,
    adapt,
    audit,
    demo,
    envelope,
    federation,
    home,
    inbox_export,
    officer,
    policy,
    record,
    release,
    review,
    serve,
)
from gateway.cli.files import NO_FILE
from gateway.cli.screen import EXIT_CANNOT_TELL, EXIT_REFUSED, EXIT_UNREACHABLE, Screen
from gateway.errors import GatewayError, Kind, Malformed, Misconfigured

_INTERRUPTED = 130
_CANNOT_TELL = {Kind.LOCKED, Kind.MISCONFIGURED, Kind.STALE, Kind.CORRUPT}

# Pretty tracebacks print local variables: names of victims among them.
app = typer.Typer(
    name="comity",
    help="Exchange trafficking intelligence between agencies: decided field by field, sealed, provable.",
    epilog="Exit codes: 0 ok, 1 refused or findings, 2 cannot tell or wrong usage, 3 unreachable.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"comity {version('comity')}\n")
        raise typer.Exit


@app.callback()
def _top(
    shown: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Exchange trafficking intelligence between agencies: decided field by field, sealed, provable."""


home.register(app)
serve.register(app)
demo.register(app)
review.register(app)
inbox_export.register(envelope.inbox_app, adapt.app)
app.add_typer(federation.app, name="federation")
app.add_typer(record.app, name="record")
app.add_typer(release.app, name="release")
app.add_typer(officer.app, name="officer")
app.add_typer(envelope.app, name="envelope")
app.add_typer(envelope.inbox_app, name="inbox")
app.add_typer(access.app, name="access")
app.add_typer(audit.app, name="audit")
app.add_typer(policy.app, name="policy")
app.add_typer(adapt.app, name="adapt")


def main() -> None:
    """Run the command line and leave with its exit code: 0 ok, 1 refused, 2 cannot tell, 3 unreachable."""
    # What was imported stays to the end: the collector need not walk it for every thousand lines of a list.
    gc.freeze()
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str]) -> int:
    """Run one command and return its exit code; nothing escapes as a traceback."""
    screen = Screen(as_json="--json" in arguments)
    try:
        code = _run(screen, arguments)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read has left: nothing more is written, not even by the interpreter as it ends.
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123, SIM115
        return EXIT_CANNOT_TELL
    return code


def _run(screen: Screen, arguments: list[str]) -> int:
    problem: GatewayError = Misconfigured("stopped before it was done", code="stopped")
    try:
        code = app(args=arguments, prog_name="comity", standalone_mode=False)
    except typer.Abort:
        pass
    except typer.TyperException as exc:
        return _usage(screen, exc.format_message())
    except (BrokenPipeError, SystemExit) as exc:
        # Typer leaves by SystemExit where whoever reads has left, and nowhere else.
        raise BrokenPipeError from exc
    except GatewayError as exc:
        problem = exc
    except OSError as exc:
        named = str(exc.filename) if exc.filename is not None else ""
        problem = Misconfigured(exc.strerror or "system error", code="system", field=named)
    except Exception as exc:
        if not isinstance(exc, UnicodeEncodeError) or all(map(_is_text, arguments)):
            return _incident(screen)
        problem = Malformed("an argument holds bytes that are not UTF-8", code="usage")
    else:
        if code != _INTERRUPTED:
            return code if isinstance(code, int) else 0
    return _stopped(screen, problem)


def _usage(screen: Screen, message: str) -> int:
    if message.startswith("Usage: "):  # a group without a command answers with its help
        for line in message.splitlines():
            screen.say(line)
        return EXIT_CANNOT_TELL
    return _stopped(screen, Malformed(message.replace("Value error, ", ""), code="usage"))


def _stopped(screen: Screen, exc: GatewayError) -> int:
    code = exit_code(exc)
    findings = [str(finding) for finding in getattr(exc, "findings", ())]
    told = {"ok": False, "code": exc.code, "field": exc.field, "error": exc.message}
    screen.result({**told, "findings": findings, "facts": exc.facts})
    if not screen.as_json:
        word = "usage" if _asked_wrongly(exc) else "refused" if code == EXIT_REFUSED else "cannot go on"
        screen.aside(f"{word}: {exc} [{exc.code}]", style="red")
        for finding in findings:
            screen.aside(f"  {finding}", style="red")
    return code


def exit_code(exc: GatewayError) -> int:
    """Return the exit code of a failure: refused is one only where something was judged."""
    if exc.kind is Kind.UNREACHABLE:
        return EXIT_UNREACHABLE
    return EXIT_CANNOT_TELL if _asked_wrongly(exc) or exc.kind in _CANNOT_TELL else EXIT_REFUSED


def _asked_wrongly(exc: GatewayError) -> bool:
    # A wrong option, or a file that is not there, says nothing about any record or ledger.
    return exc.code in ("usage", NO_FILE) or exc.field.startswith("--")


def _is_text(argument: str) -> bool:
    # A byte that is no text comes as a lone surrogate: good in the name of a file, and nowhere else.
    return not any("\ud800" <= character <= "\udfff" for character in argument)


def _incident(screen: Screen) -> int:
    # Neither message nor traceback is shown: either may quote what a record holds.
    incident = secrets.token_hex(6)
    if os.environ.get("COMITY_TRACE") == "1":
        for line in traceback.format_exc().splitlines():
            screen.aside(line, "")
    message = f"internal error, incident {incident}; to see it, run again with COMITY_TRACE=1"
    told = {"ok": False, "code": "internal", "field": "", "error": message, "findings": []}
    screen.result({**told, "facts": {}, "incident": incident})
    if not screen.as_json:
        screen.aside(message, "red")
    return EXIT_CANNOT_TELL


if __name__ == "__main__":
    main()
