"""What a courier takes on one walk: a batch in bytes, which messages are in it, and what is answered."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.flow.acknowledge import Acknowledged
from gateway.flow.deliver import outgoing
from gateway.flow.gateway import Gateway
from gateway.flow.stop import close_stopped
from gateway.wire.limits import BATCH_BYTES_MAX

CLOSED: Final = frozenset({"delivered", "refused", "quarantined", "repeated"})
FOR_WHAT_IT_IS: Final = frozenset(
    {
        "too-large",
        "malformed-header",
        "unknown-suite",
        "wrong-sender",
        "not-addressed-to-us",
        "conflict",
        "entry-invalid",
    }
)
"""In-band codes that no waiting mends."""


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


def codes_of(load: Load, done: Sequence[Acknowledged]) -> dict[str, str]:
    """Return why envelopes of a load were not accepted, by exchange.

    An envelope whose header nobody can read is answered without a name: it is one of those left over.
    """
    closed = {one.exchange_id for one in done if one.outcome in CLOSED}
    refused = [one for one in done if one.outcome not in CLOSED]
    codes = {one.exchange_id: one.code for one in refused if one.exchange_id in load.exchanges}
    nameless = [one.code for one in refused if not one.exchange_id and one.code in FOR_WHAT_IT_IS]
    left = [exchange for exchange in load.exchanges if exchange not in closed and exchange not in codes]
    return codes | dict(zip(left, nameless, strict=True)) if len(left) == len(nameless) else codes
