"""What arrived at police.ro, and how one of its systems takes it over."""

from __future__ import annotations

from typing import Final

from gateway.flow.inbox import Handed, arrived_after
from gateway.record.vocabulary import Purpose
from tests.flow import records
from tests.flow.federation import RO, Homes

READER: Final = "system/records"


def received(homes: Homes, *numbers: int) -> list[str]:
    """Let small records arrive at police.ro one after the other; return their exchanges."""
    found = []
    for number in numbers:
        (exchange,) = homes.push(records.small(number)).exchanges
        homes.carry(RO)
        found.append(exchange.exchange_id)
    return found


def taken(
    homes: Homes, after: int = -1, *, purpose: Purpose = Purpose.INVESTIGATION, limit: int = 64
) -> list[Handed]:
    """Return what is handed out to that system behind a position."""
    return arrived_after(homes[RO], purpose, after, limit=limit, actor=READER, now=homes.now)
