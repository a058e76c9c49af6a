"""The tables of those who approve, and of what waits for them. Names of the case stand in none of them.

What is said of an officer or an approval counts only where it agrees with the ledger entry it names.

Source: PROTOCOL section 4; THREATS A19, A21.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import Index, UniqueConstraint, literal_column

from gateway.store.columns import blob, digest_form, index_where, key, number, one_of, table, words

officers: Final = table(
    "officers",
    number("entry"),
    words("key_id"),
    blob("person"),
    words("handle"),
    words("name"),
    words("duties"),
    blob("public_key"),
    number("valid_from"),
    number("valid_until"),
    blob("signed"),
    key("entry"),
    digest_form("public_key"),
)
Index(None, officers.c.key_id)
officer_changes: Final = table(
    "officer_changes",
    number("entry"),
    words("key_id"),
    words("action"),
    number("starts_at"),
    number("ends_at"),
    key("entry"),
    one_of("action", "changed", "disabled"),
)
holds: Final = table(
    "holds",
    words("exchange_id"),
    number("round"),
    words("subject"),
    words("state"),
    words("peer"),
    words("purpose"),
    words("lane"),
    words("originator"),
    words("record_id"),
    number("version"),
    words("required"),
    blob("digest"),
    blob("decision_digest"),
    blob("policy_digest"),
    blob("directory_version"),
    number("created_at"),
    number("expires_at"),
    words("why"),
    words("claimed_by"),
    number("claimed_until"),
    number("entry"),
    number("closing_entry", nullable=True),
    key("exchange_id", "round"),
    one_of("subject", "release", "consent"),
    one_of("state", "held", "partly-approved", "approved", "refused", "expired", "superseded", "voided"),
    digest_form("digest"),
)
OPEN: Final = holds.c.state.in_([literal_column("'held'"), literal_column("'partly-approved'")])
index_where(OPEN, "ix_holds_open", holds.c.expires_at, holds.c.exchange_id)
Index(None, holds.c.originator, holds.c.record_id, holds.c.version)
# One person counts once in a round, whoever asks first.
approvals: Final = table(
    "approvals",
    words("exchange_id"),
    number("seq"),
    number("round"),
    words("key_id"),
    blob("person"),
    words("duty"),
    words("verdict"),
    number("at"),
    number("entry"),
    key("exchange_id", "seq"),
    UniqueConstraint("exchange_id", "round", "person"),
    one_of("verdict", "approve", "refuse"),
)
# By what a case is called a hold is found; the words themselves stand nowhere in clear.
hold_cases: Final = table(
    "hold_cases",
    blob("tag"),
    words("exchange_id"),
    key("tag", "exchange_id"),
    digest_form("tag"),
)
Index(None, hold_cases.c.exchange_id)
# Emergencies wait to be reviewed; the unit is the keyed hash of who invoked one.
reviews: Final = table(
    "reviews",
    words("exchange_id"),
    blob("unit"),
    number("due_at"),
    words("state"),
    number("entry"),
    number("closing_entry", nullable=True),
    key("exchange_id"),
    digest_form("unit"),
    one_of("state", "due", "reviewed"),
)
UNREVIEWED: Final = reviews.c.state == literal_column("'due'")
index_where(UNREVIEWED, "ix_reviews_due", reviews.c.due_at, reviews.c.exchange_id)
