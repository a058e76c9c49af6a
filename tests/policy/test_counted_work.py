"""What a decision costs, counted in questions to the rules; what it takes in time is a timed test."""

from __future__ import annotations

from benchmarks.policy import portions
from policy.bundle import bundle_of, shipped_baseline
from policy.engine import Engine
from tests.policy import given


def test_record_decided_before_asks_the_rules_nothing() -> None:
    engine = Engine(bundle_of(baseline=shipped_baseline()))
    record = portions()
    engine.decide(given.POLICE, given.ASKED, record, frozenset())
    evaluated = engine.evaluations

    engine.decide(given.POLICE, given.ASKED, record, frozenset())

    assert engine.evaluations == evaluated


def test_record_never_decided_before_asks_a_handful_of_cells_for_each_kind_of_portion() -> None:
    engine = Engine(bundle_of(baseline=shipped_baseline()))
    record = portions()
    before = engine.evaluations

    engine.decide(given.POLICE, given.ASKED, record, frozenset())

    assert engine.evaluations - before <= 4 * len(set(record))
