"""What two answers both let somebody see: the one given when it was released, and the one given now.

Neither adds to the other. A field that one of them withholds is withheld, and where both show it the coarser
rung counts; what is left of links names disclosed entities only.

Source: PROTOCOL sections 3 and 4 (changed since: decide again); THREATS P3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from gateway.record.portion import Portion
from gateway.release.link import Key, dangling, ends_of, is_link


def overlap(then: Iterable[Portion], now: Iterable[Portion]) -> tuple[Portion, ...]:
    """Return the portions of one record that both show, in the order of `then`.

    Both are portions of the same statement: of each field at most one in either.
    """
    given, allowed = _by_key(then), _by_key(now)
    both = {
        key: portion if portion.rung >= allowed[key].rung else allowed[key]
        for key, portion in given.items()
        if key in allowed
    }
    ends = {key: ends_of(key[0], portion.value) for key, portion in both.items() if is_link(*key)}
    dropped = dangling(both, ends)
    return tuple(portion for key, portion in both.items() if key not in dropped)


def _by_key(portions: Iterable[Portion]) -> Mapping[Key, Portion]:
    return {(portion.entity, portion.field): portion for portion in portions}
