"""Calling a gateway as another one does, without that other one running: its key, and nothing of its code."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from gateway import app
from gateway.delivery.channel import PeerChannel
from gateway.tls.credential import Credential
from gateway.tls.identity import Identity, Role
from gateway.tls.verification import pem_of
from keys.keystore import Keystore
from tests.live.houses import PASSPHRASE, House


def as_gateway(house: House) -> Credential:
    """Return a credential of an agency's gateway, issued by its own authority."""
    keystore = Keystore.open(house.config.keystore, PASSPHRASE, allow_cheap=True)
    identity = Identity(agency=house.agency, role=Role.GATEWAY)
    authority = app.authority_of(house.config, keystore)
    return authority.credential(identity, datetime.now(UTC), timedelta(hours=1))


@asynccontextmanager
async def calling(caller: House, called: House) -> AsyncIterator[PeerChannel]:
    """Give a channel from one agency to another's peer port."""
    roots = [pem_of(called.config.authority.read_bytes())]
    channel = PeerChannel(called.agency, called.config.listen, roots, as_gateway(caller))
    try:
        yield channel
    finally:
        await channel.close()


async def delivered(channel: PeerChannel, batches: Iterable[bytes]) -> list[bytes]:
    """Send batches on one stream, each as soon as the one before it is written; return all answers."""
    stream, answers = channel.deliver(), []
    for batch in batches:
        await stream.write(batch)
    await stream.done_writing()
    while isinstance(answer := await stream.read(), bytes):
        answers.append(answer)
    return answers
