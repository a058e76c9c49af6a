"""Units of many callers share a transaction, and each caller hears what became of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.errors import Conflict, Malformed, Refused, Unreachable
from gateway.ledger.entry import parse
from gateway.store.group import GroupWriter
from gateway.store.rows import MetaRow
from gateway.store.store import Store
from gateway.store.unit import Unit
from gateway.store.writer import Outcome, Writer
from tests.store.material import arrival_unit, release_unit, root_of_stored, submitted, uuid7

WAIT_S = 30


class Gated(Writer):
    """A writer that commits only when told to, and remembers the sizes of its batches."""

    def __init__(self, store: Store) -> None:
        self._inner = store.writer
        self.open = threading.Event()
        self.entered = threading.Event()
        self.batches: list[int] = []
        self.tidied = 0
        self.failure: BaseException | None = None

    def commit(self, units: list[Unit]) -> list[Outcome]:  # type: ignore[override]
        self.entered.set()
        assert self.open.wait(WAIT_S)
        self.batches.append(len(units))
        if self.failure is not None:
            raise self.failure
        return self._inner.commit(units)

    def tidy(self) -> None:
        self.tidied += 1


@pytest.fixture
def gated(store: Store) -> Gated:
    return Gated(store)


@pytest.fixture
def group(gated: Gated) -> Iterator[GroupWriter]:
    with GroupWriter(gated, queued_units=300) as group:
        yield group
        gated.open.set()


def _occupy(group: GroupWriter, gated: Gated) -> None:
    """Give the thread a first batch to be busy with, so that what follows queues."""
    group.submit(Unit(rows=(MetaRow("first", ""),)))
    assert gated.entered.wait(WAIT_S)


def test_what_queued_meanwhile_is_one_batch_of_at_most_64(group: GroupWriter, gated: Gated) -> None:
    _occupy(group, gated)
    futures = [group.submit(release_unit(number)) for number in range(150)]

    gated.open.set()
    done = [future.result(WAIT_S) for future in futures]

    assert gated.batches == [1, 64, 64, 22]
    assert [commit.first_index for commit in done] == list(range(150))
    assert [parse(commit.entries[0]).message for commit in done] == [uuid7(n) for n in range(150)]


def test_large_units_make_small_batches(group: GroupWriter, gated: Gated) -> None:
    _occupy(group, gated)
    half = [release_unit(number) for number in range(4)]
    units = [Unit(drafts=u.drafts, rows=(u.rows[0]._replace(sealed=bytes(500_000)),)) for u in half]  # type: ignore[call-arg]
    futures = [group.submit(unit) for unit in units]

    gated.open.set()
    for future in futures:
        future.result(WAIT_S)

    assert gated.batches == [1, 2, 2]


def test_unit_larger_than_a_batch_is_a_batch(group: GroupWriter, gated: Gated) -> None:
    gated.open.set()
    unit = Unit(rows=(MetaRow("m", ""),))
    big = Unit(drafts=(submitted(),), rows=(release_unit(1).rows[0]._replace(sealed=bytes(3_000_000)),))  # type: ignore[call-arg]

    assert group.submit(big).result(WAIT_S).size == 1
    assert group.submit(unit).result(WAIT_S).size == 1


def test_nothing_resolves_before_the_commit(group: GroupWriter, gated: Gated, store: Store) -> None:
    future = group.submit(release_unit(1))
    assert gated.entered.wait(WAIT_S)

    assert not future.done()
    assert store.read.head().size == 0

    gated.open.set()
    assert future.result(WAIT_S).size == 1
    assert store.read.head().size == 1


def test_failing_unit_fails_its_own_future_only(group: GroupWriter, gated: Gated) -> None:
    _occupy(group, gated)
    bad = Unit(rows=(MetaRow("bad", 2**70),))  # type: ignore[arg-type]
    futures = [group.submit(unit) for unit in (arrival_unit(1), arrival_unit(1), bad, arrival_unit(2))]

    gated.open.set()

    assert futures[0].result(WAIT_S).first_index == 0
    assert isinstance(futures[1].exception(WAIT_S), Conflict)
    assert isinstance(futures[2].exception(WAIT_S), Malformed)
    assert futures[3].result(WAIT_S).first_index == 1


@pytest.mark.parametrize("failure", [Unreachable("gone", code="store"), RuntimeError("unforeseen")])
def test_failed_batch_fails_every_future_and_the_thread_goes_on(
    group: GroupWriter, gated: Gated, failure: Exception
) -> None:
    gated.failure = failure
    gated.open.set()
    assert group.submit(release_unit(1)).exception(WAIT_S) is failure

    gated.failure = None

    assert group.submit(release_unit(2)).result(WAIT_S).first_index == 0


def test_cancelled_unit_is_not_committed(group: GroupWriter, gated: Gated, store: Store) -> None:
    _occupy(group, gated)
    first, second = group.submit(release_unit(1)), group.submit(release_unit(2))

    assert first.cancel()
    gated.open.set()

    assert second.result(WAIT_S).first_index == 0
    assert store.read.outbox(uuid7(1)) is None


def test_full_queue_refuses_and_takes_again_when_drained(group: GroupWriter, gated: Gated) -> None:
    _occupy(group, gated)
    futures = [group.submit(release_unit(number)) for number in range(300)]

    with pytest.raises(Refused) as busy:
        group.submit(release_unit(301))
    gated.open.set()
    late = group.submit(release_unit(302), wait_s=WAIT_S)

    assert busy.value.code == "busy"
    assert late.result(WAIT_S).first_index == 300
    assert all(future.done() for future in futures)


def test_stop_drains_and_refuses_what_comes_after(group: GroupWriter, gated: Gated, store: Store) -> None:
    _occupy(group, gated)
    futures = [group.submit(release_unit(number)) for number in range(100)]

    gated.open.set()
    group.stop()
    group.stop()

    assert [future.result(0).first_index for future in futures] == list(range(100))
    with pytest.raises(Refused) as refusal:
        group.submit(release_unit(101))
    assert refusal.value.code == "stopping"


def test_caller_waiting_for_a_place_is_told_when_it_stops(group: GroupWriter, gated: Gated) -> None:
    _occupy(group, gated)
    for number in range(300):
        group.submit(release_unit(number))
    told: list[str] = []
    begun = threading.Event()

    def wait() -> None:
        begun.set()
        try:
            group.submit(release_unit(999), wait_s=WAIT_S)
        except Refused as exc:
            told.append(exc.code)

    waiter = threading.Thread(target=wait)
    stopper = threading.Thread(target=group.stop)
    waiter.start()
    assert begun.wait(WAIT_S)
    stopper.start()
    waiter.join(WAIT_S)
    gated.open.set()
    stopper.join(WAIT_S)

    assert told == ["stopping"]


def test_log_is_tidied_after_the_callers_were_answered(group: GroupWriter, gated: Gated) -> None:
    gated.open.set()
    order: list[int] = []
    group.submit(release_unit(1)).add_done_callback(lambda _: order.append(gated.tidied))
    group.stop()

    assert order == [0]
    assert gated.tidied == 1


def test_many_threads_leave_one_gapless_ledger(store: Store, home: Path) -> None:
    with GroupWriter(store.writer) as group:

        def send(thread: int) -> None:
            for number in range(50):
                group.submit(release_unit(thread * 100 + number), wait_s=WAIT_S).result(WAIT_S)

        threads = [threading.Thread(target=send, args=(thread,)) for thread in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    entries = [parse(row.data) for row in store.read.entries(0, 1_000)]
    assert [entry.pair_seq for entry in entries] == list(range(1, 301))
    size, root = root_of_stored(home)
    assert (size, root) == store.read.head()
