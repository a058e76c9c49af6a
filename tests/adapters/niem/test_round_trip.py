"""What is written reads as the view did, minus exactly the declared losses."""

from __future__ import annotations

from hypothesis import given, settings

from adapters.adapter import View
from adapters.niem.format import NiemHumanTrafficking
from tests.adapters.views import check_round_trip, views


@given(view=views())
@settings(max_examples=300)
def test_reading_is_the_view_minus_exactly_the_declared_losses(view: View) -> None:
    check_round_trip(NiemHumanTrafficking(), view, "xml")
