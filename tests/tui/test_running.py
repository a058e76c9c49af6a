"""Watching a gateway that runs, and what is left of a failure: a sentence, never what a record holds."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from gateway.cli.review_desk import HomeReview
from gateway.errors import GatewayError, Unreachable
from gateway.flow.review.listing import Waiting
from gateway.flow.review.showing import HoldView
from gateway.tui import watching
from gateway.tui.app import ReviewApp
from gateway.tui.session import Session
from gateway.tui.watching import Watch
from tests.flow.federation import NL, Homes
from tests.flow.records import SECRET_NAME
from tests.flow.review import Crew
from tests.tui.stage import Stage, play
from tests.waiting import until

NONE = Waiting(holds=(), reviews=())


@pytest.fixture(autouse=True)
def _no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr(watching, "RETRY_FIRST_S", 0.001)
    monkeypatch.setattr(watching, "RETRY_CAP_S", 0.001)


class _Watched(HomeReview):
    """A desk that is watched; `tries` are what its streams do, one after the other, and then it is closed."""

    def __init__(self, homes: Homes, *tries: Callable[[], Iterator[Waiting]]) -> None:
        super().__init__(homes[NL])
        self._tries = iter(tries)

    def watch(self, *, duty: str = "", peer: str = "") -> Iterator[Waiting]:
        following = next(self._tries, None)
        if following is None:
            raise Unreachable("the connection was closed on this side", code="closed")
        yield from following()


def _tells() -> Iterator[Waiting]:
    yield NONE


def _breaks() -> Iterator[Waiting]:
    yield NONE
    raise Unreachable("the connection was lost", code="transport-unavailable")


def _ends_as_long_streams_do() -> Iterator[Waiting]:
    raise Unreachable("Deadline Exceeded", code="transport-deadline-exceeded")
    yield NONE


def _fails_unforeseen() -> Iterator[Waiting]:
    raise ValueError(SECRET_NAME)
    yield NONE


def _news(homes: Homes, *tries: Callable[[], Iterator[Waiting]]) -> list[Waiting | GatewayError]:
    """Return what a watch tells of a desk, until that is closed."""
    told: list[Waiting | GatewayError] = []
    Watch(_Watched(homes, *tries), told.append).start()
    until(lambda: not any(one.name == "watch" for one in threading.enumerate()))
    return told


def test_lost_connection_is_told_and_tried_again(homes: Homes) -> None:
    first, lost, again = _news(homes, _breaks, _tells)

    assert first == again == NONE
    assert isinstance(lost, Unreachable)


def test_stream_that_ends_as_long_ones_do_is_no_news(homes: Homes) -> None:
    assert _news(homes, _ends_as_long_streams_do, _tells) == [NONE]


def test_failure_that_nobody_foresaw_is_told_as_a_number(homes: Homes) -> None:
    (told,) = _news(homes, _fails_unforeseen)

    assert isinstance(told, GatewayError)
    assert told.code == "internal"
    assert SECRET_NAME not in str(told)


def test_change_that_the_gateway_tells_is_on_the_screen_without_a_key(
    homes: Homes, officers: Crew, held: str
) -> None:
    go = threading.Event()

    def closes() -> Iterator[Waiting]:
        go.wait(60)
        yield NONE

    session = Session(_Watched(homes, closes), officers.anna.signer, lambda: homes.now, live=True)

    async def scene(stage: Stage) -> None:
        await stage.press("enter")
        assert "needs CPO:1 VPO:1" in stage.text

        go.set()
        for _ in range(1000):
            await stage.pilot.pause(0.01)
            if "closed meanwhile" in stage.text:
                break

        assert "closed meanwhile: nothing more can be signed" in stage.text

    play(session, scene)


class _Broken(HomeReview):
    """A desk that fails in a way nobody foresaw, with a name in its mouth."""

    def show(self, exchange_id: str) -> HoldView:
        raise ValueError(SECRET_NAME)


def test_unforeseen_failure_of_the_desk_is_a_number_on_the_screen(
    homes: Homes, officers: Crew, held: str
) -> None:
    session = Session(_Broken(homes[NL]), officers.anna.signer, lambda: homes.now, live=False)

    async def scene(stage: Stage) -> None:
        await stage.press("enter")

        assert "internal error, incident" in stage.text
        assert SECRET_NAME not in stage.text

    play(session, scene)


def test_unforeseen_failure_of_the_screen_shows_no_local_variable(
    homes: Homes,
    officers: Crew,
    held: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("COMITY_TRACE", raising=False)

    async def scene(stage: Stage) -> None:
        def fail() -> None:
            name = SECRET_NAME
            raise ValueError(name)

        stage.app.call_later(fail)
        await stage.pilot.pause()

    with pytest.raises(ValueError, match=SECRET_NAME):
        play(_session(homes, officers), scene)

    told = capsys.readouterr()
    assert "internal error, incident" in told.err + told.out
    assert SECRET_NAME not in told.err + told.out


def _session(homes: Homes, officers: Crew) -> Session:
    return Session(HomeReview(homes[NL]), officers.anna.signer, lambda: homes.now, live=False)


def test_nothing_selects_or_copies(homes: Homes, officers: Crew) -> None:
    assert not ReviewApp.ALLOW_SELECT
    assert not ReviewApp.ENABLE_COMMAND_PALETTE
