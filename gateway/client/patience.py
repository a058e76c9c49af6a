"""How long a client goes on trying where a gateway is restarted, busy, or away for a moment."""

from __future__ import annotations

import random
import time
from typing import Final

from gateway.errors import Busy, GatewayError, Locked, Unreachable

RETRY_FIRST_S: Final = 0.2
RETRY_CAP_S: Final = 5.0
STOOD_S: Final = 60.0
"""A call that stood this long had reached the gateway, though nothing came of it yet."""

_LASTING: Final = frozenset(
    {
        "closed",
        "transport-deadline-exceeded",  # the caller's own
        "transport-invalid-argument",
        "transport-out-of-range",
        "transport-resource-exhausted",  # larger than the transport carries
        "transport-unimplemented",
    }
)


class Patience:
    """Of one call; `begin` before every try, `renew` at every success."""

    def __init__(self, patience_s: float) -> None:
        self._patience_s = patience_s
        self._begun = time.monotonic()
        self.renew()

    def renew(self) -> None:
        """Note a success: whatever fails next is given the whole patience."""
        self._until: float | None = None
        self._rest_s = RETRY_FIRST_S

    def begin(self) -> None:
        """Note the start of a try."""
        self._begun = time.monotonic()

    def wait(self, failure: GatewayError) -> None:
        """Rest before the next try.

        Raises:
            GatewayError: the failure itself, where another try mends nothing or no patience is left.
        """
        if not _may_pass(failure):
            raise failure
        now = time.monotonic()
        if now - self._begun > STOOD_S:
            self.renew()
        self._until = now + self._patience_s if self._until is None else self._until
        if now + self._rest_s > self._until:
            raise failure
        time.sleep(self._rest_s * (0.5 + random.random() / 2))  # noqa: S311  jitter is no secret
        self._rest_s = min(RETRY_CAP_S, 2 * self._rest_s)


def _may_pass(failure: GatewayError) -> bool:
    return isinstance(failure, Busy | Locked | Unreachable) and failure.code not in _LASTING
