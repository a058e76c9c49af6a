"""A gateway running: worker, couriers, witnesses and mirror behind its listeners, from start to drained.

Source: DESIGN sections 10, 12 and 15.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from adapters.registry import find_renderer
from gateway import app
from gateway.config import HomeConfig
from gateway.errors import Misconfigured
from gateway.flow.access import holding_serials, pulling_clients
from gateway.flow.gateway import Gateway
from gateway.flow.repeat import forget_pushes
from gateway.flow.status import status_of
from gateway.observe import counters, log
from gateway.services.caller import Door, Port
from gateway.services.documents import documents_service
from gateway.services.explanation import explanation_service
from gateway.services.forwarding import forwarding_service
from gateway.services.guard import Guard
from gateway.services.operation import operation_services
from gateway.services.peer import peer_services
from gateway.services.review import review_service
from gateway.services.server import Listener
from gateway.services.standing import Now, PeerNow
from gateway.services.submission import submission_service
from gateway.taxii import caller as taxii_caller
from gateway.taxii.port import TaxiiPort
from gateway.taxii.service import Service as TaxiiService
from gateway.tls.credential import Credential
from gateway.tls.identity import Identity
from gateway.tls.verification import pem_of
from gateway.wire.methods import service_name
from gateway.worker.courier import Courier
from gateway.worker.holding import Holding
from gateway.worker.hooks import hooks_of
from gateway.worker.mirroring import Mirroring
from gateway.worker.notifying import Notifying
from gateway.worker.peers import Credentials, Peers
from gateway.worker.probe import probe
from gateway.worker.purging import Purging
from gateway.worker.witnessing import Witnessing
from gateway.worker.worker import Worker
from keys.mirror import Mirror

GRACE_S: Final = 5.0
"""How long calls under way may take to end once the gateway is told to stop."""
PULLED: Final = "stix21"
"""The format that tools of other members pull."""
FORGET_EVERY_S: Final = 24 * 60 * 60.0


class Running:
    """One gateway while it runs, on one event loop."""

    def __init__(self, config: HomeConfig, gateway: Gateway) -> None:
        self._config = config
        self._started_at = app.system_clock()
        self._worker = Worker(gateway, app.system_clock)
        self.serials = holding_serials(gateway)
        self._credentials = Credentials(gateway.authority, self._started_at)
        self._peers = Peers(lambda: self.gateway, self._credentials, app.system_clock)
        self._mirror = Mirror(config.directory, app.pinned_root(config))
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._listeners: list[Listener | TaxiiPort] = []

    @property
    def gateway(self) -> Gateway:
        """The gateway with the directory and rules in force now."""
        return self._worker.gateway

    async def start(self) -> None:
        """Listen, reach out, and serve.

        Raises:
            Misconfigured: code `no-listen`.
        """
        self._listeners = self._made_listeners()
        for listener in self._listeners:
            await listener.start()
        self._begin("witnessing", Witnessing(self._worker, self._peers).run())
        mirroring = Mirroring(
            self._worker, self._peers, self._mirror, self._config.directory_from, self._renewed
        )
        self._begin("mirroring", mirroring.run(self._reach_out))
        self._begin("forgetting", self._forget())
        self._begin("purging", Purging(self._worker, app.system_clock).run())
        self._begin("holding", Holding(self._worker, app.system_clock).run())
        if hooks := hooks_of(self._config):
            self._begin("notifying", Notifying(self._worker, hooks).run())
        await self._reach_out()

    async def stop(self) -> None:
        """End what is under way within seconds, do what is queued, and let nothing half done behind."""
        self._worker.pulse.end()
        await asyncio.gather(*(listener.drain(GRACE_S) for listener in self._listeners))
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._worker.stop()

    async def status(self) -> Now:
        """Return how the gateway stands."""
        found = await self._worker.run(status_of)
        return Now(
            status=found,
            taxii_listen=self._config.taxii_listen,
            taxii_clients=await self._worker.run(pulling_clients),
            peers={agency: self._peer(agency) for agency in found.members},
            started_at=self._started_at,
            counters=dict(counters),
        )

    def _peer(self, agency: str) -> PeerNow:
        standing = self._peers.standing(agency)
        if agency not in self._peers.names():
            return PeerNow(state="file-only", code="", heard_at=standing.heard_at)
        code = standing.code if standing.state == "retrying" else ""
        return PeerNow(state=standing.state, code=code, heard_at=standing.heard_at)

    async def _probe(self, agency: str) -> Sequence[tuple[str, bool, str]]:
        return await probe(self.gateway, self._peers, agency)

    def _made_listeners(self) -> list[Listener | TaxiiPort]:
        made: list[Listener | TaxiiPort] = []
        if self._config.listen:
            services = peer_services(self._worker, self._mirror.file)
            made.append(
                self._listener(Port.PEER, self._config.listen, services, ("Peer", "Mirror", "Witness"))
            )
        if self._config.local:
            services = [
                submission_service(self._worker),
                *operation_services(
                    self._worker, status=self.status, probe=self._probe, changed=self._access_changed
                ),
                explanation_service(self._worker),
                review_service(self._worker, self._access_changed),
                forwarding_service(self._worker),
                documents_service(self._worker),
            ]
            names = ("Submission", "Operation", "Audit", "Explanation", "Review", "Forwarding", "Documents")
            made.append(self._listener(Port.LOCAL, self._config.local, services, names))
        if self._config.taxii_listen:
            made.append(self._taxii_port())
        if not made:
            raise Misconfigured(
                "names no address to listen on: set `local`, and `listen` with `endpoint`",
                field="comity.toml",
                code="no-listen",
            )
        return made

    def _listener(self, port: Port, address: str, services: Sequence[Any], names: Sequence[str]) -> Listener:
        guard = Guard(Door(port, self), app.system_clock, self._heard)
        return Listener(
            address,
            lambda: self._shown(port),
            guard,
            services,
            names=[service_name(name) for name in names],
            reflected=port is Port.LOCAL,
        )

    def _taxii_port(self) -> TaxiiPort:
        service = TaxiiService(
            self._worker, taxii_caller.Door(self), lambda: find_renderer(PULLED), app.system_clock
        )
        return TaxiiPort(
            self._config.taxii_listen,
            self._config.taxii_hosts,
            self.gateway.authority,
            service,
            app.system_clock,
        )

    def _shown(self, port: Port) -> tuple[Credential, bytes]:
        """Return what a handshake on a port shows and asks for; called on threads of the transport."""
        own = self._credentials.renew_when_due(app.system_clock())
        if port is Port.LOCAL:
            return own, own.ca
        directory, me = self.gateway.directory, self.gateway.me
        authorities = [
            pem_of(ca)
            for agency in sorted(directory.active - {me})
            for ca in directory.keys_of(agency).tls_ca
        ]
        # With nobody to trust nobody gets in: the own authority stands for "none of the others".
        return own, b"".join(authorities) or own.ca

    def _heard(self, identity: Identity) -> None:
        if identity.agency != self.gateway.me:
            self._peers.heard(identity.agency)

    def _access_changed(self, gateway: Gateway) -> None:
        self.serials = holding_serials(gateway)

    def _renewed(self, gateway: Gateway, directory: Any, now: datetime) -> Gateway:
        try:
            return app.renewed(self._config, gateway, directory, now)
        except Misconfigured as exc:
            if exc.code == app.NEWER_RULES:
                # Called on the thread that works, between two jobs: nobody decides by a half.
                standing = replace(gateway.rules, trouble=exc.message)
                self._worker.gateway = replace(gateway, rules=standing)
            raise

    async def _reach_out(self) -> None:
        """Have a courier for every peer that can be called, and none for others."""
        wanted = {f"courier/{agency}": agency for agency in self._peers.names()}
        for name in [name for name in self._tasks if name.startswith("courier/") and name not in wanted]:
            self._tasks.pop(name).cancel()
        for name, agency in wanted.items():
            if name not in self._tasks:
                self._begin(name, Courier(agency, self._worker, self._peers).run())

    async def _forget(self) -> None:
        while True:
            await self._worker.run(forget_pushes, own=True)
            await asyncio.sleep(FORGET_EVERY_S)

    def _begin(self, name: str, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name=name)
        task.add_done_callback(_ended)
        self._tasks[name] = task


def _ended(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception() is not None:
        # Half a gateway is worse than none: whoever supervises it starts it again.
        log().error("task.failed", method=task.get_name(), exception=type(task.exception()).__name__)
        signal.raise_signal(signal.SIGTERM)


async def serve(
    config: HomeConfig, gateway: Gateway, ready: Callable[[], None], stopping: Callable[[], None]
) -> None:
    """Run a gateway until SIGTERM or SIGINT; `ready` is called once it serves, `stopping` when it ends.

    Raises:
        Misconfigured: code `no-listen`.
    """
    running = Running(config, gateway)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    try:
        await running.start()
        log().info("gateway.started", agency=gateway.me, listen=config.listen, local=config.local)
        ready()
        await stop.wait()
        stopping()
    finally:
        await running.stop()
    log().info("gateway.stopped", agency=gateway.me)
