"""Who is told what waits for officers: a program, and a server on loopback, both real."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.waiting import until


@dataclass
class Server:
    """A server on loopback that answers with `statuses` in turn, the last one for ever."""

    port: int
    statuses: list[int]
    got: list[tuple[str, str, bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it is posted to."""
        return f"http://127.0.0.1:{self.port}/notices?of=nl"

    def notices(self) -> list[dict[str, Any]]:
        """Return what was posted."""
        return [json.loads(body) for _, _, body in list(self.got)]


@contextmanager
def serving(*statuses: int) -> Iterator[Server]:
    """Run a server for what a block does."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            server.got.append((self.path, self.headers["Content-Type"], body))
            status = server.statuses[0] if len(server.statuses) == 1 else server.statuses.pop(0)
            self.send_response(status)
            self.send_header("Location", f"http://127.0.0.1:{server.port}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server = Server(listener.server_port, list(statuses) or [204])
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        listener.shutdown()
        listener.server_close()
        thread.join()


def program(folder: Path, *lines: str) -> Path:
    """Write a program."""
    path = folder / "told.sh"
    path.write_text("\n".join(("#!/bin/sh", *lines, "")))
    path.chmod(0o700)
    return path


def gone(process: int) -> None:
    """Wait until a process has ended."""

    def ended() -> bool:
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return True
        return False

    until(ended)
