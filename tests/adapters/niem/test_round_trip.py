"""What is written reads as the view did, minus exactly the declared losses."""

from __future__ import annotations

from hypothesis import given, settings

from adapters.adapter import View
from adapters.niem.format import NiemHumanTrafficking
from gateway.errors import Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.views import EVERY, TODAY, check_round_trip, reading, views

_ACCUSED = (pb.ROLE_SUSPECT, pb.ROLE_THIRD_PARTY, pb.ROLE_VICTIM_AND_SUSPECT)


@given(view=views())
def test_reading_is_the_view_minus_exactly_the_declared_losses(view: View) -> None:
    check_round_trip(NiemHumanTrafficking(), view, "xml")


@given(view=views())
def test_nobody_becomes_a_suspect_by_being_written(view: View) -> None:
    try:
        rendered = NiemHumanTrafficking().render([view], form="xml", allowed=EVERY)
    except Refused:
        return

    accused = {person.id for person in view.record.persons if person.role in _ACCUSED}
    read = reading(NiemHumanTrafficking(), view, rendered)
    assert {person.id for person in read.persons if person.role in _ACCUSED} <= accused


@given(view=views())
def test_losses_hold_no_text_of_the_record(view: View) -> None:
    try:
        rendered = NiemHumanTrafficking().render([view], form="xml", allowed=EVERY)
    except Refused:
        return

    words = {"Ilinca", "Ana Petrova", "Strada Teiului 7", "+40 722 555 123", "ŁÓDŹ", "Hypnosis", "Atlantis"}
    told = " ".join(loss.path + loss.why for losses in rendered.losses for loss in losses)
    assert not [word for word in words if word in told]


@given(one=views(most=3), other=views(most=3))
@settings(max_examples=40)
def test_several_views_are_cases_of_one_document(one: View, other: View) -> None:
    try:
        rendered = NiemHumanTrafficking().render([one, other], form="xml", allowed=EVERY)
        alone = NiemHumanTrafficking().render([one], form="xml", allowed=EVERY)
    except Refused:
        return

    drafts = NiemHumanTrafficking().parse(rendered.data, today=TODAY, exercise=False)
    assert len(drafts) == 2
    assert rendered.losses[0] == alone.losses[0]
    assert not set(rendered.names[0]) & set(rendered.names[1])
