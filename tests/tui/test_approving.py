"""Approving and refusing on the full screen: by what is shown, and never by mistake."""

from __future__ import annotations

import pytest

from gateway.flow.review.listing import Waiting, waiting
from gateway.ledger.entry import EntryKind
from gateway.record.vocabulary import Duty
from tests.flow.federation import NL, TO_RO, Homes
from tests.flow.records import small
from tests.flow.review import Crew, say
from tests.tui.stage import Stage, approve, play, session_of, signed, state


def test_two_officers_approve_and_it_leaves(homes: Homes, officers: Crew, held: str) -> None:
    async def first(stage: Stage) -> None:
        await stage.press("enter")
        await approve(stage)
        assert "Approved as VPO: it still needs CPO:1." in stage.text

    async def second(stage: Stage) -> None:
        await stage.press("enter", "a")
        assert "IT LEAVES AT ONCE" in stage.text
        await stage.type("police.ro")
        await stage.press("enter")
        assert "Approved as CPO: it leaves to police.ro." in stage.text

    play(session_of(homes, officers.anna), first)
    assert state(homes, held) == "held"
    play(session_of(homes, officers.bob), second)

    assert state(homes, held) == "released"


def test_sheet_repeats_what_is_approved_before_anything_is_signed(
    homes: Homes, officers: Crew, held: str
) -> None:
    hold = homes[NL].read.hold(held)
    assert hold is not None

    async def scene(stage: Stage) -> None:
        await stage.press("enter", "a")

        said = " ".join(stage.text.split())
        assert "Approve as VPO (a victim protection officer)" in said
        assert "to police.ro" in said
        assert "for investigation on law-enforcement-task" in said
        assert "opens victim.names: family: Verzonnenova, given: Zelda" in said
        assert "still needs CPO:1" in said
        assert hold.digest.hex()[:16] in said

    play(session_of(homes, officers.anna), scene)

    assert signed(homes, held) == []


@pytest.mark.parametrize("typed", ["", "police.rr", "POLICE.RO", "y", "police.ro police.ro"])
def test_anything_but_the_recipients_id_approves_nothing(
    homes: Homes, officers: Crew, half: str, typed: str
) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("enter")
        await approve(stage, typed)
        assert "That is not police.ro: nothing was signed." in stage.text

        await stage.press("escape")
        assert "Nothing was signed." in stage.text

    play(session_of(homes, officers.anna), scene)

    assert signed(homes, half) == [EntryKind.APPROVED]
    assert state(homes, half) == "held"


def test_keys_pressed_in_a_hurry_approve_nothing(homes: Homes, officers: Crew, half: str) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("enter", *"aaa", "enter", "enter", "y", "enter", "a", "space", "enter")

    play(session_of(homes, officers.anna), scene)

    assert signed(homes, half) == [EntryKind.APPROVED]
    assert state(homes, half) == "held"


def test_words_beside_an_approval_are_kept(homes: Homes, officers: Crew, held: str) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("enter", "a", "shift+tab")
        await stage.type("the prosecutor asked")
        await stage.press("enter")
        await stage.type("police.ro")
        await stage.press("enter", "h")
        assert "as VPO: the prosecutor asked" in " ".join(stage.text.split())

    play(session_of(homes, officers.anna), scene, size=(120, 50))


def test_officer_whose_duty_is_not_needed_is_told_so(homes: Homes, officers: Crew, held: str) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("m", "enter", "a")

        assert "[not-your-duty]" in stage.text
        assert not stage.app.screen.is_modal

    play(session_of(homes, officers.dirk), scene)


def test_officer_of_several_duties_that_would_do_chooses_one(homes: Homes, officers: Crew, held: str) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("enter", "a")
        assert "In which of your duties?" in stage.text

        await stage.press("down", "enter")
        await stage.type("police.ro")
        await stage.press("enter")
        assert "Approved as VPO" in stage.text

        await stage.press("a")
        assert "[already-approved]" in stage.text

    play(session_of(homes, officers.eva), scene)


