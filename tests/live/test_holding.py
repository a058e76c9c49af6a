"""A running gateway ends by itself what nobody approved in time, and whoever waits hears of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from gateway import app
from gateway.errors import NotFound
from gateway.flow import settle
from gateway.flow.gateway import Gateway
from gateway.flow.review import expire
from gateway.observe import counters
from gateway.worker import holding
from gateway.worker.holding import Holding
from gateway.worker.worker import Worker
from tests.flow import oracle
from tests.live.houses import NL, PASSPHRASE, TO_RO, House, Push, case
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("events")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let holds end within a second, and the gateway look all the time."""
    monkeypatch.setattr(settle, "HOLD_LIFE", timedelta(seconds=1))
    monkeypatch.setattr(holding, "EVERY_S", 0.05)


def _held(house: House, number: int = 1) -> str:
    push = Push(record=case(reference=f"X-{number}"), to=[TO_RO], ask=["person.name"])
    (exchange,) = house.client().push_one(push).exchanges
    assert exchange.outcome == "held"
    return exchange.exchange_id


@pytest.mark.usefixtures("impatient")
def test_submitter_that_waits_for_a_hold_hears_that_nobody_approved_it(pair: dict[str, House]) -> None:
    pair[NL].begin()
    exchange = _held(pair[NL])

    seen = list(pair[NL].client().watch(exchange, timeout_s=30))

    assert [(one.state, one.open) for one in seen] == [("held", True), ("expired", False)]
    pair[NL].stop()
    assert oracle.kinds(pair[NL].home)[-1] == "decided"


def _rounds(house: House, *moments: Callable[[datetime], datetime]) -> list[float]:
    """Return how long a gateway waits after a round at each of these moments, given when its hold ends."""
    ((ends_ms,),) = oracle.query(house.home, "SELECT max(expires_at) FROM holds")
    ends, clock = datetime.fromtimestamp(ends_ms / 1000, UTC), _Hands()

    async def rounds(gateway: Gateway) -> list[float]:
        worker, found = Worker(gateway, clock), []
        for moment in moments:
            clock.now = moment(ends)
            found.append(await Holding(worker, clock).round())
        await worker.stop()
        return found

    with app.open_gateway(house.config, PASSPHRASE, datetime.now(UTC)) as gateway:
        return asyncio.run(rounds(gateway))


class _Hands:
    """A clock that stands where it was put."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


def test_gateway_looks_again_when_the_next_hold_ends_and_at_least_every_minute(
    pair: dict[str, House],
) -> None:
    pair[NL].begin()
    _held(pair[NL])
    pair[NL].stop()

    far, near, ended = _rounds(
        pair[NL],
        lambda end: end - timedelta(hours=1),
        lambda end: end - timedelta(seconds=20),
        lambda end: end,
    )

    assert far == holding.EVERY_S == ended
    assert near == 20.0
    assert oracle.query(pair[NL].home, "SELECT state FROM holds") == [("expired",)]


def test_many_that_end_at_once_are_ended_in_batches(
    pair: dict[str, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (holding, expire):
        monkeypatch.setattr(module, "BATCH", 2)
    pair[NL].begin()
    for number in range(5):
        _held(pair[NL], number)
    pair[NL].stop()

    _rounds(pair[NL], lambda end: end)

    assert oracle.query(pair[NL].home, "SELECT count(*) FROM holds WHERE state = 'expired'") == [(5,)]


def test_store_that_does_not_answer_is_asked_again(
    pair: dict[str, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def failing(_: Gateway, __: datetime) -> int:
        asked.append(1)
        raise NotFound("the store failed", code="store")

    monkeypatch.setattr(holding, "EVERY_S", 0.05)
    monkeypatch.setattr(holding, "expire_holds", failing)
    before = counters["holds.failures"]
    pair[NL].begin()

    until(lambda: len(asked) >= 3)

    assert pair[NL].status().agency == NL
    assert counters["holds.failures"] - before >= 2
