"""Before a release that was held is sent: its approvals are verified once more, as of when it was released.

Source: PROTOCOL section 4 (by the outbox before every send); THREATS P3, A20, A21.
"""

from __future__ import annotations

from datetime import UTC, datetime

from gateway.errors import GatewayError
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import PAYLOAD_SALT, read_body
from gateway.flow.review.held import counted, held, spoken
from gateway.flow.review.roster import officers_of, proved_entries
from gateway.flow.seal import payload_commitment
from gateway.ledger.entry import EntryKind
from gateway.release.hold import HoldState, missing, officers_tokens
from gateway.release.release import parse_release, release_digest
from gateway.store.rows import OutboxRow

UNAPPROVED = "its approvals do not verify"


def why_unapproved(gateway: Gateway, row: OutboxRow) -> str:
    """Return why a release that was once held may not be sent; empty where everybody needed has agreed."""
    try:
        return _why(gateway, row)
    except GatewayError as exc:
        return f"{UNAPPROVED}: {exc.message}"


def _why(gateway: Gateway, row: OutboxRow) -> str:
    found = held(gateway, row.exchange_id)
    needed = officers_tokens(parse_release(found.body).duties_met)
    if not needed:
        return ""
    if found.state is not HoldState.APPROVED or release_digest(found.body) != found.hold.digest:
        return f"{UNAPPROVED}: it stands as {found.hold.state}"
    index = row.entry if isinstance(row.entry, int) else -1
    released = proved_entries(gateway, [index])[index]
    if (released.kind, released.exchange) != (EntryKind.RELEASED, row.exchange_id):
        return f"{UNAPPROVED}: the ledger does not show that it was released"
    salt = read_body(gateway, found.owner, PAYLOAD_SALT, row.exchange_id)
    if released.commit != payload_commitment(salt, found.body):
        return f"{UNAPPROVED}: other bytes were released than were approved"
    officers = officers_of(gateway)
    at = datetime.fromtimestamp(released.at, UTC)
    left = missing(needed, counted(spoken(gateway, found, officers), found, officers, at))
    return f"{UNAPPROVED}: {', '.join(left)} is missing" if left else ""
