"""The port itself: TLS with client certificates, and HTTP within limits. The one module that knows aiohttp.

There is no way to serve without TLS 1.3 or without asking for a certificate.

Source: DESIGN sections 9, 12 and 14; THREATS A42, A44; ADR 0022.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from aiohttp import web
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from gateway.errors import Misconfigured
from gateway.observe import counters
from gateway.taxii import answer
from gateway.taxii.caller import Shown
from gateway.taxii.media import TAXII
from gateway.taxii.service import Request, Service
from gateway.tls.authority import GATEWAY_LIFE, Authority

CONNECTIONS_MAX: Final = 128
CONNECTIONS_PER_CLIENT_MAX: Final = 8
CONNECTION_S: Final = 300.0
"""How long a connection lasts, whatever goes on in it."""
IDLE_S: Final = 15.0
"""How long a request may take to come in, and how long a connection may be silent."""
HANDSHAKE_S: Final = 10.0
LINE_BYTES_MAX: Final = 8_190
HEADER_BYTES_MAX: Final = 4_096
HEADERS_MAX: Final = 64

_BACKLOG: Final = 64
_READ_BYTES: Final = 2**14


class TaxiiPort:
    """One port; `start`, then `drain`."""

    def __init__(
        self,
        address: str,
        hosts: Sequence[str],
        authority: Authority,
        service: Service,
        clock: Callable[[], datetime],
    ) -> None:
        """`hosts` are the names and addresses that the port's certificate stands for."""
        self.address = address
        self._secured = _Secured(authority, hosts, clock)
        self._service = service
        self._serving: _Serving | None = None
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        """Listen and serve.

        Raises:
            Misconfigured: code `no-listen`: the address cannot be listened on.
        """
        host, _, port = self.address.rpartition(":")
        loop = asyncio.get_running_loop()
        self._serving = serving = _Serving(self._respond)
        try:
            self._server = await loop.create_server(
                serving,
                host.strip("[]"),
                int(port),
                ssl=self._secured.context,
                backlog=_BACKLOG,
                ssl_handshake_timeout=HANDSHAKE_S,
                ssl_shutdown_timeout=1.0,
            )
        except OSError as exc:
            told = "another process listens there, or it is no address of this machine"
            raise Misconfigured(f"{self.address} cannot be listened on: {told}", code="no-listen") from exc

    async def drain(self, grace_s: float) -> None:
        """Let nobody in any more, and end what is under way within a time."""
        if self._server is None or self._serving is None:
            return
        self._server.close()
        self._serving.pre_shutdown()
        await self._serving.shutdown(grace_s)
        with suppress(TimeoutError):
            await asyncio.wait_for(self._server.wait_closed(), grace_s)

    async def _respond(self, request: web.BaseRequest) -> web.Response:
        transport = request.transport
        connection = None if transport is None else transport.get_extra_info("ssl_object")
        made = await self._service.answer(
            Request(
                method=request.method,
                target=request.raw_path,
                accept=", ".join(request.headers.getall("Accept")) if "Accept" in request.headers else None,
                has_body=request.body_exists,
                shown=Shown.of(connection),
            )
        )
        return _response(made)


def _response(made: answer.Answer) -> web.Response:
    headers = {
        **made.headers,
        "Content-Type": TAXII,
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Server": "comity",
    }
    response = web.Response(status=int(made.status), body=made.body, headers=headers)
    if made.closes:
        response.force_close()
    return response


class _Secured:
    """The TLS side: TLS 1.3 alone, a certificate of our own authority from everybody, no resumption."""

    def __init__(self, authority: Authority, hosts: Sequence[str], clock: Callable[[], datetime]) -> None:
        self._authority = authority
        self._hosts = hosts
        self._clock = clock
        self.context = context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_3
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=authority.certificate.decode())
        # Whoever comes back shows its certificate again, so that one revoked meanwhile is not believed.
        context.num_tickets = 0
        context.set_alpn_protocols(["http/1.1"])
        context.sni_callback = self._at_handshake
        self._made_at = clock()
        self._load()

    def _at_handshake(self, *_: Any) -> None:
        now = self._clock()
        if now - self._made_at > GATEWAY_LIFE / 2 or now < self._made_at - timedelta(minutes=5):
            self._made_at = now
            self._load()

    def _load(self) -> None:
        key, certificate = self._authority.server(self._hosts, self._made_at, GATEWAY_LIFE)
        # The library takes keys from files alone: on disk this one lies sealed by a word that is only here.
        word = secrets.token_hex(32)
        sealed = load_pem_private_key(key, password=None).private_bytes(
            Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(word.encode())
        )
        with TemporaryDirectory() as folder:
            file = Path(folder) / "server.pem"
            file.write_bytes(sealed + certificate)
            self.context.load_cert_chain(file, password=word)


class _Serving(web.Server):
    """Makes the protocol of each connection, and keeps their number within bounds."""

    def __init__(self, respond: Callable[[web.BaseRequest], Any]) -> None:
        super().__init__(respond)
        self.open: Counter[bytes] = Counter()

    def __call__(self) -> web.RequestHandler:
        return _Connection(
            self,
            loop=asyncio.get_running_loop(),
            keepalive_timeout=IDLE_S,
            access_log=None,
            max_line_size=LINE_BYTES_MAX,
            max_field_size=HEADER_BYTES_MAX,
            max_headers=HEADERS_MAX,
            lingering_time=0.0,
            read_bufsize=_READ_BYTES,
            auto_decompress=False,
        )


class _Connection(web.RequestHandler):
    """One connection: counted, ended in time, and answered in TAXII's shape where HTTP itself is broken."""

    def __init__(self, serving: _Serving, **options: Any) -> None:
        super().__init__(serving, **options)
        self._serving = serving
        self._leaf: bytes | None = None
        self._end: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Let a connection in, or end it at once where there are too many."""
        super().connection_made(transport)
        leaf = Shown.of(transport.get_extra_info("ssl_object")).leaf
        serving = self._serving
        serving.open[leaf] += 1
        self._leaf = leaf
        if serving.open[leaf] > CONNECTIONS_PER_CLIENT_MAX or serving.open.total() > CONNECTIONS_MAX:
            counters["taxii.crowded"] += 1
            self.force_close()
            return
        self._end = asyncio.get_running_loop().call_later(CONNECTION_S, self.force_close)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Count it out."""
        if self._end is not None:
            self._end.cancel()
        leaf, self._leaf = self._leaf, None
        if leaf is not None:
            self._serving.open[leaf] -= 1
            if not self._serving.open[leaf]:
                del self._serving.open[leaf]
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """Return what is answered to broken HTTP: its status, and not the library's words."""
        counters["taxii.broken"] += 1
        return _response(answer.broken(status))
