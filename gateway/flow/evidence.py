"""Evidence: what proves to anybody that a peer showed two histories of its ledger.

Source: PROTOCOL section 6, check 8; THREATS A28.
"""

from __future__ import annotations

from hashlib import sha256

from gateway.ledger.entry import Draft, EntryKind
from gateway.store.rows import MetaRow
from gateway.store.unit import Unit


def fork_unit(checkpoint: bytes, peer: str) -> Unit:
    """Return what keeps a signed note that contradicts one on file, and says so in the ledger.

    The two notes for one size are the proof: the other one stands among the peer's heads. Shown again, the
    unit fails as a whole, for the note is on file: one fork is one entry.
    """
    digest = sha256(checkpoint).digest()
    return Unit(
        drafts=(Draft(kind=EntryKind.MISBEHAVIOUR, peer=peer, digest=digest),),
        rows=(MetaRow(f"evidence/{digest.hex()}", checkpoint.decode()),),
    )
