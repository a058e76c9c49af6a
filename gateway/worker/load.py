"""What a courier takes on one walk: a batch in bytes, and which messages are in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from gateway.flow.deliver import outgoing
from gateway.flow.gateway import Gateway
from gateway.flow.stop import close_stopped
from gateway.wire.limits import BATCH_BYTES_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A batch for one peer; `data` is None where nothing may leave now. `exchanges` match `messages`."""

    data: bytes | None
    messages: tuple[str, ...]
    exchanges: tuple[str, ...]


def take_load(gateway: Gateway, peer: str, but: Collection[str], now: datetime) -> Load:
    """Return the next batch for a peer, without the messages in `but`; what may never leave is closed.

    Raises:
        NotFound, Refused, Stale: the peer takes no part now, or nothing may be signed.
    """
    leaving = outgoing(gateway, peer, now, but=but, limit_bytes=BATCH_BYTES_MAX)
    close_stopped(gateway, leaving.stopped)
    return Load(
        data=None if leaving.batch is None else leaving.batch.encode(),
        messages=leaving.messages,
        exchanges=leaving.exchanges,
    )
