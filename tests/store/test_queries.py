"""Questions are answered with the rows as they were written, from one moment, and without reading it all."""

from __future__ import annotations

import threading

import pytest

from gateway.errors import Corrupt, GatewayError, NotFound, Unreachable
from gateway.store.changes import ExchangeState, OutboxState
from gateway.store.message_queries import LANES
from gateway.store.place import EntryAt
from gateway.store.rows import ActivationRow, LinkedHeadRow, MetaRow, PairRow, PeerHeadRow
from gateway.store.store import Store
from gateway.store.unit import Unit
from tests.store.material import (
    OWN,
    PEER,
    arrival_unit,
    body_row,
    commit,
    digest,
    exchange_key_row,
    exchange_row,
    inbox_row,
    key_row,
    outbox_row,
    receipt_row,
    record_row,
    release_unit,
    submitted,
    uuid7,
)

ORIGIN = "comity.ledger/police.ro/1"


def test_rows_come_back_as_they_were_written(store: Store) -> None:
    record = record_row(1, tag=b"tag" * 10)
    commit(
        store,
        Unit(
            drafts=(submitted(),),
            rows=(
                record,
                key_row(1),
                body_row(1),
                exchange_row(1),
                exchange_key_row(1),
                outbox_row(1),
                inbox_row(1),
                receipt_row(1),
                PeerHeadRow(ORIGIN, 1, digest("root"), "note", 9),
                LinkedHeadRow(ORIGIN, 0, 1, digest("root")),
                ActivationRow(1, digest("policy"), digest("directory"), 9),
                MetaRow("origin", "comity.ledger/police.nl/1"),
            ),
        ),
    )

    assert store.read.record(OWN, uuid7(1), 1) == record._replace(submitted_entry=0)
    assert store.read.record_key(OWN, uuid7(1), 1) == key_row(1)
    assert store.read.body(OWN, uuid7(1), 1, "content") == body_row(1)
    assert store.read.exchange(uuid7(1)) == exchange_row(1)._replace(entry=0)
    assert store.read.exchange_key(uuid7(1)) == exchange_key_row(1)
    assert store.read.outbox(uuid7(1)) == outbox_row(1)._replace(entry=0)
    assert store.read.inbox(PEER, uuid7(1)) == inbox_row(1)._replace(entry=0)
    assert store.read.receipt(uuid7(1), digest("envelope 1")) == receipt_row(1)
    assert store.read.peer_head(ORIGIN, 1) == PeerHeadRow(ORIGIN, 1, digest("root"), "note", 9)
    assert store.read.newest_linked_head(ORIGIN) == LinkedHeadRow(ORIGIN, 0, 1, digest("root"))
    assert store.read.latest_activation() == ActivationRow(1, digest("policy"), digest("directory"), 9)
    assert store.read.meta("origin") == "comity.ledger/police.nl/1"


def test_flag_comes_back_as_a_flag(store: Store) -> None:
    commit(store, Unit(drafts=(submitted(),), rows=(record_row(1),)))

    record = store.read.record(OWN, uuid7(1), 1)

    assert record is not None and record.exercise is True


def test_what_is_not_here_is_none(store: Store) -> None:
    read = store.read

    assert read.record(OWN, uuid7(1), 1) is None
    assert read.record_key(OWN, uuid7(1), 1) is None
    assert read.body(OWN, uuid7(1), 1, "content") is None
    assert read.exchange(uuid7(1)) is None
    assert read.outbox(uuid7(1)) is None
    assert read.inbox(PEER, uuid7(1)) is None
    assert read.receipt(uuid7(1), bytes(32)) is None
    assert read.newest_linked_head(ORIGIN) is None
    assert read.latest_activation() is None
    assert read.latest_checkpoint() is None
    assert read.meta("origin") is None
    assert read.entries(0, 10) == []


def test_entries_and_nodes_that_are_not_here_are_errors(store: Store) -> None:
    with pytest.raises(NotFound):
        store.read.entry(0)
    with pytest.raises(NotFound):
        store.read.node(0, 0)
    with pytest.raises(Corrupt):
        store.read.inclusion_proofs([0], 2)


def test_record_is_found_by_its_tag_and_its_versions_in_order(store: Store) -> None:
    for version in (2, 1):
        commit(store, Unit(drafts=(submitted(),), rows=(record_row(1, version=version, tag=digest("ref")),)))
    commit(store, Unit(drafts=(submitted(),), rows=(record_row(2),)))

    assert [row.version for row in store.read.records_by_reference(digest("ref"))] == [1, 2]
    assert [row.version for row in store.read.record_versions(OWN, uuid7(1))] == [1, 2]
    assert store.read.records_by_reference(digest("other")) == []


