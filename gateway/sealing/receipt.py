"""Receipts: the recipient's ledger showing that an envelope arrived, and what became of it.

Source: PROTOCOL section 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.entry import Direction, EntryKind, parse
from gateway.sealing.batch import joined_proof
from gateway.sealing.standing import PeerLedger, RootAt, open_head, prove_entry

RECEIPT_KINDS: Final = frozenset({EntryKind.RECEIVED, EntryKind.REFUSED, EntryKind.QUARANTINED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedReceipt:
    """Which envelope is acknowledged: `envelope` is its digest, `me` its sender, `peer` its recipient."""

    exchange: str
    message: str
    envelope: bytes
    me: str
    peer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedReceipt:
    """A receipt that holds. `code` is the closed reason of a refusal or quarantine, None when received.

    `proof` is the joined tlog-proof, to be stored beside `entry`; `index` the entry's place in the peer's
    ledger; `checkpoint` the peer's head it stands under; `seen` the own head the peer says it has seen.
    """

    kind: EntryKind
    code: str | None
    entry: bytes
    index: int
    proof: str
    checkpoint: Checkpoint
    seen: Checkpoint | None


def verify_receipt(
    entry: bytes,
    proof: bytes,
    checkpoint: bytes,
    *,
    expected: ExpectedReceipt,
    ledger: PeerLedger,
    own_root: RootAt,
) -> VerifiedReceipt:
    """Return the receipt, once the peer's own ledger shows it for exactly the envelope expected.

    `proof` ends after its blank line; `checkpoint` is the batch's signed note; `ledger` what the
    directory says of the peer; `own_root` the root of our own ledger, None for a size it never had.

    Raises:
        Malformed: entry, proof or checkpoint off their form.
        VerificationFailed: code `receipt-mismatch` when it acknowledges something else, comes from somebody
            else, or names a head that our ledger never had; else as the signature or proof fails.
    """
    if ledger.agency != expected.peer:
        raise _mismatch("ledger.agency")
    parsed = parse(entry)
    if parsed.kind not in RECEIPT_KINDS:
        raise Malformed("is no receipt", field="receipt.kind")
    said = (parsed.direction, parsed.peer, parsed.exchange, parsed.message, parsed.envelope)
    wanted = (Direction.IN, expected.me, expected.exchange, expected.message, expected.envelope)
    if said != wanted:
        raise _mismatch("receipt.entry")
    head = open_head(checkpoint, ledger)
    index = prove_entry(entry, proof, head)
    seen = parsed.peer_head
    # Kept beside our own ledger, a head it never had would say for good that we have hidden a part of it.
    if seen is not None and own_root(seen.origin, seen.size) != seen.root:
        raise _mismatch("receipt.peer_head", "names a head that our ledger never had")
    return VerifiedReceipt(
        kind=parsed.kind,
        code=parsed.code,
        entry=entry,
        index=index,
        proof=joined_proof(proof, checkpoint),
        checkpoint=head,
        seen=seen,
    )


def _mismatch(field: str, reason: str = "acknowledges another envelope") -> VerificationFailed:
    return VerificationFailed(reason, code="receipt-mismatch", field=field)
