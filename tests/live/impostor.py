"""A peer with valid keys that answers deliveries as it likes: on its own port, with its own certificate."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import grpc

from gateway import app
from gateway.flow.gateway import Gateway
from gateway.flow.receive import admit
from gateway.sealing.batch import parse_batch, parse_envelope
from gateway.sealing.envelope import EnvelopeHeader, parse_header
from gateway.tls.verification import pem_of
from tests.live.caller import as_gateway
from tests.live.houses import PASSPHRASE, House


class Impostor:
    """What a dishonest answer is made of: an open home, and what was asked so far."""

    def __init__(self, gateway: Gateway, sender: str, answering: Answering) -> None:
        """`answering` may be set anew at any time."""
        self.gateway = gateway
        self.sender = sender
        self.answering = answering
        self._asked: Counter[str] = Counter()
        self.first = b""

    def honest(self, batch: bytes) -> bytes:
        """Return what an honest gateway answers, and do as it does."""
        return admit(self.gateway, batch, self.sender, datetime.now(UTC)).encode()

    def asked(self, batch: bytes) -> bytes | None:
        """Note what was asked and return what is answered."""
        answer = self.answering(self, batch)
        self._asked.update(header.exchange_id for header in self.headers(batch))
        return answer

    def times(self, exchange: str) -> int:
        """Return how often the envelope of an exchange came."""
        return self._asked[exchange]

    def remember(self, answer: bytes) -> bytes:
        """Keep the first answer, to give it again."""
        self.first = answer
        return answer

    @staticmethod
    def headers(batch: bytes) -> list[EnvelopeHeader]:
        """Return the headers in a batch."""
        return [parse_header(parse_envelope(data).header) for data in parse_batch(batch).envelopes]


Answering = Callable[[Impostor, bytes], bytes | None]
"""Returns what a batch is answered with; None for nothing."""


@contextmanager
def impostor(house: House, sender: House, answering: Answering) -> Iterator[Impostor]:
    """Serve deliveries of one sender on a house's port with dishonest answers; its home is open meanwhile."""
    with app.open_gateway(house.config, PASSPHRASE, datetime.now(UTC)) as gateway:
        gateway.notary.vouched()
        playing = Impostor(gateway, sender.agency, answering)
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever, name="impostor", daemon=True)
        thread.start()

        def run(work: Any) -> Any:
            return asyncio.run_coroutine_threadsafe(work, loop).result(30)

        server = run(_served(house, sender, playing))
        try:
            yield playing
        finally:
            run(server.stop(None))
            loop.call_soon_threadsafe(loop.stop)
            thread.join(30)
            loop.close()


async def _served(house: House, sender: House, playing: Impostor) -> grpc.aio.Server:
    async def deliver(batches: AsyncIterator[bytes], _: Any) -> AsyncIterator[bytes]:
        async for batch in batches:
            if (answer := playing.asked(batch)) is not None:
                yield answer

    made: Any = grpc.stream_stream_rpc_method_handler
    handlers = grpc.method_handlers_generic_handler("gateway.v1.Peer", {"Deliver": made(deliver)})
    own = as_gateway(house)
    server = grpc.aio.server()
    server.add_generic_rpc_handlers([handlers])
    secrets = grpc.ssl_server_credentials(
        [(own.key, own.certificate)],
        root_certificates=pem_of(sender.config.authority.read_bytes()),
        require_client_auth=True,
    )
    server.add_secure_port(house.config.listen, secrets)
    await server.start()
    return server
