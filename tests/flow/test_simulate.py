"""Proposed rules tried on the newest decisions: what would differ, with nothing stored and nothing sent."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.errors import Malformed
from gateway.flow.simulate import MOST_EXCHANGES, Proposal, counts_of, newest, proposed_engine, simulate
from policy.bundle import shipped_baseline
from tests.flow import oracle, records
from tests.flow.federation import NL, TO_NGO, TO_RO, Homes

NO_VANS = """
@id("LOCAL-NO-VAN") @layer("local") @reason("vans are not told") @source("test")
forbid (principal, action == Comity::Action::"disclose", resource is Comity::Portion)
unless { resource.category != Comity::Category::"vehicle.identity" };
"""
HELD = """
@id("LOCAL-READ") @layer("local") @reason("an officer reads it first") @source("test") @lift("RLO:1")
forbid (principal, action in [Comity::Action::"release"], resource is Comity::Record)
unless { context.approvals.contains(Comity::Approval::"RLO:1") };
"""
NOTHING = """
@id("LOCAL-CLOSED") @layer("local") @reason("the house is closed") @source("test")
forbid (principal, action in [Comity::Action::"release"], resource is Comity::Record);
"""
MORE = """
@id("LOCAL-FREE") @layer("local") @reason("nationalities are told") @source("test")
permit (principal, action == Comity::Action::"disclose", resource is Comity::Portion)
when { resource.category == Comity::Category::"person.nationality" };
"""


def _simulated(homes: Homes, rules: str, *, baseline: str | None = None) -> list[Any]:
    gateway = homes[NL]
    local = {"proposed.cedar": rules} if rules else {}
    engine = proposed_engine(gateway, Proposal(local=local, baseline=baseline))
    return list(simulate(gateway, engine, newest(gateway, 100), homes.now))


@pytest.mark.parametrize(
    ("rules", "effects", "after"),
    [
        (NO_VANS, ["newly-withheld"], "release"),
        (HELD, ["newly-held"], "held"),
        (NOTHING, ["newly-withheld"], "denied"),
        (MORE, ["newly-released"], "release"),
        ("", ["unchanged"], "release"),
    ],
)
def test_what_a_rule_would_do_is_told(homes: Homes, rules: str, effects: list[str], after: str) -> None:
    homes.push(records.small(), TO_RO)

    (row,) = _simulated(homes, rules)

    assert (row["effects"], row["before"], row["after"]) == (effects, "release", after)


def test_fields_that_differ_are_counted_by_category_with_the_rule_behind_it(homes: Homes) -> None:
    homes.push(records.small(), TO_RO)

    (row,) = _simulated(homes, NO_VANS)

    assert row["fields"] == [
        {"category": "vehicle.identity", "before": "exact", "after": "withheld", "fields": 1}
    ]
    assert row["rules"] == [{"rule": "LOCAL-NO-VAN", "side": "proposed", "text": "vans are not told"}]


def test_proposed_baseline_takes_the_place_of_the_one_in_force(homes: Homes) -> None:
    homes.push(records.small(), TO_RO)

    (row,) = _simulated(homes, "", baseline=shipped_baseline() + NOTHING.replace('"local"', '"baseline"'))

    assert row["after"] == "denied"


def test_newest_come_first_and_no_more_than_asked(homes: Homes) -> None:
    pushed = []
    for number in range(3):
        pushed.append(homes.push(records.small(number), TO_RO).exchanges[0].exchange_id)
        homes.pass_time(seconds=1)

    assert newest(homes[NL], 2) == pushed[:0:-1]


@pytest.mark.parametrize("last", [0, -1, MOST_EXCHANGES + 1])
def test_number_of_exchanges_is_bounded(quiet: Homes, last: int) -> None:
    with pytest.raises(Malformed) as refused:
        newest(quiet[NL], last)

    assert refused.value.code == "too-many"


def test_what_cannot_be_decided_any_more_is_counted_apart(homes: Homes) -> None:
    erased = homes.push(records.small(1), TO_RO)
    homes.push(records.small(2), TO_RO, TO_NGO)
    homes[NL].store.erase_record(NL, erased.record_id, 1)

    rows = _simulated(homes, NO_VANS)

    assert counts_of(rows) == {
        "newly-released": 0,
        "newly-held": 0,
        "newly-withheld": 1,
        "unchanged": 1,
        "not-decidable": 1,
    }
    assert [row["told"] for row in rows if row["effects"] == ["not-decidable"]] == ["the record was erased"]


def test_rule_that_does_not_load_is_refused_with_its_place(quiet: Homes) -> None:
    with pytest.raises(Malformed) as refused:
        _simulated(quiet, "permit (nobody, nothing);")

    assert refused.value.field.startswith("proposed.cedar:1")


def test_simulating_stores_nothing_and_tells_no_content(homes: Homes) -> None:
    homes.push(records.small(), TO_RO)
    before = oracle.counts(homes.home(NL))

    told = json.dumps(_simulated(homes, NO_VANS))

    assert oracle.counts(homes.home(NL)) == before
    assert [word for word in (records.SECRET_NAME, "XX-1-Y") if word in told] == []
