"""What is kept: the tables. No column but `bodies.ciphertext` and the sealed envelopes holds content.

Ids are text, digests and keys raw bytes, dates ISO text (`2026-01-31`), times integer milliseconds UTC unless
a column says otherwise. The columns stand in the order of the row types in `gateway.store.rows`.

Source: DESIGN section 11; PROTOCOL sections 7 to 9 and 12.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    and_,
    literal_column,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite gives only a column of the exact type INTEGER the place of the row id.
_INTEGER: Final = BigInteger().with_variant(Integer(), "sqlite")


def _number(name: str, *, nullable: bool = False) -> Column[int]:
    return Column(name, _INTEGER, nullable=nullable, autoincrement=False)


def _text(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _bytes(name: str, *, nullable: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=nullable)


def _key(*names: str) -> PrimaryKeyConstraint:
    return PrimaryKeyConstraint(*names)


def _one_of(column: str, *words: str) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(word) for word in words)})", name=column)


def _hash(column: str) -> CheckConstraint:
    return CheckConstraint(f"length({column}) = 32", name=column)


def _table(name: str, *parts: Any, **options: Any) -> Table:
    return Table(name, metadata, *parts, **options)


def _index_where(condition: ColumnElement[bool], name: str | None, *columns: Column[Any]) -> Index:
    return Index(name, *columns, sqlite_where=condition, postgresql_where=condition)


# The ledger.

entries: Final = _table(
    "entries",
    _number("idx"),
    _number("kind"),
    _text("exchange", nullable=True),
    _text("message", nullable=True),
    _bytes("data"),
    _bytes("leaf"),
    _key("idx"),
    _hash("leaf"),
)
_index_where(entries.c.exchange.is_not(None), None, entries.c.exchange)

# One B-tree clustered by the key: nodes are half of all rows written, and small.
nodes: Final = _table(
    "nodes",
    _number("level"),
    _number("position"),
    _bytes("hash"),
    _key("level", "position"),
    _hash("hash"),
    sqlite_with_rowid=False,
)
heads: Final = _table("heads", _number("size"), _bytes("root"), _key("size"), _hash("root"))
checkpoints: Final = _table("checkpoints", _number("size"), _text("note"), _key("size"))
pairs: Final = _table(
    "pairs",
    _text("peer"),
    _text("direction"),
    _number("last_seq"),
    _key("peer", "direction"),
    _one_of("direction", "out", "in"),
)

# Records.

records: Final = _table(
    "records",
    _text("originator"),
    _text("record_id"),
    _number("version"),
    _text("direction"),
    _bytes("statement_digest"),
    _number("submitted_entry", nullable=True),
    _text("sealed_on"),
    _text("retain_until"),
    Column("exercise", Boolean, nullable=False),
    _text("state"),
    _bytes("reference_tag", nullable=True),
    _number("created_at"),
    _key("originator", "record_id", "version"),
    _one_of("direction", "own", "received"),
    _one_of("state", "current", "superseded", "erased"),
)
_index_where(records.c.reference_tag.is_not(None), None, records.c.reference_tag)
# The words of these conditions stand in the text, not in parameters: only so are the partial indexes used.
KEPT_OWN: Final = and_(
    records.c.direction == literal_column("'own'"), records.c.state != literal_column("'erased'")
)
_index_where(KEPT_OWN, "ix_records_kept", records.c.retain_until, records.c.record_id, records.c.version)
record_keys: Final = _table(
    "record_keys",
    _text("originator"),
    _text("record_id"),
    _number("version"),
    _bytes("wrapped"),
    _key("originator", "record_id", "version"),
)
# The foreign key says that no ciphertext outlives the key that opens it.
bodies: Final = _table(
    "bodies",
    _text("originator"),
    _text("record_id"),
    _number("version"),
    _text("kind"),
    _text("part"),
    _bytes("ciphertext"),
    _key("originator", "record_id", "version", "kind", "part"),
    ForeignKeyConstraint(
        ["originator", "record_id", "version"],
        ["record_keys.originator", "record_keys.record_id", "record_keys.version"],
    ),
)

# Exchanges.

exchanges: Final = _table(
    "exchanges",
    _text("exchange_id"),
    _text("direction"),
    _text("peer"),
    _text("originator"),
    _text("record_id"),
    _number("version"),
    _text("message_id", nullable=True),
    _text("state"),
    _text("purpose"),
    _text("legal_basis"),
    _text("lane"),
    _bytes("decision_digest", nullable=True),
    _bytes("policy_digest", nullable=True),
    _bytes("directory_version", nullable=True),
    _text("duties"),
    _text("outcome"),
    _number("created_at"),
    _number("expires_at", nullable=True),
    _number("entry", nullable=True),
    _number("closing_entry", nullable=True),
    _key("exchange_id"),
    _one_of("direction", "out", "in"),
)
Index(None, exchanges.c.originator, exchanges.c.record_id, exchanges.c.version)
Index(None, exchanges.c.state, exchanges.c.exchange_id)
KEPT_IN: Final = and_(
    exchanges.c.direction == literal_column("'in'"), exchanges.c.state != literal_column("'erased'")
)
_index_where(KEPT_IN, "ix_exchanges_kept", exchanges.c.expires_at, exchanges.c.exchange_id)
exchange_keys: Final = _table("exchange_keys", _text("exchange_id"), _bytes("wrapped"), _key("exchange_id"))

outbox: Final = _table(
    "outbox",
    _text("message_id"),
    _text("exchange_id"),
    _text("peer"),
    _text("kind"),
    _text("lane"),
    _bytes("header"),
    _bytes("sealed", nullable=True),
    _bytes("sealed_digest"),
    _bytes("envelope_digest"),
    _number("entry"),
    _text("state"),
    _number("created_at"),
    _number("expires_at"),
    _key("message_id"),
    _one_of("state", "queued", "delivered", "refused", "undeliverable"),
)
Index(None, outbox.c.exchange_id)
# Only what waits is in the index, in the order it is sent within a lane: message ids grow with time.
QUEUED: Final = outbox.c.state == literal_column("'queued'")
_index_where(
    QUEUED,
    "ix_outbox_queued",
    outbox.c.peer,
    outbox.c.lane,
    outbox.c.message_id,
)
inbox: Final = _table(
    "inbox",
    _text("sender"),
    _text("message_id"),
    _text("exchange_id"),
    _bytes("envelope_digest"),
    _text("kind"),
    _bytes("header"),
    _bytes("sealed_digest"),
    _number("entry"),
    _text("outcome"),
    _text("code", nullable=True),
    _number("created_at"),
    _key("sender", "message_id"),
    UniqueConstraint("entry"),
    _one_of("outcome", "received", "refused", "quarantined"),
)
Index(None, inbox.c.exchange_id)
# An envelope made anew keeps its message id, so one message may earn a receipt for each of its envelopes.
receipts: Final = _table(
    "receipts",
    _text("message_id"),
    _bytes("envelope_digest"),
    _bytes("entry"),
    _text("proof"),
    _key("message_id", "envelope_digest"),
)

sender_proofs: Final = _table(
    "sender_proofs",
    _text("sender"),
    _bytes("envelope_digest"),
    _bytes("entry"),
    _text("proof"),
    _key("sender", "envelope_digest"),
)

# Peers, policy and the rest.

peer_heads: Final = _table(
    "peer_heads",
    _text("origin"),
    _number("size"),
    _bytes("root"),
    _text("note"),
    _number("seen_at"),
    _key("origin", "size"),
    _hash("root"),
)
# Of the heads seen those that lie on one branch. No two grow from the same one, so the chain cannot part,
# whatever is committed at the same time.
linked_heads: Final = _table(
    "linked_heads",
    _text("origin"),
    _number("grown_from"),
    _number("size"),
    _bytes("root"),
    _key("origin", "grown_from"),
    UniqueConstraint("origin", "size"),
    CheckConstraint("grown_from < size", name="grown_from"),
    _hash("root"),
)
activations: Final = _table(
    "activations",
    _number("seq"),
    _bytes("policy_digest"),
    _bytes("directory_digest"),
    _number("at"),
    _key("seq"),
)
meta: Final = _table("meta", _text("name"), _text("value"), _key("name"))

# What the own systems and people have here.

# A push is known again by keyed hashes: neither the submitter's key nor the record can be guessed from them.
pushes: Final = _table(
    "pushes",
    _bytes("tag"),
    _bytes("content"),
    _text("record_id"),
    _number("created_at"),
    _key("tag"),
    _hash("tag"),
    _hash("content"),
)
Index(None, pushes.c.created_at)
cursors: Final = _table(
    "cursors", _text("reader"), _text("purpose"), _number("position"), _key("reader", "purpose")
)
accesses: Final = _table(
    "accesses",
    _text("serial"),
    _text("role"),
    _text("name"),
    _bytes("key_digest"),
    _number("issued_at"),
    _number("expires_at"),
    _number("revoked_at", nullable=True),
    _number("entry"),
    _number("closing_entry", nullable=True),
    _key("serial"),
    _hash("key_digest"),
    _one_of("role", "system", "auditor", "operator", "officer"),
)
Index(None, accesses.c.role, accesses.c.name)

APPEND_ONLY: Final = (
    "entries",
    "nodes",
    "heads",
    "checkpoints",
    "receipts",
    "sender_proofs",
    "peer_heads",
    "linked_heads",
)
"""Tables whose rows nobody changes or removes; triggers hold it against our own code too."""

SEQUENCER: Final = "sequencer"
"""Name of the row of `meta` that a writer locks before it reads the head.

Heads only grow: a lock on the newest would hold back nobody who waits for the next."""
