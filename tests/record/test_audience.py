"""Who may have content: a join lets through what both let through, and narrowing lets nobody new in."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.record.audience import admits, is_over, permits, releasable
from gateway.record.marking import (
    BOTTOM,
    TOP,
    Level,
    Marking,
    dominates,
    join,
    meet,
    narrowed,
    statement_part,
)
from gateway.record.vocabulary import Purpose
from tests.record.markings import AGENCIES, AGENCY_IDS, AGENCY_SETS, ANY_MARKINGS, DAYS

QUESTIONS = st.fixed_dictionaries(
    {
        "agency": AGENCIES,
        "communities": AGENCY_SETS,
        "originator": AGENCIES,
        "purpose": st.none() | st.sampled_from(Purpose),
        "today": DAYS,
    }
)
COMMUNITIES = st.fixed_dictionaries({agency: AGENCY_SETS for agency in AGENCY_IDS})


def asked(marking: Marking, **changes: Any) -> bool:
    plain: dict[str, Any] = {
        "agency": "police.ro",
        "communities": frozenset({"blue"}),
        "originator": "police.nl",
        "purpose": Purpose.INVESTIGATION,
        "today": date(2026, 1, 3),
    }
    return releasable(marking, **{**plain, **changes})


@given(ANY_MARKINGS, ANY_MARKINGS, QUESTIONS)
def test_a_join_is_releasable_exactly_where_both_are(
    a: Marking, b: Marking, question: dict[str, Any]
) -> None:
    both = releasable(a, **question) and releasable(b, **question)

    assert releasable(join(a, b), **question) == both


@given(ANY_MARKINGS, ANY_MARKINGS, QUESTIONS)
def test_what_dominates_is_releasable_to_nobody_more(
    a: Marking, b: Marking, question: dict[str, Any]
) -> None:
    stricter, looser = join(a, b), meet(a, b)

    assert releasable(stricter, **question) <= releasable(a, **question) <= releasable(looser, **question)


@given(ANY_MARKINGS, QUESTIONS)
def test_an_empty_list_leaves_the_originator_alone(a: Marking, question: dict[str, Any]) -> None:
    unlisted = join(a, replace(BOTTOM, rel=frozenset()))

    assert releasable(unlisted, **question) == (
        question["agency"] == question["originator"] and releasable(a, **question)
    )


@given(ANY_MARKINGS, COMMUNITIES, AGENCIES, AGENCY_SETS)
def test_narrowing_to_those_it_admits_lets_nobody_new_in(
    a: Marking, communities: dict[str, frozenset[str]], originator: str, wanted: frozenset[str]
) -> None:
    def admitted(marking: Marking) -> set[str]:
        return {
            agency
            for agency in AGENCY_IDS
            if admits(marking, agency=agency, communities=communities[agency], originator=originator)
        }

    chosen = admitted(a) & wanted

    assert admitted(narrowed(a, frozenset(chosen))) <= admitted(a)
    assert admitted(narrowed(a, frozenset(chosen))) <= chosen | {originator}


@given(ANY_MARKINGS, QUESTIONS)
def test_the_part_in_a_statement_lets_nobody_new_in(a: Marking, question: dict[str, Any]) -> None:
    part = statement_part(a)

    assert releasable(part, **question) <= releasable(a, **question)
    assert dominates(replace(part, excl=a.excl, compart=a.compart, notes=a.notes), a)


@pytest.mark.parametrize(
    ("marking", "changes"),
    [
        (replace(BOTTOM, rel=frozenset({"shelter.ngo"})), {"rel": frozenset({"police.ro"})}),
        (replace(BOTTOM, rel=frozenset()), {"rel": None}),
        (replace(BOTTOM, excl=frozenset({"police.ro"})), {"excl": frozenset({"shelter.ngo"})}),
        (replace(BOTTOM, compart=frozenset({"blue", "red"})), {"compart": frozenset({"blue"})}),
        (replace(BOTTOM, level=Level.CONFIDENTIAL), {"level": Level.RESTRICTED}),
        (
            replace(BOTTOM, purposes=frozenset({Purpose.TREND})),
            {"purposes": frozenset({Purpose.INVESTIGATION})},
        ),
        (replace(BOTTOM, purposes=frozenset()), {"purposes": None}),
        (replace(BOTTOM, expires=date(2026, 1, 2)), {"expires": date(2026, 1, 3)}),
    ],
    ids=["rel", "empty rel", "excl", "compart", "level", "purpose", "no purpose", "last day"],
)
def test_each_limit_bars_and_lets_through_by_itself(marking: Marking, changes: dict[str, Any]) -> None:
    assert not asked(marking)
    assert asked(replace(marking, **changes))


def test_what_nobody_may_have_its_originator_does_not_get_through_a_gateway_either() -> None:
    assert not asked(TOP, agency="police.nl")
    assert asked(replace(BOTTOM, rel=frozenset(), excl=frozenset({"police.nl"})), agency="police.nl")


def test_a_purpose_that_is_not_stated_is_never_a_permitted_one() -> None:
    assert not permits(BOTTOM, None)
    assert permits(BOTTOM, Purpose.TREND)
    assert not asked(BOTTOM, purpose=None)


def test_the_last_day_of_use_is_one_of_use() -> None:
    until = replace(BOTTOM, expires=date(2026, 1, 3))

    assert not is_over(until, date(2026, 1, 3))
    assert is_over(until, date(2026, 1, 4))
    assert not is_over(BOTTOM, date(9999, 12, 31))
