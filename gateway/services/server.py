"""The two listeners, assembled: credentials that rotate, limits, guard, services, health, reflection.

Source: DESIGN sections 9, 12 and 14.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import grpc
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import aio as health_aio
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server
from grpc_reflection.v1alpha import reflection

from gateway.errors import Misconfigured
from gateway.services.guard import Guard
from gateway.tls.credential import Credential
from gateway.wire.limits import CALLS_MAX, SERVER_OPTIONS

Credentials = Callable[[], tuple[Credential, bytes]]
"""Returns the gateway's credential and the authorities (PEM) whose clients may connect, as they are now."""


class Listener:
    """One port; `start`, then `drain`."""

    def __init__(
        self,
        address: str,
        credentials: Credentials,
        guard: Guard,
        services: Sequence[grpc.GenericRpcHandler],
        *,
        names: Sequence[str],
        reflected: bool,
    ) -> None:
        """Make the server and bind it.

        Raises:
            Misconfigured: code `no-listen`: the address cannot be listened on.
        """
        self.address = address
        self._health = health_aio.HealthServicer()
        self._server = grpc.aio.server(
            interceptors=[guard], options=list(SERVER_OPTIONS), maximum_concurrent_rpcs=CALLS_MAX
        )
        self._server.add_generic_rpc_handlers(list(services))
        add_HealthServicer_to_server(self._health, self._server)
        self._names = names
        if reflected:
            reflection.enable_server_reflection((*names, reflection.SERVICE_NAME), self._server)
        try:
            bound = self._server.add_secure_port(address, _dynamic(credentials))
        except RuntimeError:
            bound = 0
        if bound == 0:
            told = "another process listens there, or it is no address of this machine"
            raise Misconfigured(f"{address} cannot be listened on: {told}", code="no-listen")

    async def start(self) -> None:
        """Serve."""
        await self._server.start()
        for name in ("", *self._names):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def drain(self, grace_s: float) -> None:
        """Let nobody in any more, and end what is under way within a time."""
        await self._health.enter_graceful_shutdown()
        await self._server.stop(grace_s)


def _dynamic(credentials: Credentials) -> grpc.ServerCredentials:
    """Return credentials that are looked up at every handshake, so that keys and members change at once."""

    def configured() -> grpc.ServerCertificateConfiguration:
        own, authorities = credentials()
        return grpc.ssl_server_certificate_configuration(
            [(own.key, own.certificate)], root_certificates=authorities
        )

    last = credentials()

    def fetch() -> grpc.ServerCertificateConfiguration | None:
        nonlocal last
        now = credentials()
        if now == last:
            return None
        last = now
        return configured()

    looked_up: Any = fetch
    return grpc.dynamic_ssl_server_credentials(configured(), looked_up, require_client_authentication=True)
