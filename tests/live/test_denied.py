"""A push that policy denies is heard of by nobody outside: its recipient is not even called (A35)."""

from __future__ import annotations

import pytest

from gateway.v1.record_pb2 import Record
from tests.live.houses import NGO, NL, RO, TO_RO, House, Push, case
from tests.live.impostor import Impostor, impostor
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("events")


def _not_for_ro() -> bytes:
    record = Record.FromString(case())
    record.header.marking.rel[:] = [NGO]
    return record.SerializeToString(deterministic=True)


def test_denied_recipient_gets_no_byte_of_a_delivery(houses: dict[str, House]) -> None:
    calls: list[bytes] = []

    def answering(playing: Impostor, batch: bytes) -> bytes:
        calls.append(batch)
        return playing.honest(batch)

    nl = houses[NL]
    for house in (nl, houses[NGO]):
        house.begin()
    with impostor(houses[RO], nl, answering) as playing:
        denied = [nl.client().push_one(Push(record=_not_for_ro(), to=[TO_RO])).exchanges[0] for _ in range(3)]
        (allowed,) = nl.client().push_one(Push(record=case(), to=[TO_RO])).exchanges
        until(lambda: nl.client().exchange(allowed.exchange_id).state == "delivered")

        headers = [header for batch in calls for header in playing.headers(batch)]

    assert {one.outcome for one in denied} == {"denied"}
    assert {header.exchange_id for header in headers} == {allowed.exchange_id}
    assert [nl.client().exchange(one.exchange_id).state for one in denied] == ["denied"] * 3
    assert not any(one.exchange_id.encode() in batch for one in denied for batch in calls)
