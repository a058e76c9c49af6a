"""Where an agency's entry stands: in the tree of one of its own checkpoints, and how that tree grew.

Source: PROTOCOL sections 5 to 7.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.checkpoint import Checkpoint, parse_ledger_origin
from gateway.ledger.note import open_checkpoint
from gateway.ledger.proof import parse_proof
from gateway.ledger.tree import leaf_hash, verify_consistency, verify_inclusion
from gateway.ledger.vkey import VKey
from gateway.record.text import check_agency_id
from gateway.sealing.batch import Consistency

RootAt = Callable[[str, int], bytes | None]
"""Returns the root stored for (origin, size), or None where that head was never seen."""


class Link(StrEnum):
    """How a checkpoint relates to what was known of its ledger.

    FIRST and GROWN heads lie on the one branch that is followed, and so does the newest linked head known.
    """

    FIRST = "first"
    KNOWN = "known"
    GROWN = "grown"
    UNLINKED = "unlinked"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerLedger:
    """What the directory says now of an agency's ledgers: keys valid now, and every origin listed.

    Raises:
        Malformed: an origin that names another agency.
    """

    agency: str
    vkeys: tuple[VKey, ...]
    origins: frozenset[str]

    def __post_init__(self) -> None:
        check_agency_id(self.agency, "ledger.agency")
        if any(parse_ledger_origin(origin)[0] != self.agency for origin in self.origins):
            raise Malformed("names another agency", field="ledger.origins")


@lru_cache(maxsize=32)
def open_head(note: bytes, ledger: PeerLedger) -> Checkpoint:
    """Return the checkpoint of a note signed under one of the ledger's keys and origins.

    Remembered, for every envelope of a batch stands under the same one.

    Raises:
        Malformed, VerificationFailed: no checkpoint, or none of that agency.
    """
    checkpoint = open_checkpoint(note, ledger.vkeys).checkpoint
    if checkpoint.origin not in ledger.origins:
        raise VerificationFailed("is of no listed ledger", code="wrong-origin", field="checkpoint.origin")
    return checkpoint


def prove_entry(entry: bytes, proof: bytes, checkpoint: Checkpoint) -> int:
    """Return the index at which exactly these entry bytes stand in the checkpoint's tree.

    `proof` is a tlog-proof that travelled apart from its checkpoint.

    Raises:
        Malformed: no proof, or one with more behind its blank line or extra data: stored joined, either
            would change what is proved.
        VerificationFailed: code `proof-invalid`.
    """
    parsed = parse_proof(proof)
    if parsed.checkpoint or parsed.extra is not None:
        raise Malformed("holds more than an index and hashes", field="proof")
    verify_inclusion(
        index=parsed.index,
        size=checkpoint.size,
        leaf=leaf_hash(entry),
        proof=parsed.hashes,
        root=checkpoint.root,
    )
    return parsed.index


def link_head(
    checkpoint: Checkpoint, consistency: Consistency | None, *, newest: Checkpoint | None, root_at: RootAt
) -> Link:
    """Return how a verified checkpoint relates to what is known of its ledger.

    `newest` is the newest linked head of that origin; `root_at` finds every head seen, linked or not. A head
    seen before is KNOWN only up to the newest linked one: above it, it is GROWN as soon as that is proved.
    UNLINKED stops nothing by itself: the caller gives the peer 60 seconds to prove growth.

    Raises:
        VerificationFailed: code `forked` when another root is known for this size (the two signed
            checkpoints are evidence); `proof-invalid` when a proof is given and does not hold.
    """
    known = root_at(checkpoint.origin, checkpoint.size)
    if known is not None and known != checkpoint.root:
        raise _forked(checkpoint, known)
    if newest is None:
        return Link.FIRST
    if known is not None and checkpoint.size <= newest.size:
        return Link.KNOWN
    if consistency is None:
        return Link.UNLINKED
    from_newest = consistency.from_size == newest.size
    old_root = newest.root if from_newest else root_at(checkpoint.origin, consistency.from_size)
    if old_root is None:
        return Link.UNLINKED
    _verify_growth(
        consistency.from_size, old_root, checkpoint.size, checkpoint.root, tuple(consistency.hashes)
    )
    # Growth from any other head, older or never linked, leaves open whether the newest linked one lies on the
    # same branch: a ledger with two of them could show one, then the other, and continue there unnoticed.
    return Link.GROWN if from_newest else Link.UNLINKED


def _forked(checkpoint: Checkpoint, known: bytes) -> VerificationFailed:
    return VerificationFailed(
        "has another root than the one known for its size",
        code="forked",
        field="checkpoint",
        origin=checkpoint.origin,
        size=str(checkpoint.size),
        known_root=known.hex(),
        shown_root=checkpoint.root.hex(),
    )


@lru_cache(maxsize=256)
def _verify_growth(
    old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: tuple[bytes, ...]
) -> None:
    verify_consistency(
        old_size=old_size, old_root=old_root, new_size=new_size, new_root=new_root, proof=proof
    )
