"""What a submitter states beside purpose and ground, from an own system to the keeping and the inbox."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway import app
from gateway.client import Push, To
from gateway.errors import Malformed
from gateway.flow.keeping import STATED, owner_of, read_body
from gateway.flow.question import Stated
from gateway.services.translate import item_of
from gateway.v1 import submission_pb2 as pb
from policy.vocabulary import Target
from tests.live.houses import NL, PASSPHRASE, RO, House, case
from tests.waiting import until

TO_UNIT = To(agency=RO, purpose="investigation", basis="law-enforcement-task", unit="Unit", target="others")
PUSH = Push(record=case(), to=[TO_UNIT], necessity="A doctor must know.", lane="urgent")


@pytest.fixture
def both(pair: dict[str, House]) -> dict[str, House]:
    """Return two houses whose gateways run."""
    for house in pair.values():
        house.begin()
    return pair


def _kept(house: House, exchange_id: str) -> tuple[Stated, str]:
    """Return what a closed home keeps of what was stated, and the lane."""
    with app.open_gateway(house.config, PASSPHRASE, datetime.now(UTC)) as gateway:
        exchange = gateway.read.exchange(exchange_id)
        assert exchange is not None
        record = gateway.read.record(exchange.originator, exchange.record_id, exchange.version)
        assert record is not None
        body = read_body(gateway, owner_of(gateway, record), STATED, exchange_id)
        return Stated.decode(body), exchange.lane


def test_what_a_system_states_is_kept_at_home_with_the_exchange(both: dict[str, House]) -> None:
    (exchange,) = both[NL].client().push_one(PUSH).exchanges
    both[NL].stop()

    stated, lane = _kept(both[NL], exchange.exchange_id)

    assert stated == Stated(unit="unit", target=Target.OTHERS, necessity="A doctor must know.")
    assert lane == "urgent"


def test_recipients_system_is_told_that_it_is_for_one_unit(both: dict[str, House]) -> None:
    both[NL].client().push_one(PUSH)
    client = both[RO].client()
    until(lambda: len(list(client.inbox("investigation"))) == 1)

    (arrived,) = client.inbox("investigation")

    assert arrived.restrictions == ("for the unit unit only",)


def test_unknown_unit_is_refused_with_those_there_are(both: dict[str, House]) -> None:
    answer = both[NL].client().push_one(Push(record=case(), to=[To(agency=RO, unit="Cantina")]))

    assert answer.problem is not None
    assert answer.problem.code == "unknown-unit"
    assert "'unit'" in answer.problem.message


def test_target_outside_its_list_is_refused_by_client_and_gateway(both: dict[str, House]) -> None:
    with pytest.raises(Malformed) as before:
        both[NL].client().push_one(Push(record=case(), to=[To(agency=RO, target="everybody")]))
    message = pb.PushItem(record=b"x", key="k")
    message.recipients.add(agency=RO, target=pb.Target.ValueType(9))
    with pytest.raises(Malformed) as after:
        item_of(message, "system/test", keyed=True)

    assert (before.value.code, before.value.field) == ("unknown-value", "target")
    assert (after.value.code, after.value.field) == ("unknown-value", "recipients[0].target")
