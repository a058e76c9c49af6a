"""Hooks: a program or a URL on this machine that is told what waits for officers, within seconds.

A program gets a notice on standard input and nothing else of this process: no environment, no descriptors, no
shell. A URL gets it posted, straight to the loopback address: no name is looked up, no proxy asked, no
redirect followed. Neither's words are read.

Source: THREATS A37, A53.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NamedTuple, Protocol

from gateway.config import NOTIFY_URL, HomeConfig
from gateway.errors import Misconfigured

COMMAND_S: Final = 10.0
URL_S: Final = 5.0

_ENVIRONMENT: Final = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
_HTTP_PORT: Final = 80
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([0-9]{3})(?: |\r|\n)")
_LOOPBACK: Final = {"127.0.0.1": ("127.0.0.1",), "[::1]": ("::1",), "localhost": ("127.0.0.1", "::1")}
"""Where a host is called: what a resolver says of `localhost` is not asked."""


class Outcome(NamedTuple):
    """Whether a hook took a notice, and in a closed word why not.

    `status` is its exit code (negative: the signal that ended it) or its HTTP status, 0 where there is none.
    """

    done: bool
    status: int = 0
    code: str = ""


class Hook(Protocol):
    """Somebody on this machine to be told; `name` is that of its setting."""

    name: str

    async def tell(self, data: bytes) -> Outcome:
        """Hand one notice over; never raises for what the hook does or fails to do."""
        ...


def hooks_of(config: HomeConfig) -> list[Hook]:
    """Return the hooks that a home names."""
    made: list[Hook] = []
    if config.notify_command:
        made.append(CommandHook(config.notify_command))
    if config.notify_url:
        made.append(UrlHook(config.notify_url))
    return made


class CommandHook:
    """Starts a program for every notice."""

    name = "notify_command"

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command

    async def tell(self, data: bytes) -> Outcome:
        """Start the program, and end it and whatever it started if it takes too long."""
        try:
            process = await self._begun(data)
        except OSError:
            return Outcome(done=False, code="not-started")
        try:
            async with asyncio.timeout(COMMAND_S):
                status = await process.wait()
        except TimeoutError:
            return Outcome(done=False, code="too-slow")
        finally:
            await _ended(process)
        return Outcome(done=not status, status=status, code="failed" if status else "")

    async def _begun(self, data: bytes) -> Process:
        # A notice is far smaller than what a pipe holds: it is written whole before anybody reads, and the
        # end of the program is all that is waited for, whoever else keeps its input open.
        its, ours = os.pipe()
        try:
            os.write(ours, data)
        finally:
            os.close(ours)
        try:
            return await asyncio.create_subprocess_exec(
                *self._command,
                stdin=its,
                stdout=DEVNULL,
                stderr=DEVNULL,
                env=_ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
        finally:
            os.close(its)


async def _ended(process: Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await process.wait()


class UrlHook:
    """Posts every notice."""

    name = "notify_url"

    def __init__(self, url: str) -> None:
        found = NOTIFY_URL.fullmatch(url)
        if found is None:
            raise Misconfigured("is no URL of this machine", field=self.name, code="bad-config")
        self._addresses = _LOOPBACK[found[1]]
        self._port = int(found[2] or _HTTP_PORT)
        self._head = (
            f"POST {found[3] or '/'} HTTP/1.1\r\nHost: {found[1]}:{self._port}\r\nConnection: close\r\n"
            "Content-Type: application/json\r\n"
        )

    async def tell(self, data: bytes) -> Outcome:
        """Post it; any status of success will do."""
        try:
            async with asyncio.timeout(URL_S):
                status = await self._posted(data)
        except TimeoutError:
            return Outcome(done=False, code="too-slow")
        except (OSError, ValueError):
            return Outcome(done=False, code="not-reached")
        done = 200 <= status < 300
        return Outcome(done=done, status=status, code="" if done else "failed")

    async def _posted(self, data: bytes) -> int:
        reader, writer = await self._connected()
        try:
            writer.write(f"{self._head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
            await writer.drain()
            found = _STATUS.match(await reader.readline())
        finally:
            writer.close()
        return 0 if found is None else int(found[1])

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        *others, last = self._addresses
        for address in others:
            with suppress(OSError):
                return await asyncio.open_connection(address, self._port)
        return await asyncio.open_connection(last, self._port)
