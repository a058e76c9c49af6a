"""The first schema. Written out, not taken from `gateway.store.tables`: what once ran must not change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.errors import Misconfigured
from gateway.store import sqlite

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Create every table, index and trigger, and the row that writers lock."""
    _ledger()
    _records()
    _exchanges()
    _messages()
    _proofs()
    _peers()
    _append_only("entries", "nodes", "heads", "checkpoints")
    _append_only("receipts", "sender_proofs", "peer_heads", "linked_heads")
    op.execute("INSERT INTO meta (name, value) VALUES ('sequencer', '')")


def downgrade() -> None:
    """Nothing is ever taken back: a ledger that loses its tables is lost."""
    raise Misconfigured("the first schema cannot be taken back", field="store")


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    integer = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, integer, autoincrement=False, nullable=nullable)


def _numbers(*names: str) -> list[sa.Column[int]]:
    return [_number(name) for name in names]


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _blobs(*names: str, nullable: bool = False) -> list[sa.Column[bytes]]:
    return [sa.Column(name, sa.LargeBinary(), nullable=nullable) for name in names]


def _key(*names: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*names)


def _hash(column: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(f"length({column}) = 32", name=column)


def _index(name: str, table: str, columns: list[str], where: str | None = None) -> None:
    condition: Any = None if where is None else sa.text(where)
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)


def _ledger() -> None:
    op.create_table(
        "entries",
        *_numbers("idx", "kind"),
        *_texts("exchange", "message", nullable=True),
        *_blobs("data", "leaf"),
        _key("idx"),
        _hash("leaf"),
    )
    _index("ix_entries_exchange", "entries", ["exchange"], where="exchange IS NOT NULL")
    op.create_table(
        "nodes",
        *_numbers("level", "position"),
        *_blobs("hash"),
        _key("level", "position"),
        _hash("hash"),
        sqlite_with_rowid=False,
    )
    op.create_table("heads", *_numbers("size"), *_blobs("root"), _key("size"), _hash("root"))
    op.create_table("checkpoints", *_numbers("size"), *_texts("note"), _key("size"))
    op.create_table(
        "pairs",
        *_texts("peer", "direction"),
        *_numbers("last_seq"),
        _key("peer", "direction"),
        sa.CheckConstraint("direction IN ('out', 'in')", name="direction"),
    )


def _records() -> None:
    owner = ("originator", "record_id", "version")
    op.create_table(
        "records",
        *_texts("originator", "record_id"),
        *_numbers("version"),
        *_texts("direction"),
        *_blobs("statement_digest"),
        _number("submitted_entry", nullable=True),
        *_texts("sealed_on", "retain_until"),
        sa.Column("exercise", sa.Boolean(), nullable=False),
        *_texts("state"),
        *_blobs("reference_tag", nullable=True),
        *_numbers("created_at"),
        _key(*owner),
        sa.CheckConstraint("direction IN ('own', 'received')", name="direction"),
        sa.CheckConstraint("state IN ('current', 'superseded', 'erased')", name="state"),
    )
    _index("ix_records_reference_tag", "records", ["reference_tag"], where="reference_tag IS NOT NULL")
    op.create_table(
        "record_keys",
        *_texts("originator", "record_id"),
        *_numbers("version"),
        *_blobs("wrapped"),
        _key(*owner),
    )
    op.create_table(
        "bodies",
        *_texts("originator", "record_id"),
        *_numbers("version"),
        *_texts("kind", "part"),
        *_blobs("ciphertext"),
        _key(*owner, "kind", "part"),
        sa.ForeignKeyConstraint(owner, [f"record_keys.{name}" for name in owner]),
    )


def _exchanges() -> None:
    op.create_table(
        "exchanges",
        *_texts("exchange_id", "direction", "peer", "originator", "record_id"),
        *_numbers("version"),
        *_texts("message_id", nullable=True),
        *_texts("state", "purpose", "legal_basis", "lane"),
        *_blobs("decision_digest", "policy_digest", "directory_version", nullable=True),
        *_texts("duties", "outcome"),
        *_numbers("created_at"),
        _number("expires_at", nullable=True),
        _number("entry", nullable=True),
        _number("closing_entry", nullable=True),
        _key("exchange_id"),
        sa.CheckConstraint("direction IN ('out', 'in')", name="direction"),
    )
    _index("ix_exchanges_originator_record_id_version", "exchanges", ["originator", "record_id", "version"])
    _index("ix_exchanges_state_exchange_id", "exchanges", ["state", "exchange_id"])
    op.create_table("exchange_keys", *_texts("exchange_id"), *_blobs("wrapped"), _key("exchange_id"))


def _messages() -> None:
    op.create_table(
        "outbox",
        *_texts("message_id", "exchange_id", "peer", "kind", "lane"),
        *_blobs("header"),
        *_blobs("sealed", nullable=True),
        *_blobs("sealed_digest", "envelope_digest"),
        *_numbers("entry"),
        *_texts("state"),
        *_numbers("created_at", "expires_at"),
        _key("message_id"),
        sa.CheckConstraint("state IN ('queued', 'delivered', 'refused', 'undeliverable')", name="state"),
    )
    _index("ix_outbox_exchange_id", "outbox", ["exchange_id"])
    _index("ix_outbox_queued", "outbox", ["peer", "lane", "message_id"], where="state = 'queued'")
    op.create_table(
        "inbox",
        *_texts("sender", "message_id", "exchange_id"),
        *_blobs("envelope_digest"),
        *_texts("kind"),
        *_blobs("header", "sealed_digest"),
        *_numbers("entry"),
        *_texts("outcome"),
        *_texts("code", nullable=True),
        *_numbers("created_at"),
        _key("sender", "message_id"),
        sa.UniqueConstraint("entry"),
        sa.CheckConstraint("outcome IN ('received', 'refused', 'quarantined')", name="outcome"),
    )
    _index("ix_inbox_exchange_id", "inbox", ["exchange_id"])


def _proofs() -> None:
    op.create_table(
        "receipts",
        *_texts("message_id"),
        *_blobs("envelope_digest", "entry"),
        *_texts("proof"),
        _key("message_id", "envelope_digest"),
    )
    op.create_table(
        "sender_proofs",
        *_texts("sender"),
        *_blobs("envelope_digest", "entry"),
        *_texts("proof"),
        _key("sender", "envelope_digest"),
    )


def _peers() -> None:
    op.create_table(
        "peer_heads",
        *_texts("origin"),
        *_numbers("size"),
        *_blobs("root"),
        *_texts("note"),
        *_numbers("seen_at"),
        _key("origin", "size"),
        _hash("root"),
    )
    op.create_table(
        "linked_heads",
        *_texts("origin"),
        *_numbers("grown_from", "size"),
        *_blobs("root"),
        _key("origin", "grown_from"),
        sa.UniqueConstraint("origin", "size"),
        sa.CheckConstraint("grown_from < size", name="grown_from"),
        _hash("root"),
    )
    op.create_table(
        "activations",
        *_numbers("seq"),
        *_blobs("policy_digest", "directory_digest"),
        *_numbers("at"),
        _key("seq"),
    )
    op.create_table("meta", *_texts("name", "value"), _key("name"))


def _append_only(*tables: str) -> None:
    dialect = op.get_bind().dialect.name
    if dialect != "sqlite":
        raise Misconfigured(f"has no append-only triggers for {dialect}", field="store")
    for table in tables:
        for statement in sqlite.append_only(table):
            op.execute(statement)
