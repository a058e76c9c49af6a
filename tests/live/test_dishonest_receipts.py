"""A peer that withholds, swaps, replays or forges receipts gets nothing marked delivered (A26).

What it does not receipt is sent again after a rest, and other peers hear nothing of it.
"""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from gateway.sealing.batch import Receipt, parse_receipt, parse_receipt_batch
from gateway.worker import courier
from tests.flow import forge
from tests.live import account
from tests.live.houses import NGO, NL, RO, TO_NGO, TO_RO, House, Push, case
from tests.live.impostor import Answering, Impostor, impostor
from tests.waiting import until

TWICE = 2


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let what failed rest for a moment only; return after how many failures each rest was."""
    rests: list[int] = []

    def rested(count: int, _: float) -> float:
        rests.append(count)
        return 0.05

    monkeypatch.setattr(courier, "delay_s", rested)
    monkeypatch.setattr(courier, "ANSWER_S", 0.5)
    return rests


def _silence(_: Impostor, __: bytes) -> None:
    return None


def _nothing(_: Impostor, __: bytes) -> bytes:
    return b""


def _noise(_: Impostor, __: bytes) -> bytes:
    return os.urandom(500)


def _foreign(playing: Impostor, _: bytes) -> bytes:
    """A receipt in the own ledger for an envelope that nobody sent."""
    return forge.acknowledgement(playing.gateway, playing.sender).encode()


def _of_another_envelope(playing: Impostor, batch: bytes) -> bytes:
    """A receipt in the own ledger for this message, but for other bytes."""
    header = playing.headers(batch)[0]
    made = forge.acknowledgement(
        playing.gateway, playing.sender, exchange=header.exchange_id, message=header.message_id
    )
    return made.encode()


def _unproved(playing: Impostor, batch: bytes) -> bytes:
    """The right entry with the proof of another."""
    honest = parse_receipt_batch(playing.honest(batch))
    other = parse_receipt(forge.acknowledgement(playing.gateway, playing.sender).receipts[0])
    swapped = [Receipt(entry=parse_receipt(one).entry, proof=other.proof).encode() for one in honest.receipts]
    return replace(honest, receipts=tuple(swapped)).encode()


def _unsigned(playing: Impostor, batch: bytes) -> bytes:
    """The right receipts under a checkpoint whose signature does not hold."""
    honest = parse_receipt_batch(playing.honest(batch))
    lines = honest.checkpoint.decode().splitlines(keepends=True)
    root = lines[2]
    lines[2] = ("B" if root[0] == "A" else "A") + root[1:]
    return replace(honest, checkpoint="".join(lines).encode()).encode()


def _replayed(playing: Impostor, batch: bytes) -> bytes:
    """What was answered to the first batch, again and again."""
    return playing.first or playing.remember(playing.honest(batch))


DISHONEST: dict[str, Answering] = {
    "withheld": _silence,
    "empty": _nothing,
    "garbage": _noise,
    "foreign": _foreign,
    "of another envelope": _of_another_envelope,
    "proof of another": _unproved,
    "unsigned": _unsigned,
}


def test_dishonest_answer_never_marks_anything_delivered(
    houses: dict[str, House], hurried: list[int]
) -> None:
    nl, ro = houses[NL], houses[RO]
    for house in (nl, houses[NGO]):
        house.begin()
    sent: dict[str, str] = {}

    with impostor(ro, nl, _silence) as playing:
        for name, answering in DISHONEST.items():
            playing.answering = answering
            sent[name] = exchange = _pushed(nl)
            until(lambda exchange=exchange: playing.times(exchange) >= TWICE, told=lambda name=name: name)  # type: ignore[misc]
            assert {of: _state(nl, one) for of, one in sent.items()} == dict.fromkeys(sent, "released")
        assert max(hurried) >= TWICE

        _check_others_are_served(houses)
        closed = account.entries(nl.home, account.DELIVERED, account.UNDELIVERABLE)
        assert [one["peer"] for one in closed] == [NGO]

    ro.begin()
    until(lambda: account.waiting(nl.home) == 0)
    assert {_state(nl, one) for one in sent.values()} == {"delivered"}


def test_replayed_receipt_closes_the_envelope_it_is_of_and_no_other(houses: dict[str, House]) -> None:
    nl, ro = houses[NL], houses[RO]
    for house in (nl, houses[NGO]):
        house.begin()

    with impostor(ro, nl, _replayed) as playing:
        first = _pushed(nl)
        until(lambda: _state(nl, first) == "delivered")
        later = [_pushed(nl), _pushed(nl)]
        until(lambda: all(playing.times(one) >= TWICE for one in later))
        assert [_state(nl, one) for one in later] == ["released", "released"]
        _check_others_are_served(houses)

    ro.begin()
    until(lambda: account.waiting(nl.home) == 0)
    assert [one["peer"] for one in account.entries(nl.home, account.DELIVERED)].count(RO) == 3


def _check_others_are_served(houses: dict[str, House]) -> None:
    """While one peer is dishonest, what goes to another arrives."""
    client = houses[NL].client()
    answer = client.push_one(Push(record=case(), to=[TO_NGO]))
    assert answer.exchanges[0].outcome == "release", answer
    states = [seen.state for seen in client.watch(answer.exchanges[0].exchange_id, timeout_s=30)]
    assert states[-1] == "delivered"


def _pushed(house: House) -> str:
    (exchange,) = house.client().push_one(Push(record=case(), to=[TO_RO])).exchanges
    return exchange.exchange_id


def _state(house: House, exchange: str) -> str:
    return house.client().exchange(exchange).state
