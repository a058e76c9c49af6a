"""A record on its way over the wire: pushed, delivered, receipted, taken over, cosigned."""

from __future__ import annotations

from tests.live.houses import NL, RO, TO_RO, House, Push, case


def test_pushed_record_arrives_at_the_peer_and_its_receipt_comes_back(houses: dict[str, House]) -> None:
    for house in houses.values():
        house.begin()

    answer = houses[NL].client().push_one(Push(record=case(), to=[TO_RO]))
    (exchange,) = answer.exchanges
    states = [seen.state for seen in houses[NL].client().watch(exchange.exchange_id, timeout_s=30)]
    (arrived,) = houses[RO].client().inbox("investigation")

    assert exchange.outcome == "release"
    assert states[-1] == "delivered"
    assert (arrived.exchange_id, arrived.sender) == (exchange.exchange_id, NL)
    assert arrived.record is not None and arrived.record.persons


def test_push_to_a_peer_that_is_down_is_accepted_and_delivered_later(houses: dict[str, House]) -> None:
    houses[NL].begin()
    nl = houses[NL].client()
    answer = nl.push_one(Push(record=case(), to=[TO_RO]))
    exchange = answer.exchanges[0].exchange_id
    assert nl.exchange(exchange).state == "released"

    houses[RO].begin()
    states = [seen.state for seen in nl.watch(exchange, timeout_s=60)]

    assert states[-1] == "delivered"
    assert [one.exchange_id for one in houses[RO].client().inbox("investigation")] == [exchange]
