"""Whatever policy says and whatever a consent names: nothing goes on that did not come, or was not let go."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.flow.decide import recipient_of
from gateway.flow.passing.weighing import Weighed, planned, weigh
from gateway.flow.question import Question
from gateway.flow.verify import verify_received
from gateway.record.vocabulary import Lane, ObligationCode, Purpose, Rung
from gateway.release.admitted import AdmittedRelease
from gateway.release.link import Key
from gateway.release.narrowing import Narrowing
from policy.decision import PortionVerdict
from tests.flow.federation import BORDER, RO, Homes
from tests.flow.forwarding import received
from tests.flow.records import BASIS

FEW = st.lists(st.integers(0, 40), max_size=40)


class Case(NamedTuple):
    """What may be said of portions by their places: the rungs granted, which are bound to stay, which are
    consented to, which officers withhold, and how coarse they want others.
    """

    rungs: list[Rung | None]
    bound: list[int]
    named: list[int]
    less: list[int]
    coarser: Rung


CASES = st.builds(
    Case,
    st.lists(st.sampled_from([None, *Rung]), min_size=41, max_size=41),
    FEW,
    FEW,
    FEW,
    st.sampled_from(Rung),
)


@pytest.fixture(scope="module")
def came(quiet: Homes) -> AdmittedRelease:
    """Return what police.ro received."""
    return verify_received(quiet[RO], received(quiet), quiet.now)


@pytest.fixture(scope="module")
def weighed(quiet: Homes, came: AdmittedRelease) -> Weighed:
    """Return what its own policy says to passing that on."""
    question = Question(
        recipient=recipient_of(quiet[RO], BORDER, quiet.now, purpose=Purpose.INVESTIGATION),
        purpose=Purpose.INVESTIGATION,
        legal_basis=BASIS,
        lane=Lane.ROUTINE,
        today=quiet.now.date(),
    )
    return weigh(quiet[RO], came, question, quiet.now, consented=True)


def said(weighed: Weighed, case: Case) -> Weighed:
    """Return the same as if the rules had said something else of each portion."""
    verdicts: Mapping[Key, PortionVerdict] = {
        key: PortionVerdict(
            rung=case.rungs[place % len(case.rungs)],
            withheld_finer=False,
            rules=(),
            permits=(),
            obligations=(ObligationCode.NO_ONWARD,) if place in case.bound else (),
        )
        for place, key in enumerate(weighed.by_field)
    }
    by_field = {
        key: (attributes, verdicts[key], leaf) for key, (attributes, _, leaf) in weighed.by_field.items()
    }
    return replace(weighed, by_field=by_field)


@given(case=CASES)
def test_what_goes_on_came_so_and_is_granted_and_consented_to(
    quiet: Homes,
    came: AdmittedRelease,
    weighed: Weighed,
    case: Case,
) -> None:
    disclosure = came.disclosure
    keys = list(weighed.by_field)
    leaves = [leaf for _, _, leaf in weighed.by_field.values()]
    permitted = {leaves[place] for place in case.named if place < len(leaves)} | {bytes(32)}
    narrowing = Narrowing(
        withheld=frozenset(keys[place] for place in case.less if place < len(keys)),
        coarser={key: case.coarser for place, key in enumerate(keys) if place % 5 == 0},
    )
    judged = said(weighed, case)

    chosen = planned(came, judged, quiet.now, permitted=permitted, narrowing=narrowing).chosen

    came_as = dict(
        zip(disclosure.leaves, zip(disclosure.data, disclosure.portions, strict=True), strict=True)
    )
    for leaf, data, protection in chosen:
        as_came, portion = came_as[leaf]
        key = (portion.entity, portion.field)
        assert data == as_came and protection.rung is portion.rung
        granted = judged.by_field[key][1].rung
        assert granted is not None and portion.rung >= granted
        assert judged.by_field[key][1].obligations == ()
        assert leaf in permitted
        assert key not in narrowing.withheld
        assert portion.rung >= narrowing.coarser.get(key, portion.rung)


def test_before_it_is_known_what_is_consented_to_all_that_policy_lets_go_is_asked_for(
    quiet: Homes, came: AdmittedRelease, weighed: Weighed
) -> None:
    asked = {leaf for leaf, _, _ in planned(came, weighed, quiet.now).chosen}
    agreed = {leaf for leaf, _, _ in planned(came, weighed, quiet.now, permitted=asked).chosen}

    assert asked and asked == agreed
    assert not planned(came, weighed, quiet.now, permitted=()).chosen
