"""What happens elsewhere while an officer looks: it is said at once, and nothing is signed over it."""

from __future__ import annotations

from dataclasses import replace

from gateway.cli.review_desk import HomeReview
from gateway.errors import Unreachable
from gateway.flow.review.approve import Answered
from gateway.flow.review.listing import waiting
from gateway.flow.review.narrow import narrow_hold
from gateway.flow.review.showing import HoldView
from gateway.ledger.entry import EntryKind
from gateway.record.vocabulary import Duty
from gateway.tui.session import Session
from gateway.tui.watching import Heard
from tests.flow.federation import NL, TO_RO, Homes
from tests.flow.records import small
from tests.flow.review import CONSOLE, Crew, say
from tests.tui.stage import Stage, approve, play, session_of, signed, state


def test_hold_refused_while_it_is_looked_at_is_said_at_once_and_nothing_is_signed(
    homes: Homes, officers: Crew, held: str
) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("enter", "a")
        await stage.type("police.ro")
        say(homes, held, officers.bob, Duty.CPO, refuse="no-consent")
        stage.app.post_message(Heard(waiting(homes[NL], homes.now)))
        await stage.settle()

        assert not stage.app.screen.is_modal
        assert "closed meanwhile: nothing more can be signed" in stage.text
        await stage.press("a", "f", "w", "c")
        assert not stage.app.screen.is_modal

        await stage.press("r")
        assert "refused" in stage.text

    play(session_of(homes, officers.anna), scene)

    assert signed(homes, held) == [EntryKind.REJECTED]


def test_hold_changed_behind_the_screen_is_not_signed_for(homes: Homes, officers: Crew) -> None:
    exchange = homes.push(small(), TO_RO, ask=("person.name", "person.birth")).exchanges[0].exchange_id

    async def scene(stage: Stage) -> None:
        await stage.press("enter", "a")
        narrow_hold(
            homes[NL], exchange, withhold=["victim.birth"], generalise=[], caller=CONSOLE, now=homes.now
        )
        await stage.type("police.ro")
        await stage.press("enter")

        assert "[hold-superseded]" in stage.text
        await stage.press("a")
        assert not stage.app.screen.is_modal
        await stage.press("r", "a")
        assert "round 2" in stage.text

    play(session_of(homes, officers.anna), scene)

    assert signed(homes, exchange) == []


def test_approval_of_another_officer_meanwhile_takes_the_sheet_away(
    homes: Homes, officers: Crew, held: str
) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("enter", "a")
        assert "still needs CPO:1" in stage.text
        say(homes, held, officers.bob, Duty.CPO)
        stage.app.post_message(Heard(waiting(homes[NL], homes.now)))
        await stage.settle()

        assert not stage.app.screen.is_modal
        assert "Nothing was signed. Somebody has spoken on it meanwhile" in stage.text
        assert "partly-approved, needs VPO:1" in stage.text

        await stage.press("a")
        assert "IT LEAVES AT ONCE" in stage.text
        await stage.type("police.ro")
        await stage.press("enter")
        assert "it leaves to police.ro" in stage.text

    play(session_of(homes, officers.anna), scene)


def test_word_that_would_do_more_than_the_sheet_said_is_not_signed(
    homes: Homes, officers: Crew, held: str
) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("enter", "a")
        say(homes, held, officers.bob, Duty.CPO)
        await stage.type("police.ro")
        await stage.press("enter")

        assert "somebody has spoken on it meanwhile [hold-moved]" in stage.text

    play(session_of(homes, officers.anna), scene)

    assert signed(homes, held) == [EntryKind.APPROVED]
    assert state(homes, held) == "held"


class _Cut(HomeReview):
    """A desk whose connection breaks after a word was handed in."""

    def answer(self, signed: bytes) -> Answered:
        super().answer(signed)
        raise Unreachable("the connection was lost", code="no-gateway")


def test_word_that_got_no_answer_is_told_as_unknown(homes: Homes, officers: Crew, held: str) -> None:
    session = Session(_Cut(homes[NL]), officers.anna.signer, lambda: homes.now, live=False)

    async def scene(stage: Stage) -> None:
        await stage.press("enter")
        await approve(stage)
        assert "not known whether your word was counted" in " ".join(stage.text.split())
        await stage.press("a")
        assert not stage.app.screen.is_modal

        await stage.press("r")
        assert "partly-approved, needs CPO:1" in stage.text

    play(session, scene)


class _Lying(HomeReview):
    """A desk that shows less than would leave."""

    def show(self, exchange_id: str) -> HoldView:
        view = super().show(exchange_id)
        return replace(view, lines=[one for one in view.lines if one.path != "victim.names"])


def test_view_that_is_not_what_would_be_signed_is_not_shown(homes: Homes, officers: Crew, held: str) -> None:
    session = Session(_Lying(homes[NL]), officers.anna.signer, lambda: homes.now, live=False)

    async def scene(stage: Stage) -> None:
        await stage.press("enter")
        assert "more would leave than is shown [other-bytes]" in stage.text
        assert stage.rows() == []

        await stage.press("a")
        assert not stage.app.screen.is_modal

    play(session, scene)
