"""A network that loses answers or falls silent costs time, and nothing else (F17, F19)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.worker import courier
from tests.live import account
from tests.live.account import Told
from tests.live.houses import NL, RO, TO_RO, House, Push, case, copy_houses, found, free_port
from tests.live.proxy import Mode, Proxy, proxied
from tests.waiting import until

RECORDS = 12


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    """Return a folder with a closed federation in which RO is found at another port than it listens at."""
    folder, port = tmp_path_factory.mktemp("split"), free_port()
    found(folder, datetime.now(UTC).replace(microsecond=0), (NL, RO), endpoints={RO: f"127.0.0.1:{port}"})
    return folder, port


class Between(NamedTuple):
    """Two gateways that serve, and what is between them."""

    nl: House
    ro: House
    proxy: Proxy
    told: Told

    def push(self, *keys: str) -> list[str]:
        """Push a record for each key; return the exchanges."""
        answers = list(self.nl.client().push(Push(record=case(), to=[TO_RO], key=key) for key in keys))
        for answer in answers:
            self.told.note(answer)
        return [one.exchange_id for answer in answers for one in answer.exchanges]

    def received(self) -> int:
        """Return how many records RO has committed."""
        count: int = account.rows(self.ro.home, "SELECT count(*) FROM inbox")[0][0]
        return count

    def check(self) -> None:
        """Wait until nothing waits any more, and hold both homes to their promises."""
        until(lambda: account.waiting(self.nl.home) == 0)
        account.check(self.nl.home, self.ro.home, self.told)


@pytest.fixture
def between(split: tuple[Path, int], tmp_path: Path) -> Iterator[Between]:
    """Return both gateways serving, one record delivered on a stream that stays open."""
    template, port = split
    folder = tmp_path / "split"
    folder.mkdir()
    houses = copy_houses(template, folder, NL, RO)
    target = int(houses[RO].config.listen.rpartition(":")[2])
    with proxied(port, target) as proxy:
        for house in houses.values():
            house.begin()
        made = Between(houses[NL], houses[RO], proxy, Told())
        made.push("first")
        until(lambda: account.waiting(made.nl.home) == 0)
        yield made
        for house in houses.values():
            house.close()
    shutil.rmtree(folder)


def test_answer_lost_after_the_commit_is_given_again_word_for_word(between: Between) -> None:
    between.proxy.mode = Mode.HOLD_ANSWERS
    between.push(*(f"key-{n}" for n in range(RECORDS)))
    until(lambda: between.received() == 1 + RECORDS)
    assert account.entries(between.nl.home, account.DELIVERED)[1:] == []
    before = account.entries(between.ro.home, account.RECEIVED)

    between.proxy.cut()
    between.check()

    assert between.proxy.held > 0
    assert account.entries(between.ro.home, account.RECEIVED) == before


def test_envelopes_cut_off_on_the_way_arrive_once(between: Between) -> None:
    for round_ in range(4):
        opened = between.proxy.opened
        between.push(*(f"key-{round_}-{n}" for n in range(RECORDS)))
        between.proxy.cut()
        until(lambda opened=opened: between.proxy.opened > opened)  # type: ignore[misc]

    between.check()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a courier wait a second for an answer, not a minute."""
    monkeypatch.setattr(courier, "ANSWER_S", 1.0)


@pytest.mark.usefixtures("impatient")
def test_stream_that_falls_silent_is_given_up_and_carrying_goes_on(between: Between) -> None:
    between.proxy.mode = Mode.BLACK_HOLE
    between.push("unheard")
    until(lambda: _standing(between) == ("retrying", "no-answer"))
    assert between.received() == 1

    between.proxy.mode = Mode.PASS
    between.check()

    assert until(lambda: _standing(between)[0] == "connected")


def _standing(between: Between) -> tuple[str, str]:
    (peer,) = between.nl.status().peers
    return peer.state, peer.code
