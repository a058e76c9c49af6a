"""What an officer's own machine checks before anything is shown or signed there."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.errors import GatewayError, Malformed, Refused, VerificationFailed
from gateway.flow.review.enrol import list_officers
from gateway.flow.review.lines import WITHHELD
from gateway.flow.review.showing import HoldView, show_hold
from gateway.officer.shown import checked_matter, opened
from gateway.officer.verdict import check_clock, duty_of, own_enrolments, signed_verdict
from gateway.officer.wording import left_in_words, reasons_of
from gateway.record.vocabulary import Duty
from gateway.release.release import parse_release
from keys.approval import Verdict, verify_approval
from tests.flow.conftest import engines, homes, quiet, template
from tests.flow.federation import NL, TO_RO, Homes
from tests.flow.records import small
from tests.flow.review import Crew, crew, enrol

__all__ = ["engines", "homes", "quiet", "template"]


@pytest.fixture(scope="module")
def officers(quiet: Homes) -> Crew:
    """Return five officers enrolled at the sender."""
    made = crew()
    enrol(quiet, made)
    return made


@pytest.fixture(scope="module")
def view(quiet: Homes, officers: Crew) -> HoldView:
    """Return a hold on the name of a victim, as an officer is shown it."""
    answer = quiet.push(small(), TO_RO, ask=("person.name",))
    return show_hold(quiet[NL], answer.exchanges[0].exchange_id, actor="officer/anna", now=quiet.now)


def _more_precise(view: HoldView) -> HoldView:
    lines = [replace(one, text="2013-05-17") if one.path == "victim.birth" else one for one in view.lines]
    return replace(view, lines=lines)


def _hidden(view: HoldView) -> HoldView:
    return replace(view, lines=[one for one in view.lines if one.path != "victim.names"])


def _as_withheld(view: HoldView) -> HoldView:
    lines = [
        replace(one, rung=WITHHELD, text="") if one.path == "victim.names" else one for one in view.lines
    ]
    return replace(view, lines=lines)


LIES: dict[str, Callable[[HoldView], HoldView]] = {
    "a value told otherwise": _more_precise,
    "a field left out": _hidden,
    "a field told to stay": _as_withheld,
    "another recipient": lambda view: replace(view, recipient="shelter.ngo"),
    "another purpose": lambda view: replace(view, purpose="prosecution"),
    "another digest": lambda view: replace(view, digest="00" * 32),
    "other bytes": lambda view: replace(view, release=_with_one_byte_more(view.release)),
}


def _with_one_byte_more(release: str) -> str:
    return base64.b64encode(base64.b64decode(release) + b"\x00").decode()


def test_view_of_what_would_leave_is_shown(view: HoldView) -> None:
    assert checked_matter(view) == parse_release(base64.b64decode(view.release)).disclosure


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES.keys())
def test_view_of_anything_else_is_not_shown(view: HoldView, lie: Callable[[HoldView], HoldView]) -> None:
    with pytest.raises(GatewayError) as refusal:
        checked_matter(lie(view))

    assert isinstance(refusal.value, VerificationFailed | Malformed)


def test_field_that_only_an_approval_lets_out_is_told_apart(view: HoldView) -> None:
    (name,) = opened(view)

    assert (name.path, tuple(name.asked)) == ("victim.names", ("CPO:1", "VPO:1"))


def test_approval_of_a_release_as_a_whole_opens_all_that_leaves(view: HoldView) -> None:
    budget = replace(view, required=("CPO:1", "RLO:2", "VPO:1"))

    assert opened(budget) == [line for line in view.lines if line.rung != WITHHELD]


def test_field_that_the_record_does_not_explain_counts_as_opened(view: HoldView) -> None:
    strange = replace(view.lines[3], path="")
    there = replace(view, lines=[*view.lines[:3], strange, *view.lines[4:]])

    assert strange in opened(there)


def test_verdict_is_signed_over_exactly_what_is_shown(view: HoldView, officers: Crew) -> None:
    signed = signed_verdict(view, Duty.VPO, Verdict.APPROVE, "agreed", officers.anna.signer)

    approval = verify_approval(signed, officers.anna.signer.public_key)
    assert approval.release.hex() == view.digest
    assert (approval.recipient, approval.purpose.token) == (view.recipient, view.purpose)
    assert (approval.duty, approval.officer, approval.reason) == (
        Duty.VPO,
        officers.anna.key_id,
        "agreed",
    )


def test_clocks_five_minutes_apart_are_refused(view: HoldView, quiet: Homes) -> None:
    check_clock(view, quiet.now + timedelta(minutes=5))

    with pytest.raises(Refused) as refusal:
        check_clock(view, quiet.now + timedelta(minutes=5, seconds=1))

    assert refusal.value.code == "clock-skew"


def test_duty_follows_from_what_is_needed(quiet: Homes, officers: Crew) -> None:
    listed = list_officers(quiet[NL], quiet.now)
    anna, eva = (own_enrolments(listed, one.key_id) for one in (officers.anna, officers.eva))

    assert duty_of(anna, ("CPO:1", "VPO:1")) is Duty.VPO
    with pytest.raises(Malformed) as several:
        duty_of(eva, ("CPO:1", "VPO:1"))
    assert (several.value.code, several.value.message) == ("usage", "is needed: CPO or VPO")
    with pytest.raises(Refused) as none:
        duty_of(anna, ("CPO:1",))
    assert none.value.code == "not-your-duty"


def test_key_of_nobody_is_refused(quiet: Homes, officers: Crew) -> None:
    with pytest.raises(Refused) as refusal:
        own_enrolments(list_officers(quiet[NL], quiet.now), "0" * 32)

    assert refusal.value.code == "not-an-officer"


def test_time_left_is_told_in_days_and_near_the_end_in_minutes() -> None:
    assert left_in_words(6 * 86400 + 23 * 3600) == "6 d 23 h"
    assert left_in_words(2 * 3600 + 5 * 60) == "2 h 05 min"
    assert left_in_words(0) == "ended"


def test_every_reason_is_told_once(view: HoldView) -> None:
    reasons = reasons_of(view.lines)

    assert sum(map(len, reasons.values())) == len(view.lines)
    assert len(reasons) < len(view.lines)
