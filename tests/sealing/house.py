"""Two agencies' ledgers and keys, small and fixed, to make envelopes and receipts with."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any

from gateway.ledger.checkpoint import Checkpoint, ledger_origin, sign_checkpoint
from gateway.ledger.commitment import CommitmentType, commit
from gateway.ledger.entry import Direction, Draft, EntryKind, encode
from gateway.ledger.proof import build_proof
from gateway.ledger.tree import Frontier, consistency_proof, inclusion_proof, leaf_hash
from gateway.ledger.vkey import SignatureType, VKey
from gateway.record.text import uuid7
from gateway.record.vocabulary import Lane
from gateway.sealing.admission import Known, Reception
from gateway.sealing.batch import Consistency, Envelope, EnvelopeBatch
from gateway.sealing.envelope import EnvelopeHeader, EnvelopeKind, Sealed, seal_envelope
from gateway.sealing.standing import PeerLedger
from keys.ed25519 import Ed25519Signer
from keys.sealing import SealingKey, seal

NOW_MS = 1_790_000_000_000
DAY_MS = 86_400_000
SALT = sha256(b"salt").digest()


def drawn(label: str, size: int = 32) -> bytes:
    """Return fixed bytes that look random."""
    out = b""
    while len(out) < size:
        out += sha256(f"{label}/{len(out)}".encode()).digest()
    return out[:size]


@dataclass
class House:
    """One agency: a ledger held in memory and the keys it needs to send and receive."""

    agency: str
    number: int = 1
    entries: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.signer = Ed25519Signer(drawn(f"ledger {self.agency}"))
        self.sealing = SealingKey(drawn(f"sealing {self.agency}", 96))
        self.origin = ledger_origin(self.agency, self.number)
        self.vkey = VKey(name=self.origin, type=SignatureType.ED25519, key=self.signer.public_key)
        self.ledger = PeerLedger(agency=self.agency, vkeys=(self.vkey,), origins=frozenset({self.origin}))

    def append(self, draft: Draft, pair_seq: int | None = None) -> bytes:
        """Append an entry and return its bytes."""
        index = len(self.entries)
        travelling = pair_seq if pair_seq is not None else index + 1
        counted = draft.direction is not None
        data = encode(
            draft,
            at=NOW_MS // 1000 + index,
            pair_seq=travelling if counted else None,
            blind=drawn(f"blind {self.agency} {index}", 16),
        )
        self.entries.append(data)
        return data

    def node(self, level: int, position: int) -> bytes:
        """Return a stored hash of the tree."""
        leaves = self.entries[position << level : (position + 1) << level]
        return Frontier().append([leaf_hash(entry) for entry in leaves])[0].root()

    def head(self, size: int | None = None) -> Checkpoint:
        """Return the checkpoint of the whole ledger, or of its first entries."""
        entries = self.entries[:size]
        root = Frontier().append([leaf_hash(entry) for entry in entries])[0].root()
        return Checkpoint(origin=self.origin, size=len(entries), root=root)

    def checkpoint(self, size: int | None = None) -> bytes:
        """Return the signed note of a head."""
        return sign_checkpoint(self.head(size), self.vkey, self.signer.sign).encode()

    def proof(self, entry: bytes) -> bytes:
        """Return the proof of an entry under the newest head, without the checkpoint."""
        index = self.entries.index(entry)
        return build_proof(index, inclusion_proof(index, len(self.entries), self.node)).encode()

    def growth(self, from_size: int) -> Consistency:
        """Return the proof that the newest tree grew from an older one."""
        hashes = consistency_proof(from_size, len(self.entries), self.node)
        return Consistency(from_size=from_size, hashes=tuple(hashes))

    def root_at(self, origin: str, size: int) -> bytes | None:
        """Return the root this ledger had at a size, None for one it never had."""
        known = origin == self.origin and size <= len(self.entries)
        return self.head(size).root if known else None

    def filler(self) -> None:
        """Append an entry that says nothing."""
        self.append(Draft(kind=EntryKind.FILLER))

    def reception(self, carrier: House, **changes: Any) -> Reception:
        """Return what this house knows when the carrier delivers for the first time."""
        keys = {self.sealing.key_id: self.sealing}
        reception = Reception(
            me=self.agency,
            carrier=carrier.agency,
            now_ms=NOW_MS + 1000,
            ledger=carrier.ledger,
            known=lambda _sender, _message: None,
            earlier=lambda _header, _digest: None,
            newest=lambda _origin: None,
            root_at=lambda _origin, _size: None,
            opener=keys.get,
        )
        return replace(reception, **changes)


def header(sender: House, recipient: House, number: int = 0, **changes: Any) -> EnvelopeHeader:
    """Return a header between two houses, its ids fixed by the number."""
    plain = EnvelopeHeader(
        message_id=uuid7(NOW_MS, drawn(f"message {number}", 10)),
        exchange_id=uuid7(NOW_MS, drawn(f"exchange {number}", 10)),
        sender=sender.agency,
        recipient=recipient.agency,
        kind=EnvelopeKind.RELEASE,
        lane=Lane.ROUTINE,
        created_at_ms=NOW_MS,
        expires_at_ms=NOW_MS + 14 * DAY_MS,
        recipient_key_id=recipient.sealing.key_id,
    )
    return replace(plain, **changes)


def sealed_to(recipient: House, head: EnvelopeHeader, body: bytes = b"body") -> Sealed:
    """Return a body sealed to a house under a header."""
    return seal_envelope(head, body, SALT, recipient.sealing.public_key, seal)


def announce(
    sender: House, head: EnvelopeHeader, sealed: Sealed, body: bytes = b"body", **changes: Any
) -> bytes:
    """Append the sender's entry for an envelope and return its bytes."""
    released = head.kind is EnvelopeKind.RELEASE
    draft = Draft(
        kind=EntryKind.RELEASED if released else EntryKind.SENT,
        exchange=head.exchange_id,
        message=head.message_id,
        peer=head.recipient,
        direction=Direction.OUT,
        envelope=sealed.digest,
        commit=commit(SALT, CommitmentType.PAYLOAD, body),
    )
    return sender.append(replace(draft, **changes))


def envelope(sender: House, sealed: Sealed, entry: bytes) -> bytes:
    """Return an envelope's bytes, its proof under the sender's newest head."""
    return Envelope(
        header=sealed.header, sealed=sealed.sealed, entry=entry, proof=sender.proof(entry)
    ).encode()


def batch(sender: House, *envelopes: bytes, consistency: Consistency | None = None) -> EnvelopeBatch:
    """Return a batch under the sender's newest head."""
    return EnvelopeBatch(checkpoint=sender.checkpoint(), consistency=consistency, envelopes=envelopes)


def delivery(
    sender: House, recipient: House, number: int = 0, body: bytes = b"body", **changes: Any
) -> tuple[bytes, EnvelopeBatch]:
    """Return one envelope that is right in everything, and the batch that holds it."""
    head = header(sender, recipient, number, **changes)
    sealed = sealed_to(recipient, head, body)
    data = envelope(sender, sealed, announce(sender, head, sealed, body))
    return data, batch(sender, data)


def refusing(known: Known) -> Callable[[str, str], Known | None]:
    """Return a look-up that finds one message, whatever is asked."""
    return lambda _sender, _message: known


def flips(data: bytes) -> Sequence[bytes]:
    """Return every copy of the data with one bit changed."""
    return [
        data[:at] + bytes((data[at] ^ 1 << bit,)) + data[at + 1 :]
        for at in range(len(data))
        for bit in range(8)
    ]
