"""One envelope that cannot be taken in costs itself alone: others pass it by, and it is given up (F22)."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from typing import Any

import pytest

from gateway import serve
from gateway.flow import deliver, receive, submit
from gateway.flow.judge import judge
from gateway.flow.prepare import prepare
from gateway.flow.stop import give_up
from gateway.sealing import admission
from gateway.worker import courier
from gateway.worker.courier import Courier
from gateway.worker.peers import Peers
from tests.live import account
from tests.live.houses import NL, RO, TO_RO, House, Push, case
from tests.waiting import until

TRIES = 5
REFUSED_SUMMARY = 38


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what failed rest for a moment only."""
    monkeypatch.setattr(courier, "delay_s", lambda *_: 0.05)


def _pushed_while_away(pair: dict[str, House], count: int) -> list[str]:
    """Return the exchanges of records that wait at NL, which has stopped; RO never ran."""
    pair[NL].begin()
    pushes = [Push(record=case(), to=[TO_RO], key=f"key-{n}") for n in range(count)]
    found = {answer.key: answer.exchanges[0].exchange_id for answer in pair[NL].client().push(pushes)}
    pair[NL].stop()
    return [found[push.key] for push in pushes]


def _states(house: House) -> dict[str, str]:
    return dict(account.rows(house.home, "SELECT exchange_id, state FROM exchanges"))


