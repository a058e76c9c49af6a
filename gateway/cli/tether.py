"""A command that ends with whoever started it: `python -m gateway.cli.tether PROCESS serve --home ...`.

A starter that is killed cannot stop what it started. So what it started looks after it, and stops itself.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from typing import Final

from gateway.cli.main import run

_LOOK_EVERY_S: Final = 0.5


def main() -> None:
    """Run the command behind the first argument, for as long as the process of that number is the parent."""
    starter, *command = sys.argv[1:]
    threading.Thread(target=_end_after, args=(int(starter),), daemon=True).start()
    sys.exit(run(command))


def _end_after(starter: int) -> None:
    # An orphan is given another parent at once; the number of the old one may be given to somebody else.
    while os.getppid() == starter:
        time.sleep(_LOOK_EVERY_S)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()
