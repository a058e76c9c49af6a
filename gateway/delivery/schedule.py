"""When to try again: later and later, never all at once, and soon when the peer is heard from.

Source: DESIGN section 10; THREATS F15.
"""

from __future__ import annotations

from typing import Final

FIRST_S: Final = 0.5
CAP_S: Final = 300.0
SHORTEST_S: Final = FIRST_S / 2
"""How long to rest after a failure even where the peer is heard from."""

_DOUBLINGS_MAX: Final = 16


def delay_s(failures: int, fraction: float) -> float:
    """Return how many seconds to rest after so many failures in a row, from 1.

    `fraction` is drawn evenly from [0, 1): the rest is between half and the whole of 0.5 s, 1 s, 2 s ... up
    to 5 minutes, so that peers cut off together do not come back together.
    """
    doublings = min(max(failures, 1) - 1, _DOUBLINGS_MAX)
    whole = min(CAP_S, FIRST_S * (1 << doublings))
    return whole / 2 + whole / 2 * fraction
