"""One sample entry of every kind, with every member it may hold."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.commitment import CommitmentType
from gateway.ledger.entry import Direction, Draft, EntryKind, encode, travels
from gateway.ledger.kinds import CODES, MEMBERS
from tests.ledger.ledgers import Book

D32 = b"\xab" * 32
UUID = "01990000-0000-7000-8000-00000000abcd"
OTHER_UUID = "01990000-0000-7000-8000-00000000ffff"
HEAD = Checkpoint(origin="comity.ledger/police.ro/1", size=7, root=D32)
VKEY = Book("police.nl", 9).vkey.encode()

SAMPLE: dict[str, Any] = {
    "exchange": UUID,
    "message": OTHER_UUID,
    "peer": "police.ro",
    "envelope": D32,
    "commit": D32,
    "commits": ((CommitmentType.ACTOR, D32), (CommitmentType.PURPOSE, D32)),
    "policy": D32,
    "old": D32,
    "outcome": "hold",
    "rules": ("BL-01", "VP-01"),
    "duties": ("CPO:1", "VPO:2"),
    "duty": "VPO",
    "directory": D32,
    "codes": (("conflict", 1), ("quota", 2)),
    "about": 0,
    "peer_head": HEAD,
    "peer_receipt": D32,
    "origin": "comity.ledger/police.nl/2",
    "vkeys": (VKEY,),
    "predecessor": replace(HEAD, origin="comity.ledger/police.nl/1"),
    "size": 0,
    "root": D32,
    "digest": D32,
    "hit": False,
    "use": "ledger",
    "old_key": VKEY,
    "new_key": "0123456789abcdef",
    "action": "added",
    "access": "auditor",
    "person": b"\x01" * 16,
    "key": D32,
    "roles": ("CPO", "VPO"),
    "valid_from": 1,
    "valid_until": 2,
}
"""A value for every member a draft may hold."""


def sample(kind: EntryKind, *, optional: bool = True) -> dict[str, Any]:
    """Return the draft values of a kind, with or without its optional members."""
    required, allowed = MEMBERS[kind]
    values = {name: SAMPLE[name] for name in SAMPLE if name in required or (optional and name in allowed)}
    if travels(kind):
        inward = kind in (EntryKind.RECEIVED, EntryKind.REFUSED, EntryKind.QUARANTINED)
        values["direction"] = Direction.IN if inward else Direction.OUT
    if kind in CODES and ("code" in required or optional):
        values["code"] = min(CODES[kind])
    return {"kind": kind, **values}


def encoded(kind: EntryKind, *, optional: bool = True) -> bytes:
    """Return the bytes of the sample entry of a kind."""
    pair_seq = 1 if travels(kind) else None
    return encode(Draft(**sample(kind, optional=optional)), at=5, pair_seq=pair_seq, blind=b"\x0b" * 16)
