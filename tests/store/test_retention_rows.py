"""What has ended is found without reading all that is kept, and one exchange is erased without its record."""

from __future__ import annotations

import pytest
from sqlalchemy import Select
from sqlalchemy.dialects import sqlite as dialect

from gateway.errors import Conflict
from gateway.ledger.entry import Draft, EntryKind
from gateway.store import record_queries, sqlite
from gateway.store.rows import EraseExchange, ExchangeState
from gateway.store.store import Store
from gateway.store.unit import Unit
from tests.store.material import (
    OWN,
    PEER,
    body_row,
    commit,
    exchange_key_row,
    exchange_row,
    key_row,
    record_row,
    submitted,
    uuid7,
)

ERASED = Draft(kind=EntryKind.ERASED)


def _own(number: int, retain_until: str, *, state: str = "current") -> Unit:
    row = record_row(number)._replace(retain_until=retain_until, state=state)
    return Unit(drafts=(submitted(),), rows=(row,))


def _came(number: int, expires_at: int | None, *, state: str = "received") -> Unit:
    row = exchange_row(number, state=state)._replace(direction="in", expires_at=expires_at)
    return Unit(drafts=(submitted(),), rows=(row,))


def test_own_records_that_ended_before_a_day_come_oldest_first_page_by_page(store: Store) -> None:
    days = ["2031-01-02", "2031-01-01", "2031-01-03", "2031-01-01"]
    for number, day in enumerate(days, start=1):
        commit(store, _own(number, day))
    commit(store, _own(9, "2031-01-01", state="erased"))

    first = store.read.own_ended("2031-01-03", limit=2)
    last = (first[-1].retain_until, first[-1].record_id, first[-1].version)
    second = store.read.own_ended("2031-01-03", after=last, limit=2)

    assert [one.record_id for one in first] == [uuid7(2), uuid7(4)]
    assert [one.record_id for one in second] == [uuid7(1)]
    assert store.read.own_ended("2031-01-01") == []


def test_arrivals_that_ended_come_oldest_first_page_by_page(store: Store) -> None:
    for number, end in ((1, 30), (2, 10), (3, 40), (4, 10), (5, None)):
        commit(store, _came(number, end))
    commit(store, _came(9, 5, state="erased"))
    commit(store, Unit(drafts=(submitted(),), rows=(exchange_row(8)._replace(expires_at=5),)))

    first = store.read.arrivals_ended(30, limit=2)
    second = store.read.arrivals_ended(30, after=(10, first[-1].exchange_id), limit=2)

    assert [one.exchange_id for one in first] == [uuid7(2), uuid7(4)]
    assert [one.exchange_id for one in second] == [uuid7(1)]
    assert store.read.arrivals_ended(9) == []


def test_next_ends_are_those_of_what_is_kept(store: Store) -> None:
    assert store.read.next_ends() == (None, None)

    commit(store, _own(1, "2031-05-01"), _own(2, "2030-01-01", state="erased"))
    commit(store, _came(3, 50), _came(4, 5, state="erased"))

    assert store.read.next_ends() == ("2031-05-01", 50)


@pytest.mark.parametrize("name", ["_OWN_ENDED", "_IN_ENDED", "_NEXT_OWN", "_NEXT_IN", "_NEAREST"])
def test_question_is_answered_from_an_index(store: Store, name: str) -> None:
    statement: Select[object] = getattr(record_queries, name)
    compiled = statement.compile(dialect=dialect.dialect())
    values = tuple(1 for _ in compiled.positiontup or ())

    with store.read.connection() as connection:
        asked = f"EXPLAIN QUERY PLAN {compiled}"
        plan = [row[3] for row in connection.exec_driver_sql(asked, values)]

    assert plan and not [step for step in plan if "TEMP B-TREE" in step]
    assert all("INDEX" in step for step in plan if step.startswith(("SCAN", "SEARCH")))


@pytest.mark.parametrize(("asked", "known"), [(5, PEER), (4, None), (6, None), (1, None)])
def test_peer_of_an_exchange_is_that_of_its_very_id(store: Store, asked: int, known: str | None) -> None:
    commit(store, Unit(drafts=(submitted(),), rows=(exchange_row(5),)))
    commit(store, Unit(drafts=(submitted(),), rows=(exchange_row(3)._replace(peer="border.xx"),)))

    assert store.read.exchange_peer(uuid7(asked)) == known


def _two_exchanges(store: Store) -> None:
    rows = (
        record_row(1),
        key_row(1),
        exchange_row(2, record=1),
        exchange_row(3, record=1),
        exchange_key_row(2),
        exchange_key_row(3),
        body_row(1),
        body_row(1)._replace(kind="release", part=uuid7(2)),
        body_row(1)._replace(kind="release", part=uuid7(3)),
    )
    commit(store, Unit(drafts=(submitted(),), rows=rows))


def test_one_exchange_is_erased_and_the_others_of_its_record_stay(store: Store) -> None:
    _two_exchanges(store)
    closed = ExchangeState(uuid7(2), "released", "erased")

    (done,) = store.erase([Unit(drafts=(ERASED,), rows=(closed, EraseExchange(uuid7(2))))])
    store.scrub()

    assert not isinstance(done, Exception)
    assert store.read.exchange_key(uuid7(2)) is None
    assert store.read.exchange_key(uuid7(3)) is not None
    assert [body.part for body in store.read.bodies(OWN, uuid7(1), 1)] == ["", uuid7(3)]
    assert store.read.record_key(OWN, uuid7(1), 1) is not None


def test_exchange_is_erased_once(store: Store) -> None:
    _two_exchanges(store)
    unit = Unit(drafts=(ERASED,), rows=(EraseExchange(uuid7(2)),))

    first, second = store.erase([unit, unit])

    assert not isinstance(first, Exception)
    assert isinstance(second, Conflict)
    assert store.read.head().size == 2


def test_log_is_scrubbed_once_after_an_erasure_and_at_every_start(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    emptied: list[int] = []
    monkeypatch.setattr(sqlite, "empty_wal", lambda _: emptied.append(1))
    _two_exchanges(store)

    for _ in range(3):
        store.scrub()
    store.erase([Unit(drafts=(ERASED,), rows=(EraseExchange(uuid7(2)),))])
    for _ in range(3):
        store.scrub()

    assert len(emptied) == 2
