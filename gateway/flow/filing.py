"""Filing: under which id what comes is kept here. Its sender chose one; it may be taken already.

A sender that claimed the id of another member's exchange and heard that it is taken would know that there is
one. So what it sends is kept under an id of our own making, and answered like anything else. Our ledger and
receipt say the id it was sent under.

Source: THREATS A18, A35.
"""

from __future__ import annotations

import hmac
from hashlib import sha256
from uuid import UUID

from gateway.flow.gateway import Gateway
from gateway.record.text import uuid7
from gateway.sealing.envelope import EnvelopeHeader

_LABEL = b"comity/filed/v1\x00"


def filed_under(gateway: Gateway, header: EnvelopeHeader, before: str | None) -> str:
    """Return the exchange id that an envelope's content is kept under.

    `before` is the one its message was filed under when an earlier envelope of it was refused.
    """
    # Made whether or not it is needed: a taken id must not take longer than a free one.
    own = _own_id(gateway, header)
    peer = gateway.read.exchange_peer(header.exchange_id)
    if before is not None:
        return before
    return own if peer is not None and peer != header.sender else header.exchange_id


def _own_id(gateway: Gateway, header: EnvelopeHeader) -> str:
    message = f"{header.sender}\x00{header.exchange_id}".encode()
    made = hmac.digest(gateway.storage_secret, _LABEL + message, sha256)
    return uuid7(UUID(header.exchange_id).int >> 80, made[:10])
