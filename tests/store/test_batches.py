"""However units are cut into batches, the ledger says the same: a batch is an economy, never a meaning."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.ledger.entry import parse
from gateway.store.changes import OutboxState
from gateway.store.rows import Head
from gateway.store.sequence import Committed
from gateway.store.store import Store
from gateway.store.unit import Unit
from tests.store.material import arrival_unit, record_unit, release_unit, root_of_stored, uuid7

PEERS = ("police.ro", "shelter.ngo")
NUMBERS = st.integers(0, 5)

# Few numbers, so that many units collide with others of their batch or of an earlier one.
UNITS = st.one_of(
    st.builds(record_unit, NUMBERS),
    st.builds(release_unit, NUMBERS, peer=st.sampled_from(PEERS)),
    st.builds(arrival_unit, NUMBERS, sender=st.sampled_from(PEERS)),
    NUMBERS.map(lambda number: Unit(rows=(OutboxState(uuid7(number), "queued", "delivered"),))),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("store") / "home"
    Store.create(home).close()
    return home


@settings(max_examples=25)
@given(units=st.lists(UNITS, max_size=24), cuts=st.lists(st.integers(1, 8), min_size=24, max_size=24))
def test_batches_of_any_size_give_the_ledger_of_single_commits(
    empty: Path, units: list[Unit], cuts: list[int]
) -> None:
    rest, batches = list(units), []
    for cut in cuts:
        batches.append(rest[:cut])
        rest = rest[cut:]

    assert _commit_all(empty, batches) == _commit_all(empty, [[unit] for unit in units])


def _commit_all(empty: Path, batches: list[list[Unit]]) -> tuple[list[bool], list[tuple[object, ...]]]:
    """Return which units were committed, and what the entries say without blind and time."""
    with tempfile.TemporaryDirectory() as scratch:
        home = Path(scratch) / "home"
        shutil.copytree(empty, home)
        with Store.open(home, clock=lambda: 1_760_000_000) as store:
            outcomes = list(itertools.chain.from_iterable(map(store.writer.commit, batches)))
            size = store.read.head().size
            assert store.writer.read_back(0, size) == Head(*root_of_stored(home))
            placed = [
                index for outcome in outcomes if isinstance(outcome, Committed) for index in outcome.indices
            ]
            assert placed == list(range(size))
            entries = [parse(row.data) for row in store.read.entries(0, size)]
    return [isinstance(outcome, Committed) for outcome in outcomes], [
        (entry.kind, entry.peer, entry.message, entry.pair_seq) for entry in entries
    ]
