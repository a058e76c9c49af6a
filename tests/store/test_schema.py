"""The migrated database is the one the code describes, and its ledger is append-only."""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text
from sqlalchemy.exc import IntegrityError

from gateway.errors import Misconfigured
from gateway.store import changes, columns, rows, schema, sqlite, tables
from gateway.store.review_rows import OfficerChangeRow
from gateway.store.rows import CheckpointRow, LinkedHeadRow, PeerHeadRow, SenderProofRow
from gateway.store.statements import TABLE_OF, PairMoved, compile_writes
from gateway.store.store import Store
from gateway.store.unit import Unit
from tests.store.material import commit, digest, outbox_row, receipt_row, release_unit, released
from tests.store.test_review_rows import approval_row, officer_row


def _statements(connection: sqlite3.Connection) -> set[str]:
    found = connection.execute(
        "SELECT sql FROM sqlite_master WHERE type IN ('table', 'index') AND sql IS NOT NULL "
        "AND name <> 'alembic_version'"
    )
    # Qualified or not, quoted or not, wherever constraints stand: what is declared must be the same.
    return {", ".join(sorted(re.split(r",\s*", re.sub(r"[\"\s]+", " ", sql)))) for (sql,) in found}


def test_migrated_schema_is_the_metadata(store: Store, home: Path, tmp_path: Path) -> None:
    described = create_engine(f"sqlite:///{tmp_path / 'described.db'}")
    columns.metadata.create_all(described)
    described.dispose()

    with sqlite3.connect(home / "store.db") as one, sqlite3.connect(tmp_path / "described.db") as other:
        assert _statements(one) == _statements(other)


def test_autogenerate_finds_nothing_to_do(store: Store, home: Path) -> None:
    engine = create_engine(f"sqlite:///{home / 'store.db'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, columns.metadata) == []
    engine.dispose()


def test_revision_the_code_names_is_the_newest_script() -> None:
    assert ScriptDirectory.from_config(schema._config()).get_current_head() == schema.HEAD


@pytest.mark.parametrize("row", TABLE_OF, ids=lambda row: row.__name__)
def test_row_type_has_the_columns_of_its_table_in_order(row: type[rows.EntryRow]) -> None:
    assert list(row._fields) == TABLE_OF[row].columns.keys()


def test_every_table_has_a_row_type_and_every_row_type_a_statement() -> None:
    assert set(columns.metadata.tables.values()) == set(TABLE_OF.values())

    writes = compile_writes(create_engine("sqlite://").dialect)

    assert set(writes) == set(TABLE_OF) | {PairMoved} | set(changes.Change.__args__)


def test_statements_compile_for_postgresql_with_positional_parameters() -> None:
    assert compile_writes(create_engine("postgresql+psycopg://", paramstyle="format").dialect)


def test_parameters_by_name_are_refused() -> None:
    with pytest.raises(Misconfigured):
        compile_writes(create_engine("postgresql+psycopg://").dialect)


@pytest.mark.parametrize("table", tables.APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {table} SET {column} = {column}", "DELETE FROM {table}"])
def test_append_only_tables_refuse_change_and_removal(store: Store, table: str, change: str) -> None:
    _one_row_everywhere(store)
    column = columns.metadata.tables[table].columns.keys()[0]

    with store._writing.begin() as connection, pytest.raises(IntegrityError, match="append-only"):
        connection.execute(text(change.format(table=table, column=column)))


@pytest.mark.parametrize("table", tables.APPEND_ONLY)
def test_append_only_tables_refuse_replacement(store: Store, table: str) -> None:
    _one_row_everywhere(store)

    with store._writing.begin() as connection, pytest.raises(IntegrityError, match="append-only"):
        connection.execute(text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"))


def test_readers_cannot_write(store: Store) -> None:
    with store.read.connection() as connection:
        assert connection.exec_driver_sql("PRAGMA query_only").scalar() == 1

    with pytest.raises(Exception, match="readonly"), store._reading.begin() as connection:
        connection.execute(text("DELETE FROM meta"))


def test_settings_that_durability_rests_on_are_in_force(store: Store) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "secure_delete": 1}
    wanted |= {"trusted_schema": 0, "wal_autocheckpoint": 0, "recursive_triggers": 1}

    with store._writing.connect() as connection:
        found = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in wanted}

    assert found == wanted


def test_database_of_a_newer_version_is_refused(store: Store, home: Path) -> None:
    store.close()
    _set_revision(home, "9999")

    for migrate in (False, True):
        with pytest.raises(Misconfigured) as refusal:
            Store.open(home, migrate=migrate)
        assert refusal.value.code == "schema-newer"


def test_database_without_our_schema_is_refused_until_migrated(home: Path) -> None:
    home.mkdir(mode=0o700)
    (home / "store.db").touch(mode=0o600)

    with pytest.raises(Misconfigured) as refusal:
        Store.open(home)
    assert refusal.value.code == "schema-old"

    Store.open(home, migrate=True).close()
    Store.open(home).close()


def test_failed_migration_leaves_nothing_behind(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite, "append_only", lambda table: ("CREATE TRIGGER nonsense",))

    with pytest.raises(Exception, match="nonsense"):
        Store.create(home)
    monkeypatch.undo()

    assert not (home / "store.db").exists()
    Store.create(home).close()


def test_failed_migration_rolls_back_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = sqlite.writer_engine(tmp_path / "x.db")
    monkeypatch.setattr(sqlite, "append_only", lambda table: ("CREATE TRIGGER nonsense",))

    with pytest.raises(Exception, match="nonsense"):
        schema.migrate(engine)

    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0
    engine.dispose()


def test_old_sqlite_is_refused(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))

    with pytest.raises(Misconfigured) as refusal:
        Store.create(home)

    assert refusal.value.code == "sqlite-version"


def _set_revision(home: Path, revision: str) -> None:
    with sqlite3.connect(home / "store.db") as raw:
        raw.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    raw.close()


def _one_row_everywhere(store: Store) -> None:
    commit(
        store,
        Unit(
            drafts=(released(1),),
            rows=(
                outbox_row(1),
                receipt_row(1),
                CheckpointRow(1, "note"),
                PeerHeadRow("comity.ledger/police.ro/1", 1, digest("root"), "note", 1),
                LinkedHeadRow("comity.ledger/police.ro/1", 0, 1, digest("root")),
                SenderProofRow("police.ro", digest("envelope"), b"their entry", "their proof"),
                officer_row(),
                OfficerChangeRow(1, "k" * 32, "disabled", 0, 0),
                approval_row(),
            ),
        ),
        release_unit(2),
    )
