"""A gateway that dies at a named point of its work has kept all it promised, and soon serves again (F01)."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from tests.live import account
from tests.live.account import Told
from tests.live.crashing import POINTS
from tests.live.houses import NL, RO, TO_RO, House, Push, case
from tests.live.waiting import until

RECORDS = 6
SERVING_AGAIN_S = 5.0

# The sender dies in most; the recipient where only it does what is named.
_AT_THE_RECIPIENT = {"admit", "cosign for another"}
_EVERY_RUN = [
    (NL, "commit", "before", 3),
    (NL, "commit", "after", 3),
    (NL, "put the mark in place", "before", 2),
    (NL, "answer a push", "before", 2),
    (NL, "write to the stream", "after", 1),
    (NL, "take a receipt in", "after", 1),
    (NL, "keep what was cosigned", "before", 2),
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
    assert _die_and_recover(pair, agency, point, when, number)


@pytest.mark.deep
@pytest.mark.parametrize(("agency", "point", "when", "number"), list(_every_point()))
def test_gateway_may_die_at_every_point(
    pair: dict[str, House], agency: str, point: str, when: str, number: int
) -> None:
    # Not every gateway comes by every point so often: then it lives on, and the promises hold all the same.
    _die_and_recover(pair, agency, point, when, number)


@pytest.mark.timed
@pytest.mark.parametrize("when", ["before", "after"])
def test_gateway_that_died_in_a_commit_serves_again_within_five_seconds(
    pair: dict[str, House], when: str
) -> None:
    pair[RO].begin()
    pair[NL].start(sys.executable, "-m", "tests.live.crashing", "commit", when, "4")
    nl = pair[NL].client(patience_s=60)
    pushing = nl.push(Push(record=case(), to=[TO_RO], key=f"key-{n}") for n in range(100))
    first = next(pushing)
    until(lambda: _ended(pair[NL]))

    began = time.monotonic()
    pair[NL].kill()
    pair[NL].start()
    took_s = time.monotonic() - began

    assert took_s <= SERVING_AGAIN_S
    assert first.problem is None
    assert [answer.problem for answer in pushing if answer.problem] == []


def _die_and_recover(pair: dict[str, House], agency: str, point: str, when: str, number: int) -> bool:
    """Push while one gateway is to die; return whether it did, once both have kept their promises."""
    (other,) = {NL, RO} - {agency}
    pair[other].begin()
    victim = pair[agency]
    victim.start(sys.executable, "-m", "tests.live.crashing", point, when, str(number), wait=False)
    told, nl = Told(), pair[NL].client(patience_s=60)
    pushes = [Push(record=case(), to=[TO_RO], key=f"key-{n}") for n in range(RECORDS)]

    def push() -> None:
        for answer in nl.push(pushes, batch=2):
            told.note(answer)

    pushing = threading.Thread(target=push)
    pushing.start()

    until(lambda: _ended(victim) or (not pushing.is_alive() and _is_settled(pair)))
    died = _ended(victim)
    if died:
        assert victim.kill() == -signal.SIGKILL
        victim.begin()
    pushing.join(60)
    until(lambda: account.waiting(pair[NL].home) == 0)
    for answer in nl.push(pushes):
        told.note(answer)

    assert len(told.answers) == RECORDS
    account.check(pair[NL].home, pair[RO].home, told)
    return died


def _ended(house: House) -> bool:
    return house.process is not None and house.process.poll() is not None


def _is_settled(pair: dict[str, House]) -> bool:
    """Return whether nothing waits, and all that both signed was cosigned: then nothing is left to do."""
    newest = "SELECT max(size) FROM {}"
    return account.waiting(pair[NL].home) == 0 and all(
        account.rows(house.home, newest.format("checkpoints"))
        == account.rows(house.home, newest.format("heads"))
        for house in pair.values()
    )
