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


def quorum_of(directory: Directory, agency: str) -> int:
    """Return how many others must cosign an agency's ledger: a majority of them.

    Any two majorities share a witness, so that no two histories get one each. Who is no witness itself has
    one more others. 0 while fewer than two members could cosign.
    """
    vkeys = witness_vkeys(directory)
    return 0 if len(vkeys) < WITNESSES_FOR_A_GUARD else len(vkeys.keys() - {agency}) // 2 + 1


def answers_at_start(directory: Directory, agency: str) -> int:
    """Return how many witnesses must say at an agency's start that they know nothing newer."""
    quorum = quorum_of(directory, agency)
    return quorum if len(directory.active) >= _ONE_ANSWER_BELOW else min(1, quorum)
