"""The marking of a package: the join over what is released in it, and never over what stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gateway.record.marking import BOTTOM, Marking, dominates, join
from gateway.release.onward import plan_onward
from gateway.release.plan import Plan, plan
from tests.record.markings import CARRIED
from tests.release.case import BORDER, SHELTER, admitted, plain_case, released, terms

CASE = plain_case()
FIELDS = sorted({(one.local, one.field) for one in CASE.cuts})
LOCALS = sorted({local for local, _ in FIELDS})
RECEIVED = admitted(released(CASE, CASE.grants(("v", 3), ("s", 3), ("s", 35))))

CHOSEN = st.lists(st.sampled_from(FIELDS), unique=True, max_size=6)
OWN_MARKINGS = st.dictionaries(st.sampled_from(LOCALS), CARRIED)


def planned(fields: Sequence[tuple[str, int]], whole: Marking, own: Mapping[str, Marking]) -> Plan:
    """Return the plan of these fields, under a record's marking and those some of its entities bear."""
    named = {CASE.names[local]: marking for local, marking in own.items()}
    return plan(CASE.cuts, CASE.grants(*fields), terms(marking=whole, entity_markings=named))


@given(CHOSEN, CHOSEN, CARRIED, OWN_MARKINGS)
def test_adding_a_portion_never_widens_a_package(
    some: list[tuple[str, int]], more: list[tuple[str, int]], whole: Marking, own: Mapping[str, Marking]
) -> None:
    package = planned(some, whole, own)
    larger = planned(list(dict.fromkeys(some + more)), whole, own)

    assert dominates(larger.marking, package.marking)
    assert larger.expires_at <= package.expires_at


@given(CHOSEN, CARRIED, OWN_MARKINGS)
def test_a_package_is_as_strict_as_all_that_leaves_in_it(
    fields: list[tuple[str, int]], whole: Marking, own: Mapping[str, Marking]
) -> None:
    made = planned(fields, whole, own)

    leaving = [whole, *(own[local] for local in own if CASE.names[local] in made.entities)]
    for one in leaving:
        seen = replace(one, rel=frozenset({SHELTER}), excl=frozenset(), compart=frozenset())
        assert dominates(made.marking, seen)


@given(CHOSEN, CARRIED, OWN_MARKINGS)
def test_what_stays_leaves_no_trace_in_a_package(
    fields: list[tuple[str, int]], whole: Marking, own: Mapping[str, Marking]
) -> None:
    made = planned(fields, whole, own)

    staying = {local for local in own if CASE.names[local] not in made.entities}
    assert planned(fields, whole, {k: v for k, v in own.items() if k not in staying}) == made


@given(CARRIED, OWN_MARKINGS)
def test_what_is_passed_on_keeps_every_restriction_it_came_with(
    holder: Marking, own: Mapping[str, Marking]
) -> None:
    named = {CASE.names[local]: marking for local, marking in own.items()}
    grants = CASE.grants(("v", 3), ("s", 3))

    made = plan_onward(RECEIVED, grants, terms(BORDER, marking=holder, entity_markings=named))
    plain = plan_onward(RECEIVED, grants, terms(BORDER, marking=BOTTOM))

    received = replace(RECEIVED.release.marking, rel=frozenset({BORDER}))
    assert plain.marking == received
    assert dominates(
        made.marking, join(received, replace(holder, rel=None, excl=frozenset(), compart=frozenset()))
    )
