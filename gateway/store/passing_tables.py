"""The table of consents asked for: by us of an originator, and of us by those who hold what we recorded.

Source: PROTOCOL section 5 (a consent request has an id of its own); THREATS A22.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Index, literal_column

from gateway.store.columns import blob, index_where, key, number, one_of, table, words

# Whoever asks chooses the id, so that two agencies may choose the same one.
consents: Final = table(
    "consents",
    words("side"),
    words("peer"),
    words("request_id"),
    words("exchange_id"),
    words("came_with"),
    words("recipient"),
    words("originator"),
    words("record_id"),
    number("version"),
    words("state"),
    words("refusal"),
    blob("decision_digest", nullable=True),
    number("created_at"),
    number("expires_at"),
    number("entry"),
    number("closing_entry", nullable=True),
    key("side", "peer", "request_id"),
    one_of("side", "holder", "originator"),
    one_of("state", "waiting", "given", "refused", "ended"),
)
Index(None, consents.c.exchange_id)
Index(None, consents.c.originator, consents.c.record_id, consents.c.version)
WAITING: Final = consents.c.state == literal_column("'waiting'")
index_where(WAITING, "ix_consents_waiting", consents.c.side, consents.c.expires_at, consents.c.request_id)
