"""What is written reads as the view did, minus exactly the declared losses."""

from __future__ import annotations

from hypothesis import given

from adapters.adapter import View
from adapters.stix.format import Stix21
from tests.adapters.views import check_round_trip, views


@given(view=views())
def test_reading_is_the_view_minus_exactly_the_declared_losses(view: View) -> None:
    check_round_trip(Stix21(), view, "json")
