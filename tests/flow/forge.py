"""A member with valid keys that means no good: it writes what it likes into its own ledger, and sends it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from gateway.errors import GatewayError
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import RELEASE, owner_of, read_body
from gateway.flow.peers import sealing_key
from gateway.flow.prepare import Submission, prepare
from gateway.flow.question import FieldKey
from gateway.ledger.commitment import CommitmentType, commit
from gateway.ledger.entry import Direction, Draft, EntryKind
from gateway.ledger.proof import build_proof
from gateway.record.portion import Cut
from gateway.record.text import uuid7
from gateway.record.vocabulary import Fact, Lane, LegalBasis, Purpose, Rung
from gateway.release.plan import Grant, Plan, Terms, build_release, plan
from gateway.release.release import Release
from gateway.release.statement import sign_statement
from gateway.sealing.batch import Consistency, Envelope, EnvelopeBatch, Receipt, ReceiptBatch
from gateway.sealing.bundle import Bundle
from gateway.sealing.envelope import EnvelopeHeader, EnvelopeKind, Sealed, seal_envelope
from gateway.store.unit import Unit
from gateway.v1.record_pb2 import Record
from keys.sealing import seal


@dataclass(frozen=True, slots=True, kw_only=True)
class Forged:
    """A sealed envelope and the bytes of the entry that shows it, at `index` of its sender's ledger."""

    header: EnvelopeHeader
    sealed: Sealed
    entry: bytes
    index: int


def announce(
    gateway: Gateway,
    recipient: str,
    body: bytes,
    now: datetime,
    *,
    entry: Mapping[str, Any] | None = None,
    sealed_to: bytes | None = None,
    **header: Any,
) -> Forged:
    """Seal a body and write the entry that shows it; `entry` and `header` change what they say.

    `sealed_to` is another public key than the one the header names.
    """
    key = sealing_key(gateway, recipient, now)
    ms = int(now.timestamp() * 1000)
    plain = EnvelopeHeader(
        message_id=uuid7(ms, gateway.random(10)),
        exchange_id=uuid7(ms, gateway.random(10)),
        sender=gateway.me,
        recipient=recipient,
        kind=EnvelopeKind.RELEASE,
        lane=Lane.ROUTINE,
        created_at_ms=ms,
        expires_at_ms=int((now + timedelta(days=14)).timestamp() * 1000),
        recipient_key_id=key.key_id,
    )
    made, salt = replace(plain, **header), gateway.random(32)
    sealed = seal_envelope(made, body, salt, sealed_to or key.public, seal)
    draft = Draft(
        kind=EntryKind.RELEASED if made.kind is EnvelopeKind.RELEASE else EntryKind.SENT,
        exchange=made.exchange_id,
        message=made.message_id,
        peer=made.recipient,
        direction=Direction.OUT,
        envelope=sealed.digest,
        commit=commit(salt, CommitmentType.PAYLOAD, body),
    )
    (done,) = gateway.store.writer.commit([Unit(drafts=(replace(draft, **(entry or {})),))])
    if isinstance(done, GatewayError):
        raise done
    return Forged(header=made, sealed=sealed, entry=done.entries[0], index=done.first_index)


def envelope(gateway: Gateway, forged: Forged, **changes: bytes) -> bytes:
    """Return the envelope with its proof under the newest head; `changes` replace its parts."""
    size = gateway.notary.sign_head().checkpoint.size
    (proof,) = gateway.store.read.inclusion_proofs([forged.index], size)
    made = Envelope(
        header=forged.sealed.header,
        sealed=forged.sealed.sealed,
        entry=forged.entry,
        proof=build_proof(forged.index, proof).encode(),
    )
    return replace(made, **changes).encode()


def batch(gateway: Gateway, *envelopes: bytes, consistency: Consistency | None = None) -> bytes:
    """Return a batch of envelopes under the newest head."""
    note = gateway.notary.sign_head().note.encode()
    return EnvelopeBatch(checkpoint=note, consistency=consistency, envelopes=envelopes).encode()


def bundle(sender: str, recipient: str, envelopes: bytes) -> bytes:
    """Return the file that carries a batch, whoever it says it comes from."""
    return Bundle(sender=sender, recipient=recipient, envelopes=envelopes, receipts=None).encode()


