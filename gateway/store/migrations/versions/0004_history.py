"""What a gateway told whom of protected persons, and how often more than usual was asked of it."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from gateway.errors import Misconfigured

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Create the three tables."""
    op.create_table(
        "persons",
        _hash("tag"),
        _hash("person"),
        sa.PrimaryKeyConstraint("tag", "person"),
        sa.CheckConstraint("length(tag) = 32", name="tag"),
        sa.CheckConstraint("length(person) = 32", name="person"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_persons_person", "persons", ["person"])
    op.create_table(
        "told",
        _hash("person"),
        _hash("agency"),
        _text("dimension"),
        _text("grain"),
        sa.PrimaryKeyConstraint("person", "agency", "dimension", "grain"),
        sa.CheckConstraint("length(person) = 32", name="person"),
        sa.CheckConstraint("length(agency) = 32", name="agency"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "asks",
        _hash("tag"),
        _text("day"),
        _text("exchange_id"),
        sa.PrimaryKeyConstraint("tag", "day", "exchange_id"),
        sa.CheckConstraint("length(tag) = 32", name="tag"),
    )
    op.create_index("ix_asks_day", "asks", ["day"])


def _hash(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def downgrade() -> None:
    """Refuse: what was told to whom would be forgotten, and could be told again in parts."""
    raise Misconfigured("what was told to whom cannot be forgotten", field="store")
