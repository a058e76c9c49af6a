"""The client of an agency's own systems: nothing lost, nothing twice, and no more than it can take."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from queue import Queue
from typing import Any

import pytest

from gateway.client import Answer, Push, To
from gateway.errors import Busy, Malformed, NotFound, Unreachable
from gateway.v1.record_pb2 import Record
from gateway.wire.limits import BATCH_BYTES_MAX, INBOX_UNACKNOWLEDGED_MAX, PUSH_UNANSWERED_MAX
from tests.cli.doors import ok
from tests.live.houses import NL, RO, TO_RO, House, case
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("events")

DEADLINE = "transport-deadline-exceeded"


@pytest.fixture
def both(pair: dict[str, House]) -> dict[str, House]:
    """Return two houses whose gateways run."""
    for house in pair.values():
        house.begin()
    return pair


def pushes(count: int, first: int = 0) -> Iterator[Push]:
    for number in range(first, first + count):
        yield Push(record=case(reference=f"ref-{number}"), to=[TO_RO], key=f"key-{number}")


def released(answer: Answer) -> str:
    """Return the one exchange of an answer."""
    assert answer.problem is None
    (one,) = answer.exchanges
    assert one.outcome == "release"
    return one.exchange_id


def arrived(ro: House) -> list[str]:
    """Return the exchanges that came in, by the gateway's own list."""
    return [one["exchange"] for one in ok("inbox", "list", "--home", ro.home)["items"]]


def send(both: dict[str, House], count: int) -> list[str]:
    """Push some records and wait until they have arrived; return their exchanges."""
    before = len(arrived(both[RO]))
    sent = [released(answer) for answer in both[NL].client().push(pushes(count, before))]
    until(lambda: len(arrived(both[RO])) == before + count)
    return sent


def test_every_push_has_one_answer_under_its_key(both: dict[str, House]) -> None:
    answers = list(both[NL].client().push(pushes(40), batch=7))

    assert sorted(answer.key for answer in answers) == sorted(push.key for push in pushes(40))
    assert len({released(answer) for answer in answers}) == 40


def test_restart_in_the_middle_loses_nothing_and_repeats_nothing(both: dict[str, House]) -> None:
    nl, answers = both[NL], []
    restart = threading.Thread(target=lambda: (nl.stop(), nl.begin()))

    for answer in nl.client().push(pushes(100), batch=4):
        answers.append(answer)
        if len(answers) == 20:
            restart.start()
    restart.join()

    assert sorted(answer.key for answer in answers) == sorted(push.key for push in pushes(100))
    sent = {released(answer) for answer in answers}
    assert len({answer.record_id for answer in answers}) == len(sent) == 100
    until(lambda: len(arrived(both[RO])) >= 100)
    assert sorted(arrived(both[RO])) == sorted(sent)


