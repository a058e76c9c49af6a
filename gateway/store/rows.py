"""Rows as data: one NamedTuple per table with the columns in order. What changes them stands in `changes`.

Values are plain `str`, `int`, `bytes`, `bool` or None: they go to the database driver as they are.
Columns that point into the ledger also take `EntryAt`, because an index is known only while committing.
"""

from __future__ import annotations

from typing import NamedTuple

from gateway.store.passing_rows import ConsentRow
from gateway.store.place import EntryAt
from gateway.store.review_rows import (
    ApprovalRow,
    HoldCaseRow,
    HoldRow,
    OfficerChangeRow,
    OfficerRow,
    ReviewRow,
)


class EntryRow(NamedTuple):
    """A ledger entry: absolute index, kind number, exact bytes, leaf hash. Written by the writer alone."""

    idx: int
    kind: int
    exchange: str | None
    message: str | None
    data: bytes
    leaf: bytes


class NodeRow(NamedTuple):
    """A perfect subtree's hash. Written by the writer alone."""

    level: int
    position: int
    hash: bytes


class Head(NamedTuple):
    """The tree's size and root after one commit. Written by the writer alone."""

    size: int
    root: bytes


class CheckpointRow(NamedTuple):
    """The signed note of the head of that size: a cache of what can be made again."""

    size: int
    note: str


class PairRow(NamedTuple):
    """The last `pair_seq` given for a peer and direction. Written by the writer alone."""

    peer: str
    direction: str
    last_seq: int


class RecordRow(NamedTuple):
    """One version of a record; `reference_tag` is a keyed hash of the agency's own reference."""

    originator: str
    record_id: str
    version: int
    direction: str
    statement_digest: bytes
    submitted_entry: int | EntryAt | None
    sealed_on: str
    retain_until: str
    exercise: bool
    state: str
    reference_tag: bytes | None
    created_at: int


class RecordKeyRow(NamedTuple):
    """The record's data key, wrapped by the vault."""

    originator: str
    record_id: str
    version: int
    wrapped: bytes


class BodyRow(NamedTuple):
    """One ciphertext under the record's data key, whose row must stand; `part` is an exchange id or ''."""

    originator: str
    record_id: str
    version: int
    kind: str
    part: str
    ciphertext: bytes


class ExchangeRow(NamedTuple):
    """One record version going to, or come from, one peer; `duties` are sorted and joined by commas."""

    exchange_id: str
    direction: str
    peer: str
    originator: str
    record_id: str
    version: int
    message_id: str | None
    state: str
    purpose: str
    legal_basis: str
    lane: str
    decision_digest: bytes | None
    policy_digest: bytes | None
    directory_version: bytes | None
    duties: str
    outcome: str
    created_at: int
    expires_at: int | None
    entry: int | EntryAt | None
    closing_entry: int | EntryAt | None


class ExchangeKeyRow(NamedTuple):
    """K of the exchange (PROTOCOL 8), wrapped by the vault."""

    exchange_id: str
    wrapped: bytes


class OutboxRow(NamedTuple):
    """An envelope to be sent; `sealed` is dropped on a final receipt, `entry` is its `released` or `sent`."""

    message_id: str
    exchange_id: str
    peer: str
    kind: str
    lane: str
    header: bytes
    sealed: bytes | None
    sealed_digest: bytes
    envelope_digest: bytes
    entry: int | EntryAt
    state: str
    created_at: int
    expires_at: int


class InboxRow(NamedTuple):
    """An envelope that got a final answer; `entry` is the index of the entry that answers it."""

    sender: str
    message_id: str
    exchange_id: str
    envelope_digest: bytes
    kind: str
    header: bytes
    sealed_digest: bytes
    entry: int | EntryAt
    outcome: str
    code: str | None
    created_at: int


class ReceiptRow(NamedTuple):
    """The peer's entry bytes and joined tlog-proof for one of our envelopes."""

    message_id: str
    envelope_digest: bytes
    entry: bytes
    proof: str


class SenderProofRow(NamedTuple):
    """What proves for good that a sender released an envelope: its entry bytes and the joined tlog-proof."""

    sender: str
    envelope_digest: bytes
    entry: bytes
    proof: str


class PeerHeadRow(NamedTuple):
    """A checkpoint of another ledger as its signed note, and when we first saw it."""

    origin: str
    size: int
    root: bytes
    note: str
    seen_at: int


class LinkedHeadRow(NamedTuple):
    """A head of another ledger proved to have grown from the linked one of size `grown_from`.

    That size is 0 for the first head seen. No two grow from the same one.
    """

    origin: str
    grown_from: int
    size: int
    root: bytes


class ActivationRow(NamedTuple):
    """A policy and directory taken into force; `seq` counts from 1."""

    seq: int
    policy_digest: bytes
    directory_digest: bytes
    at: int


class MetaRow(NamedTuple):
    """A fact about this store."""

    name: str
    value: str


class PushRow(NamedTuple):
    """A push as it is known again: keyed hashes of its submitter and key, and of all it asked for."""

    tag: bytes
    content: bytes
    record_id: str
    created_at: int


class CursorRow(NamedTuple):
    """How far a reader has taken over what arrived for a purpose: index of the last entry."""

    reader: str
    purpose: str
    position: int


class AccessRow(NamedTuple):
    """A certificate issued to one of the agency's own; `serial` in hex, times in milliseconds UTC.

    `key_digest` is the SHA-256 of its key (SPKI DER), whose first 16 bytes are the key id. `acts_for` is the
    member whose tool pulls by it and `purposes` what for, sorted and joined by commas; None but for `taxii`.
    """

    serial: str
    role: str
    name: str
    key_digest: bytes
    issued_at: int
    expires_at: int
    revoked_at: int | None
    entry: int | EntryAt
    closing_entry: int | EntryAt | None
    acts_for: str | None = None
    purposes: str | None = None


class PersonRow(NamedTuple):
    """A protected person is known by a keyed hash; those with one `person` in common are one person."""

    tag: bytes
    person: bytes


class ToldRow(NamedTuple):
    """What an agency was told of a protected person: of which dimension, how finely. The rest is hashed."""

    person: bytes
    agency: bytes
    dimension: str
    grain: str


class AskRow(NamedTuple):
    """An exchange for which more than usual was asked; `tag` hashes who asked for whom and what for.

    `day` is the UTC day as ISO text.
    """

    tag: bytes
    day: str
    exchange_id: str


Row = (
    CheckpointRow
    | RecordRow
    | RecordKeyRow
    | BodyRow
    | ExchangeRow
    | ExchangeKeyRow
    | OutboxRow
    | InboxRow
    | ReceiptRow
    | SenderProofRow
    | PeerHeadRow
    | LinkedHeadRow
    | ActivationRow
    | MetaRow
    | PushRow
    | CursorRow
    | AccessRow
    | PersonRow
    | ToldRow
    | AskRow
    | OfficerRow
    | OfficerChangeRow
    | HoldRow
    | ApprovalRow
    | HoldCaseRow
    | ReviewRow
    | ConsentRow
)
"""What a unit may insert."""