def test_records_are_paged_by_key(store: Store) -> None:
    rows = [record_row(number, version=version) for number in (1, 2) for version in (1, 2, 3)]
    for row in [*rows, record_row(9, direction="received")]:
        commit(store, Unit(drafts=(submitted(),), rows=(row,)))

    pages, after = [], ("", "", 0)
    while page := store.read.records("own", after=after, limit=2):
        pages.append([(row.record_id, row.version) for row in page])
        after = page[-1][:3]

    assert pages == [[(uuid7(n), v) for n, v in pair] for pair in _pairs_of_two()]


def test_bodies_of_a_record_come_in_order(store: Store) -> None:
    rows = (key_row(1), body_row(1, kind="names"), body_row(1, part="b"), body_row(1, part="a"))
    commit(store, Unit(rows=rows))

    assert [(row.kind, row.part) for row in store.read.bodies(OWN, uuid7(1), 1)] == [
        ("content", "a"),
        ("content", "b"),
        ("names", ""),
    ]


def test_exchanges_are_listed_by_state_record_and_page(store: Store) -> None:
    for number in (1, 2, 3, 4):
        commit(store, Unit(drafts=(submitted(),), rows=(exchange_row(number, record=number % 2),)))
    commit(store, Unit(rows=(ExchangeState(uuid7(2), "released", "held"),)))

    def ids(rows: list[object]) -> list[str]:
        return [row.exchange_id for row in rows]  # type: ignore[attr-defined]

    assert ids([*store.read.exchanges_in_state("released")]) == [uuid7(1), uuid7(3), uuid7(4)]
    assert ids([*store.read.exchanges_in_state("released", after=uuid7(1), limit=1)]) == [uuid7(3)]
    assert ids([*store.read.exchanges_of_record(OWN, uuid7(1), 1)]) == [uuid7(1), uuid7(3)]
    assert ids([*store.read.exchanges(after=uuid7(2))]) == [uuid7(3), uuid7(4)]
    assert store.read.exchange_counts() == {"released": 3, "held": 1}


def test_queue_gives_urgent_lanes_first_and_then_by_age(store: Store) -> None:
    lanes = ["routine", "urgent", "routine", "threat-to-life", "urgent"]
    commit(store, *(release_unit(number, lane=lane) for number, lane in enumerate(lanes)))
    commit(
        store, release_unit(9, peer="shelter.ngo"), Unit(rows=(OutboxState(uuid7(2), "queued", "delivered"),))
    )

    def numbers(limit: int) -> list[str]:
        return [row.message_id for row in store.read.queued(PEER, limit=limit)]

    assert numbers(10) == [uuid7(n) for n in (3, 1, 4, 0)]
    assert numbers(2) == [uuid7(n) for n in (3, 1)]
    assert store.read.waiting_peers() == [PEER, "shelter.ngo"]
    assert LANES == ("threat-to-life", "urgent", "routine")


def test_inbox_is_listed_in_order_of_arrival(store: Store) -> None:
    commit(store, arrival_unit(3), arrival_unit(1), arrival_unit(2))
    refused = inbox_row(4, outcome="refused", code="expired")
    commit(store, Unit(drafts=(submitted(),), rows=(refused,)))

    assert [row.entry for row in store.read.arrived()] == [0, 1, 2, 3]
    assert [row.message_id for row in store.read.arrived(after=0, limit=2)] == [uuid7(1), uuid7(2)]
    assert [row.message_id for row in store.read.arrived(outcome="refused")] == [uuid7(4)]
    assert [row.message_id for row in store.read.inbox_of_exchange(uuid7(2))] == [uuid7(2)]


def test_known_messages_are_found_together(store: Store) -> None:
    commit(store, arrival_unit(1), arrival_unit(2), arrival_unit(3, sender="shelter.ngo"))

    known = store.read.inbox_known(PEER, [uuid7(1), uuid7(3), uuid7(4)])

    assert list(known) == [uuid7(1)]
    assert store.read.inbox_known(PEER, []) == {}


def test_receipts_come_with_their_exchange_in_pages(store: Store) -> None:
    commit(store, release_unit(1), release_unit(2))
    second = receipt_row(1)._replace(envelope_digest=bytes(32))
    commit(store, Unit(rows=(receipt_row(1), receipt_row(2), second)))

    first = store.read.receipts(limit=1)
    rest = store.read.receipts(after=(first[0].message_id, first[0].envelope_digest))

    assert [row.exchange_id for row in first + rest] == [uuid7(1), uuid7(1), uuid7(2)]
    assert len(store.read.receipts_of(uuid7(1))) == 2


def _linked(grown_from: int, size: int, origin: str = ORIGIN) -> LinkedHeadRow:
    return LinkedHeadRow(origin, grown_from, size, digest(str(size)))


