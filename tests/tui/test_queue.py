"""The queue on the full screen: what is held is quick to find, and stays where the eye left it."""

from __future__ import annotations

from dataclasses import replace

from textual.widgets import DataTable

from gateway.errors import GatewayError, Unreachable
from gateway.flow.review.listing import Waiting, waiting
from gateway.flow.submit import push
from gateway.record.vocabulary import Duty, Lane
from gateway.tui.board import ROWS_MOST
from gateway.tui.watching import Heard
from tests.flow.federation import NL, TO_RO, Homes, item
from tests.flow.records import small
from tests.flow.review import Crew, say
from tests.flow.test_emergency import IN_DANGER
from tests.tui.stage import Stage, play, session_of


def _urgent(homes: Homes, number: int) -> str:
    pushed = replace(item(small(number), TO_RO, ask=("person.name",)), lane=Lane.URGENT)
    (answer,) = push(homes[NL], [pushed], homes.now)
    assert not isinstance(answer, GatewayError)
    return answer.exchanges[0].exchange_id


def _emergency(homes: Homes, officers: Crew) -> str:
    (answer,) = push(homes[NL], [IN_DANGER], homes.now)
    assert not isinstance(answer, GatewayError)
    exchange = answer.exchanges[0].exchange_id
    say(homes, exchange, officers.bob, Duty.DUTY)
    say(homes, exchange, officers.carla, Duty.DUTY)
    return exchange


def _under_cursor(stage: Stage) -> str:
    table = stage.app.screen.query_one(DataTable)
    return table.coordinate_to_cell_key(table.cursor_coordinate).row_key.value or ""


async def _hear(stage: Stage, news: Waiting | GatewayError) -> None:
    stage.app.post_message(Heard(news))
    await stage.settle()


def test_most_urgent_stands_first_with_who_must_act_and_how_long_is_left(
    homes: Homes, officers: Crew, half: str
) -> None:
    urgent = _urgent(homes, 2)

    async def scene(stage: Stage) -> None:
        first, second = stage.queue()

        assert first[1:5] == ["urgent", "police.ro", "investigation", "CPO:1 VPO:1"]
        assert second[1:5] == ["routine", "police.ro", "investigation", "VPO:1"]
        assert first[0] in ("7 d 0 h", "6 d 23 h")
        assert _under_cursor(stage) == urgent
        assert "Anna de Vries [" in stage.text
        assert "EXERCISE" in stage.text

    play(session_of(homes, officers.anna), scene)


def test_own_duties_come_first_and_one_key_shows_all(homes: Homes, officers: Crew, half: str) -> None:
    async def scene(stage: Stage) -> None:
        assert stage.queue() == []
        assert "0 of 1 waiting: for your duties (DPO JUD)" in stage.text

        await stage.press("m")

        assert len(stage.queue()) == 1
        assert "1 of 1 waiting: for anybody" in stage.text

    play(session_of(homes, officers.dirk), scene)


def test_hold_that_has_the_officers_word_waits_for_them_no_more(
    homes: Homes, officers: Crew, held: str
) -> None:
    say(homes, held, officers.eva, Duty.VPO)

    async def scene(stage: Stage) -> None:
        assert stage.queue() == []

        await stage.press("m")

        assert stage.queue()[0][5].startswith("you have")

    play(session_of(homes, officers.eva), scene, size=(120, 40))


def test_list_is_narrowed_by_what_is_typed_and_by_the_recipient_under_the_cursor(
    homes: Homes, officers: Crew, held: str
) -> None:
    urgent = _urgent(homes, 2)

    async def scene(stage: Stage) -> None:
        await stage.press("slash")
        await stage.type("urg")
        assert [row[1] for row in stage.queue()] == ["urgent"]

        await stage.press("enter", "enter")
        assert "Release to police.ro" in stage.text

        await stage.press("q", "escape")
        assert len(stage.queue()) == 2

        await stage.press("slash")
        await stage.type(urgent[-6:])
        assert len(stage.queue()) == 1

        await stage.press("escape", "o")
        assert 'with "police.ro"' in stage.text
        assert len(stage.queue()) == 2

    play(session_of(homes, officers.anna), scene)


def test_cursor_stays_on_its_hold_when_the_list_changes(homes: Homes, officers: Crew, held: str) -> None:
    async def scene(stage: Stage) -> None:
        assert _under_cursor(stage) == held

        _urgent(homes, 2)
        await stage.press("r")

        assert len(stage.queue()) == 2
        assert _under_cursor(stage) == held

    play(session_of(homes, officers.anna), scene)


def test_more_than_is_drawn_is_said(homes: Homes, officers: Crew, held: str) -> None:
    found = waiting(homes[NL], homes.now)
    many = [replace(found.holds[0], exchange=f"{number:06}") for number in range(ROWS_MOST + 5)]

    async def scene(stage: Stage) -> None:
        await _hear(stage, Waiting(holds=tuple(many), reviews=()))

        assert len(stage.queue()) == ROWS_MOST
        assert f"{ROWS_MOST + 5} of {ROWS_MOST + 5} waiting" in stage.text
        assert f"the {ROWS_MOST} most urgent are drawn" in " ".join(stage.text.split())

    play(session_of(homes, officers.anna), scene)


def test_lost_connection_is_said_with_its_code_and_its_end_too(
    homes: Homes, officers: Crew, held: str
) -> None:
    found = waiting(homes[NL], homes.now)

    async def scene(stage: Stage) -> None:
        await _hear(stage, Unreachable("no gateway answers", code="no-gateway"))

        assert "Connection lost: no gateway answers [no-gateway]" in stage.text
        assert "from before" in stage.text
        assert len(stage.queue()) == 1

        await _hear(stage, found)

        assert "Connected again." in stage.text

    play(session_of(homes, officers.anna), scene)


def test_emergency_that_left_waits_for_a_data_protection_officers_review(
    homes: Homes, officers: Crew
) -> None:
    exchange = _emergency(homes, officers)

    async def scene(stage: Stage) -> None:
        (row,) = stage.queue()
        assert row[:3] == ["due", "REVIEW", "police.ro"]

        await stage.press("enter", "2")
        assert "The suspect told a witness" in stage.text
        await stage.press("a")
        assert not stage.app.screen.is_modal

        await stage.press("v", "down", "enter")
        await stage.type("review")
        await stage.press("enter")
        assert "It takes words" in stage.text

        await stage.press("shift+tab")
        await stage.type("It was real.")
        await stage.press("enter", "enter")
        assert "Reviewed: not-justified." in stage.text

    play(session_of(homes, officers.dirk), scene)

    review = homes[NL].read.review(exchange)
    assert review is not None and review.state == "reviewed"


def test_whom_it_does_not_concern_sees_no_review_among_their_own(homes: Homes, officers: Crew) -> None:
    _emergency(homes, officers)

    async def scene(stage: Stage) -> None:
        assert stage.queue() == []

        await stage.press("m")

        assert len(stage.queue()) == 1

    play(session_of(homes, officers.anna), scene)
