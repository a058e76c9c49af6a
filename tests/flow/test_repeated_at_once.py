"""A push that comes several times at the same time is one push (F18)."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from gateway.errors import Conflict, GatewayError
from gateway.flow import submit
from gateway.flow.gateway import Gateway
from gateway.flow.repeat import Marks, PushAnswer, answers_again
from gateway.flow.submit import PushItem, push
from tests.flow import oracle, records
from tests.flow.federation import NL, Homes, item

ONE_PUSH = ["submitted", "decided", "released"]


def _keyed(number: int = 1, *, key: str = "k") -> PushItem:
    return replace(item(records.small(number)), key=key, actor="system/records")


def _overtaken(homes: Homes, monkeypatch: pytest.MonkeyPatch, other: PushItem) -> None:
    """Let another push be committed after the next one has looked and before it commits."""
    looked: list[bool] = []

    def looking(gateway: Gateway, marks: Mapping[int, Marks]) -> Mapping[int, PushAnswer | GatewayError]:
        found = answers_again(gateway, marks)
        if not looked:
            looked.append(True)
            push(gateway, [other], homes.now)
        return found

    monkeypatch.setattr(submit, "answers_again", looking)


def test_push_overtaken_by_its_twin_is_answered_like_it(
    homes: Homes, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = oracle.size(homes.opened(NL))
    _overtaken(homes, monkeypatch, _keyed())

    late, neighbour = push(homes[NL], [_keyed(), _keyed(2, key="other")], homes.now)
    (again,) = push(homes[NL], [_keyed()], homes.now)

    assert isinstance(late, PushAnswer) and isinstance(neighbour, PushAnswer)
    assert again == late != neighbour
    assert oracle.kinds(homes.home(NL), size) == ONE_PUSH * 2
    assert oracle.counts(homes.home(NL))["records"] == 2


def test_push_overtaken_by_another_one_under_its_key_is_refused_whole(
    homes: Homes, monkeypatch: pytest.MonkeyPatch
) -> None:
    _overtaken(homes, monkeypatch, _keyed(2))

    (late,) = push(homes[NL], [_keyed()], homes.now)

    assert isinstance(late, Conflict) and late.code == "key-reused"
    assert oracle.counts(homes.home(NL))["records"] == 1
    assert oracle.counts(homes.home(NL))["outbox"] == 1


def test_push_from_many_threads_at_once_happens_once(homes: Homes) -> None:
    size, gateway = oracle.size(homes.opened(NL)), homes[NL]
    together = Barrier(5)

    def pushing(_: int) -> PushAnswer | GatewayError:
        together.wait()
        (answer,) = push(gateway, [_keyed()], homes.now)
        return answer

    with ThreadPoolExecutor(5) as threads:
        answers = list(threads.map(pushing, range(5)))

    assert isinstance(answers[0], PushAnswer)
    assert answers == [answers[0]] * 5
    assert oracle.kinds(homes.home(NL), size) == ONE_PUSH


def test_whole_message_of_twins_that_are_refused_is_refused_item_by_item(homes: Homes) -> None:
    """As many as one message holds; none of them is kept, and the one that is right passes."""
    before = oracle.counts(homes.opened(NL))
    broken = replace(_keyed(), record=b"\xff no record")

    refused = push(homes[NL], [broken] * 64, homes.now)
    kept = oracle.counts(homes.home(NL))
    *more, right = push(homes[NL], [*[broken] * 63, _keyed()], homes.now)

    assert all(isinstance(one, GatewayError) for one in (*refused, *more))
    assert kept == before
    assert isinstance(right, PushAnswer)
