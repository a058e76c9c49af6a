"""Tools of other members that pull over TAXII: for whom, and what for."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from gateway.errors import Misconfigured

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the two columns, the role to the condition on roles, and what finds releases in their order."""
    # SQLite changes a condition by writing the table anew, and tells nobody which conditions there are.
    with op.batch_alter_table("accesses", copy_from=_before()) as accesses:
        accesses.drop_constraint(op.f("ck_accesses_role"), type_="check")
        accesses.create_check_constraint(
            op.f("ck_accesses_role"), "role IN ('system', 'auditor', 'operator', 'officer', 'taxii')"
        )
        accesses.add_column(sa.Column("acts_for", sa.Text(), nullable=True))
        accesses.add_column(sa.Column("purposes", sa.Text(), nullable=True))
    outward = sa.text("direction = 'out'")
    op.create_index(
        "ix_exchanges_out",
        "exchanges",
        ["peer", "purpose", "entry"],
        sqlite_where=outward,
        postgresql_where=outward,
    )


def _before() -> sa.Table:
    table = sa.Table(
        "accesses",
        sa.MetaData(),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("serial", "role", "name")),
        sa.Column("key_digest", sa.LargeBinary(), nullable=False),
        *(_number(name) for name in ("issued_at", "expires_at")),
        _number("revoked_at", nullable=True),
        _number("entry"),
        _number("closing_entry", nullable=True),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_accesses")),
        sa.CheckConstraint("length(key_digest) = 32", name=op.f("ck_accesses_key_digest")),
        sa.CheckConstraint(
            "role IN ('system', 'auditor', 'operator', 'officer')", name=op.f("ck_accesses_role")
        ),
    )
    sa.Index("ix_accesses_role_name", table.c.role, table.c.name)
    return table


def _number(name: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, _INTEGER, autoincrement=False, nullable=nullable)


def downgrade() -> None:
    """Refuse: who had access would be forgotten."""
    raise Misconfigured("who had access cannot be forgotten", field="store")
