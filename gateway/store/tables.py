"""What is kept: the tables. No column but `bodies.ciphertext` and the sealed envelopes holds content.

Ids are text, digests and keys raw bytes, dates ISO text (`2026-01-31`), times integer milliseconds UTC unless
a column says otherwise. The columns stand in the order of the row types in `gateway.store.rows`.

Source: DESIGN section 11; PROTOCOL sections 7 to 9 and 12.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    and_,
    literal_column,
)

from gateway.store.columns import (
    blob,
    digest_form,
    index_where,
    key,
    number,
    one_of,
    table,
    words,
)

# The ledger.

entries: Final = table(
    "entries",
    number("idx"),
    number("kind"),
    words("exchange", nullable=True),
    words("message", nullable=True),
    blob("data"),
    blob("leaf"),
    key("idx"),
    digest_form("leaf"),
)
index_where(entries.c.exchange.is_not(None), None, entries.c.exchange)
# Who may approve follows from the `officer-changed` entries (kind 35), which are few among many.
OF_OFFICERS: Final = entries.c.kind == literal_column("35")
index_where(OF_OFFICERS, "ix_entries_of_officers", entries.c.idx)

# One B-tree clustered by the key: nodes are half of all rows written, and small.
nodes: Final = table(
    "nodes",
    number("level"),
    number("position"),
    blob("hash"),
    key("level", "position"),
    digest_form("hash"),
    sqlite_with_rowid=False,
)
heads: Final = table("heads", number("size"), blob("root"), key("size"), digest_form("root"))
checkpoints: Final = table("checkpoints", number("size"), words("note"), key("size"))
pairs: Final = table(
    "pairs",
    words("peer"),
    words("direction"),
    number("last_seq"),
    key("peer", "direction"),
    one_of("direction", "out", "in"),
)

# Records.

records: Final = table(
    "records",
    words("originator"),
    words("record_id"),
    number("version"),
    words("direction"),
    blob("statement_digest"),
    number("submitted_entry", nullable=True),
    words("sealed_on"),
    words("retain_until"),
    Column("exercise", Boolean, nullable=False),
    words("state"),
    blob("reference_tag", nullable=True),
    number("created_at"),
    key("originator", "record_id", "version"),
    one_of("direction", "own", "received"),
    one_of("state", "current", "superseded", "erased"),
)
index_where(records.c.reference_tag.is_not(None), None, records.c.reference_tag)
# The words of these conditions stand in the text, not in parameters: only so are the partial indexes used.
KEPT_OWN: Final = and_(
    records.c.direction == literal_column("'own'"), records.c.state != literal_column("'erased'")
)
index_where(KEPT_OWN, "ix_records_kept", records.c.retain_until, records.c.record_id, records.c.version)
record_keys: Final = table(
    "record_keys",
    words("originator"),
    words("record_id"),
    number("version"),
    blob("wrapped"),
    key("originator", "record_id", "version"),
)
# The foreign key says that no ciphertext outlives the key that opens it.
bodies: Final = table(
    "bodies",
    words("originator"),
    words("record_id"),
    number("version"),
    words("kind"),
    words("part"),
    blob("ciphertext"),
    key("originator", "record_id", "version", "kind", "part"),
    ForeignKeyConstraint(
        ["originator", "record_id", "version"],
        ["record_keys.originator", "record_keys.record_id", "record_keys.version"],
    ),
)

# Exchanges.

exchanges: Final = table(
    "exchanges",
    words("exchange_id"),
    words("direction"),
    words("peer"),
    words("originator"),
    words("record_id"),
    number("version"),
    words("message_id", nullable=True),
    words("state"),
    words("purpose"),
    words("legal_basis"),
    words("lane"),
    blob("decision_digest", nullable=True),
    blob("policy_digest", nullable=True),
    blob("directory_version", nullable=True),
    words("duties"),
    words("outcome"),
    number("created_at"),
    number("expires_at", nullable=True),
    number("entry", nullable=True),
    number("closing_entry", nullable=True),
    key("exchange_id"),
    one_of("direction", "out", "in"),
)
Index(None, exchanges.c.originator, exchanges.c.record_id, exchanges.c.version)
Index(None, exchanges.c.state, exchanges.c.exchange_id)
KEPT_IN: Final = and_(
    exchanges.c.direction == literal_column("'in'"), exchanges.c.state != literal_column("'erased'")
)
index_where(KEPT_IN, "ix_exchanges_kept", exchanges.c.expires_at, exchanges.c.exchange_id)
GONE_OUT: Final = exchanges.c.direction == literal_column("'out'")
index_where(GONE_OUT, "ix_exchanges_out", exchanges.c.peer, exchanges.c.purpose, exchanges.c.entry)
exchange_keys: Final = table("exchange_keys", words("exchange_id"), blob("wrapped"), key("exchange_id"))

outbox: Final = table(
    "outbox",
    words("message_id"),
    words("exchange_id"),
    words("peer"),
    words("kind"),
    words("lane"),
    blob("header"),
    blob("sealed", nullable=True),
    blob("sealed_digest"),
    blob("envelope_digest"),
    number("entry"),
    words("state"),
    number("created_at"),
    number("expires_at"),
    key("message_id"),
    one_of("state", "queued", "delivered", "refused", "undeliverable"),
)
Index(None, outbox.c.exchange_id)
# Only what waits is in the index, in the order it is sent within a lane: message ids grow with time.
QUEUED: Final = outbox.c.state == literal_column("'queued'")
index_where(
    QUEUED,
    "ix_outbox_queued",
    outbox.c.peer,
    outbox.c.lane,
    outbox.c.message_id,
)
inbox: Final = table(
    "inbox",
    words("sender"),
    words("message_id"),
    words("exchange_id"),
    blob("envelope_digest"),
    words("kind"),
    blob("header"),
    blob("sealed_digest"),
    number("entry"),
    words("outcome"),
    words("code", nullable=True),
    number("created_at"),
    key("sender", "message_id"),
    UniqueConstraint("entry"),
    one_of("outcome", "received", "refused", "quarantined"),
)
Index(None, inbox.c.exchange_id)
# An envelope made anew keeps its message id, so one message may earn a receipt for each of its envelopes.
receipts: Final = table(
    "receipts",
    words("message_id"),
    blob("envelope_digest"),
    blob("entry"),
    words("proof"),
    key("message_id", "envelope_digest"),
)

sender_proofs: Final = table(
    "sender_proofs",
    words("sender"),
    blob("envelope_digest"),
    blob("entry"),
    words("proof"),
    key("sender", "envelope_digest"),
)

# Peers, policy and the rest.

peer_heads: Final = table(
    "peer_heads",
    words("origin"),
    number("size"),
    blob("root"),
    words("note"),
    number("seen_at"),
    key("origin", "size"),
    digest_form("root"),
)
# Of the heads seen those that lie on one branch. No two grow from the same one, so the chain cannot part,
# whatever is committed at the same time.
linked_heads: Final = table(
    "linked_heads",
    words("origin"),
    number("grown_from"),
    number("size"),
    blob("root"),
    key("origin", "grown_from"),
    UniqueConstraint("origin", "size"),
    CheckConstraint("grown_from < size", name="grown_from"),
    digest_form("root"),
)
activations: Final = table(
    "activations",
    number("seq"),
    blob("policy_digest"),
    blob("directory_digest"),
    number("at"),
    key("seq"),
)
meta: Final = table("meta", words("name"), words("value"), key("name"))

# What the own systems and people have here.

# A push is known again by keyed hashes: neither the submitter's key nor the record can be guessed from them.
pushes: Final = table(
    "pushes",
    blob("tag"),
    blob("content"),
    words("record_id"),
    number("created_at"),
    key("tag"),
    digest_form("tag"),
    digest_form("content"),
)
Index(None, pushes.c.created_at)
cursors: Final = table(
    "cursors", words("reader"), words("purpose"), number("position"), key("reader", "purpose")
)
accesses: Final = table(
    "accesses",
    words("serial"),
    words("role"),
    words("name"),
    blob("key_digest"),
    number("issued_at"),
    number("expires_at"),
    number("revoked_at", nullable=True),
    number("entry"),
    number("closing_entry", nullable=True),
    words("acts_for", nullable=True),
    words("purposes", nullable=True),
    key("serial"),
    digest_form("key_digest"),
    one_of("role", "system", "auditor", "operator", "officer", "taxii"),
)
Index(None, accesses.c.role, accesses.c.name)

# What this agency told whom of protected persons, and how often more than usual was asked. Keyed hashes only.

persons: Final = table(
    "persons",
    blob("tag"),
    blob("person"),
    key("tag", "person"),
    digest_form("tag"),
    digest_form("person"),
    sqlite_with_rowid=False,
)
Index(None, persons.c.person)
told: Final = table(
    "told",
    blob("person"),
    blob("agency"),
    words("dimension"),
    words("grain"),
    key("person", "agency", "dimension", "grain"),
    digest_form("person"),
    digest_form("agency"),
    sqlite_with_rowid=False,
)
asks: Final = table(
    "asks",
    blob("tag"),
    words("day"),
    words("exchange_id"),
    key("tag", "day", "exchange_id"),
    digest_form("tag"),
)
Index(None, asks.c.day)

APPEND_ONLY: Final = (
    "entries",
    "nodes",
    "heads",
    "checkpoints",
    "receipts",
    "sender_proofs",
    "peer_heads",
    "linked_heads",
    "officers",
    "officer_changes",
    "approvals",
)
"""Tables whose rows nobody changes or removes; triggers hold it against our own code too."""

SEQUENCER: Final = "sequencer"
"""Name of the row of `meta` that a writer locks before it reads the head.

Heads only grow: a lock on the newest would hold back nobody who waits for the next."""
