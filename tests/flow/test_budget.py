"""Who asks for more than usual too often is looked at by a second officer, whatever is asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.errors import GatewayError
from gateway.flow.preview import preview
from gateway.flow.question import Circumstances
from gateway.flow.repeat import COUNTED, PushAnswer, forget_pushes
from gateway.flow.submit import Addressee, PushItem, push
from gateway.record.vocabulary import Purpose
from tests.flow.federation import BORDER, NL, TO_RO, Homes, item
from tests.flow.records import mark, small

BUDGET = 3
ASK = ("vehicle.identity",)


@pytest.fixture
def frugal(homes: Homes) -> Homes:
    """Return homes whose police of the Netherlands may ask for more than usual three times a day."""
    with (homes.home(NL) / "comity.toml").open("a") as file:
        file.write(f"asks_per_day = {BUDGET}\n")
    return homes


def _item(number: int = 1, to: Addressee = TO_RO, **changes: object) -> PushItem:
    record = small(number)
    mark(record.header.marking, "police.ro", BORDER)
    return replace(item(record, to, ask=ASK), **changes)  # type: ignore[arg-type]


def _is_looked_at(homes: Homes, asked: PushItem) -> bool:
    (answer,) = push(homes[NL], [asked], homes.now)
    return _held_for_two(answer)


def _held_for_two(answer: PushAnswer | GatewayError) -> bool:
    assert isinstance(answer, PushAnswer)
    (exchange,) = answer.exchanges
    by_budget = any(rule == "BL-BUDGET" for rule, _ in exchange.reasons)
    assert by_budget == ("RLO:2" in exchange.approvals)
    return by_budget


def _spend(homes: Homes) -> None:
    assert [_is_looked_at(homes, _item(number)) for number in range(BUDGET)] == [False] * BUDGET


def test_one_ask_more_than_the_budget_is_held_and_says_why(frugal: Homes) -> None:
    _spend(frugal)

    assert _is_looked_at(frugal, _item(BUDGET))


def test_budget_outlives_a_restart(frugal: Homes) -> None:
    _spend(frugal)

    frugal.close()

    assert _is_looked_at(frugal, _item(BUDGET))


def test_asks_of_one_batch_count(frugal: Homes) -> None:
    answers = push(frugal[NL], [_item(number) for number in range(BUDGET + 2)], frugal.now)

    assert [_held_for_two(one) for one in answers] == [False] * BUDGET + [True, True]


@pytest.mark.parametrize(
    "other",
    [
        _item(9, actor="system/other"),
        _item(9, to=replace(TO_RO, agency=BORDER)),
        _item(9, to=replace(TO_RO, purpose=Purpose.VICTIM_PROTECTION)),
        _item(9, ask=frozenset()),
    ],
    ids=["actor", "recipient", "purpose", "nothing asked"],
)
def test_budget_of_another_is_untouched(frugal: Homes, other: PushItem) -> None:
    _spend(frugal)

    assert not _is_looked_at(frugal, other)


def test_stated_threat_counts_as_asking(frugal: Homes) -> None:
    for number in range(BUDGET):
        _is_looked_at(frugal, _item(number, ask=frozenset(), threat="He said he would find her."))

    assert _is_looked_at(frugal, _item(BUDGET))


def test_next_day_is_free_again(frugal: Homes) -> None:
    _spend(frugal)

    frugal.pass_time(days=1)

    assert not _is_looked_at(frugal, _item(BUDGET))


def test_push_that_comes_again_counts_once(frugal: Homes) -> None:
    for _ in range(BUDGET + 1):
        assert not _is_looked_at(frugal, _item(1, key="same"))

    assert not _is_looked_at(frugal, _item(2))


def test_refused_push_counts_for_nothing(frugal: Homes) -> None:
    nobody = replace(TO_RO, agency="nobody.xx")
    items = [replace(_item(number), addressees=(TO_RO, nobody)) for number in range(BUDGET)]

    answers = push(frugal[NL], [*items, _item(BUDGET)], frugal.now)

    assert all(isinstance(one, GatewayError) for one in answers[:BUDGET])
    assert not _held_for_two(answers[BUDGET])


def test_preview_says_that_the_budget_is_spent_and_costs_nothing(frugal: Homes) -> None:
    for _ in range(BUDGET + 1):
        assert "BL-BUDGET" not in preview(frugal[NL], _item(), frugal.now).rules

    _spend(frugal)

    assert "BL-BUDGET" in preview(frugal[NL], _item(), frugal.now).rules


def test_counts_of_a_month_ago_are_forgotten(frugal: Homes) -> None:
    _spend(frugal)
    day = frugal.now

    forget_pushes(frugal[NL], day + COUNTED)
    assert _is_looked_at(frugal, _item(BUDGET))

    frugal.pass_time(days=1)
    forget_pushes(frugal[NL], frugal.now + COUNTED)
    frugal.now = day
    assert not _is_looked_at(frugal, _item(BUDGET + 1))


def test_what_the_past_said_is_kept_as_it_was() -> None:
    past = Circumstances(over_budget=True, singled_out=frozenset({("person/aaaaaaaaaa", 5)}))

    assert Circumstances.decode(past.encode()) == past
    assert Circumstances.decode(Circumstances().encode()) == Circumstances()
