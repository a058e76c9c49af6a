"""An officer's walk through a real terminal of 80 columns: list, show, approve.

`python -m tests.cli.walk HOME EXCHANGE` prints it; what was recorded is tests/cli/officer_walk.txt.
"""

from __future__ import annotations

import os
import pty
import re
import select
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

RECORDED: Final = Path(__file__).parent / "officer_walk.txt"
_PATIENCE_S: Final = 60.0
_STYLE: Final = re.compile(r"\x1b\[[0-9;]*m")
_VARIES: Final = (
    (
        re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        "EXCHANGE-OR-RECORD-ID",
    ),
    (re.compile(r"\b[0-9a-f]{64}\b"), "DIGEST"),
    (re.compile(r"\[[0-9a-f]{8}\]"), "[KEY-ID]"),
    (
        re.compile(r"\b(person|vehicle|organisation|location|incident|online-content|account)/[a-z2-7]{10}"),
        r"\1/NAME",
    ),
    (re.compile(r"\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC"), "WHEN"),
    (re.compile(r"\d d \d+ h"), "TIME-LEFT"),
)


def in_terminal(words: Sequence[str], typed: Sequence[tuple[str, str]] = ()) -> str:
    """Run one command in a terminal of its own; where a prompt ends in a text, type the answer beside it."""
    child, master = pty.fork()
    if child == 0:
        os.environ |= {"COLUMNS": "80", "LINES": "24", "TERM": "xterm"}
        os.execv(sys.executable, [sys.executable, "-m", "gateway.cli.main", *words])
    seen, waiting = bytearray(), list(typed)
    until = time.monotonic() + _PATIENCE_S
    try:
        while time.monotonic() < until and select.select([master], [], [], _PATIENCE_S)[0]:
            piece = _read(master)
            if not piece:
                break
            seen += piece
            if waiting and _STYLE.sub("", seen.decode(errors="replace")).endswith(waiting[0][0]):
                os.write(master, waiting.pop(0)[1].encode() + b"\n")
    finally:
        os.close(master)
        os.waitpid(child, 0)
    return seen.decode()


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:
        # On Linux the end of the other side is an error, not an end.
        return b""


def walk(home: Path, exchange: str) -> str:
    """Return the walk of an officer of the demo through what is held there, as it reads."""
    key = str(home / "officers" / "bob.key")
    steps = [
        (["release", "list"], []),
        (["release", "show", exchange], []),
        (["release", "approve", exchange, "--key", key], [("type police.ro: ", "police.ro")]),
        (["release", "list"], []),
    ]
    told = []
    for words, typed in steps:
        shown = [Path(word).name if word == key else word for word in words]
        told.append(f"$ comity {' '.join(shown)}\n")
        told.append(plain(in_terminal([*words, "--home", str(home)], typed)))
    return plain("\n".join(told))


def plain(text: str) -> str:
    """Return what was read without styling, and without what differs each time."""
    text = _STYLE.sub("", text.replace("\r\n", "\n"))
    for pattern, word in _VARIES:
        text = pattern.sub(word, text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


if __name__ == "__main__":
    _home = Path(sys.argv[1])
    sys.stdout.write(walk(_home, sys.argv[2]))
