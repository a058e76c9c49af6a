"""Hooks of a running gateway: a real program, a real server on loopback, and what happens when they fail."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from gateway.flow.review.notices import Event, Notice
from gateway.observe import counters
from gateway.worker import notifying
from gateway.worker.hooks import Outcome
from gateway.worker.notifying import Line
from tests.live.attacks import canaries
from tests.live.houses import NL, RO, TO_RO, House, Push, case
from tests.live.receiver import gone, program, serving
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("events")


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing rest for long."""
    monkeypatch.setattr(notifying, "PAUSE_S", 0.02)
    monkeypatch.setattr(notifying, "delay_s", lambda failures, fraction: 0.02)


def named(house: House, setting: str) -> None:
    """Name a hook in comity.toml."""
    with (house.home / "comity.toml").open("a") as stream:
        stream.write(setting + "\n")


def held(house: House, number: int = 1) -> str:
    """Push something that is held; return its exchange."""
    push = Push(record=case(reference=f"X-{number}"), to=[TO_RO], ask=["person.name"])
    (exchange,) = house.client().push_one(push).exchanges
    assert exchange.outcome == "held"
    return exchange.exchange_id


def _notice(number: int) -> Notice:
    return Notice(event=Event.HOLD_NEW, agency=NL, exchange=str(number), lane="routine", recipient=RO)


@pytest.mark.usefixtures("hasty")
def test_program_is_told_on_standard_input_and_given_nothing_else(
    pair: dict[str, House], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMITY_SECRET", "of this process")
    told, seen, given = (tmp_path / name for name in ("told", "seen", "given"))
    script = program(
        tmp_path, f"cat > {told}.new", f"env > {seen}", f'echo "$1" > {given}', f"mv {told}.new {told}"
    )
    named(pair[NL], f"notify_command = {json.dumps([str(script), 'a word; $(no shell)'])}")
    pair[NL].begin()

    exchange = held(pair[NL])

    until(told.exists)
    notice = json.loads(told.read_bytes())
    assert (notice["event"], notice["exchange"], notice["recipient"]) == ("hold-new", exchange, RO)
    assert given.read_text() == "a word; $(no shell)\n"
    names = {line.partition("=")[0] for line in seen.read_text().splitlines()}
    assert names <= {"PATH", "LANG", "PWD", "SHLVL", "OLDPWD", "_"}


@pytest.mark.usefixtures("hasty")
def test_url_is_posted_to_directly_whatever_proxy_the_environment_names(
    pair: dict[str, House], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with serving(200) as server:
        named(pair[NL], f'notify_url = "{server.url}"')
        pair[NL].begin()

        exchange = held(pair[NL])

        until(lambda: server.got)
        ((path, kind, body),) = server.got
        assert (path, kind) == ("/notices?of=nl", "application/json")
        assert json.loads(body)["exchange"] == exchange


@pytest.mark.usefixtures("hasty")
def test_nothing_is_told_twice_after_a_restart_and_nothing_new_is_left_out(pair: dict[str, House]) -> None:
    with serving() as server:
        named(pair[NL], f'notify_url = "{server.url}"')
        pair[NL].begin()
        first = held(pair[NL], 1)
        until(lambda: server.got)
        pair[NL].stop()
        pair[NL].begin()

        second = held(pair[NL], 2)

        until(lambda: len(server.got) > 1)
        pair[NL].stop()
        assert [one["exchange"] for one in server.notices()] == [first, second]


@pytest.mark.usefixtures("hasty")
def test_notice_that_was_not_taken_is_told_again_until_it_is(pair: dict[str, House]) -> None:
    with serving(503, 500, 204) as server:
        named(pair[NL], f'notify_url = "{server.url}"')
        before = counters["notices.told"]
        pair[NL].begin()

        exchange = held(pair[NL])

        until(lambda: counters["notices.told"] > before)
        assert [one["exchange"] for one in server.notices()] == [exchange] * 3


@pytest.mark.usefixtures("hasty")
def test_notice_that_is_never_taken_is_given_up_and_the_status_says_so(pair: dict[str, House]) -> None:
    with serving(302) as server:
        named(pair[NL], f'notify_url = "{server.url}"')
        before = counters["notices.given_up"]
        pair[NL].begin()

        held(pair[NL])

        until(lambda: counters["notices.given_up"] > before)
        assert len(server.got) == notifying.TRIES_MAX
        assert {path for path, _, _ in server.got} == {"/notices?of=nl"}, "a redirect was followed"
        assert any("could not be told" in one for one in pair[NL].status().warnings)


@pytest.mark.usefixtures("hasty")
def test_hook_that_hangs_keeps_nobody_waiting(pair: dict[str, House], tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    script = program(tmp_path, f"echo $$ > {begun}", "sleep 600")
    named(pair[NL], f'notify_command = ["{script}"]')
    with serving() as server:
        named(pair[NL], f'notify_url = "{server.url}"')
        pair[NL].begin()

        exchanges = [held(pair[NL], number) for number in (1, 2)]

        until(lambda: len(server.got) == 2 and begun.exists() and begun.read_text())
        assert [one["exchange"] for one in server.notices()] == exchanges
        pair[NL].stop()
        gone(int(begun.read_text()))


@pytest.mark.usefixtures("hasty")
def test_hooks_are_told_nothing_of_a_record(pair: dict[str, House]) -> None:
    """A37: every text of the record is a canary, and none of them is told."""
    record, words = canaries.planted()
    with serving() as server:
        named(pair[NL], f'notify_url = "{server.url}"')
        pair[NL].begin()
        push = Push(record=record, to=[TO_RO], ask=["person.name"])

        answer = pair[NL].client().push_one(push)

        assert [one.outcome for one in answer.exchanges] == ["held"]
        until(lambda: server.got)
        posted = {str(number): body for number, (_, _, body) in enumerate(server.got)}
        assert canaries.found((*words, *canaries.ASKED), posted) == []


class _Shut:
    """A hook that takes nothing until it is opened."""

    name = "notify_command"

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.told: list[str] = []

    async def tell(self, data: bytes) -> Outcome:
        await self.open.wait()
        if not data:
            raise ValueError("nothing")
        self.told.append(json.loads(data)["exchange"])
        return Outcome(done=True)


def test_queue_is_bounded_and_what_is_oldest_is_dropped_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifying, "QUEUED_MAX", 3)
    before = counters["notices.dropped"]

    async def play() -> list[str]:
        hook = _Shut()
        line = Line(hook)
        running = asyncio.create_task(line.run())
        line.put([_notice(0)])
        await asyncio.sleep(0)
        line.put(_notice(number) for number in range(1, 6))
        hook.open.set()
        while len(hook.told) < 4:
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return hook.told

    assert asyncio.run(play()) == ["0", "3", "4", "5"]
    assert counters["notices.dropped"] - before == 2


@pytest.mark.usefixtures("hasty")
def test_one_notice_that_fails_lets_the_others_go_first() -> None:
    class Picky(_Shut):
        async def tell(self, data: bytes) -> Outcome:
            if json.loads(data)["exchange"] == "1":
                raise RuntimeError("a hook that breaks is a hook that failed")
            return await super().tell(data)

    async def play() -> list[str]:
        hook = Picky()
        hook.open.set()
        line = Line(hook)
        running = asyncio.create_task(line.run())
        line.put(_notice(number) for number in (1, 2, 3))
        while len(hook.told) < 2:
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return hook.told

    assert asyncio.run(play()) == ["2", "3"]
