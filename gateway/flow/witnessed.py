"""Being witnessed: the own heads shown to other members, their lines verified and kept, and what they know at
a start.

Source: PROTOCOL section 9; C2SP tlog-witness; THREATS A27, F08.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence

from gateway.errors import Conflict, VerificationFailed
from gateway.flow.deliver import shown_units
from gateway.flow.gateway import Gateway
from gateway.flow.heads import own_roots
from gateway.flow.notary import Signed
from gateway.flow.witnesses import quorum_of, witness_vkeys
from gateway.ledger.note import open_checkpoint
from gateway.ledger.vkey import SignatureLine
from gateway.store.rows import CheckpointRow
from gateway.store.unit import Unit


def uncosigned(gateway: Gateway) -> Signed | None:
    """Return the newest own head, signed, if not enough members have cosigned it yet.

    Raises:
        Refused, Corrupt: nothing may be signed.
    """
    signed = gateway.notary.sign_head()
    return signed if gateway.read.checkpoint_at(signed.checkpoint.size) is None else None


def verified_line(gateway: Gateway, witness: str, signed: Signed, lines: Sequence[str]) -> str:
    """Return the one line among a witness's answer that verifies under the key the directory lists for it.

    Raises:
        Malformed: a line is none.
        VerificationFailed: none is by that key, or it does not hold.
    """
    vkey = witness_vkeys(gateway.directory).get(witness)
    if vkey is not None:
        for text in lines:
            line = SignatureLine.parse(text.removesuffix("\n"))
            if (line.name, line.key_id) == (vkey.name, vkey.key_id):
                open_checkpoint(f"{signed.note}{line.encode()}", [gateway.notary.vkey], [vkey])
                return line.encode()
    raise VerificationFailed(
        f"{witness} has not signed with its listed witness key", code="no-known-signature", field="lines"
    )


def keep_cosigned(gateway: Gateway, signed: Signed, lines: Mapping[str, str]) -> bool:
    """Store a checkpoint with its verified lines, by agency, once they are enough; return if they are."""
    # An agency is no witness of itself: whoever inspects an export leaves its own line out as well.
    others = sorted(lines.keys() - {gateway.me})
    if len(others) < quorum_of(gateway.directory, gateway.me):
        return False
    note = signed.note + "".join(lines[agency] for agency in others)
    # Cosigned before by others: one quorum is as good as another, and nobody changes what was kept.
    with contextlib.suppress(Conflict):
        gateway.store.writer.commit_one(Unit(rows=(CheckpointRow(signed.checkpoint.size, note),)))
    return True


def note_seen(gateway: Gateway, witness: str, size: int) -> None:
    """Remember that a peer has seen the own ledger up to a size: growth is proved to it from there."""
    for unit in shown_units(gateway, witness, size):
        gateway.store.writer.commit_one(unit)


def reason_to_stop(gateway: Gateway, seen: bytes | None) -> str:
    """Return why a start must stop, given the newest checkpoint of ours that a witness has seen; or "".

    Raises:
        Malformed, VerificationFailed: that is no checkpoint signed by our key: it says nothing.
    """
    if seen is None:
        return ""
    head = open_checkpoint(seen, [gateway.notary.vkey]).checkpoint
    own = gateway.read.head()
    if head.size > own.size:
        return f"a witness has seen {head.size} entries, the store holds {own.size}: an old copy was put back"
    if own_roots(gateway)(head.origin, head.size) != head.root:
        return f"a witness has seen another history at {head.size} entries than the store holds"
    return ""
