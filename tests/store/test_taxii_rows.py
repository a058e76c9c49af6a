"""The schema's seventh step: access of tools, and what was released found in the ledger's order."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import create_engine

from gateway.store import schema
from gateway.store.place import EntryAt
from gateway.store.rows import AccessRow
from gateway.store.store import Store
from gateway.store.unit import Unit
from tests.store.material import commit, digest, submitted


def test_access_given_before_holds_after_the_step(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'store.db'}")
    config = schema._config()
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        connection.exec_driver_sql(
            "INSERT INTO accesses VALUES ('a1', 'system', 'records', ?, 1, 2, NULL, 0, NULL)",
            (digest("key"),),
        )

    schema.migrate(engine)
    engine.dispose()

    with closing(sqlite3.connect(tmp_path / "store.db")) as store:
        (row,) = store.execute("SELECT * FROM accesses").fetchall()
        assert row == ("a1", "system", "records", digest("key"), 1, 2, None, 0, None, None, None)
        with pytest.raises(sqlite3.IntegrityError):
            store.execute("UPDATE accesses SET role = 'gateway'")
        store.execute("UPDATE accesses SET role = 'taxii'")


def test_tool_is_kept_with_whom_and_what_it_pulls_for(store: Store) -> None:
    row = AccessRow(
        "b2", "taxii", "misp", digest("key"), 1, 2, None, EntryAt(0), None, "police.ro", "investigation"
    )

    commit(store, Unit(drafts=(submitted(),), rows=(row,)))

    assert store.read.access("b2") == row._replace(entry=0)


def test_releases_to_a_peer_are_found_by_their_index(store: Store, home: Path) -> None:
    with closing(sqlite3.connect(home / "store.db")) as opened:
        plan = opened.execute(
            "EXPLAIN QUERY PLAN SELECT * FROM exchanges WHERE direction = 'out' AND peer = ? AND purpose = ? "
            "AND state IN ('released', 'delivered') AND entry >= ? ORDER BY entry LIMIT 5",
            ("police.ro", "investigation", 0),
        ).fetchall()

    assert [row[3] for row in plan] == [
        "SEARCH exchanges USING INDEX ix_exchanges_out (peer=? AND purpose=? AND entry>?)"
    ]