@pytest.mark.parametrize(
    ("column", "place", "code"),
    [("sealed", -1, "entry-invalid"), ("header", 0, "malformed-header")],
)
def test_poison_envelope_is_given_up_after_five_tries_and_its_neighbours_arrive(
    pair: dict[str, House], column: str, place: int, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sender is one that does not look at what it sends; ours would keep it back."""
    monkeypatch.setattr(deliver, "why_differs", lambda *_: "")
    exchanges = _pushed_while_away(pair, 5)
    poison = exchanges[2]
    _corrupt(pair[NL], poison, column, place)

    for house in pair.values():
        house.begin()
    until(lambda: account.waiting(pair[NL].home) == 0)

    states = _states(pair[NL])
    assert states.pop(poison) == "undeliverable"
    assert states == dict.fromkeys((one for one in exchanges if one != poison), "delivered")
    assert pair[NL].client().exchange(poison).code == code
    (given_up,) = account.entries(pair[NL].home, account.UNDELIVERABLE)
    assert (given_up["exchange"], given_up["code"]) == (poison, code)
    assert _told_no(pair[RO])[code] == TRIES
    assert poison not in _states(pair[RO])
    assert account.rows(pair[NL].home, f"SELECT sealed FROM outbox WHERE exchange_id = '{poison}'") == [
        (None,)
    ]


def _corrupt(house: House, exchange: str, column: str, place: int) -> None:
    """Flip a byte of what waits in the closed store of a house."""
    with sqlite3.connect(house.home / "store.db") as store:
        where = f"FROM outbox WHERE exchange_id = '{exchange}'"
        data = bytearray(store.execute(f"SELECT {column} {where}").fetchone()[0])
        data[place] ^= 0xFF
        store.execute(f"UPDATE outbox SET {column} = ? WHERE exchange_id = ?", (bytes(data), exchange))
    store.close()


def _told_no(house: House) -> dict[str, int]:
    """Return how often each code was answered in band, as the ledger counts them."""
    found: dict[str, int] = {}
    for entry in account.entries(house.home, REFUSED_SUMMARY):
        for code, count in _pairs(entry["codes"]):
            found[code] = found.get(code, 0) + count
    return found


def _pairs(codes: Any) -> list[tuple[str, int]]:
    return list(codes.items()) if isinstance(codes, dict) else [(one["code"], one["count"]) for one in codes]


STAGES: dict[str, tuple[Any, ...]] = {
    "parse_envelope": (admission,),
    "parse_header": (admission, receive),
    "examine": (receive,),
    "open_envelope": (admission,),
    "judge": (receive,),
}


def test_envelope_that_raises_at_a_stage_is_answered_alone_and_its_neighbours_are_received(
    pair: dict[str, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    exchanges = _pushed_while_away(pair, 2 * len(STAGES))
    poisons = dict(zip(STAGES, exchanges[::2], strict=True))
    raising = threading.Event()
    raising.set()
    for stage, exchange in poisons.items():
        for module in STAGES[stage]:
            struck = _struck(getattr(module, stage), _marks(pair[NL], exchange), raising)
            monkeypatch.setattr(module, stage, struck)

    for house in pair.values():
        house.begin()
    until(lambda: account.waiting(pair[NL].home) == len(poisons))
    until(lambda: _told_no(pair[RO]).get("store", 0) >= 2 * len(poisons))
    assert {_states(pair[NL])[one] for one in poisons.values()} == {"released"}
    assert set(_states(pair[RO])) == set(exchanges) - set(poisons.values())

    # Once they raise no more they are taken in like any other.
    raising.clear()
    until(lambda: account.waiting(pair[NL].home) == 0)
    assert set(_states(pair[NL]).values()) == {"delivered"}


def _marks(house: House, exchange: str) -> tuple[Any, ...]:
    wanted = f"SELECT message_id, header, sealed FROM outbox WHERE exchange_id = '{exchange}'"
    return account.rows(house.home, wanted)[0]


def _struck(
    honest: Callable[..., Any], marks: tuple[Any, ...], raising: threading.Event
) -> Callable[..., Any]:
    """Return a stage that raises for one message while it should."""

    def stage(*values: Any) -> Any:
        if raising.is_set() and any(_is_of(value, marks) for value in values):
            raise RuntimeError("an error nobody foresaw")
        return honest(*values)

    return stage


def test_later_record_does_not_wait_behind_one_that_is_refused_again_and_again(
    pair: dict[str, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    (poison,) = _pushed_while_away(pair, 1)

    def failing(*_: Any) -> Any:
        raise RuntimeError("an error nobody foresaw")

    monkeypatch.setattr(courier, "delay_s", lambda count, _: 0.05 if count < 10 else 300.0)
    monkeypatch.setattr(Peers, "heard", lambda *_: None)  # what is heard from would be visited at once
    monkeypatch.setattr(receive, "judge", failing)
    for house in pair.values():
        house.begin()
    until(lambda: _told_no(pair[RO]).get("store", 0) >= 10)

    monkeypatch.setattr(receive, "judge", judge)
    late = pair[NL].client().push_one(Push(record=case(), to=[TO_RO])).exchanges[0].exchange_id

    until(lambda: _states(pair[NL])[late] == "delivered", 10)
    assert _states(pair[NL])[poison] == "released"


def test_envelope_closed_by_other_ways_while_it_rests_is_not_looked_for_again_and_again(
    pair: dict[str, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    couriers: list[Courier] = []

    class Noted(Courier):
        def __init__(self, *values: Any) -> None:
            super().__init__(*values)
            couriers.append(self)

    (poison,) = _pushed_while_away(pair, 1)
    (message,) = account.rows(pair[NL].home, "SELECT message_id FROM outbox")[0]
    struck = _struck(judge, _marks(pair[NL], poison), raising := threading.Event())
    raising.set()
    monkeypatch.setattr(receive, "judge", struck)
    monkeypatch.setattr(serve, "Courier", Noted)
    pair[NL].begin()
    pair[RO].begin()
    until(lambda: _told_no(pair[RO]).get("store", 0) >= 2)

    async def close(running: serve.Running) -> None:
        await running._worker.run(lambda gateway, _: give_up(gateway, message, "expired"), beats=True)

    pair[NL].on_loop(close)

    until(lambda: couriers[0]._until_rested() is None)
    assert _states(pair[NL])[poison] == "undeliverable"


def test_push_that_raises_what_nobody_foresaw_is_refused_alone(
    pair: dict[str, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    poison = case(reference="poison")

    def struck(gateway: Any, record: bytes, now: Any) -> Any:
        if record == poison:
            raise RuntimeError("an error nobody foresaw")
        return prepare(gateway, record, now)

    monkeypatch.setattr(submit, "prepare", struck)
    pair[NL].begin()
    records = [case(), poison, case()]

    pushes = [Push(record=record, to=[TO_RO], key=str(n)) for n, record in enumerate(records)]
    answers = {answer.key: answer for answer in pair[NL].client().push(pushes)}

    assert answers["1"].problem is not None and answers["1"].problem.code == "internal"
    assert "nobody foresaw" not in str(answers["1"])
    assert [answers[key].problem for key in ("0", "2")] == [None, None]
    assert account.rows(pair[NL].home, "SELECT count(*) FROM records") == [(2,)]


def _is_of(value: Any, marks: tuple[Any, ...]) -> bool:
    """Return whether an argument of a stage is the message with one of these marks, or holds it."""
    message, header, sealed = marks
    if isinstance(value, bytes):
        return header in value or sealed in value
    return f"'{message}'" in repr(value)
