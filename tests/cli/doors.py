"""The command line as a test uses it: a command here or in a process of its own, and what it printed."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from gateway.cli.main import run

NL, RO, NGO = "police.nl", "police.ro", "shelter.ngo"
TO_RO = f"{RO}:investigation:law-enforcement-task"
TO_NGO = f"{NGO}:victim-protection:consent"

# Of the case: what nobody but police.nl may see.
MINORS_NAME = ("Sânziana", "Închipuitu")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a command left: its exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def object(self) -> dict[str, Any]:
        """The one JSON object that standard output holds."""
        line, end, rest = self.out.partition("\n")
        assert (end, rest) == ("\n", ""), f"not one line of JSON: {self.out!r} {self.err!r}"
        value = json.loads(line)
        assert isinstance(value, dict)
        return value


def comity(*arguments: str | Path) -> Answer:
    """Run one command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([str(argument) for argument in arguments])
    return Answer(code=code, out=out.getvalue(), err=err.getvalue())


def ok(*arguments: str | Path) -> dict[str, Any]:
    """Run one command with --json in this process, require that it succeeds, and return its object."""
    answer = comity(*arguments, "--json")
    assert answer.code == 0, (answer.out, answer.err)
    assert answer.object["ok"] is True
    return answer.object


def comity_apart(*arguments: str | Path, stdin: str = "", **environment: str) -> Answer:
    """Run one command in a process of its own, in a session without a terminal."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("COMITY_")}
    done = subprocess.run(
        [sys.executable, "-c", "from gateway.cli.main import main; main()", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        check=False,
        start_new_session=True,
        env={**kept, **environment},
    )
    return Answer(code=done.returncode, out=done.stdout, err=done.stderr)


@contextmanager
def passphrase_in_a_pipe(passphrase: str) -> Iterator[str]:
    """Yield the number of a descriptor that holds a passphrase; the command closes it."""
    end, start = os.pipe()
    os.write(start, passphrase.encode() + b"\n")
    os.close(start)
    try:
        yield str(end)
    finally:
        with suppress(OSError):  # it was read and closed, as it must be
            os.close(end)


def running_on(folder: Path) -> list[str]:
    """Return the command lines of all processes of this machine that name a folder."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "args="], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if str(folder) in line]


def case_text() -> str:
    """Return the case of the demo in the native JSON form."""
    return files("gateway.cli").joinpath("case.json").read_text("utf-8")


def write_case(path: Path, **changes: Any) -> Path:
    """Write the case, with members of the record replaced, and return the file."""
    path.write_text(json.dumps({**json.loads(case_text()), **changes}), "utf-8")
    return path


def carry(homes: Path, sender: str, recipient: str, by: Path) -> None:
    """Carry what waits at the sender to the recipient, and the receipts back."""
    there, back = by / "there.bundle", by / "back.bundle"
    ok("envelope", "export", recipient, there, "--home", homes / sender)
    ok("envelope", "import", there, "--receipts", back, "--home", homes / recipient)
    ok("envelope", "import", back, "--home", homes / sender)
