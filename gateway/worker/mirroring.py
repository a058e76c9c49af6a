"""Keeping the directory fresh: asked of the folder that is named, if one is, else of any peer in turn.

Nobody has to be trusted for it: what is fetched is verified from the pinned root on. A newer directory is
taken into force between two jobs, whole.

Source: PROTOCOL section 11; THREATS A11.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Final

from gateway.errors import GatewayError
from gateway.flow.gateway import Gateway
from gateway.observe import counters, log
from gateway.wire.limits import UNARY_TIMEOUT_S
from gateway.worker.peers import Peers
from gateway.worker.worker import Worker
from keys.directory import Directory
from keys.mirror import Fetch, Mirror, file_source

EVERY_S: Final = 300.0

Renewed = Callable[[Gateway, Directory, datetime], Gateway]
"""Returns a gateway with a newer directory in force, ledgered; raises where its rules do not load."""


class Mirroring:
    """Refreshes the mirror; `run` until cancelled."""

    def __init__(
        self, worker: Worker, peers: Peers, mirror: Mirror, source: Path | None, renewed: Renewed
    ) -> None:
        self._worker = worker
        self._peers = peers
        self._mirror = mirror
        self._source = source
        self._renewed = renewed

    async def run(self, changed: Callable[[], Awaitable[None]]) -> None:
        """Refresh every five minutes; `changed` is awaited after a newer directory came into force."""
        while True:
            if await self.refresh():
                await changed()
            await asyncio.sleep(EVERY_S)

    async def refresh(self) -> bool:
        """Ask each source in turn until one serves a sound directory; return whether it is a newer one."""
        sources: list[str] = ["", *random.sample(names := self._peers.names(), len(names))]
        for source in sources if self._source is not None else sources[1:]:
            try:
                directory = await self._fetched(source)
                return await self._take(directory)
            except GatewayError as exc:
                counters["directory.failures"] += 1
                log().info("directory.not-refreshed", peer=source or "folder", code=exc.code)
        return False

    async def _fetched(self, source: str) -> Directory:
        if not source and self._source is not None:
            return await asyncio.to_thread(self._mirror.refresh, file_source(self._source))
        channel, loop = self._peers.channel(source), asyncio.get_running_loop()

        def fetch(path: str) -> bytes | None:
            return asyncio.run_coroutine_threadsafe(channel.file(path), loop).result(2 * UNARY_TIMEOUT_S)

        wanted: Fetch = fetch
        try:
            return await asyncio.to_thread(self._mirror.refresh, wanted)
        finally:
            await channel.close()

    async def _take(self, directory: Directory) -> bool:
        known = self._worker.gateway.directory
        if (directory.versions, directory.expires_at) == (known.versions, known.expires_at):
            return False

        def swap(gateway: Gateway, now: datetime) -> None:
            self._worker.gateway = self._renewed(gateway, directory, now)

        await self._worker.run(swap, beats=True, own=True)
        log().info("directory.renewed", count=len(directory.active))
        return True
