"""What is written reads as the view did, minus exactly the declared losses."""

from __future__ import annotations

import json
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.adapter import View
from adapters.interpol.format import InterpolNotice
from gateway.errors import Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.interpol.notices import TODAY
from tests.adapters.interpol.views import COLOURS, views
from tests.adapters.views import EVERY, check_round_trip, reading, view_of
from tests.adapters.views import views as any_views
from tests.reference import reference

_ACCUSED = (pb.ROLE_SUSPECT, pb.ROLE_VICTIM_AND_SUSPECT, pb.ROLE_THIRD_PARTY)
UNFIT = {"nothing-to-render", "protected-subject", "unfit-subject"}
_ACCUSED = (pb.ROLE_SUSPECT, pb.ROLE_VICTIM_AND_SUSPECT, pb.ROLE_THIRD_PARTY)


@pytest.mark.parametrize("form", COLOURS)
@given(data=st.data())
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_reading_is_the_view_minus_exactly_the_declared_losses(form: str, data: st.DataObject) -> None:
    view = data.draw(views(form))

    if _is_fit(view, form):
        check_round_trip(InterpolNotice(), view, form, derived=["age_status"])


@given(form=st.sampled_from(COLOURS), view=any_views())
@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
def test_any_view_is_written_with_its_losses_or_refused_for_its_persons(form: str, view: View) -> None:
    if _is_fit(view, form):
        check_round_trip(InterpolNotice(), view, form, derived=["age_status"])


@pytest.mark.parametrize("form", COLOURS)
@given(data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_nobody_becomes_a_suspect_by_being_written_and_read(form: str, data: st.DataObject) -> None:
    view = data.draw(views(form))
    if not _is_fit(view, form):
        return

    read = reading(InterpolNotice(), view, InterpolNotice().render([view], form=form, allowed=EVERY))

    accused = {person.id for person in view.record.persons if person.role in _ACCUSED}
    assert {person.id for person in read.persons if person.role in _ACCUSED} <= accused


@given(form=st.sampled_from(COLOURS), data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_several_views_make_one_document_of_as_many_records(form: str, data: st.DataObject) -> None:
    chosen = [view for view in (data.draw(views(form)), data.draw(views(form))) if _is_fit(view, form)]
    if not chosen:
        return

    together = InterpolNotice().render(chosen, form=form, allowed=EVERY)

    drafts = InterpolNotice().parse(together.data, today=date.max, exercise=False)
    alone = [InterpolNotice().render([view], form=form, allowed=EVERY) for view in chosen]
    assert len(drafts) == len(chosen)
    assert together.names == tuple(name for one in alone for name in one.names)
    assert together.losses == tuple(losses for one in alone for losses in one.losses)


@given(form=st.sampled_from(COLOURS), data=st.data())
@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
def test_losses_hold_no_text_of_the_record(form: str, data: st.DataObject) -> None:
    view = data.draw(views(form))
    if not _is_fit(view, form):
        return

    (losses,) = InterpolNotice().render([view], form=form, allowed=EVERY).losses

    told = " ".join(loss.path + loss.why for loss in losses)
    assert not [word for word in ("Ilinca", "LARK", "ŁÓDŹ", "Port Sample", "Scar", "P-417") if word in told]


@pytest.mark.parametrize(("name", "form"), [("sample-red", "red"), ("sample-yellow", "yellow")])
def test_reference_notice_is_written_as_it_was_read_but_for_what_is_declared(name: str, form: str) -> None:
    notices = json.loads(reference(f"interpol-like/{name}.json").read_bytes())
    drafts = InterpolNotice().parse(json.dumps(notices).encode(), today=TODAY, exercise=False)

    for notice, draft in zip(notices, drafts, strict=True):
        data = InterpolNotice().render([view_of(draft.record)], form=form).data
        told = json.loads(data)
        for warrant in notice.get("arrest_warrants", []):
            warrant.pop("charge_translation")
        differ = {member for member in notice if told.get(member) != notice[member]}
        noughts = {member for member in ("height", "weight", "sex_id") if notice[member] in (0, "U")}
        assert differ <= {"_embedded", "_links", "mother_name", "mother_forename"} | noughts


def _is_fit(view: View, form: str) -> bool:
    try:
        InterpolNotice().render([view], form=form, allowed=EVERY)
    except Refused as refusal:
        assert refusal.code in UNFIT
        assert refusal.field.startswith("views[0]")
        return False
    return True
