"""What is kept, by the end of its retention: found without reading everything."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from gateway.errors import Misconfigured

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Create the two indexes."""
    _index(
        "ix_records_kept",
        "records",
        ["retain_until", "record_id", "version"],
        "direction = 'own' AND state != 'erased'",
    )
    _index(
        "ix_exchanges_kept",
        "exchanges",
        ["expires_at", "exchange_id"],
        "direction = 'in' AND state != 'erased'",
    )


def downgrade() -> None:
    """Nothing is ever taken back."""
    raise Misconfigured("this schema cannot be taken back", field="store")


def _index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
