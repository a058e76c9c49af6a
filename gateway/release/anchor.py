"""Anchors: the originator's own ledger entry for a statement, so that its age does not rest on its key.

Source: PROTOCOL section 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.commitment import SALT_BYTES, CommitmentType, verify_commitment
from gateway.ledger.entry import EntryKind, parse
from gateway.ledger.kinds import FinalCode
from gateway.ledger.note import open_checkpoint
from gateway.ledger.proof import parse_proof
from gateway.ledger.tree import leaf_hash, verify_inclusion
from gateway.ledger.vkey import VKey
from gateway.record.encoding import read
from gateway.record.wire_bytes import Limits
from gateway.release.refusal import refused_as
from gateway.v1 import disclosure_pb2

_LIMITS: Final = Limits(size_bytes=1024 * 1024, depth=1, elements=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """The `submitted` entry, the 32-byte salt that opens its commitment, and its joined tlog-proof."""

    entry: bytes
    salt: bytes
    proof: str

    def __post_init__(self) -> None:
        if len(self.salt) != SALT_BYTES:
            raise Malformed(f"is not {SALT_BYTES} bytes", field="anchor.salt")

    def encode(self) -> bytes:
        """Return the anchor's bytes; passed on verbatim from then on."""
        return disclosure_pb2.Anchor(
            entry=self.entry, salt=self.salt, proof=self.proof.encode()
        ).SerializeToString(deterministic=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchorTrust:
    """Which ledgers may anchor an originator's statements: its log keys of every time, and its origins.

    `witnesses` are the keys whose cosignatures date a checkpoint; other lines are ignored.
    """

    vkeys: tuple[VKey, ...]
    origins: frozenset[str]
    witnesses: tuple[VKey, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedAnchor:
    """An anchor that holds: the statement stood in `checkpoint`'s tree at `index`.

    `submitted_at` is what the originator wrote (POSIX seconds); `cosigned` (key, POSIX seconds) of every
    trusted witness, which is what others saw.
    """

    index: int
    checkpoint: Checkpoint
    submitted_at: int
    cosigned: tuple[tuple[VKey, int], ...]


def parse_anchor(data: bytes) -> Anchor:
    """Return an anchor of its one encoding; anything else is Malformed."""
    return read(disclosure_pb2.Anchor, data, _anchor, limits=_LIMITS, field="anchor")


def verify_anchor(data: bytes, *, statement: bytes, trust: AnchorTrust) -> VerifiedAnchor:
    """Return the anchor, once the originator's ledger shows this statement.

    `statement` is SHA-256 of the Signed statement.

    Raises:
        VerificationFailed: code `consent-invalid` (an anchor travels with a consent and falls with it).
    """
    with refused_as(FinalCode.CONSENT_INVALID):
        anchor = parse_anchor(data)
        entry = parse(anchor.entry)
        if entry.kind is not EntryKind.SUBMITTED or entry.commit is None:
            raise VerificationFailed("is not a submission", code="wrong-kind", field="anchor.entry")
        verify_commitment(entry.commit, anchor.salt, CommitmentType.STATEMENT, statement)
        proof = parse_proof(anchor.proof)
        if proof.extra is not None:
            raise Malformed("holds more than an index and hashes", field="anchor.proof")
        head = open_checkpoint(proof.checkpoint, trust.vkeys, trust.witnesses)
        checkpoint = head.checkpoint
        if checkpoint.origin not in trust.origins:
            raise VerificationFailed("is of no listed ledger", code="wrong-origin", field="anchor.proof")
        verify_inclusion(
            index=proof.index,
            size=checkpoint.size,
            leaf=leaf_hash(anchor.entry),
            proof=proof.hashes,
            root=checkpoint.root,
        )
    return VerifiedAnchor(
        index=proof.index, checkpoint=checkpoint, submitted_at=entry.at, cosigned=head.opened.cosigned
    )


def _anchor(message: disclosure_pb2.Anchor) -> Anchor:
    try:
        return Anchor(entry=message.entry, salt=message.salt, proof=message.proof.decode())
    except UnicodeDecodeError as exc:
        raise Malformed("is not UTF-8", field="anchor.proof") from exc
