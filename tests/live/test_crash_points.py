"""A gateway that dies at a named point of its work has kept all it promised, and soon serves again (F01)."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator

import pytest

from gateway.client import Answer
from tests.live.crashing import POINTS
from tests.live.houses import NL, RO, TO_RO, House, Push, case
from tests.live.recovery import die_and_recover, has_ended
from tests.waiting import until

SERVING_AGAIN_S = 5.0

# The sender dies in most; the recipient where only it does what is named.
_AT_THE_RECIPIENT = {"admit", "cosign for another"}
_EVERY_RUN = [
    (NL, "commit", "after", 3),
    (NL, "put the mark in place", "before", 2),
    (NL, "answer a push", "before", 2),
    (NL, "take a receipt in", "after", 1),
    (RO, "admit", "after", 1),
]


def _every_point() -> Iterator[tuple[str, str, str, int]]:
    for point in POINTS:
        for when in ("before", "after"):
            for number in (1, 2, 3):
                for agency in (RO,) if point in _AT_THE_RECIPIENT else (NL, RO):
                    yield agency, point, when, number


@pytest.mark.parametrize(("agency", "point", "when", "number"), _EVERY_RUN)
def test_gateway_that_dies_at_a_point_has_kept_all_it_promised(
    pair: dict[str, House], agency: str, point: str, when: str, number: int
) -> None:
    assert die_and_recover(pair, agency, (point, when, str(number)))


@pytest.mark.deep
@pytest.mark.parametrize(("agency", "point", "when", "number"), list(_every_point()))
def test_gateway_may_die_at_every_point(
    pair: dict[str, House], agency: str, point: str, when: str, number: int
) -> None:
    # Not every gateway comes by every point so often: then it lives on, and the promises hold all the same.
    die_and_recover(pair, agency, (point, when, str(number)))


@pytest.mark.timed
@pytest.mark.parametrize("when", ["before", "after"])
def test_gateway_that_died_in_a_commit_serves_again_within_five_seconds(
    pair: dict[str, House], when: str
) -> None:
    pair[RO].begin()
    pair[NL].start(sys.executable, "-m", "tests.live.crashing", "commit", when, "4")
    nl, answers = pair[NL].client(patience_s=60), list[Answer]()
    pushes = [Push(record=case(), to=[TO_RO], key=f"key-{n}") for n in range(100)]
    pushing = threading.Thread(target=lambda: answers.extend(nl.push(pushes)))
    pushing.start()
    until(lambda: has_ended(pair[NL]))

    began = time.monotonic()
    pair[NL].kill()
    pair[NL].start()
    took_s = time.monotonic() - began
    pushing.join(60)

    assert took_s <= SERVING_AGAIN_S
    assert [answer.problem for answer in answers] == [None] * len(pushes)
