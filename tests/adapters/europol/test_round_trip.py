"""What is written reads as the view did, minus exactly the declared losses."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from adapters.adapter import View
from adapters.europol.siena import EuropolSiena
from adapters.europol.umf import EuropolUmf
from tests.adapters.europol.views import views
from tests.adapters.views import Format, check_round_trip


@pytest.mark.parametrize("message", [EuropolUmf(), EuropolSiena()], ids=lambda one: one.name)
@given(view=views())
@settings(max_examples=50, deadline=None)
def test_reading_is_the_view_minus_exactly_the_declared_losses(message: Format, view: View) -> None:
    check_round_trip(message, view, "xml")