def sent(gateway: Gateway, recipient: str, *forged: Forged) -> bytes:
    """Return the file a forger hands over: its envelopes in one batch."""
    return bundle(gateway.me, recipient, batch(gateway, *(envelope(gateway, one) for one in forged)))


def release_of(gateway: Gateway, exchange_id: str) -> bytes:
    """Return the release bytes kept of an exchange, sent or received."""
    row = gateway.store.read.exchange(exchange_id)
    assert row is not None
    record = gateway.store.read.record(row.originator, row.record_id, row.version)
    assert record is not None
    return read_body(gateway, owner_of(gateway, record), RELEASE, exchange_id)


Granting = Callable[[Cut], Grant | None]
"""Says what a tampered policy grants of a portion; None for nothing."""


def everything(piece: Cut) -> Grant | None:
    """Grant every field exactly, and attest nothing."""
    return Grant(Rung.EXACT, (), frozenset()) if piece.rung is Rung.EXACT else None


def only(*categories: str, facts: frozenset[Fact] = frozenset(), lifts: tuple[str, ...] = ()) -> Granting:
    """Grant the fields of these categories exactly."""

    def granting(piece: Cut) -> Grant | None:
        wanted = piece.category in categories and piece.rung is Rung.EXACT
        return Grant(Rung.EXACT, lifts, facts) if wanted else None

    return granting


def release(
    gateway: Gateway,
    record: Record,
    recipient: str,
    now: datetime,
    granting: Granting = everything,
    *,
    purpose: Purpose = Purpose.INVESTIGATION,
    legal_basis: LegalBasis = LegalBasis.LAW_ENFORCEMENT_TASK,
    record_id: str = "",
) -> Release:
    """Return a release as a sender makes it whose policy grants what it should not.

    `record_id` says that it is a version of a record there is already.
    """
    submission = prepare(gateway, record.SerializeToString(deterministic=True), now)
    if record_id:
        statement = replace(submission.statement, record_id=record_id)
        submission = replace(submission, signed=sign_statement(statement, gateway.signing))
    return build_release(
        planned(submission, recipient, now, granting),
        submission.signed,
        purpose=purpose,
        legal_basis=legal_basis,
        pseudonyms={},
    )


def planned(submission: Submission, recipient: str, now: datetime, granting: Granting) -> Plan:
    """Return the plan of what is granted."""
    grants: dict[FieldKey, Grant] = {}
    for piece in submission.cuts:
        grant = granting(piece)
        if grant is not None:
            grants[piece.entity, piece.field] = grant
    return plan(
        submission.cuts,
        grants,
        Terms(
            recipient=recipient,
            marking=submission.marking,
            entity_markings=submission.entity_markings,
            duties=(),
            obligations=(),
            retain_until=submission.statement.retain_until,
            released_at_ms=int(now.timestamp() * 1000),
        ),
    )


def reply(sender: str, recipient: str, answer: ReceiptBatch) -> bytes:
    """Return the file that carries an answer back."""
    return Bundle(sender=sender, recipient=recipient, envelopes=None, receipts=answer.encode()).encode()


def acknowledgement(
    gateway: Gateway, peer: str, *, exchange: str | None = None, message: str | None = None, **entry: Any
) -> ReceiptBatch:
    """Return a receipt for an envelope that never came, properly written and proved in the own ledger.

    `entry` changes what else it says.
    """
    draft = Draft(
        kind=EntryKind.RECEIVED,
        exchange=exchange or uuid7(1_790_000_000_000, gateway.random(10)),
        message=message or uuid7(1_790_000_000_000, gateway.random(10)),
        peer=peer,
        direction=Direction.IN,
        envelope=gateway.random(32),
    )
    (done,) = gateway.store.writer.commit([Unit(drafts=(replace(draft, **entry),))])
    if isinstance(done, GatewayError):
        raise done
    signed = gateway.notary.sign_head()
    (proof,) = gateway.store.read.inclusion_proofs([done.first_index], signed.checkpoint.size)
    receipt = Receipt(entry=done.entries[0], proof=build_proof(done.first_index, proof).encode())
    return ReceiptBatch(checkpoint=signed.note.encode(), consistency=None, receipts=(receipt.encode(),))
