"""Carrying by file: one bundle from one agency to another, holding envelopes, receipts, or both.

The file is only a carrier: what it brings enters through `admit` and `acknowledge` like anything else.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from gateway.errors import NotFound, Refused
from gateway.flow.acknowledge import Acknowledged, acknowledge
from gateway.flow.deliver import Outgoing, outgoing
from gateway.flow.gateway import Gateway
from gateway.flow.receive import admit
from gateway.flow.stop import close_stopped
from gateway.sealing.batch import ReceiptBatch
from gateway.sealing.bundle import Bundle, parse_bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What a bundle did here: answers to our envelopes, and what its own envelopes were answered with.

    `reply` is a bundle to carry back, None when the file held no envelopes.
    """

    sender: str
    acknowledged: tuple[Acknowledged, ...]
    receipts: ReceiptBatch | None
    reply: bytes | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A bundle's bytes, which exchanges are in it, and which stay here and why."""

    data: bytes
    exchanges: tuple[str, ...]
    held_back: tuple[tuple[str, str], ...]


def packed(data: bytes, leaving: Outgoing) -> Packed:
    """Return a bundle with what was packed and held back."""
    return Packed(data=data, exchanges=leaving.exchanges, held_back=leaving.held_back)


def pack(
    gateway: Gateway, recipient: str, now: datetime, *, only: Collection[str] | None = None
) -> tuple[bytes, Outgoing]:
    """Return a bundle with what waits for a recipient, and what was packed or held back.

    What may never leave any more is closed as undeliverable.

    Raises:
        NotFound: nothing that may leave waits for this recipient; the facts say what was held back and why.
        Refused, Stale: the recipient takes no part in the exchange now.
    """
    leaving = outgoing(gateway, recipient, now, only=only)
    close_stopped(gateway, leaving.stopped)
    if leaving.batch is None:
        held = "; ".join(f"{exchange}: {why}" for exchange, why in leaving.held_back)
        message = f"nothing waits for {recipient}" + (f" that may leave ({held})" if held else "")
        raise NotFound(message, code="nothing-waits")
    bundle = Bundle(sender=gateway.me, recipient=recipient, envelopes=leaving.batch.encode(), receipts=None)
    return bundle.encode(), leaving


def unpack(gateway: Gateway, data: bytes, now: datetime) -> Carried:
    """Take in a bundle: receipts first, then envelopes, each judged on its own.

    Raises:
        Malformed: no bundle.
        Refused: code `not-addressed-to-us`: the file is for another agency.
    """
    bundle = parse_bundle(data)
    if bundle.recipient != gateway.me:
        raise Refused(f"the file is for {bundle.recipient}", code="not-addressed-to-us")
    acknowledged: tuple[Acknowledged, ...] = ()
    if bundle.receipts is not None:
        acknowledged = tuple(acknowledge(gateway, bundle.receipts, bundle.sender, now))
    receipts, reply = None, None
    if bundle.envelopes is not None:
        receipts = admit(gateway, bundle.envelopes, bundle.sender, now)
        back = Bundle(sender=gateway.me, recipient=bundle.sender, envelopes=None, receipts=receipts.encode())
        reply = back.encode()
    return Carried(sender=bundle.sender, acknowledged=acknowledged, receipts=receipts, reply=reply)
