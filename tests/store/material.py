"""Units and rows that the tests of the store are made of, and an oracle that needs nothing of the store."""

from __future__ import annotations

import sqlite3
import uuid
from hashlib import sha256
from pathlib import Path

from gateway.errors import GatewayError
from gateway.ledger.entry import Direction, Draft, EntryKind
from gateway.store.place import EntryAt
from gateway.store.rows import (
    BodyRow,
    ExchangeKeyRow,
    ExchangeRow,
    InboxRow,
    OutboxRow,
    ReceiptRow,
    RecordKeyRow,
    RecordRow,
)
from gateway.store.sequence import Committed
from gateway.store.store import Store
from gateway.store.unit import Unit

OWN = "police.nl"
PEER = "police.ro"


class Clock:
    """A clock in POSIX seconds."""

    def __init__(self, now: int) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def uuid7(number: int) -> str:
    """A UUIDv7 that grows with its number."""
    value = (1_760_000_000_000 + number) << 80 | 7 << 76 | 2 << 62 | number
    return str(uuid.UUID(int=value))


def digest(text: str) -> bytes:
    return sha256(text.encode()).digest()


def submitted() -> Draft:
    return Draft(kind=EntryKind.SUBMITTED, commit=digest("statement"))


def released(number: int, peer: str = PEER) -> Draft:
    return Draft(
        kind=EntryKind.RELEASED,
        exchange=uuid7(number),
        message=uuid7(number),
        peer=peer,
        direction=Direction.OUT,
        envelope=digest(f"envelope {number}"),
        commit=digest(f"payload {number}"),
    )


def received(number: int, peer: str = PEER) -> Draft:
    return Draft(
        kind=EntryKind.RECEIVED,
        exchange=uuid7(number),
        message=uuid7(number),
        peer=peer,
        direction=Direction.IN,
        envelope=digest(f"envelope {number}"),
    )


def held(number: int) -> Draft:
    return Draft(kind=EntryKind.HELD, exchange=uuid7(number), peer=PEER, duties=("VPO:1",), about=0)


def outbox_row(
    number: int, *, lane: str = "routine", peer: str = PEER, sealed: bytes = b"sealed"
) -> OutboxRow:
    return OutboxRow(
        message_id=uuid7(number),
        exchange_id=uuid7(number),
        peer=peer,
        kind="release",
        lane=lane,
        header=b"header",
        sealed=sealed,
        sealed_digest=sha256(sealed).digest(),
        envelope_digest=digest(f"envelope {number}"),
        entry=EntryAt(0),
        state="queued",
        created_at=1,
        expires_at=2,
    )


def inbox_row(
    number: int, *, sender: str = PEER, outcome: str = "received", code: str | None = None
) -> InboxRow:
    return InboxRow(
        sender=sender,
        message_id=uuid7(number),
        exchange_id=uuid7(number),
        envelope_digest=digest(f"envelope {number}"),
        kind="release",
        header=b"header",
        sealed_digest=digest("sealed"),
        entry=EntryAt(0),
        outcome=outcome,
        code=code,
        created_at=1,
    )


def receipt_row(number: int) -> ReceiptRow:
    return ReceiptRow(uuid7(number), digest(f"envelope {number}"), b"their entry", "their proof")


def record_row(
    number: int, *, version: int = 1, tag: bytes | None = None, direction: str = "own"
) -> RecordRow:
    return RecordRow(
        originator=OWN,
        record_id=uuid7(number),
        version=version,
        direction=direction,
        statement_digest=digest(f"statement {number}.{version}"),
        submitted_entry=EntryAt(0),
        sealed_on="2026-01-31",
        retain_until="2031-01-31",
        exercise=True,
        state="current",
        reference_tag=tag,
        created_at=1_760_000_000_000,
    )


def key_row(number: int, wrapped: bytes = b"wrapped") -> RecordKeyRow:
    return RecordKeyRow(OWN, uuid7(number), 1, wrapped)


def body_row(
    number: int, ciphertext: bytes = b"ciphertext", *, kind: str = "content", part: str = ""
) -> BodyRow:
    return BodyRow(OWN, uuid7(number), 1, kind, part, ciphertext)


def exchange_row(number: int, *, record: int | None = None, state: str = "released") -> ExchangeRow:
    return ExchangeRow(
        exchange_id=uuid7(number),
        direction="out",
        peer=PEER,
        originator=OWN,
        record_id=uuid7(number if record is None else record),
        version=1,
        message_id=None,
        state=state,
        purpose="investigation",
        legal_basis="law-enforcement-task",
        lane="routine",
        decision_digest=digest("decision"),
        policy_digest=digest("policy"),
        directory_version=digest("directory"),
        duties="CPO:1,VPO:1",
        outcome="release",
        created_at=1,
        expires_at=None,
        entry=EntryAt(0),
        closing_entry=None,
    )


def exchange_key_row(number: int, wrapped: bytes = b"wrapped K") -> ExchangeKeyRow:
    return ExchangeKeyRow(uuid7(number), wrapped)


def release_unit(number: int, *, lane: str = "routine", peer: str = PEER) -> Unit:
    return Unit(drafts=(released(number, peer),), rows=(outbox_row(number, lane=lane, peer=peer),))


def arrival_unit(number: int, *, sender: str = PEER) -> Unit:
    return Unit(drafts=(received(number, sender),), rows=(inbox_row(number, sender=sender),))


def record_unit(number: int) -> Unit:
    return Unit(drafts=(submitted(),), rows=(record_row(number), key_row(number), body_row(number)))


def commit(store: Store, *units: Unit) -> list[Committed]:
    """Commit units that must all succeed."""
    outcomes = store.writer.commit(units)
    for outcome in outcomes:
        if isinstance(outcome, GatewayError):
            raise outcome
    return [outcome for outcome in outcomes if isinstance(outcome, Committed)]


def root_of_stored(home: Path) -> tuple[int, bytes]:
    """Size and root computed from the entries in the file by a few lines of our own (RFC 6962)."""
    with sqlite3.connect(home / "store.db") as raw:
        rows = raw.execute("SELECT idx, data FROM entries ORDER BY idx").fetchall()
    raw.close()
    assert [index for index, _ in rows] == list(range(len(rows)))
    return len(rows), _root([sha256(b"\0" + data).digest() for _, data in rows])


def _root(leaves: list[bytes]) -> bytes:
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << (len(leaves) - 1).bit_length() - 1
    return sha256(b"\1" + _root(leaves[:split]) + _root(leaves[split:])).digest()
