"""What Alembic runs: migrations on the connection it is handed, inside that connection's transaction."""

from __future__ import annotations

from alembic import context

from gateway.store.columns import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    # SQLite can roll back DDL; Alembic believes it only when told. A failed step then leaves nothing behind.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
