"""Before what was held is sent, a release or a consent: its approvals are verified once more, as of when it
was released.

Source: PROTOCOL section 4 (by the outbox before every send); THREATS P3, A20, A21.
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from gateway.errors import Corrupt, GatewayError
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import (
    CONSENT_ANSWER,
    CONSENT_ANSWER_SALT,
    PAYLOAD_SALT,
    RELEASE,
    owner_of,
    read_body,
)
from gateway.flow.passing.asked import ORIGINATOR
from gateway.flow.question_again import record_of
from gateway.flow.review.held import Held, counted, held, spoken
from gateway.flow.review.roster import officers_of, proved_entries
from gateway.flow.seal import payload_commitment
from gateway.ledger.entry import Entry, EntryKind
from gateway.release.consent import peek_consent
from gateway.release.consent_answer import parse_consent_answer
from gateway.release.hold import HoldState, missing, officers_tokens
from gateway.release.release import parse_release
from gateway.sealing.envelope import EnvelopeKind
from gateway.store.rows import OutboxRow

UNAPPROVED: Final = "its approvals do not verify"
OTHER_BYTES: Final = f"{UNAPPROVED}: other bytes were released than were approved"
_ANSWER: Final = EnvelopeKind.CONSENT_ANSWER.token


def why_unapproved(gateway: Gateway, row: OutboxRow) -> str:
    """Return why what was once held, a release or a consent, may not be sent; empty where everybody needed
    has agreed. A refused consent needs nobody.
    """
    try:
        return _why_consent(gateway, row) if row.kind == _ANSWER else _why_release(gateway, row)
    except GatewayError as exc:
        return f"{UNAPPROVED}: {exc.message}"


def _why_release(gateway: Gateway, row: OutboxRow) -> str:
    exchange = gateway.read.exchange(row.exchange_id)
    if exchange is None:
        return f"{UNAPPROVED}: its exchange is not on file"
    owner = owner_of(gateway, record_of(gateway, exchange))
    body = read_body(gateway, owner, RELEASE, row.exchange_id)
    sent = _sent(gateway, row, EntryKind.RELEASED)
    if sent.commit != payload_commitment(read_body(gateway, owner, PAYLOAD_SALT, row.exchange_id), body):
        return OTHER_BYTES
    needed = officers_tokens(parse_release(body).duties_met)
    # Held only until its originator agreed, it never waited for anybody here.
    return _missing(gateway, held(gateway, row.exchange_id), body, needed, sent) if needed else ""


def _why_consent(gateway: Gateway, row: OutboxRow) -> str:
    asked = gateway.read.consent(ORIGINATOR, row.peer, row.exchange_id)
    exchange = None if asked is None else gateway.read.exchange(asked.exchange_id)
    if asked is None or exchange is None:
        return f"{UNAPPROVED}: nobody asked for it"
    owner = owner_of(gateway, record_of(gateway, exchange))
    body = read_body(gateway, owner, CONSENT_ANSWER, asked.exchange_id)
    sent = _sent(gateway, row, EntryKind.SENT)
    salt = read_body(gateway, owner, CONSENT_ANSWER_SALT, asked.exchange_id)
    if sent.commit != payload_commitment(salt, body):
        return OTHER_BYTES
    answer = parse_consent_answer(body)
    if answer.consent is None:
        return ""
    found = held(gateway, asked.exchange_id)
    given, _ = peek_consent(answer.consent)
    return _missing(gateway, found, given.encode(), officers_tokens(found.required), sent)


def _sent(gateway: Gateway, row: OutboxRow, kind: EntryKind) -> Entry:
    """Return the entry that an outbox row left with.

    Raises:
        Corrupt: code `ledger-differs`: it says something else.
    """
    index = row.entry if isinstance(row.entry, int) else -1
    entry = proved_entries(gateway, [index])[index]
    if (entry.kind, entry.exchange) != (kind, row.exchange_id):
        raise Corrupt("the ledger does not show that it left", code="ledger-differs", field="entry")
    return entry


def _missing(gateway: Gateway, found: Held, body: bytes, needed: frozenset[str], sent: Entry) -> str:
    if found.state is not HoldState.APPROVED:
        return f"{UNAPPROVED}: it stands as {found.hold.state}"
    if sha256(body).digest() != found.hold.digest:
        return OTHER_BYTES
    officers = officers_of(gateway)
    at = datetime.fromtimestamp(sent.at, UTC)
    left = missing(needed, counted(spoken(gateway, found, officers), found, officers, at))
    return f"{UNAPPROVED}: {', '.join(left)} is missing" if left else ""
