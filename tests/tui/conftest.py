"""Homes with enrolled officers and something that waits for them, for the full screen."""

from __future__ import annotations

import pytest

from gateway.record.vocabulary import Duty
from policy.decision import Outcome
from tests.flow.conftest import engines, homes, template
from tests.flow.federation import TO_RO, Homes
from tests.flow.records import small
from tests.flow.review import Crew, crew, enrol, say

__all__ = ["engines", "homes", "template"]


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the sender."""
    made = crew()
    enrol(homes, made)
    return made


@pytest.fixture
def held(homes: Homes, officers: Crew) -> str:
    """Return the exchange of a release that waits for the officers of victims and of children."""
    (exchange,) = homes.push(small(), TO_RO, ask=("person.name",)).exchanges
    assert exchange.outcome is Outcome.HELD
    return exchange.exchange_id


@pytest.fixture
def half(homes: Homes, officers: Crew, held: str) -> str:
    """Return the same exchange once the officer of children has approved it."""
    say(homes, held, officers.bob, Duty.CPO)
    return held
