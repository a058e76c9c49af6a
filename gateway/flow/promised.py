"""Before anything is sent: what waits is, bit for bit, what the own ledger says was released, and to whom.

Whoever changes a row of the outbox changes no ledger; what the two do not agree on stays here.

Source: PROTOCOL section 6 (steps 3, 4 and 7, which the recipient checks as well); THREATS A20, A21.
"""

from __future__ import annotations

from hashlib import sha256

from gateway.errors import GatewayError
from gateway.flow.gateway import Gateway
from gateway.ledger.entry import EntryKind, parse
from gateway.sealing.envelope import EnvelopeKind, envelope_digest, parse_header
from gateway.store.rows import OutboxRow

DIFFERS = "it is not what the ledger says was released"


def why_differs(gateway: Gateway, row: OutboxRow, entry: bytes) -> str:
    """Return why a row of the outbox is not what its ledger entry promised; empty where it is."""
    try:
        return _why(gateway, row, entry)
    except GatewayError as exc:
        return f"{DIFFERS}: {exc.message}"


def _why(gateway: Gateway, row: OutboxRow, entry: bytes) -> str:
    promised, header, sealed = parse(entry), parse_header(row.header), row.sealed or b""
    kind = EntryKind.RELEASED if header.kind is EnvelopeKind.RELEASE else EntryKind.SENT
    said = promised.kind, promised.exchange, promised.message, promised.peer, promised.envelope
    if said != (kind, row.exchange_id, row.message_id, row.peer, row.envelope_digest):
        return f"{DIFFERS}: entry {row.entry} says otherwise"
    if (
        envelope_digest(row.header, sealed) != promised.envelope
        or sha256(sealed).digest() != row.sealed_digest
    ):
        return f"{DIFFERS}: its bytes were changed"
    told = header.sender, header.recipient, header.kind.token, header.lane.token
    # Dated later than it was made, it would pass for something the rules of today decided on.
    is_late = row.created_at > header.created_at_ms or row.expires_at != header.expires_at_ms
    if is_late or told != (gateway.me, row.peer, row.kind, row.lane):
        return f"{DIFFERS}: its row and its envelope do not agree"
    return ""
