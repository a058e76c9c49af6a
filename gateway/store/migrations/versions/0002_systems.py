"""What the agency's own systems and people have at a gateway: known pushes, places in the inbox, access."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from gateway.errors import Misconfigured

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "pushes",
        sa.Column("tag", sa.LargeBinary(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("record_id", sa.Text(), nullable=False),
        sa.Column("created_at", _INTEGER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("tag"),
        sa.CheckConstraint("length(tag) = 32", name="tag"),
        sa.CheckConstraint("length(content) = 32", name="content"),
    )
    op.create_index("ix_pushes_created_at", "pushes", ["created_at"])
    op.create_table(
        "cursors",
        sa.Column("reader", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("position", _INTEGER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("reader", "purpose"),
    )
    _accesses()


def _accesses() -> None:
    op.create_table(
        "accesses",
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("key_digest", sa.LargeBinary(), nullable=False),
        sa.Column("issued_at", _INTEGER, autoincrement=False, nullable=False),
        sa.Column("expires_at", _INTEGER, autoincrement=False, nullable=False),
        sa.Column("revoked_at", _INTEGER, autoincrement=False, nullable=True),
        sa.Column("entry", _INTEGER, autoincrement=False, nullable=False),
        sa.Column("closing_entry", _INTEGER, autoincrement=False, nullable=True),
        sa.PrimaryKeyConstraint("serial"),
        sa.CheckConstraint("length(key_digest) = 32", name="key_digest"),
        sa.CheckConstraint("role IN ('system', 'auditor', 'operator', 'officer')", name="role"),
    )
    op.create_index("ix_accesses_role_name", "accesses", ["role", "name"])


def downgrade() -> None:
    """Refuse: who had access would be forgotten."""
    raise Misconfigured("who had access cannot be forgotten", field="store")
