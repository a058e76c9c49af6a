"""`comity review` as a command: what it needs, and what others do not pay for it."""

from __future__ import annotations

import subprocess
import sys

from tests.cli.doors import comity
from tests.project import ROOT


def test_without_a_terminal_it_says_what_does_the_same() -> None:
    answer = comity("review", "--home", "nowhere", "--key", "anna.key")

    assert answer.code == 2
    assert "needs a terminal; `comity release` asks for none [usage]" in answer.err


def test_no_other_command_loads_the_full_screen() -> None:
    tried = (
        "import sys; from gateway.cli.main import run; code = run(['release', '--help']); "
        "sys.exit(code or any(name.partition('.')[0] == 'textual' for name in sys.modules))"
    )

    done = subprocess.run([sys.executable, "-c", tried], cwd=ROOT, capture_output=True, check=False)

    assert done.returncode == 0, done.stderr
