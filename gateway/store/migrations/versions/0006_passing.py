"""Consents asked for before anything is passed on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.errors import Misconfigured

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Create the table and its indexes."""
    op.create_table(
        "consents",
        *map(_text, ("side", "peer", "request_id", "exchange_id", "came_with", "recipient")),
        *map(_text, ("originator", "record_id")),
        _number("version"),
        *map(_text, ("state", "refusal")),
        sa.Column("decision_digest", sa.LargeBinary(), nullable=True),
        *map(_number, ("created_at", "expires_at", "entry")),
        _number("closing_entry", nullable=True),
        sa.PrimaryKeyConstraint("side", "peer", "request_id"),
        _one_of("side", "holder", "originator"),
        _one_of("state", "waiting", "given", "refused", "ended"),
    )
    op.create_index("ix_consents_exchange_id", "consents", ["exchange_id"])
    op.create_index(
        "ix_consents_originator_record_id_version", "consents", ["originator", "record_id", "version"]
    )
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "ix_consents_waiting",
        "consents",
        ["side", "expires_at", "request_id"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    integer = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, integer, autoincrement=False, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _one_of(column: str, *words: str) -> Any:
    return sa.CheckConstraint(f"{column} IN ({', '.join(repr(word) for word in words)})", name=column)


def downgrade() -> None:
    """Refuse: who agreed to onward sharing could not be shown any more."""
    raise Misconfigured("consents cannot be forgotten", field="store")
