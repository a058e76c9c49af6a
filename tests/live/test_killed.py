"""Either gateway is killed at random moments: nothing acknowledged is lost, nothing happens twice.

Source: THREATS F01, P1, P2, P5.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator

import pytest

from gateway.ledger.findings import Severity
from tests.live import account
from tests.live.account import Told
from tests.live.houses import NL, RO, TO_RO, House, Push, case
from tests.waiting import moment, until

PATIENCE_S = 60.0
STARTING_S = 1.2
"""About what a start takes: a second kill meets it, or what comes right after."""


@pytest.mark.parametrize("seed", [1, 2])
def test_killed_gateways_lose_and_repeat_nothing(pair: dict[str, House], seed: int) -> None:
    _play(pair, random.Random(seed), records=30, kills=1)


@pytest.mark.deep
@pytest.mark.parametrize("seed", range(100, 120))
def test_twenty_runs_of_a_hundred_records_lose_and_repeat_nothing(pair: dict[str, House], seed: int) -> None:
    _play(pair, random.Random(seed), records=100, kills=4)


def _play(pair: dict[str, House], chance: random.Random, *, records: int, kills: int) -> None:
    """Push records while gateways are killed and started again, then hold both homes to their promises."""
    for house in pair.values():
        house.start()
    nl, told = pair[NL].client(patience_s=PATIENCE_S), Told()
    pushes = [Push(record=case(reference=f"case-{n}"), to=[TO_RO], key=f"key-{n}") for n in range(records)]
    failed: list[BaseException] = []

    def push() -> None:
        try:
            for answer in nl.push(iter(pushes), batch=4):
                told.note(answer)
        except BaseException as exc:
            failed.append(exc)

    pushing = threading.Thread(target=push)
    pushing.start()
    for after in sorted(chance.randrange(records) for _ in range(kills)):
        until(lambda after=after: len(told.answers) >= after or failed, PATIENCE_S)  # type: ignore[misc]
        for agency in _victims(chance):
            _kill(pair[agency], chance)
    pushing.join(PATIENCE_S)
    assert not failed, failed
    assert len(told.answers) == records

    until(lambda: account.waiting(pair[NL].home) == 0, PATIENCE_S, told=pair[NL].status)
    for answer in nl.push(pushes):
        told.note(answer)

    account.check(pair[NL].home, pair[RO].home, told)
    _check_exports(pair)


def _victims(chance: random.Random) -> Iterator[str]:
    yield from chance.choice([[NL], [RO], [NL, RO], [RO, NL]])


def _kill(house: House, chance: random.Random) -> None:
    """Kill a gateway a moment later, and start it again; sometimes kill it in the middle of that, too."""
    moment(chance.random() * 0.2)
    house.kill()
    if chance.random() < 0.4:
        house.start(wait=False)
        moment(chance.random() * STARTING_S)
        house.kill()
    house.start()


def _check_exports(pair: dict[str, House]) -> None:
    """Once everything is cosigned both stop, and each ledger is found sound as far as its last entry."""
    for house in pair.values():
        home = house.home
        until(
            lambda home=home: (  # type: ignore[misc]
                account.rows(home, "SELECT max(size) FROM checkpoints")
                == account.rows(home, "SELECT max(size) FROM heads")
            ),
            PATIENCE_S,
            told=house.status,
        )
    for house in pair.values():
        assert house.stop() == 0
    for house in pair.values():
        size = account.rows(house.home, "SELECT max(size) FROM heads")[0][0]
        report = house.audit()
        assert [finding for finding in report.findings if finding.severity is Severity.FINDING] == []
        assert (report.exit_code, report.size) == (0, size)
