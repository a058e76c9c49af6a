"""A running gateway erases what has ended by itself, on both sides, when it ends (A41)."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from importlib.resources import files

import pytest

from gateway import app
from gateway.errors import NotFound
from gateway.flow.gateway import Gateway
from gateway.record.json_form import from_json
from gateway.worker import purging
from gateway.worker.purging import Purging
from gateway.worker.worker import Worker
from tests.flow import oracle
from tests.live.houses import NL, PASSPHRASE, RO, TO_RO, House, Push
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("events")

Clock = Callable[[], datetime]


class Hands:
    """A clock that goes as the machine's does, until it is moved."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move_to(self, moment: datetime) -> None:
        self.ahead = moment - datetime.now(UTC)


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    """Return the clock of the gateways that are begun from here on; they look at it all the time."""
    made = Hands()
    monkeypatch.setattr(app, "system_clock", made)
    monkeypatch.setattr(purging, "EVERY_S", 0.05)
    return made


def _until_today() -> bytes:
    text = json.loads(files("gateway.cli").joinpath("case.json").read_text("utf-8"))
    text["header"]["retain_until"] = datetime.now(UTC).date().isoformat()
    return from_json(json.dumps(text))


def _kept(house: House) -> tuple[int, ...]:
    counts = oracle.counts(house.home)
    return counts["bodies"], counts["record_keys"], counts["exchange_keys"]


def test_running_gateways_erase_what_has_ended_on_both_sides(pair: dict[str, House], hands: Hands) -> None:
    for house in pair.values():
        house.begin()
    answer = pair[NL].client().push_one(Push(record=_until_today(), to=[TO_RO]))
    (exchange,) = answer.exchanges
    assert [one.state for one in pair[NL].client().watch(exchange.exchange_id, timeout_s=30)][-1] == (
        "delivered"
    )
    assert all(all(_kept(house)) for house in pair.values())

    hands.move_to(datetime.combine(datetime.now(UTC).date(), time.max, UTC) + timedelta(seconds=1))

    until(lambda: not any(count for house in pair.values() for count in _kept(house)))
    (gone,) = pair[RO].client().inbox("investigation")
    assert (gone.record, gone.absent) == (None, "erased")
    for house in pair.values():
        house.stop()
        assert oracle.kinds(house.home).count("erased") == 1
        assert house.audit().exit_code == 0


def test_gateway_looks_again_when_the_next_thing_ends_and_at_least_every_minute(
    pair: dict[str, House],
) -> None:
    hands = Hands()
    pair[NL].begin()
    pair[NL].client().push_one(Push(record=_until_today(), to=[TO_RO]))
    pair[NL].stop()
    end = datetime.combine(datetime.now(UTC).date() + timedelta(days=1), time.min, UTC)

    async def waits(gateway: Gateway) -> list[float]:
        found = []
        worker = Worker(gateway, hands)
        for moment in (end - timedelta(hours=1), end - timedelta(seconds=20), end):
            hands.move_to(moment)
            found.append(await Purging(worker, hands).round())
        await worker.stop()
        return found

    with app.open_gateway(pair[NL].config, PASSPHRASE, end - timedelta(hours=1)) as gateway:
        far, near, ended = asyncio.run(waits(gateway))

    assert far == purging.EVERY_S == ended
    assert 15 < near <= 20
    assert _kept(pair[NL]) == (0, 0, 0)


def test_store_that_does_not_answer_is_asked_again(
    pair: dict[str, House], hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def failing(_: Gateway, __: datetime) -> int:
        asked.append(1)
        raise NotFound("the store failed", code="store")

    monkeypatch.setattr(purging, "purge", failing)
    pair[NL].begin()

    until(lambda: len(asked) >= 3)

    assert pair[NL].status().agency == NL
