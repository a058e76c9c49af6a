"""A peer that is away costs little, and what waited for it is carried in order once it is back.

Source: THREATS F15; DESIGN section 10.
"""

from __future__ import annotations

import asyncio
import itertools
import time

import pytest

from gateway.delivery.channel import PeerChannel, Stream
from gateway.delivery.schedule import SHORTEST_S, delay_s
from gateway.worker import courier
from tests.live import account
from tests.live.account import Told
from tests.live.caller import calling
from tests.live.houses import NL, RO, TO_RO, House, Push, case
from tests.waiting import until

QUEUED = 300
URGENT = 5


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Return when each delivery stream was opened."""
    found: list[float] = []
    deliver = PeerChannel.deliver

    def noted(self: PeerChannel) -> Stream:
        found.append(time.monotonic())
        return deliver(self)

    monkeypatch.setattr(PeerChannel, "deliver", noted)
    return found


@pytest.fixture
def failures(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return after how many failures in a row each rest was taken."""
    found: list[int] = []

    def noted(count: int, fraction: float) -> float:
        found.append(count)
        return delay_s(count, fraction)

    monkeypatch.setattr(courier, "delay_s", noted)
    return found


def test_what_queued_while_a_peer_was_away_drains_in_order_and_without_a_storm(
    pair: dict[str, House], attempts: list[float]
) -> None:
    _both_begun(pair)
    pair[RO].stop()
    nl, told = pair[NL].client(), Told()
    lanes = ["routine"] * (QUEUED - URGENT) + ["threat-to-life"] * URGENT
    for answer in nl.push(
        Push(record=case(), to=[TO_RO], lane=lane, key=str(n)) for n, lane in enumerate(lanes)
    ):
        told.note(answer)
    away = list(attempts)
    gaps = [after - before for before, after in itertools.pairwise(away)]

    pair[RO].begin()
    until(lambda: account.waiting(pair[NL].home) == 0)

    # While it was away there was a rest before every try; back again, few streams carry all.
    assert all(gap >= SHORTEST_S for gap in gaps)
    assert len(away) <= 8
    assert len(attempts) - len(away) <= 4
    order = [lane for (lane,) in account.rows(pair[RO].home, _LANES_AS_RECEIVED)]
    assert order == ["threat-to-life"] * URGENT + ["routine"] * (QUEUED - URGENT)
    for lane in set(lanes):
        ids = [one for (one,) in account.rows(pair[RO].home, _IDS_AS_RECEIVED.format(lane))]
        assert ids == sorted(ids)
    account.check(pair[NL].home, pair[RO].home, told)


_RECEIVED = "FROM inbox JOIN exchanges USING (exchange_id)"
_LANES_AS_RECEIVED = f"SELECT lane {_RECEIVED} ORDER BY inbox.entry"
_IDS_AS_RECEIVED = f"SELECT inbox.message_id {_RECEIVED} WHERE lane = '{{}}' ORDER BY inbox.entry"


def test_rests_grow_while_a_peer_is_silent_and_begin_anew_when_it_is_heard_from(
    pair: dict[str, House], failures: list[int]
) -> None:
    _both_begun(pair)
    pair[RO].stop()
    pair[NL].client().push_one(Push(record=case(), to=[TO_RO]))
    until(lambda: len(failures) >= 3)
    assert failures[-3:] == [1, 2, 3] or failures[:3] == [1, 2, 3]
    silent = list(failures)

    async def call() -> None:
        async with calling(pair[RO], pair[NL]) as channel:
            await channel.seen("comity.ledger/police.ro/1")

    asyncio.run(call())
    until(lambda: len(failures) > len(silent))

    assert failures[len(silent)] == 1


def _both_begun(pair: dict[str, House]) -> None:
    """Let both run until they have vouched for each other."""
    for house in pair.values():
        house.begin()
    for house in pair.values():
        until(lambda house=house: house.status().cosigned_size)  # type: ignore[misc]
