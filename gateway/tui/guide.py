"""What the keys and marks mean, as `?` tells it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gateway.tui.painting import Facts

BOARD: Final = (
    ("up, down", "move; Page up, Page down, Home and End too"),
    ("Enter", "open the hold under the cursor; that it was read is written into the ledger"),
    ("m", "show what waits for your duties and has not your word yet, or all that waits"),
    ("/", "look for a recipient, purpose, lane or id; Enter keeps it, Escape ends it"),
    ("o", "only what goes to the recipient under the cursor; again for all"),
    ("r", "ask again; the list also changes by itself"),
    ("q", "leave"),
)

HOLD: Final = (
    ("1, 2, 3", "fields; reasons; what was told before, duties, history, what is signed. Tab goes on"),
    ("up, down", "move over fields or through a page; Page up, Page down too"),
    ("Enter", "show one field whole, with its reason"),
    ("a", "approve exactly what is shown: asks for the recipient's id, and signs nothing before"),
    ("f", "refuse it for good, for a reason of the closed list"),
    ("w", "withhold the field under the cursor: another release, approved by nobody yet"),
    ("g", "let that field leave less precisely: the same holds"),
    ("c", "claim the hold for half an hour, or give your claim up"),
    ("v", "as data protection officer, review an emergency release that has left"),
    ("h", "history, as the ledger has it"),
    ("r", "show it as it stands now; that it was read is written into the ledger"),
    ("q", "back to the queue"),
    ("", ""),
    ("!", "leaves only with approval"),
    ("=", "leaves as recorded"),
    ("~", "leaves less precisely than recorded"),
    ("-", "stays here"),
)


def guide(keys: Sequence[tuple[str, str]]) -> Facts:
    """Return the meaning of keys and marks."""
    return Facts(keys)
