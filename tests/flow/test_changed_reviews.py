"""A21, A24: whoever changes what says that an emergency waits for its review only gets more people asked."""

from __future__ import annotations

from typing import Any, Final

import pytest

from gateway.ledger.entry import EntryKind
from gateway.store.columns import metadata
from tests.flow.federation import NL, Homes
from tests.flow.review import Crew, crew, enrol, judge
from tests.flow.seat import Seat
from tests.flow.test_break_glass import pushed, released, required

CHANGED: Final[dict[str, tuple[Any, ...]]] = {
    "exchange_id": ("01990000-0000-7000-8000-00000000a021",),
    "unit": (bytes(32),),
    "due_at": (4_000_000_000_000,),
    "state": ("reviewed",),
    "entry": (1, 10_000),
    "closing_entry": (1,),
}


@pytest.fixture
def officers(homes: Homes) -> Crew:
    """Return five officers enrolled at the sender."""
    made = crew()
    enrol(homes, made)
    return made


def test_every_column_is_tried() -> None:
    assert set(CHANGED) == {column.name for column in metadata.tables["reviews"].columns}


@pytest.mark.parametrize("column", CHANGED)
def test_changed_review_makes_no_emergency_easier(homes: Homes, officers: Crew, column: str) -> None:
    released(homes, officers)
    homes.pass_time(hours=72, seconds=1)

    for number, value in enumerate(CHANGED[column], start=2):
        seat = Seat(homes)
        assert seat.change("reviews", f"UPDATE reviews SET {column} = :v", v=value) == 1
        assert required(homes, pushed(homes, number=number)) == "DPO:1,DUTY:2"
        seat.put_back()


def test_review_that_never_was_does_not_count_as_one(homes: Homes, officers: Crew) -> None:
    """State and place are both changed: the entry it points to is no review."""
    exchange = released(homes, officers)
    homes.pass_time(hours=72, seconds=1)
    last = homes[NL].read.head().size - 1
    Seat(homes).change("reviews", "UPDATE reviews SET state = 'reviewed', closing_entry = :e", e=last)

    assert required(homes, pushed(homes, number=2)) == "DPO:1,DUTY:2"

    Seat(homes).change("reviews", "UPDATE reviews SET state = 'due', closing_entry = NULL")
    judge(homes, exchange, officers.dirk)
    assert EntryKind.BREAK_GLASS_REVIEWED in [
        row.kind for row in homes[NL].read.entries_of_exchange(exchange)
    ]
    assert required(homes, pushed(homes, number=3)) == "DUTY:2"
