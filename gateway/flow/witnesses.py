"""Who vouches for a ledger: the members that publish a witness key, and how many of them it takes.

Source: PROTOCOL section 9.
"""

from __future__ import annotations

from gateway.flow.notary import WITNESSES_FOR_A_GUARD
from gateway.ledger.vkey import SignatureType, VKey
from keys.directory import Directory
from keys.use import KeyUse

_ONE_ANSWER_BELOW = 4
"""From so many members on a start needs a quorum of answers, below it one."""


def witness_name(agency: str) -> str:
    """Return the name an agency's witness key has in signature lines."""
    return f"comity.witness/{agency}"


def witness_vkeys(directory: Directory) -> dict[str, VKey]:
    """Return the newest unrevoked witness key of every active member that publishes one, by agency."""
    found = {}
    for agency in sorted(directory.active):
        listed = [
            record for record in directory.keys_of(agency).all(KeyUse.WITNESS) if record.revoked_since is None
        ]
        if listed:
            newest = max(listed, key=lambda record: (record.valid_from, record.key_id))
            name = witness_name(agency)
            found[agency] = VKey(name=name, type=SignatureType.COSIGNATURE_ED25519, key=newest.public)
    return found


def quorum_of(directory: Directory) -> int:
    """Return how many others must cosign: a majority of them; 0 while fewer than two members could."""
    count = len(witness_vkeys(directory))
    return 0 if count < WITNESSES_FOR_A_GUARD else (count - 1) // 2 + 1


def answers_at_start(directory: Directory) -> int:
    """Return how many witnesses must say at a start that they know nothing newer."""
    return (
        quorum_of(directory) if len(directory.active) >= _ONE_ANSWER_BELOW else min(1, quorum_of(directory))
    )
