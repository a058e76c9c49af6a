"""What is written reads as the view did, minus exactly the declared losses."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.adapter import View
from adapters.interpol.format import InterpolNotice
from gateway.errors import Refused
from gateway.v1 import record_pb2 as pb
from tests.adapters.interpol.views import COLOURS, views
from tests.adapters.views import EVERY, check_round_trip
from tests.adapters.views import views as any_views

UNFIT = {"nothing-to-render", "protected-subject", "unfit-subject"}
_ACCUSED = (pb.ROLE_SUSPECT, pb.ROLE_VICTIM_AND_SUSPECT, pb.ROLE_THIRD_PARTY)


@pytest.mark.parametrize("form", COLOURS)
@given(data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_reading_is_the_view_minus_exactly_the_declared_losses(form: str, data: st.DataObject) -> None:
    view = data.draw(views(form))

    if _is_fit(view, form):
        check_round_trip(InterpolNotice(), view, form, derived=["age_status"])


@given(form=st.sampled_from(COLOURS), view=any_views())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_any_view_is_written_with_its_losses_or_refused_for_its_persons(form: str, view: View) -> None:
    if _is_fit(view, form):
        check_round_trip(InterpolNotice(), view, form, derived=["age_status"])


def _is_fit(view: View, form: str) -> bool:
    try:
        InterpolNotice().render([view], form=form, allowed=EVERY)
    except Refused as refusal:
        assert refusal.code in UNFIT
        assert refusal.field.startswith("views[0]")
        return False
    return True
