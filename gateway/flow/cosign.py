"""Cosigning: vouching for a peer's ledger.

A witness says that it has seen no other history under this origin; what it has seen is stored before it
signs. Cosigning appends nothing to the ledger.

Source: PROTOCOL section 9; C2SP tlog-witness, tlog-cosignature; THREATS A27, A28.
"""

from __future__ import annotations

from datetime import datetime

from gateway.errors import Conflict, Forbidden, Refused, VerificationFailed
from gateway.flow.evidence import fork_unit
from gateway.flow.gateway import Gateway
from gateway.flow.heads import head_units, newest_linked, roots_seen
from gateway.flow.peers import peer_ledger
from gateway.flow.witnesses import witness_name
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.cosignature import cosign
from gateway.ledger.kinds import InBandCode
from gateway.ledger.vkey import SignatureType, VKey
from gateway.sealing.batch import Consistency
from gateway.sealing.standing import Link, PeerLedger, link_head, open_head


def cosign_for(
    gateway: Gateway, carrier: str, note: bytes, growth: Consistency | None, now: datetime
) -> list[str]:
    """Return our signature lines over a peer's checkpoint that grew from the last one we saw.

    `growth` proves it from that one, None where we saw none.

    Raises:
        Refused: code `guard-tripped`: this gateway vouches for nobody.
        Forbidden: code `unknown-peer`: the carrier takes no part in the exchange now.
        Malformed, VerificationFailed: no checkpoint of the carrier's own ledger, a proof that does not hold,
            or another history than the one seen (code `forked`), which is kept as evidence.
        Conflict: code `other-size`; the fact `size` says which size we saw last.
    """
    if gateway.notary.tripped:
        raise Refused("this gateway vouches for nobody until its own ledger is settled", code="guard-tripped")
    head = open_head(note, _ledger(gateway, carrier, now))
    newest = newest_linked(gateway.read, head.origin)
    seen = 0 if newest is None else newest.size
    if (growth.from_size if growth is not None else 0) != seen:
        raise Conflict(f"the size seen last is {seen}", code="other-size", size=str(seen))
    link = _link(gateway, head, growth, newest, note=note, carrier=carrier)
    if link is Link.UNLINKED or head.size < seen:
        # A fresh line over an older head would say of a ledger cut back to there that it is the newest.
        raise Conflict(f"the size seen last is {seen}", code="other-size", size=str(seen))
    for unit in head_units(gateway, head, link, note=note, consistency=growth, now=now):
        gateway.store.writer.commit_one(unit)
    key = gateway.witness
    vkey = VKey(name=witness_name(gateway.me), type=SignatureType.COSIGNATURE_ED25519, key=key.public_key)
    return [cosign(vkey, head.body(), int(now.timestamp()), key.sign).encode()]


def _ledger(gateway: Gateway, carrier: str, now: datetime) -> PeerLedger:
    ledger = peer_ledger(gateway, carrier, now)
    if ledger is None:
        raise Forbidden(f"{carrier} takes no part in the exchange now", code="unknown-peer")
    return ledger


def _link(
    gateway: Gateway,
    head: Checkpoint,
    growth: Consistency | None,
    newest: Checkpoint | None,
    *,
    note: bytes,
    carrier: str,
) -> Link:
    same_size = newest is not None and head.size == newest.size
    if same_size and growth is not None and growth.hashes:
        raise VerificationFailed("proves growth to the same size", code="proof-invalid", field="proof")
    proof = None if same_size else growth
    try:
        return link_head(head, proof, newest=newest, root_at=roots_seen(gateway.read))
    except VerificationFailed as exc:
        if exc.code == InBandCode.FORKED:
            gateway.store.writer.commit([fork_unit(note, carrier)])
        raise


def seen_of(gateway: Gateway, carrier: str, origin: str, now: datetime) -> bytes | None:
    """Return the newest checkpoint seen of the carrier's own ledger as it was signed; None if none was.

    Raises:
        Forbidden: code `unknown-peer`, or `other-ledger`: the ledger is not the carrier's.
    """
    if origin not in _ledger(gateway, carrier, now).origins:
        raise Forbidden("is not a ledger of the caller", code="other-ledger", field="origin")
    row = gateway.read.newest_peer_head(origin)
    return None if row is None else row.note.encode()