def test_iterable_that_waits_for_an_answer_gets_it_across_a_restart(
    both: dict[str, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has no answer is sent again although the caller's iterable has nothing more to give yet."""
    nl, taken, answered = both[NL], threading.Event(), threading.Event()
    assert nl.running is not None
    monkeypatch.setattr("gateway.serve.GRACE_S", 0.2)
    monkeypatch.setattr(nl.running._worker, "push", lambda _: taken.set())  # it will never answer
    first, second = pushes(2)

    def one_after_the_other() -> Iterator[Push]:
        yield first
        assert answered.wait(10)
        yield second

    def restart() -> None:
        assert taken.wait(10)
        nl.stop()
        nl.begin()

    again = threading.Thread(target=restart)
    again.start()
    answers = []
    for answer in nl.client().push(one_after_the_other(), batch=1):
        answers.append(answer.key)
        answered.set()
    again.join()

    assert answers == ["key-0", "key-1"]


def test_what_the_iterable_raises_comes_after_the_answers_to_all_before_it(both: dict[str, House]) -> None:
    def broken() -> Iterator[Push]:
        yield from pushes(5)
        raise LookupError("the source went away")

    answers = []
    with pytest.raises(LookupError, match="went away"):
        for answer in both[NL].client().push(broken(), batch=3):
            answers.append(answer.key)

    assert sorted(answers) == [f"key-{number}" for number in range(5)]


@pytest.mark.parametrize(
    ("push", "field"),
    [
        (Push(record=case(), to=[To(agency=RO, purpose="curiosity")]), "purpose"),
        (Push(record=case(), to=[TO_RO], lane="tomorrow"), "lane"),
        (Push(record='{"surprise": 1}', to=[TO_RO]), "surprise"),
        (Push(record=b"x" * (BATCH_BYTES_MAX + 1), to=[TO_RO]), "record"),
    ],
    ids=["purpose", "lane", "no record", "too large"],
)
def test_push_that_cannot_travel_is_refused_before_it_leaves(
    push: Push, field: str, both: dict[str, House]
) -> None:
    with pytest.raises(Malformed) as refused:
        both[NL].client().push_one(push)

    assert refused.value.field == field


def test_more_than_one_message_holds_travels_in_several(both: dict[str, House]) -> None:
    record = Record.FromString(case())
    for number in range(14):
        text = f"{number} " + "word " * 12_000
        record.narratives.add(id=f"long-{number}", text=text)
    count = BATCH_BYTES_MAX // record.ByteSize() + 2

    large = (Push(record=record, to=[TO_RO], key=f"large-{number}") for number in range(count))
    answers = list(both[NL].client().push(large, batch=64))

    assert sorted(answer.key for answer in answers) == sorted(f"large-{number}" for number in range(count))


def test_refused_push_says_every_fault_and_keeps_nothing(both: dict[str, House]) -> None:
    record = Record.FromString(case(reference="bad"))
    record.header.author = ""
    record.header.retain_until = "2001-01-01"
    client = both[NL].client()

    problem = client.push_one(Push(record=record, to=[TO_RO])).problem

    assert problem is not None
    assert {found.path for found in problem.findings} >= {"header.author", "header.retain_until"}
    assert (problem.kind, problem.code) == ("malformed", problem.findings[0].rule)
    assert client.find("bad") == []


def test_key_answers_the_same_again_and_nothing_else(both: dict[str, House]) -> None:
    client = both[NL].client()
    push = Push(record=case(), to=[TO_RO], key="one key")
    first = client.push_one(push)

    assert client.push_one(push) == first
    other = client.push_one(Push(record=case(reference="other"), to=[TO_RO], key="one key"))

    assert other.problem is not None
    assert other.problem.code == "key-reused"
    assert len(client.find("other")) == 0


def test_pushes_are_drawn_only_so_far_ahead_of_their_answers(both: dict[str, House]) -> None:
    drawn = []
    ended = threading.Event()

    def counted() -> Iterator[Push]:
        try:
            for push in pushes(2_000):
                drawn.append(push.key)
                yield push
        finally:
            ended.set()

    answers = both[NL].client().push(counted(), batch=16)
    next(answers)
    answers.close()  # type: ignore[attr-defined]
    at_the_end = len(drawn)

    assert ended.wait(10), "somebody still draws"
    assert at_the_end <= PUSH_UNANSWERED_MAX + 16
    assert len(drawn) <= at_the_end + 16


def test_preview_says_what_a_push_would_do_and_keeps_nothing(both: dict[str, House]) -> None:
    client = both[NL].client()

    found = client.preview(Push(record=case(reference="tried"), to=[TO_RO]))

    assert dict(found.outcomes) == {RO: "release"}
    assert {seen.recipient for line in found.lines for seen in line.seen} == {RO}
    assert client.find("tried") == []


def test_exchange_is_found_watched_and_looked_up(both: dict[str, House]) -> None:
    client = both[NL].client()
    exchange = released(client.push_one(Push(record=case(reference="mine"), to=[TO_RO])))

    states = [seen.state for seen in client.watch(exchange, timeout_s=20)]

    assert states[-1] == "delivered"
    assert states == sorted(set(states), key=states.index)
    found = client.exchange(exchange)
    assert (found.state, found.open, found.peer, found.direction) == ("delivered", False, RO, "out")
    (record,) = client.find("mine")
    assert [one.id for one in record.exchanges] == [exchange]
    with pytest.raises(NotFound):
        client.exchange("0199d0a0-0000-7000-8000-000000000000")


def test_watch_goes_on_where_a_restart_broke_it(pair: dict[str, House]) -> None:
    nl = pair[NL]
    nl.begin()
    client = nl.client()
    exchange = released(client.push_one(Push(record=case(), to=[TO_RO])))
    watched = client.watch(exchange, timeout_s=30)
    assert next(watched).state == "released"

    nl.stop()
    pair[RO].begin()
    nl.begin()

    assert [seen.state for seen in watched] == ["delivered"]


def test_inbox_hands_out_in_order_until_it_is_acknowledged(both: dict[str, House]) -> None:
    send(both, 3)
    client = both[RO].client()

    first = list(client.inbox("investigation"))
    again = list(client.inbox("investigation"))
    client.acknowledge(first[1])

    assert [one.position for one in first] == sorted(one.position for one in first)
    assert [one.exchange_id for one in first] == arrived(both[RO])
    assert again == first
    assert all(one.record is not None and one.sender == NL for one in first)
    assert list(client.inbox("investigation")) == first[2:]
    assert list(client.inbox("investigation", consumer="other")) == first
    assert list(client.inbox("victim-protection")) == []


def test_inbox_that_is_followed_brings_what_comes_until_the_time_is_up(both: dict[str, House]) -> None:
    client, seen = both[RO].client(), []
    push = threading.Timer(0.2, lambda: send(both, 2))
    push.start()

    with pytest.raises(Unreachable) as ended:
        for one in client.inbox("investigation", follow=True, timeout_s=2.5):
            seen.append(one.exchange_id)
    push.join()

    assert ended.value.code == DEADLINE
    assert seen == arrived(both[RO])


def test_inbox_that_is_followed_goes_on_after_a_restart_and_repeats_nothing(both: dict[str, House]) -> None:
    ro, came = both[RO], Queue[str]()
    send(both, 2)

    def follow() -> None:
        with suppress(Unreachable):  # the house is closed in the end
            for one in ro.client().inbox("investigation", follow=True):
                came.put(one.exchange_id)

    reader = threading.Thread(target=follow, daemon=True)
    reader.start()
    before = [came.get(timeout=10) for _ in range(2)]
    ro.stop()
    ro.begin()
    more = send(both, 1)

    assert came.get(timeout=10) == more[0]
    assert came.empty()
    assert sorted([*before, *more]) == sorted(arrived(ro))


def test_inbox_holds_back_what_is_too_far_beyond_what_was_acknowledged(both: dict[str, House]) -> None:
    count = INBOX_UNACKNOWLEDGED_MAX + 6
    send(both, count)
    client, seen = both[RO].client(), []

    with pytest.raises(Unreachable) as ended:
        for one in client.inbox("investigation", timeout_s=1.0):
            seen.append(one)
    assert ended.value.code == DEADLINE
    assert len(seen) == INBOX_UNACKNOWLEDGED_MAX

    all_of_them = []
    for one in client.inbox("investigation", timeout_s=10):
        all_of_them.append(one)
        client.acknowledge(one)
    assert len(all_of_them) == count


def test_client_that_was_closed_says_so(both: dict[str, House]) -> None:
    client = both[NL].client()
    watched = client.inbox("investigation", follow=True)
    client.close()

    for ask in (lambda: client.find("mine"), lambda: next(watched)):
        with pytest.raises(Unreachable) as refused:
            ask()
        assert refused.value.code == "closed"


@pytest.mark.timed
def test_patience_ends_soon_where_nobody_answers(pair: dict[str, House]) -> None:
    client = pair[NL].client(patience_s=0.3)

    begun = time.monotonic()
    for ask in (
        lambda: client.find("mine"),
        lambda: next(client.inbox("investigation")),
        lambda: client.push_one(Push(record=case(), to=[TO_RO])),
    ):
        with pytest.raises(Unreachable):
            ask()

    assert time.monotonic() - begun < 5


def test_busy_gateway_is_asked_again(both: dict[str, House], monkeypatch: pytest.MonkeyPatch) -> None:
    """A gateway that says `busy` for a while costs time, and no push."""
    running = both[NL].running
    assert running is not None
    push = running._worker.push
    refusals: list[int] = []

    def full(items: Any) -> None:
        if len(refusals) < 2:
            refusals.append(len(items))
            raise Busy("too much is waiting to be done; try again", code="busy")
        push(items)

    monkeypatch.setattr(running._worker, "push", full)

    assert released(both[NL].client().push_one(Push(record=case(), to=[TO_RO])))
    assert refusals == [1, 1]
