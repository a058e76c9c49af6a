"""How long an answer may take: counted from receipt, in hours or calendar days.

Source: Directive (EU) 2023/977 Article 5: eight hours for what is urgent and directly accessible, three days
for what is urgent and not, seven days for everything else; longer only while an authorisation is pending.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

DIRECT: Final = "direct"
INDIRECT: Final = "indirect"

_URGENT_DIRECT: Final = timedelta(hours=8)
_URGENT_INDIRECT: Final = timedelta(days=3)
_OTHER: Final = timedelta(days=7)


def deadline(received_at: datetime, *, urgent: bool, access: str) -> datetime:
    """Return when a request must be answered at the latest.

    `received_at` is aware; `access` is `direct` or `indirect`, and what is not stated counts as direct, which
    is the shorter time.
    """
    if not urgent:
        return received_at + _OTHER
    return received_at + (_URGENT_INDIRECT if access == INDIRECT else _URGENT_DIRECT)
