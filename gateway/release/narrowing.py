"""Narrowing: what officers give less of than policy would let them; never more.

Source: DESIGN section 6; PROTOCOL section 4 (withholding or generalising more makes a new release digest).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from gateway.record.vocabulary import Rung
from gateway.release.link import Key

_NOTHING: Mapping[Key, Rung] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """Fields withheld, and fields that leave no finer than at a rung; by entity name and field number."""

    withheld: frozenset[Key] = frozenset()
    coarser: Mapping[Key, Rung] = field(default_factory=lambda: _NOTHING)

    def __bool__(self) -> bool:
        return bool(self.withheld or self.coarser)

    def rung(self, key: Key, granted: Rung | None, there: Iterable[Rung]) -> Rung | None:
        """Return the rung that leaves of a field granted at one, of those `there` are; None for nothing.

        A field that does not exist at the rung chosen or a coarser one stays.
        """
        if granted is None or key in self.withheld:
            return None
        limit = self.coarser.get(key, granted)
        return min((rung for rung in there if rung >= max(granted, limit)), default=None)

    def and_also(self, other: Narrowing) -> Narrowing:
        """Return both together: of two limits the coarser one."""
        coarser = dict(self.coarser)
        for key, rung in other.coarser.items():
            coarser[key] = max(rung, coarser.get(key, rung))
        withheld = self.withheld | other.withheld
        return Narrowing(
            withheld=withheld,
            coarser={key: rung for key, rung in coarser.items() if key not in withheld},
        )

    def encode(self) -> bytes:
        """Return it as it is kept."""
        held = {
            "withheld": sorted(self.withheld),
            "coarser": [[*key, int(rung)] for key, rung in sorted(self.coarser.items())],
        }
        return json.dumps(held, sort_keys=True).encode()

    @classmethod
    def decode(cls, data: bytes) -> Narrowing:
        """Return what was kept."""
        held: Mapping[str, Any] = json.loads(data)
        return cls(
            withheld=frozenset((entity, number) for entity, number in held["withheld"]),
            coarser={(entity, number): Rung(rung) for entity, number, rung in held["coarser"]},
        )
