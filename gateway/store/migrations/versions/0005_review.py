"""Who approves, what waits for them, and what they said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from gateway.errors import Misconfigured
from gateway.store import sqlite

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_STATES = ("held", "partly-approved", "approved", "refused", "expired", "superseded", "voided")


def upgrade() -> None:
    """Create the tables, their indexes, and the triggers of what nobody changes."""
    _officers()
    _holds()
    _approvals()
    _reviews()
    for table in ("officers", "officer_changes", "approvals"):
        for statement in sqlite.append_only(table):
            op.execute(statement)


def _officers() -> None:
    of_officers = sa.text("kind = 35")
    op.create_index(
        "ix_entries_of_officers",
        "entries",
        ["idx"],
        sqlite_where=of_officers,
        postgresql_where=of_officers,
    )
    op.create_table(
        "officers",
        _number("entry"),
        _text("key_id"),
        _blob("person"),
        *map(_text, ("handle", "name", "duties")),
        _blob("public_key"),
        *map(_number, ("valid_from", "valid_until")),
        _blob("signed"),
        sa.PrimaryKeyConstraint("entry"),
        sa.CheckConstraint("length(public_key) = 32", name="public_key"),
    )
    op.create_index("ix_officers_key_id", "officers", ["key_id"])
    op.create_table(
        "officer_changes",
        _number("entry"),
        *map(_text, ("key_id", "action")),
        *map(_number, ("starts_at", "ends_at")),
        sa.PrimaryKeyConstraint("entry"),
        _one_of("action", "changed", "disabled"),
    )


def _holds() -> None:
    op.create_table(
        "holds",
        _text("exchange_id"),
        _number("round"),
        *map(_text, ("subject", "state", "peer", "purpose", "lane", "originator", "record_id")),
        _number("version"),
        _text("required"),
        *map(_blob, ("digest", "decision_digest", "policy_digest", "directory_version")),
        *map(_number, ("created_at", "expires_at")),
        *map(_text, ("why", "claimed_by")),
        *map(_number, ("claimed_until", "entry")),
        _number("closing_entry", nullable=True),
        sa.PrimaryKeyConstraint("exchange_id", "round"),
        _one_of("subject", "release", "consent"),
        _one_of("state", *_STATES),
        sa.CheckConstraint("length(digest) = 32", name="digest"),
    )
    is_open = sa.text("state IN ('held', 'partly-approved')")
    op.create_index(
        "ix_holds_open",
        "holds",
        ["expires_at", "exchange_id"],
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_index("ix_holds_originator_record_id_version", "holds", ["originator", "record_id", "version"])


def _approvals() -> None:
    op.create_table(
        "approvals",
        _text("exchange_id"),
        *map(_number, ("seq", "round")),
        _text("key_id"),
        _blob("person"),
        *map(_text, ("duty", "verdict")),
        *map(_number, ("at", "entry")),
        sa.PrimaryKeyConstraint("exchange_id", "seq"),
        sa.UniqueConstraint("exchange_id", "round", "person"),
        _one_of("verdict", "approve", "refuse"),
    )
    op.create_table(
        "hold_cases",
        _blob("tag"),
        _text("exchange_id"),
        sa.PrimaryKeyConstraint("tag", "exchange_id"),
        sa.CheckConstraint("length(tag) = 32", name="tag"),
    )
    op.create_index("ix_hold_cases_exchange_id", "hold_cases", ["exchange_id"])


def _reviews() -> None:
    op.create_table(
        "reviews",
        _text("exchange_id"),
        _blob("unit"),
        _number("due_at"),
        _text("state"),
        _number("entry"),
        _number("closing_entry", nullable=True),
        sa.PrimaryKeyConstraint("exchange_id"),
        sa.CheckConstraint("length(unit) = 32", name="unit"),
        _one_of("state", "due", "reviewed"),
    )
    due = sa.text("state = 'due'")
    op.create_index(
        "ix_reviews_due",
        "reviews",
        ["due_at", "exchange_id"],
        sqlite_where=due,
        postgresql_where=due,
    )


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    integer = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    return sa.Column(name, integer, autoincrement=False, nullable=nullable)


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _blob(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _one_of(column: str, *words: str) -> Any:
    return sa.CheckConstraint(f"{column} IN ({', '.join(repr(word) for word in words)})", name=column)


def downgrade() -> None:
    """Refuse: who agreed to what could not be shown any more."""
    raise Misconfigured("approvals cannot be forgotten", field="store")