def test_newest_linked_head_is_the_greatest_linked_one_however_much_greater_ones_were_seen(
    store: Store,
) -> None:
    heads = tuple(PeerHeadRow(ORIGIN, size, digest(str(size)), "note", 1) for size in (4, 9, 7))
    other = "comity.ledger/police.ro/2"
    commit(store, Unit(rows=(*heads, _linked(0, 4), _linked(4, 7), _linked(0, 8, other))))

    assert store.read.newest_linked_head(ORIGIN) == _linked(4, 7)
    assert store.read.newest_linked_head(other) == _linked(0, 8, other)
    assert store.read.peer_head(ORIGIN, 9) == heads[1]


@pytest.mark.parametrize(("grown_from", "size"), [(0, 8), (4, 8), (7, 7), (7, 6), (6, 7)])
def test_linked_heads_are_one_chain_that_never_parts(store: Store, grown_from: int, size: int) -> None:
    """Two that arrive at the same time both grow from the newest there was: only one of them is linked."""
    commit(store, Unit(rows=(_linked(0, 4), _linked(4, 7))))

    (outcome,) = store.writer.commit([Unit(rows=(_linked(grown_from, size),))])

    assert isinstance(outcome, GatewayError)
    assert store.read.newest_linked_head(ORIGIN) == _linked(4, 7)


def test_pairs_and_entries_of_an_exchange_are_listed(store: Store) -> None:
    commit(store, release_unit(1), release_unit(2), arrival_unit(1))

    assert store.read.pairs() == [PairRow(PEER, "in", 1), PairRow(PEER, "out", 2)]
    assert [row.idx for row in store.read.entries_of_exchange(uuid7(1))] == [0, 2]


def test_snapshot_does_not_see_what_is_committed_later(store: Store) -> None:
    commit(store, release_unit(1))

    with store.read.snapshot() as old:
        before = old.head()
        commit(store, release_unit(2))

        assert old.head() == before
        assert old.outbox(uuid7(2)) is None
        assert store.read.head().size == 2


def test_readers_work_from_many_threads(store: Store) -> None:
    commit(store, *(release_unit(number) for number in range(20)))
    seen: list[int] = []

    def read() -> None:
        seen.extend(row.idx for row in store.read.entries(0, 20))

    threads = [threading.Thread(target=read) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(seen) == sorted([*range(20)] * 12)


def test_failing_database_is_unreachable(store: Store) -> None:
    store._reading.dispose()
    store._path.rename(store._path.with_suffix(".gone"))
    try:
        with pytest.raises(Unreachable):
            store.read.meta("origin")
    finally:
        store._path.unlink(missing_ok=True)
        store._path.with_suffix(".gone").rename(store._path)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * FROM entries WHERE exchange = 'x'",
        "SELECT * FROM records WHERE reference_tag = x'00'",
        "SELECT * FROM exchanges WHERE originator = 'o' AND record_id = 'r' AND version = 1",
        "SELECT * FROM exchanges WHERE state = 's' AND exchange_id > 'x' ORDER BY exchange_id LIMIT 5",
        "SELECT * FROM outbox WHERE exchange_id = 'x'",
        "SELECT * FROM outbox WHERE peer = 'p' AND lane = 'l' AND state = 'queued' AND message_id > 'm' "
        "ORDER BY message_id LIMIT 5",
        "SELECT DISTINCT peer FROM outbox WHERE state = 'queued' ORDER BY peer",
        "SELECT * FROM inbox WHERE entry > 5 ORDER BY entry LIMIT 5",
        "SELECT * FROM inbox WHERE exchange_id = 'x'",
        "SELECT * FROM linked_heads WHERE origin = 'o' ORDER BY size DESC LIMIT 1",
        "SELECT * FROM heads ORDER BY size DESC LIMIT 1",
    ],
)
def test_no_question_reads_or_sorts_a_whole_table(store: Store, query: str) -> None:
    with store.read.connection() as connection:
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}")]

    assert not [step for step in plan if "TEMP B-TREE" in step]
    assert not [
        step for step in plan if step.startswith("SCAN") and "INDEX" not in step and "heads" not in step
    ]


def _pairs_of_two() -> list[list[tuple[int, int]]]:
    return [[(1, 1), (1, 2)], [(1, 3), (2, 1)], [(2, 2), (2, 3)]]


def test_entry_at_is_never_stored(store: Store) -> None:
    (done,) = commit(store, release_unit(1))

    row = store.read.outbox(uuid7(1))

    assert row is not None and type(row.entry) is int and row.entry == done.first_index
    assert type(outbox_row(1).entry) is EntryAt
