"""Policy: a warm decision, a cold one, and one cell, beside bare Cedar with the same number of rules.

Prints a table, and one JSON object with --json. Ratios are taken within this run.
Usage: python benchmarks/policy.py [--repeat N] [--json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import cedarpy

from gateway.record.categories import CATEGORIES
from gateway.record.vocabulary import RoleClass, Rung
from policy.authoring.cases import classes_of
from policy.bundle import bundle_of, shipped_baseline, shipped_schema
from policy.cell import Cell, entities_of, request_of
from policy.engine import Engine
from policy.request import PortionAttributes
from policy.usual import ASKED, NAME, POLICE

PORTIONS = 40


def portions() -> list[PortionAttributes]:
    """Return 40 portions as a record has them: a victim's, a suspect's and things, each at its rungs."""
    found = []
    for role in (RoleClass.VICTIM, RoleClass.SUSPECT):
        for name, category in CATEGORIES.items():
            ladder = zip((Rung.GENERALISED, Rung.COARSE), category.ladder, strict=True)
            rungs = (Rung.EXACT, *(rung for rung, generaliser in ladder if generaliser))
            found.append(replace(NAME, category=name, classes=classes_of(name, role), role=role, rungs=rungs))
    return found[:PORTIONS]


def timed_us(work: Callable[[], object], repeat: int) -> float:
    """Return the median time of one call in microseconds."""
    laps = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        laps.append((time.perf_counter() - start) * 1e6)
    return statistics.median(laps)


def measure(repeat: int) -> dict[str, float]:
    """Return the figures in microseconds, and how many rules and cells they are about."""
    bundle = bundle_of(baseline=shipped_baseline())
    engine, record = Engine(bundle), portions()
    nobody: frozenset[str] = frozenset()
    engine.decide(POLICE, ASKED, record, nobody)
    warm = timed_us(lambda: engine.decide(POLICE, ASKED, record, nobody), repeat * 20)
    cold, cells = [], 0
    for number in range(repeat):
        # Another recipient is another question in every cell; nothing of it was decided before.
        other = replace(POLICE, id=f"police.n{number}")
        before, start = engine.evaluations, time.perf_counter()
        engine.decide(other, ASKED, record, nobody)
        cold.append((time.perf_counter() - start) * 1e6 / len(record))
        cells = engine.evaluations - before
    cell = Cell("disclose", POLICE, ASKED, nobody, NAME, Rung.EXACT)
    one = timed_us(lambda: engine.rulebook.answer(cell), repeat * 20)
    return {
        "rules": len(engine.rules),
        "cells_per_portion": cells / len(record),
        "warm_decision_us": warm,
        "cold_portion_us": statistics.median(cold),
        "cell_us": one,
        "bare_cedar_us": bare(cell, len(engine.rules), repeat),
    }


def bare(cell: Cell, rules: int, repeat: int) -> float:
    """Return what the library takes for one decision with as many short rules, nothing around it."""
    schema = cedarpy.Schema.from_str(shipped_schema())
    texts = (
        f'forbid (principal == Comity::Agency::"n{number}", action == Comity::Action::"disclose", resource);'
        for number in range(rules - 1)
    )
    policies = cedarpy.PolicySet.from_str("permit (principal, action, resource);" + "".join(texts))
    entities = cedarpy.Entities.from_json_str(json.dumps(entities_of(cell)), schema)
    request = request_of(cell)
    return timed_us(lambda: cedarpy.is_authorized(request, policies, entities, schema), repeat * 20)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=30)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    figures = measure(asked.repeat)
    if asked.json:
        print(json.dumps(figures))
        return
    print(f"{figures['rules']:.0f} rules, a record of {PORTIONS} portions, medians, one core")
    print(f"  warm decision, whole record      {figures['warm_decision_us']:8.1f} us")
    print(
        f"  cold, per distinct portion       {figures['cold_portion_us']:8.1f} us "
        f"({figures['cells_per_portion']:.1f} cells)"
    )
    print(f"  one cell                         {figures['cell_us']:8.1f} us")
    print(
        f"  bare Cedar, as many short rules  {figures['bare_cedar_us']:8.1f} us "
        f"(cell / bare = {figures['cell_us'] / figures['bare_cedar_us']:.2f})"
    )


if __name__ == "__main__":
    main()
