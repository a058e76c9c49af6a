"""Sealing: from a plan to release bytes, and from bytes to an envelope that waits with its ledger entry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from gateway.errors import Refused
from gateway.flow.gateway import Gateway
from gateway.flow.peers import sealing_key
from gateway.flow.prepare import Submission
from gateway.flow.question import Question
from gateway.ledger.commitment import CommitmentType, commit
from gateway.ledger.entry import Direction, Draft, EntryKind
from gateway.record.moment import to_ms
from gateway.record.text import uuid7
from gateway.record.vocabulary import Lane
from gateway.release.plan import Plan, build_release
from gateway.release.pseudonym import pseudonym
from gateway.sealing.envelope import EnvelopeHeader, EnvelopeKind, seal_envelope
from gateway.store.place import EntryAt
from gateway.store.rows import OutboxRow
from keys.sealing import seal

ENVELOPE_LIFE: Final = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What is to be sealed for one recipient under an exchange id: `body` with its commitment's salt."""

    exchange_id: str
    recipient: str
    lane: Lane
    body: bytes
    payload_salt: bytes
    kind: EnvelopeKind = EnvelopeKind.RELEASE


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A sealed letter: its entry and its place in the outbox."""

    message_id: str
    draft: Draft
    row: OutboxRow


def release_body(gateway: Gateway, submission: Submission, question: Question, planned: Plan) -> bytes:
    """Return the bytes of a release, serialised this once.

    Raises:
        Refused: the request lacks what a release is bound to (codes `no-purpose`).
    """
    if question.purpose is None or question.legal_basis is None:
        raise Refused("a release is bound to a purpose and a legal basis", code="no-purpose", field="purpose")
    purpose = question.purpose
    pseudonyms = {
        name: pseudonym(
            gateway.pseudonym_secret,
            recipient=question.recipient.id,
            purpose=purpose,
            record_id=submission.record_id,
            subject=local,
        )
        for local, name in submission.names.items()
        if name in planned.entities and name.startswith("person/") and submission.subjects[local].protected
    }
    release = build_release(
        planned,
        submission.signed,
        purpose=purpose,
        legal_basis=question.legal_basis,
        pseudonyms=pseudonyms,
    )
    return release.encode()


def sealed(gateway: Gateway, letter: Letter, entry: EntryAt, now: datetime) -> Sealed:
    """Return a letter sealed to its recipient's current key; `entry` is where its draft will stand.

    Raises:
        Refused, Stale: the recipient has no sealing key now, or what is known of it is too old.
    """
    key = sealing_key(gateway, letter.recipient, now)
    message_id = uuid7(to_ms(now), gateway.random(10))
    header = EnvelopeHeader(
        message_id=message_id,
        exchange_id=letter.exchange_id,
        sender=gateway.me,
        recipient=letter.recipient,
        kind=letter.kind,
        lane=letter.lane,
        created_at_ms=to_ms(now),
        expires_at_ms=to_ms(now + ENVELOPE_LIFE),
        recipient_key_id=key.key_id,
    )
    made = seal_envelope(header, letter.body, letter.payload_salt, key.public, seal)
    draft = Draft(
        kind=EntryKind.RELEASED if letter.kind is EnvelopeKind.RELEASE else EntryKind.SENT,
        exchange=letter.exchange_id,
        message=message_id,
        peer=letter.recipient,
        direction=Direction.OUT,
        envelope=made.digest,
        commit=payload_commitment(letter.payload_salt, letter.body),
    )
    row = OutboxRow(
        message_id,
        letter.exchange_id,
        letter.recipient,
        header.kind.token,
        header.lane.token,
        made.header,
        made.sealed,
        sha256(made.sealed).digest(),
        made.digest,
        entry,
        "queued",
        header.created_at_ms,
        header.expires_at_ms,
    )
    return Sealed(message_id=message_id, draft=draft, row=row)


def payload_commitment(payload_salt: bytes, body: bytes) -> bytes:
    """Return the commitment to a payload: in the entry that sends it, and in those that approved it."""
    return commit(payload_salt, CommitmentType.PAYLOAD, body)
