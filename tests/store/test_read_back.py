"""Only what the database really holds is ever signed: every difference stops, and is named (A29)."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.errors import Corrupt
from gateway.ledger.tree import leaf_hash
from gateway.store import tip
from gateway.store.rows import Head
from gateway.store.store import Store
from gateway.store.unit import Unit
from tests.store.material import commit, release_unit, root_of_stored, submitted


def test_untouched_store_reads_back_as_committed(store: Store, home: Path) -> None:
    commit(store, *(release_unit(number) for number in range(5)))
    commit(store, *(release_unit(number) for number in range(5, 12)))

    assert store.writer.read_back(5, 12) == store.writer.read_back(0, 12) == Head(*root_of_stored(home))


def test_ranges_longer_than_a_chunk_read_back(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tip, "CHUNK", 3)
    commit(store, Unit(drafts=(submitted(),) * 11))

    assert store.writer.read_back(0, 11) == store.read.head()


@pytest.mark.parametrize("index", [5, 8, 11])
@pytest.mark.parametrize("column", ["leaf", "data"])
def test_flipped_bit_in_a_stored_entry_is_named(store: Store, column: str, index: int) -> None:
    _two_batches(store)
    _flip(store, "entries", column, "idx", index)

    with pytest.raises(Corrupt) as stopped:
        store.writer.read_back(5, 12)

    assert stopped.value.code == "leaf-mismatch"
    assert stopped.value.facts["index"] == str(index)


@pytest.mark.parametrize(("level", "position"), [(0, 9), (1, 4), (2, 2)])
def test_flipped_bit_in_a_stored_node_is_named(store: Store, level: int, position: int) -> None:
    _two_batches(store)
    _flip(store, "nodes", "hash", "level * 1000 + position", level * 1000 + position)

    with pytest.raises(Corrupt) as stopped:
        store.writer.read_back(5, 12)

    assert stopped.value.facts["node"] == f"{level}/{position}"


@pytest.mark.parametrize("size", [5, 12])
def test_flipped_bit_in_a_stored_head_is_named(store: Store, size: int) -> None:
    _two_batches(store)
    _flip(store, "heads", "root", "size", size)

    with pytest.raises(Corrupt) as stopped:
        store.writer.read_back(5, 12)

    assert stopped.value.code == "head-mismatch"
    assert stopped.value.facts["size"] == str(size)


@pytest.mark.parametrize(
    ("removal", "code"),
    [
        ("entries WHERE idx = 7", "entry-missing"),
        ("entries WHERE idx = 11", "entry-missing"),
        ("nodes WHERE level = 1 AND position = 4", "node-mismatch"),
        ("nodes WHERE level = 2 AND position = 0", "node-missing"),
        ("heads WHERE size = 12", "head-missing"),
    ],
)
def test_missing_row_is_named(store: Store, removal: str, code: str) -> None:
    _two_batches(store)
    _tamper(store, f"DELETE FROM {removal}")

    with pytest.raises(Corrupt) as stopped:
        store.writer.read_back(5, 12)

    assert stopped.value.code == code


def test_consistently_forged_tree_is_not_the_committed_one(store: Store) -> None:
    commit(store, release_unit(1))
    with store._writing.begin() as connection:
        for table in ("entries", "nodes", "heads"):
            connection.execute(text(f"DROP TRIGGER {table}_no_update"))
        data = b"{}"
        leaf = leaf_hash(data)
        connection.execute(
            text("UPDATE entries SET data = :data, leaf = :leaf"), {"data": data, "leaf": leaf}
        )
        connection.execute(text("UPDATE nodes SET hash = :leaf"), {"leaf": leaf})
        connection.execute(text("UPDATE heads SET root = :leaf"), {"leaf": leaf})

    with pytest.raises(Corrupt) as stopped:
        store.writer.read_back(0, 1)

    assert stopped.value.code == "head-mismatch"


def test_sizes_where_no_commit_ended_are_not_read_back(store: Store) -> None:
    _two_batches(store)

    for sizes in ((4, 12), (5, 11), (12, 5), (0, 13)):
        with pytest.raises(Corrupt):
            store.writer.read_back(*sizes)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE nodes SET hash = zeroblob(32) WHERE level = 3",
        "UPDATE heads SET root = zeroblob(32) WHERE size = 12",
        "UPDATE entries SET data = x'7b7d' WHERE idx = 11",
        "DELETE FROM entries WHERE idx = 11",
        "DELETE FROM nodes WHERE level = 2 AND position = 2",
    ],
)
def test_damaged_tip_is_found_at_start(store: Store, home: Path, damage: str) -> None:
    _two_batches(store)
    _tamper(store, damage)
    store.close()

    with pytest.raises(Corrupt):
        Store.open(home)


def test_nothing_is_appended_to_a_head_that_changed_under_the_writer(store: Store) -> None:
    _two_batches(store)
    _flip(store, "heads", "root", "size", 12)

    with pytest.raises(Corrupt):
        store.writer.commit([release_unit(20)])

    with sqlite3.connect(store._path) as raw:
        assert raw.execute("SELECT count(*) FROM entries").fetchone() == (12,)
    raw.close()


def _two_batches(store: Store) -> None:
    commit(store, *(release_unit(number) for number in range(5)))
    commit(store, *(release_unit(number) for number in range(5, 12)))


def _flip(store: Store, table: str, column: str, key: str, value: int) -> None:
    with store._writing.begin() as connection:
        (stored,) = connection.execute(text(f"SELECT {column} FROM {table} WHERE {key} = {value}")).one()
        connection.execute(text(f"DROP TRIGGER {table}_no_update"))
        changed = stored[:-1] + bytes([stored[-1] ^ 1])
        done = connection.execute(
            text(f"UPDATE {table} SET {column} = :changed WHERE {key} = {value}"), {"changed": changed}
        )
        assert done.rowcount == 1


def _tamper(store: Store, statement: str) -> None:
    table = statement.removeprefix("DELETE FROM ").removeprefix("UPDATE ").split()[0]
    with store._writing.begin() as connection:
        for verb in ("update", "delete"):
            connection.execute(text(f"DROP TRIGGER {table}_no_{verb}"))
        assert connection.execute(text(statement)).rowcount == 1
