"""What a hold may be about, as approving sees it: an own release, an onward one, or a consent.

Source: DESIGN section 6; ADR 0021.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Protocol

from gateway.flow.question import FieldKey
from gateway.flow.settle import Settled
from gateway.record.vocabulary import Rung
from gateway.release.narrowing import Narrowing
from gateway.store.review_rows import HoldRow
from gateway.store.rows import Row
from policy.decision import Decision


class Matter(Protocol):
    """A held exchange as it would be decided now."""

    @property
    def decision(self) -> Decision:
        """What policy says to it now."""
        ...

    @property
    def threat(self) -> str:
        """The threat to life it was asked for by; empty where it is no emergency."""
        ...

    def told(self, withheld: Collection[FieldKey] = ()) -> tuple[Row, ...]:
        """Return what is written of what the recipient hears by it."""
        ...

    def rungs(self, key: FieldKey) -> Sequence[Rung]:
        """Return at which rungs a field exists here, finest first."""
        ...

    def settled(self, *, acting: str, former: HoldRow, narrowing: Narrowing) -> Settled:
        """Return what is written where it is decided anew, giving no more than `narrowing` leaves."""
        ...
