"""One transaction a batch: places without gaps, a unit that fails fails alone, and nothing half done."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text

from gateway.errors import Conflict, Corrupt, Malformed, Unreachable
from gateway.ledger.entry import Draft, EntryKind, parse
from gateway.ledger.tree import EMPTY_ROOT, leaf_hash, verify_consistency, verify_inclusion
from gateway.store import sqlite
from gateway.store.rows import (
    CheckpointRow,
    Head,
    MetaRow,
)
from gateway.store.sequence import Committed
from gateway.store.store import Store
from gateway.store.unit import Unit
from tests.store.material import (
    PEER,
    Clock,
    arrival_unit,
    body_row,
    commit,
    digest,
    outbox_row,
    record_unit,
    release_unit,
    released,
    root_of_stored,
    submitted,
    uuid7,
)


def test_new_store_has_the_empty_head(store: Store) -> None:
    assert store.writer.head() == store.read.head() == Head(0, EMPTY_ROOT)
    assert store.writer.read_back(0, 0) == Head(0, EMPTY_ROOT)


def test_units_of_a_batch_stand_in_order_under_one_head(store: Store, home: Path) -> None:
    first, second = commit(store, record_unit(1), Unit(drafts=(submitted(), submitted())))

    assert (first.first_index, first.indices, first.size) == (0, range(1), 3)
    assert (second.first_index, second.indices, second.size) == (1, range(1, 3), 3)
    assert [row.data for row in store.read.entries(0, 9)] == [*first.entries, *second.entries]
    assert store.read.head() == Head(*root_of_stored(home))
    assert store.read.head_at(1) is None


def test_stored_entry_is_the_draft_with_its_place(store: Store, clock: Clock) -> None:
    commit(store, release_unit(1))

    row = store.read.entry(0)
    entry = parse(row.data)

    assert (row.kind, row.exchange, row.message, row.leaf) == (6, uuid7(1), uuid7(1), leaf_hash(row.data))
    assert (entry.at, entry.pair_seq, entry.peer) == (clock.now, 1, PEER)
    assert len(entry.blind) == 16


def test_no_two_entries_share_a_blind(store: Store) -> None:
    commit(store, Unit(drafts=(submitted(),) * 20), Unit(drafts=(submitted(),) * 20))

    assert len({parse(row.data).blind for row in store.read.entries(0, 40)}) == 40


def test_time_in_the_ledger_never_goes_back(store: Store, home: Path, clock: Clock) -> None:
    commit(store, release_unit(1))
    later = clock.now

    clock.now -= 86_400
    commit(store, release_unit(2))
    store.close()
    with Store.open(home, clock=clock) as again:
        commit(again, release_unit(3))

        assert [parse(row.data).at for row in again.read.entries(0, 3)] == [later] * 3


def test_pair_seq_counts_from_one_for_each_peer_and_direction(store: Store) -> None:
    commit(store, release_unit(1), arrival_unit(2), release_unit(3, peer="shelter.ngo"), record_unit(4))
    commit(store, release_unit(5), release_unit(6), arrival_unit(7))

    seqs = [parse(row.data).pair_seq for row in store.read.entries(0, 7)]

    assert seqs == [1, 1, 1, None, 2, 3, 2]
    assert store.read.last_pair_seq(PEER, "out") == 3
    assert store.read.last_pair_seq(PEER, "in") == 2
    assert store.read.last_pair_seq("shelter.ngo", "in") == 0


def test_pair_seq_has_no_gap_after_a_unit_that_failed(store: Store) -> None:
    commit(store, release_unit(1))

    outcomes = store.writer.commit([release_unit(2), release_unit(1), release_unit(3)])

    assert [type(outcome) for outcome in outcomes] == [Committed, Conflict, Committed]
    entries = [parse(row.data) for row in store.read.entries(0, 9)]
    assert [entry.pair_seq for entry in entries] == [1, 2, 3]
    assert [entry.message for entry in entries] == [uuid7(1), uuid7(2), uuid7(3)]
    assert store.read.last_pair_seq(PEER, "out") == 3


def test_first_pair_of_a_peer_that_failed_leaves_no_count(store: Store) -> None:
    commit(store, record_unit(1))

    outcomes = store.writer.commit(
        [Unit(drafts=(released(2, "shelter.ngo"),), rows=record_unit(1).rows), record_unit(3)]
    )

    assert [type(outcome) for outcome in outcomes] == [Conflict, Committed]
    assert store.read.pairs() == []


def test_duplicate_id_is_a_conflict_and_costs_only_its_unit(store: Store, home: Path) -> None:
    outcomes = store.writer.commit([arrival_unit(1), arrival_unit(1), arrival_unit(2)])

    assert [type(outcome) for outcome in outcomes] == [Committed, Conflict, Committed]
    assert store.read.inbox(PEER, uuid7(2)) is not None
    assert root_of_stored(home) == store.writer.read_back(0, 2)


def test_conflict_names_the_constraint_and_no_value(store: Store) -> None:
    commit(store, arrival_unit(1))

    (conflict,) = store.writer.commit([arrival_unit(1)])

    assert isinstance(conflict, Conflict)
    assert "inbox.message_id" in conflict.facts["constraint"]
    assert uuid7(1) not in f"{conflict} {conflict.facts} {conflict.__cause__}"


def test_failed_unit_leaves_none_of_its_rows(store: Store) -> None:
    commit(store, release_unit(1))
    both = Unit(drafts=(released(2),), rows=(MetaRow("mark", "set"), outbox_row(1)))

    (refused,) = store.writer.commit([both])

    assert isinstance(refused, Conflict)
    assert store.read.meta("mark") is None
    assert store.read.head().size == 1


def test_body_without_its_key_is_refused(store: Store) -> None:
    (refused,) = store.writer.commit([Unit(rows=(body_row(1),))])

    assert isinstance(refused, Malformed)


@pytest.mark.parametrize("value", [2**70, "\udc80", object()], ids=["too-great", "no-unicode", "no-column"])
def test_value_that_cannot_be_stored_costs_only_its_unit(store: Store, value: object) -> None:
    bad = Unit(rows=(MetaRow("bad", value),))  # type: ignore[arg-type]

    outcomes = store.writer.commit([release_unit(1), bad, release_unit(2)])

    assert [type(outcome) for outcome in outcomes] == [Committed, Malformed, Committed]


def test_entry_that_is_too_long_costs_only_its_unit(store: Store) -> None:
    duties = tuple(sorted(f"{duty}:{n}" for duty in ("CPO", "DPO", "VPO") for n in range(1, 10)))
    rules = tuple(f"{n:03}" + "x" * 50 for n in range(400))
    long = Draft(
        kind=EntryKind.DECIDED,
        exchange=uuid7(1),
        peer=PEER,
        policy=digest("policy"),
        outcome="deny",
        rules=rules,
        duties=duties,
        commits=(),
        directory=digest("directory"),
    )

    outcomes = store.writer.commit([release_unit(1), Unit(drafts=(submitted(), long)), release_unit(2)])

    assert [type(outcome) for outcome in outcomes] == [Committed, Malformed, Committed]
    assert [parse(row.data).pair_seq for row in store.read.entries(0, 9)] == [1, 2]


def test_unit_without_drafts_moves_no_head(store: Store) -> None:
    commit(store, release_unit(1))

    (done,) = commit(store, Unit(rows=(CheckpointRow(1, "note"),)))

    assert (done.first_index, done.entries, done.size) == (1, (), 1)
    assert store.read.head().size == 1
    assert store.read.latest_checkpoint() == store.read.checkpoint_at(1) == CheckpointRow(1, "note")


def test_no_units_are_no_transaction(store: Store) -> None:
    assert store.writer.commit([]) == []


def test_proofs_from_stored_nodes_verify_at_every_size(store: Store, home: Path) -> None:
    heads = [Head(0, EMPTY_ROOT)]
    for number in range(1, 14):
        commit(store, Unit(drafts=(submitted(),) * (number % 4 + 1)))
        heads.append(store.read.head())
    last = heads[-1]
    leaves = [row.leaf for row in store.read.entries(0, last.size)]

    proofs = store.read.inclusion_proofs(range(last.size), last.size)
    for index, proof in enumerate(proofs):
        verify_inclusion(index=index, size=last.size, leaf=leaves[index], proof=proof, root=last.root)
    for head in heads[1:]:
        proof = store.read.consistency_proof(head.size, last.size)
        verify_consistency(
            old_size=head.size, old_root=head.root, new_size=last.size, new_root=last.root, proof=proof
        )
    assert store.read.consistency_proof(0, last.size) == []
    assert (last.size, last.root) == root_of_stored(home)


def test_reopened_store_goes_on_where_it_stopped(store: Store, home: Path) -> None:
    commit(store, *(release_unit(number) for number in range(7)))
    store.close()

    with Store.open(home) as again:
        (done,) = commit(again, release_unit(7))

        assert done.first_index == 7
        assert parse(done.entries[0]).pair_seq == 8
        assert again.read.head() == Head(*root_of_stored(home))


def test_failed_commit_is_not_tried_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    failing = _fail_commits(monkeypatch, "disk I/O error")
    with pytest.raises(Unreachable) as unknown:
        store.writer.commit([release_unit(1)])
    failing.undo()

    with pytest.raises(Unreachable) as refused:
        store.writer.commit([release_unit(2)])

    assert unknown.value.code == refused.value.code == "store-unknown"
    assert store.read.head().size == 0


def test_full_disk_refuses_and_goes_on_when_there_is_room(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit(store, release_unit(1))
    with store._writing.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    big = Unit(rows=(MetaRow("big", "x" * 100_000),))

    with pytest.raises(Unreachable) as refused:
        store.writer.commit([big, release_unit(2)])
    with store._writing.connect() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")

    assert refused.value.code == "store"
    assert store.read.head().size == 1
    commit(store, big, release_unit(2))


def test_tree_whose_next_place_is_taken_stops_everything(store: Store) -> None:
    commit(store, release_unit(1))
    with store._writing.begin() as connection:
        connection.execute(text("INSERT INTO nodes VALUES (0, 1, zeroblob(32))"))

    with pytest.raises(Corrupt) as stopped:
        store.writer.commit([release_unit(2)])

    assert stopped.value.code == "place-taken"
    assert store.read.head().size == 1


def test_large_batches_keep_the_log_small(store: Store, home: Path) -> None:
    for number in range(60):
        commit(store, Unit(rows=(MetaRow(f"big {number}", "x" * 500_000),)))

    assert (home / "store.db-wal").stat().st_size <= sqlite.WAL_CHECKPOINT_BYTES + 1_000_000


def _fail_commits(monkeypatch: pytest.MonkeyPatch, message: str) -> pytest.MonkeyPatch:
    from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite

    def fail(_self: object, _connection: object) -> None:
        raise sqlite3.OperationalError(message)

    monkeypatch.setattr(SQLiteDialect_pysqlite, "do_commit", fail)
    return monkeypatch
