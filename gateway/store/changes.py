"""Changes as data: one NamedTuple per kind of change to stored rows.

Each names what it expects to find: a change that matches no row fails its whole unit. Columns that point into
the ledger take `EntryAt` too, as in `rows`.
"""

from __future__ import annotations

from typing import NamedTuple

from gateway.store.passing_rows import ConsentMoved
from gateway.store.place import EntryAt


class ExchangeState(NamedTuple):
    """An exchange goes from `expected` to `state`; None leaves the other columns as they are."""

    exchange_id: str
    expected: str
    state: str
    closing_entry: int | EntryAt | None = None
    entry: int | EntryAt | None = None
    outcome: str | None = None
    message_id: str | None = None


class DecidedAnew(NamedTuple):
    """A held exchange is decided anew: it goes from `expected` to `state` with another decision."""

    exchange_id: str
    expected: str
    state: str
    decision_digest: bytes
    policy_digest: bytes
    directory_version: bytes
    duties: str
    outcome: str
    entry: int | EntryAt
    message_id: str | None = None


class HoldMoved(NamedTuple):
    """A round of a hold goes from `expected` to `state`; nobody claims it any more."""

    exchange_id: str
    round: int
    expected: str
    state: str
    why: str = ""
    closing_entry: int | EntryAt | None = None


class HoldClaimed(NamedTuple):
    """An open round of a hold is claimed by a key until a time, where `expected` claimed it before."""

    exchange_id: str
    round: int
    expected: str
    claimed_by: str
    claimed_until: int


class Reviewed(NamedTuple):
    """An emergency release was reviewed."""

    exchange_id: str
    expected: str
    state: str
    closing_entry: int | EntryAt


class BodyReplaced(NamedTuple):
    """A body makes place for another of the same kind and part."""

    originator: str
    record_id: str
    version: int
    kind: str
    part: str
    ciphertext: bytes


class OutboxState(NamedTuple):
    """A message goes from `expected` to `state`."""

    message_id: str
    expected: str
    state: str


class OutboxResealed(NamedTuple):
    """A message whose envelope has the digest `expected` is enveloped anew and queued."""

    message_id: str
    expected: bytes
    header: bytes
    sealed: bytes
    sealed_digest: bytes
    envelope_digest: bytes
    entry: int | EntryAt
    expires_at: int


class DropSealed(NamedTuple):
    """The sealed bytes of a message are no longer needed; their digest stays."""

    message_id: str


class InboxJudgedAnew(NamedTuple):
    """A message refused as `expected` (a code) came again in another envelope and was judged anew."""

    sender: str
    message_id: str
    expected: str
    envelope_digest: bytes
    header: bytes
    sealed_digest: bytes
    entry: int | EntryAt
    outcome: str
    code: str | None


class RecordState(NamedTuple):
    """A record version goes from `expected` to `state`."""

    originator: str
    record_id: str
    version: int
    expected: str
    state: str


class MetaSet(NamedTuple):
    """A fact about this store changes from `expected` to `value`."""

    name: str
    expected: str
    value: str


class ForgetPushes(NamedTuple):
    """Pushes made before a time, in milliseconds UTC, are not known again any more."""

    before: int


class ForgetAsks(NamedTuple):
    """Asks made before a UTC day count for nothing any more."""

    before: str


class CursorMoved(NamedTuple):
    """A reader's place moves from `expected` to `position`."""

    reader: str
    purpose: str
    expected: int
    position: int


class AccessRevoked(NamedTuple):
    """A certificate not yet revoked is revoked."""

    serial: str
    revoked_at: int
    closing_entry: int | EntryAt


class EraseRecord(NamedTuple):
    """A record version not yet erased loses its key, its exchanges' keys, its bodies and its envelopes.

    Only `Store.erase_record` makes the erasure complete: it also empties the write-ahead log.
    """

    originator: str
    record_id: str
    version: int


class EraseExchange(NamedTuple):
    """K and the bodies of one exchange are destroyed; the record's others stay."""

    exchange_id: str


Change = (
    ExchangeState
    | OutboxState
    | OutboxResealed
    | DropSealed
    | InboxJudgedAnew
    | RecordState
    | MetaSet
    | ForgetPushes
    | ForgetAsks
    | CursorMoved
    | AccessRevoked
    | EraseRecord
    | EraseExchange
    | DecidedAnew
    | HoldMoved
    | HoldClaimed
    | Reviewed
    | BodyReplaced
    | ConsentMoved
)
"""What a unit may change."""