def test_refusal_takes_a_reason_of_the_closed_list_and_a_word(
    homes: Homes, officers: Crew, held: str
) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("enter", "f", "down", "down", "enter")
        assert "more-than-needed" in stage.text
        await stage.press("shift+tab")
        await stage.type("the age band will do")
        await stage.press("enter")
        await stage.type("yes")
        await stage.press("enter")
        assert "That is not refuse" in stage.text

        await stage.press("ctrl+u")
        await stage.type("refuse")
        await stage.press("enter")
        assert "Refused as VPO: it does not leave." in stage.text
        await stage.press("h")
        assert "more-than-needed: the age band will do" in " ".join(stage.text.split())

    play(session_of(homes, officers.anna), scene, size=(120, 50))

    assert state(homes, held) == "rejected"


def test_refusal_for_another_reason_takes_words(homes: Homes, officers: Crew, held: str) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("enter", "f", "end", "enter")
        await stage.type("refuse")
        await stage.press("enter")

        assert "say why" in stage.text

    play(session_of(homes, officers.anna), scene)

    assert signed(homes, held) == []


def test_field_withheld_makes_another_release_that_nobody_has_approved(homes: Homes, officers: Crew) -> None:
    ask = ("person.name", "person.birth")
    exchange = homes.push(small(), TO_RO, ask=ask).exchanges[0].exchange_id
    say(homes, exchange, officers.bob, Duty.CPO)
    before = homes[NL].read.hold(exchange)

    async def scene(stage: Stage) -> None:
        await stage.press("enter")
        await stage.choose("victim.birth")
        await stage.press("w")
        assert "undoes" in stage.text
        await stage.press("y")

        assert "another release, approved by nobody yet" in stage.text
        assert "needs CPO:1 VPO:1" in stage.text
        assert any("victim.birth" in row and "withheld" in row for row in stage.rows())

    play(session_of(homes, officers.anna), scene)

    after = homes[NL].read.hold(exchange)
    assert before is not None and after is not None
    assert (after.round, after.digest == before.digest) == (2, False)


def test_every_other_key_than_yes_withholds_nothing(homes: Homes, officers: Crew) -> None:
    exchange = homes.push(small(), TO_RO, ask=("person.name", "person.birth")).exchanges[0].exchange_id

    async def scene(stage: Stage) -> None:
        await stage.press("enter")
        await stage.choose("victim.birth")
        await stage.press("g", "enter", "n", "w", "escape")

        assert "Nothing was signed." in stage.text

    play(session_of(homes, officers.anna), scene)

    hold = homes[NL].read.hold(exchange)
    assert hold is not None and hold.round == 1


def test_withholding_the_last_field_that_needs_approval_asks_like_an_approval(
    homes: Homes, officers: Crew, held: str
) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("enter", "w")
        assert "THE REST MAY LEAVE AT ONCE" in stage.text
        await stage.press("y", "enter", "escape")
        assert state(homes, held) == "held"

        await stage.press("w")
        await stage.type("police.ro")
        await stage.press("enter")
        assert "the rest needs nobody's approval, and leaves to police.ro." in " ".join(stage.text.split())
        await stage.press("a")
        assert not stage.app.screen.is_modal

    play(session_of(homes, officers.anna), scene)

    assert state(homes, held) == "released"


def test_field_that_stays_anyway_cannot_be_withheld(homes: Homes, officers: Crew, held: str) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("enter")
        await stage.choose("phone.identity")
        await stage.press("w")

        assert "[nothing-less]" in stage.text

    play(session_of(homes, officers.anna), scene)


def test_claim_is_taken_and_given_up(homes: Homes, officers: Crew, held: str) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("enter", "c")
        assert "Anna de Vries is at work on it" in stage.text
        assert "Yours until" in stage.text
        hold = homes[NL].read.hold(held)
        assert hold is not None and hold.claimed_by == officers.anna.key_id

        await stage.press("c")
        assert "given your claim up" in stage.text

    play(session_of(homes, officers.anna), scene)


def test_nobody_waits_where_nothing_is_held(homes: Homes, officers: Crew) -> None:
    async def scene(stage: Stage) -> None:
        await stage.press("enter", "a", "o")

        assert "0 of 0 waiting" in stage.text

    assert waiting(homes[NL], homes.now) == Waiting(holds=(), reviews=())
    play(session_of(homes, officers.anna), scene)
