"""The mosaic: whether details, harmless one by one, together tell one recipient who a protected person is.

Source: rule VP-43; Directive (EU) 2016/680 Art 3(1) (identifiability).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from math import prod
from typing import Final, NamedTuple

from gateway.release.selectivity import IDENTITY, SHARES, Detail, Grain

FEWEST: Final = 11
"""A person must stay one of at least so many.

Source: VP-43, which takes it from the k-anonymity of the Counter-Trafficking Data Collaborative's release."""

_NOBODY_ELSE: Final = 10**9


class Leaving(NamedTuple):
    """One portion that would leave; `order` is what it stands by among others that tell as much."""

    order: tuple[str, int]
    detail: Detail


def expected(population: int, grains: Iterable[Grain]) -> int:
    """Return how many people are expected to share all of this, rounded down."""
    return population // prod(_finest(grains).values())


def is_known(told: Collection[Grain]) -> bool:
    """Tell whether a recipient that was told this knows who the person is."""
    return any(grain.dimension == IDENTITY for grain in told)


def singled_out(
    population: int, told: Collection[Grain], leaving: Iterable[Leaving]
) -> frozenset[tuple[str, int]]:
    """Return the places of those portions that, with what was told before, would single the person out.

    Portions are added from the one that tells least to the one that tells most, as long as the person stays
    one of `FEWEST`; from there on all that tell anything new do. What was told already is never among them,
    nor what a rule of its own decides on; of whom the recipient knows, nothing is.
    """
    if is_known(told):
        return frozenset()
    known = _finest(told)
    flagged: set[tuple[str, int]] = set()
    for order, detail in sorted(leaving, key=_least_first):
        if detail.own_rule:
            continue
        more = {name: one_in for name, one_in in _of(detail).items() if one_in > known.get(name, 1)}
        if not more:
            continue
        with_it = known | more
        if flagged or population < FEWEST * prod(with_it.values()):
            flagged.add(order)
        else:
            known = with_it
    return frozenset(flagged)


def _least_first(portion: Leaving) -> tuple[int, tuple[str, int]]:
    return prod(_of(portion.detail).values()), portion.order


@cache
def _of(detail: Detail) -> Mapping[str, int]:
    return _finest(detail.grains)


def _finest(grains: Iterable[Grain]) -> dict[str, int]:
    """Return one in how many people shares what is known of each dimension."""
    finest: dict[str, int] = {}
    for grain in grains:
        # What stands in no table, of an identity or of another version, leaves nobody else it could be.
        one_in = SHARES[grain].one_in if grain in SHARES else _NOBODY_ELSE
        finest[grain.dimension] = max(one_in, finest.get(grain.dimension, 1))
    return finest
