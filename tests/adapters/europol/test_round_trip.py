"""What is written reads as the view did, minus exactly the declared losses."""

from __future__ import annotations

from hypothesis import given, settings

from adapters.adapter import View
from adapters.europol.umf import EuropolUmf
from tests.adapters.europol.views import views
from tests.adapters.views import check_round_trip


@given(view=views())
@settings(max_examples=300, deadline=None)
def test_reading_is_the_view_minus_exactly_the_declared_losses(view: View) -> None:
    check_round_trip(EuropolUmf(), view, "xml")
