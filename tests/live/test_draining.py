"""A gateway told to stop ends what is under way, soon, and loses nothing that it has taken (F20)."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from gateway.client import Gateway
from gateway.errors import GatewayError
from tests.live import account
from tests.live.account import Told
from tests.live.crashing import DRAINING
from tests.live.houses import NL, RO, TO_RO, House, Push, case
from tests.live.recovery import die_and_recover
from tests.waiting import until

RECORDS = 200
ENDS_WITHIN_S = 10.0

_EVERY_RUN = [(NL, "end the worker", "before"), (RO, "end a listener", "after")]
_DEEP = [(agency, point, when) for agency in (NL, RO) for point in DRAINING for when in ("before", "after")]


def _pushes() -> list[Push]:
    return [Push(record=case(), to=[TO_RO], key=f"key-{n}") for n in range(RECORDS)]


class _Pushing(threading.Thread):
    """Pushes until all is answered or the gateway is gone; the second half not before `rest` is set."""

    def __init__(self, client: Gateway, told: Told) -> None:
        super().__init__()
        self.rest = threading.Event()
        self._client = client
        self._told = told

    def run(self) -> None:
        """Note every answer, which must not be a refusal."""
        with suppress(GatewayError):
            for answer in self._client.push(self._drawn(), batch=8):
                self._told.note(answer)

    def _drawn(self) -> Iterator[Push]:
        yield from _pushes()[: RECORDS // 2]
        self.rest.wait(60)
        yield from _pushes()[RECORDS // 2 :]


def _stopped_in_the_middle(pair: dict[str, House], agency: str, after: int) -> tuple[Told, float]:
    """Stop one gateway while 200 records are pushed; return what was told, and how long stopping took."""
    for house in pair.values():
        house.start()
    told = Told()
    pushing = _Pushing(pair[NL].client(patience_s=0.0 if agency == NL else 30.0), told)
    pushing.start()
    until(lambda: len(told.answers) >= after)
    began = time.monotonic()
    assert pair[agency].stop() == 0
    took_s = time.monotonic() - began
    pushing.rest.set()
    pushing.join(60)
    return told, took_s


@pytest.mark.parametrize("after", [pytest.param(1, marks=pytest.mark.deep), 60])
def test_every_push_answered_before_the_end_is_durable_and_the_others_may_be_pushed_again(
    pair: dict[str, House], after: int
) -> None:
    told, _ = _stopped_in_the_middle(pair, NL, after)
    answered = len(told.answers)
    kept = {record for (record,) in account.rows(pair[NL].home, "SELECT record_id FROM records")}
    assert after <= answered <= RECORDS // 2
    assert {record for said in told.answers.values() for record, _ in said} <= kept

    pair[NL].start()
    for answer in pair[NL].client().push(_pushes()):
        told.note(answer)
    until(lambda: account.waiting(pair[NL].home) == 0)

    assert len(told.answers) == RECORDS
    account.check(pair[NL].home, pair[RO].home, told)


@pytest.mark.deep
def test_recipient_that_is_stopped_while_it_receives_has_lost_nothing(pair: dict[str, House]) -> None:
    told, _ = _stopped_in_the_middle(pair, RO, 60)
    assert len(told.answers) == RECORDS

    pair[RO].start()
    until(lambda: account.waiting(pair[NL].home) == 0)

    account.check(pair[NL].home, pair[RO].home, told)


@pytest.mark.timed
@pytest.mark.parametrize("agency", [NL, RO])
@pytest.mark.parametrize("after", [1, 30, 80])
def test_gateway_in_the_middle_of_work_ends_within_ten_seconds(
    pair: dict[str, House], agency: str, after: int
) -> None:
    _, took_s = _stopped_in_the_middle(pair, agency, after)

    assert took_s <= ENDS_WITHIN_S


@pytest.mark.parametrize(("agency", "point", "when"), _EVERY_RUN)
def test_gateway_killed_while_it_stops_has_lost_nothing(
    pair: dict[str, House], agency: str, point: str, when: str
) -> None:
    assert die_and_recover(pair, agency, (point, when, "1"), records=60, told_to_stop_after=10)


@pytest.mark.deep
@pytest.mark.parametrize(("agency", "point", "when"), _DEEP)
def test_gateway_killed_at_each_step_of_its_end_has_lost_nothing(
    pair: dict[str, House], agency: str, point: str, when: str
) -> None:
    assert die_and_recover(pair, agency, (point, when, "1"), records=100, told_to_stop_after=30)
