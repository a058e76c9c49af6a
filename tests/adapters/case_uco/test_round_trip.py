"""What is written reads as the view did, minus exactly the declared losses."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hypothesis import given

from adapters.adapter import View
from adapters.case_uco.format import CaseUco
from adapters.loss import Effect
from gateway.errors import Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.case_uco.samples import documents, parse, render
from tests.adapters.views import EVERY, TODAY, check_round_trip, reading, view_of, views

_ACCUSED = (pb.ROLE_SUSPECT, pb.ROLE_THIRD_PARTY, pb.ROLE_VICTIM_AND_SUSPECT)


@given(view=views())
def test_reading_is_the_view_minus_exactly_the_declared_losses(view: View) -> None:
    check_round_trip(CaseUco(), view, "json")


@given(document=documents())
def test_what_was_read_is_written_with_the_declared_losses(document: Any) -> None:
    (draft,) = parse(document)

    check_round_trip(CaseUco(), view_of(draft.record), "json")


@given(view=views())
def test_nobody_becomes_a_suspect_by_being_written(view: View) -> None:
    try:
        rendered = CaseUco().render([view], form="json", allowed=EVERY)
    except Refused:
        return

    accused = {person.id for person in view.record.persons if person.role in _ACCUSED}
    read = reading(CaseUco(), view, rendered)
    assert {person.id for person in read.persons if person.role in _ACCUSED} <= accused


@given(view=views())
def test_losses_hold_no_text_of_the_record(view: View) -> None:
    try:
        rendered = CaseUco().render([view], form="json", allowed=EVERY)
    except Refused:
        return

    words = {"Ilinca", "Ana Petrova", "Strada Teiului 7", "+40 722 555 123", "ŁÓDŹ", "Hypnosis", "Atlantis"}
    told = " ".join(loss.path + loss.why for losses in rendered.losses for loss in losses)
    assert not [word for word in words if word in told]


@given(one=views(most=3), other=views(most=3))
def test_several_views_stand_in_one_graph_and_are_read_apart(one: View, other: View) -> None:
    try:
        rendered = CaseUco().render([one, other, one], form="json", allowed=EVERY)
        single = CaseUco().render([one], form="json", allowed=EVERY)
    except Refused:
        return

    drafts = CaseUco().parse(rendered.data, today=TODAY, exercise=False)
    (alone,) = CaseUco().parse(single.data, today=TODAY, exercise=False)
    assert len(drafts) == 3
    assert drafts[0].record == alone.record
    assert rendered.losses[0] == rendered.losses[2] == single.losses[0]
    ids = re.findall(rb'"@id": "(kb:[^"]+)", "@type"', rendered.data)
    assert len(set(ids)) == len(ids)


@given(view=views())
def test_ids_end_in_uuids_and_follow_from_the_view(view: View) -> None:
    try:
        first, second = (CaseUco().render([view], form="json", allowed=EVERY) for _ in range(2))
    except Refused:
        return

    assert first == second
    for found in re.findall(rb'"@id": "kb:([^"]+)"', first.data):
        assert re.search(rb"[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", found)


def test_value_that_only_our_own_facet_holds_is_told_as_such() -> None:
    record = pb.Record()
    person = record.persons.add(id="person/aaaaaaaaaa", role=pb.ROLE_VICTIM)
    person.names.add(given="Ana", kind=pb.NAME_KIND_PRIMARY)
    person.birth.CopyFrom(pb.BirthDate(year=1988))

    (losses,) = render(record).losses

    assert {(loss.path, loss.effect) for loss in losses} == {
        ("persons[0].names[0].kind", Effect.KEPT_AS_EXTENSION),
        ("persons[0].birth", Effect.KEPT_AS_EXTENSION),
    }


def test_our_own_example_is_written_to_the_byte_as_it_was_before() -> None:
    vectors = Path(__file__).resolve().parent / "vectors"
    (draft,) = CaseUco().parse((vectors / "read.json").read_bytes(), today=TODAY, exercise=True)

    rendered = CaseUco().render([view_of(draft.record)], form="json")

    assert rendered.data == (vectors / "written.json").read_bytes()
