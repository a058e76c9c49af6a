"""Rows of those who approve, and of what waits for them, as `rows` explains them."""

from __future__ import annotations

from typing import NamedTuple

from gateway.store.place import EntryAt


class OfficerRow(NamedTuple):
    """One enrolment; `handle` is the name in the certificate, `duties` sorted and joined by commas.

    `public_key` is raw; `signed` holds the salt of the entry's commitment (32 bytes), then the Signed objects
    one behind the other; `entry` is the ledger's own word.
    """

    entry: int | EntryAt
    key_id: str
    person: bytes
    handle: str
    name: str
    duties: str
    public_key: bytes
    valid_from: int
    valid_until: int
    signed: bytes


class OfficerChangeRow(NamedTuple):
    """A key's person is away for a time (`changed`), or the key ended (`disabled`, times 0)."""

    entry: int | EntryAt
    key_id: str
    action: str
    starts_at: int
    ends_at: int


class HoldRow(NamedTuple):
    """One round of a hold: the same exchange held anew is the next round, counted from 1.

    `subject` is release or consent; `required` the tokens officers must meet, sorted and joined by commas;
    `digest` that of what is approved; `why` says in words why it closed. `claimed_by` is a key id, empty for
    nobody.
    """

    exchange_id: str
    round: int
    subject: str
    state: str
    peer: str
    purpose: str
    lane: str
    originator: str
    record_id: str
    version: int
    required: str
    digest: bytes
    decision_digest: bytes
    policy_digest: bytes
    directory_version: bytes
    created_at: int
    expires_at: int
    why: str
    claimed_by: str
    claimed_until: int
    entry: int | EntryAt
    closing_entry: int | EntryAt | None


class ApprovalRow(NamedTuple):
    """An approval or refusal that counts; `seq` from 1 per exchange names the body that holds it Signed."""

    exchange_id: str
    seq: int
    round: int
    key_id: str
    person: bytes
    duty: str
    verdict: str
    at: int
    entry: int | EntryAt


class HoldCaseRow(NamedTuple):
    """A keyed hash of what a held record's case is called."""

    tag: bytes
    exchange_id: str


class ReviewRow(NamedTuple):
    """An emergency release to be reviewed by `due_at`; `unit` is the keyed hash of who invoked it."""

    exchange_id: str
    unit: bytes
    due_at: int
    state: str
    entry: int | EntryAt
    closing_entry: int | EntryAt | None
