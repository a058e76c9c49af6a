"""Being witnessed while running: witnesses are asked at the start, then shown every new head, once a second.

Source: PROTOCOL section 9.
"""

from __future__ import annotations

import asyncio
from typing import Final

from gateway.delivery.channel import PeerChannel
from gateway.delivery.pulse import heard
from gateway.errors import Conflict, GatewayError
from gateway.flow.deliver import growth_from
from gateway.flow.gateway import Gateway
from gateway.flow.notary import Signed
from gateway.flow.witnessed import keep_cosigned, note_seen, reason_to_stop, uncosigned, verified_line
from gateway.flow.witnesses import answers_at_start, witness_vkeys
from gateway.observe import counters, log
from gateway.worker.peers import Peers
from gateway.worker.worker import Worker

BEAT_S: Final = 1.0
"""How often news is shown to witnesses at most; there is no hurry, and a head covers all before it."""
ASK_AGAIN_S: Final = 1.0
RETRY_S: Final = 5.0


class Witnessing:
    """Keeps the own ledger witnessed; `run` until cancelled."""

    def __init__(self, worker: Worker, peers: Peers) -> None:
        self._worker = worker
        self._peers = peers
        self._channels: dict[str, PeerChannel] = {}
        self._known: dict[str, int] = {}

    async def run(self) -> None:
        """Ask at the start, then have every new head cosigned."""
        try:
            while True:
                await self._ask()
                news = self._worker.pulse.ticket()
                done = await self._round()
                await asyncio.sleep(BEAT_S)
                await heard(news, None if done else RETRY_S)
        finally:
            for channel in self._channels.values():
                await channel.close()

    async def _ask(self) -> None:
        """Let nothing be signed until enough witnesses said that they know nothing newer than the store."""
        notary, waiting = self._worker.gateway.notary, True
        answered: set[str] = set()
        while waiting and notary.trouble and not notary.tripped:
            for agency in self._witnesses():
                if agency not in answered and await self._knows_nothing_newer(agency):
                    answered.add(agency)
            if notary.tripped:
                log().error("guard.tripped", code="guard-tripped")
                return
            gateway = self._worker.gateway
            if len(answered) >= answers_at_start(gateway.directory, gateway.me):
                notary.vouched()
                waiting = False
                self._worker.pulse.beat()
            else:
                await asyncio.sleep(ASK_AGAIN_S)

    async def _knows_nothing_newer(self, agency: str) -> bool:
        gateway = self._worker.gateway
        try:
            with self._peers.noted(agency):
                seen = await self._channel(agency).seen(gateway.origin)
            why = await self._worker.run(lambda gateway, _: reason_to_stop(gateway, seen), own=True)
        except GatewayError as exc:
            log().info("witness.silent", witness=agency, code=exc.code)
            await self._drop(agency)
            return False
        if why:
            gateway.notary.trip(why)
            return False
        return True

    async def _round(self) -> bool:
        """Show the newest head to every witness; return whether nothing is left to show."""
        try:
            signed = await self._worker.run(lambda gateway, _: uncosigned(gateway), own=True)
        except GatewayError as exc:
            log().warning("head.unsigned", code=exc.code)
            return False
        if signed is None or not self._witnesses():
            return True
        asked = [self._line(agency, signed) for agency in self._witnesses()]
        lines = dict(found for found in await asyncio.gather(*asked) if found is not None)
        kept = await self._worker.run(lambda gateway, _: keep_cosigned(gateway, signed, lines), own=True)
        counters["witness.cosigned" if kept else "witness.short"] += 1
        if kept:
            self._worker.pulse.beat()
        return kept

    async def _line(self, agency: str, signed: Signed) -> tuple[str, str] | None:
        size = signed.checkpoint.size
        try:
            with self._peers.noted(agency):
                lines = await self._shown(agency, signed)
            line = await self._worker.run(
                lambda gateway, _: verified_line(gateway, agency, signed, lines), own=True
            )
        except GatewayError as exc:
            log().info("witness.refused", witness=agency, code=exc.code)
            await self._drop(agency)
            return None
        self._known[agency] = size
        await self._worker.run(lambda gateway, _: note_seen(gateway, agency, size), own=True)
        return agency, line

    async def _shown(self, agency: str, signed: Signed) -> list[str]:
        """Return the witness's lines; where it has seen another size than we thought, prove from that one."""
        try:
            return await self._add(agency, signed, self._known.get(agency, 0))
        except Conflict as exc:
            size = exc.facts.get("size", "")
            if exc.code != "other-size" or not size.isdecimal():
                raise
            return await self._add(agency, signed, int(size))

    async def _add(self, agency: str, signed: Signed, old: int) -> list[str]:
        def proof(gateway: Gateway, _: object) -> list[bytes]:
            return growth_from(gateway, old, signed.checkpoint.size)

        hashes = await self._worker.run(proof, own=True)
        return await self._channel(agency).cosign(old, hashes, signed.note.encode())

    def _witnesses(self) -> list[str]:
        gateway = self._worker.gateway
        vkeys = witness_vkeys(gateway.directory)
        return [agency for agency in self._peers.names() if agency in vkeys]

    async def _drop(self, agency: str) -> None:
        """Forget a channel that failed: the next one is made with what directory and credential say then."""
        channel = self._channels.pop(agency, None)
        if channel is not None:
            await channel.close()

    def _channel(self, agency: str) -> PeerChannel:
        if agency not in self._channels:
            self._channels[agency] = self._peers.channel(agency)
        return self._channels[agency]
