"""Kinds of ledger entry: their numbers, the members each must and may hold, and the closed code lists.

Numbers are never reused or reordered; 26 is unused.

Source: PROTOCOL sections 6 and 8.
"""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import Final, NamedTuple


class EntryKind(IntEnum):
    """What happened."""

    OPENED = 1
    SUBMITTED = 2
    DECIDED = 3
    APPROVED = 4
    REJECTED = 5
    RELEASED = 6
    RECEIVED = 7
    REFUSED = 8
    DELIVERED = 9
    UNDELIVERABLE = 10
    READ = 11
    SEARCHED = 12
    RECALLED = 13
    RECALL_HONOURED = 14
    CORRECTED = 15
    HOLD_PLACED = 16
    HOLD_LIFTED = 17
    ERASED = 18
    ERASE_CONFIRMED = 19
    OBLIGATION_DUE = 20
    OBLIGATION_MET = 21
    POLICY_CHANGED = 22
    KEY_ROTATED = 23
    PEER_ADMITTED = 24
    PEER_SUSPENDED = 25
    MISBEHAVIOUR = 27
    EXPORTED = 28
    FILLER = 29
    CLOSED = 30
    HELD = 31
    QUARANTINED = 32
    BREAK_GLASS = 33
    BREAK_GLASS_REVIEWED = 34
    OFFICER_CHANGED = 35
    ACCESS_CHANGED = 36
    SENT = 37
    REFUSED_SUMMARY = 38


class Direction(StrEnum):
    """Which way an envelope went, seen from the ledger that says it."""

    OUT = "out"
    IN = "in"


class FinalCode(StrEnum):
    """Why an envelope was refused for good; stands in the receipt."""

    EXPIRED = "expired"
    UNKNOWN_SEALING_KEY = "unknown-sealing-key"
    DOES_NOT_OPEN = "does-not-open"
    COMMITMENT_MISMATCH = "commitment-mismatch"
    STATEMENT_INVALID = "statement-invalid"
    DISCLOSURE_INVALID = "disclosure-invalid"
    CONSENT_MISSING = "consent-missing"
    CONSENT_INVALID = "consent-invalid"
    EXERCISE_MISMATCH = "exercise-mismatch"
    RECALLED = "recalled"
    FLOOR_FORBIDS = "floor-forbids"
    MALFORMED = "malformed"


class InBandCode(StrEnum):
    """Why an envelope got no receipt; answered in band, counted, never remembered."""

    TOO_LARGE = "too-large"
    MALFORMED_HEADER = "malformed-header"
    UNKNOWN_SUITE = "unknown-suite"
    WRONG_SENDER = "wrong-sender"
    NOT_ADDRESSED_TO_US = "not-addressed-to-us"
    CONFLICT = "conflict"
    LEDGER_KEY = "ledger-key"
    ENTRY_INVALID = "entry-invalid"
    PROOF_INVALID = "proof-invalid"
    FORKED = "forked"
    STALE_DIRECTORY = "stale-directory"
    QUOTA = "quota"
    STORE = "store"


FINAL_CODES: Final = frozenset(code.value for code in FinalCode)
IN_BAND_CODES: Final = frozenset(code.value for code in InBandCode)
STOPPED_CODES: Final = frozenset({"superseded", "consent-withdrawn", "directory", "rules", "peer-suspended"})
OBLIGATION_CODES: Final = frozenset(
    {
        "no-reidentification",
        "contact-via-vpo",
        "expire",
        "notify-cpo",
        "notify-dpo",
        "review-72h",
        "not-against-victim",
        "grade-and-caveat",
        "confirm",
        "no-onward",
        "no-judicial-use",
    }
)
RECALL_CODES: Final = frozenset({"erased", "retained", "unreachable"})

_DIRECTIONS: Final = {
    EntryKind.RELEASED: Direction.OUT,
    EntryKind.SENT: Direction.OUT,
    EntryKind.RECEIVED: Direction.IN,
    EntryKind.REFUSED: Direction.IN,
    EntryKind.QUARANTINED: Direction.IN,
}

CODES: Final = {
    EntryKind.REFUSED: FINAL_CODES,
    EntryKind.QUARANTINED: FINAL_CODES,
    EntryKind.UNDELIVERABLE: FINAL_CODES | IN_BAND_CODES | STOPPED_CODES,
    EntryKind.RECALLED: RECALL_CODES,
    EntryKind.RECALL_HONOURED: RECALL_CODES,
    EntryKind.OBLIGATION_DUE: OBLIGATION_CODES,
    EntryKind.OBLIGATION_MET: OBLIGATION_CODES,
}
"""Which closed list the `code` of a kind comes from."""


class Members(NamedTuple):
    """Members of a kind beside `v`, `kind`, `at`, `blind` (in all) and `pair_seq` (in travelling ones)."""

    required: frozenset[str]
    optional: frozenset[str]


def _members(required: str, optional: str = "") -> Members:
    return Members(frozenset(required.split()), frozenset(optional.split()))


_OUTWARD = _members("exchange message peer direction envelope commit", "peer_head")
_INWARD = "exchange message peer direction envelope"
_VERDICT = _members("exchange duty commits", "peer about")
_RECALL = _members("exchange", "peer message envelope about code commits")

MEMBERS: Final[dict[EntryKind, Members]] = {
    EntryKind.OPENED: _members("origin vkeys", "predecessor"),
    EntryKind.SUBMITTED: _members("commit"),
    EntryKind.DECIDED: _members("exchange peer policy outcome rules duties commits directory", "about"),
    EntryKind.APPROVED: _VERDICT,
    EntryKind.REJECTED: _VERDICT,
    EntryKind.RELEASED: _OUTWARD,
    EntryKind.RECEIVED: _members(_INWARD, "peer_head"),
    EntryKind.REFUSED: _members(f"{_INWARD} code", "peer_head"),
    EntryKind.DELIVERED: _members("exchange message peer about peer_receipt peer_head"),
    EntryKind.UNDELIVERABLE: _members("exchange message peer envelope", "about code"),
    EntryKind.READ: _members("commits", "exchange peer about"),
    EntryKind.SEARCHED: _members("commits", "exchange peer hit"),
    EntryKind.RECALLED: _RECALL,
    EntryKind.RECALL_HONOURED: _RECALL,
    EntryKind.CORRECTED: _members("exchange", "peer message about commits"),
    EntryKind.HOLD_PLACED: _members("exchange", "peer about commits"),
    EntryKind.HOLD_LIFTED: _members("exchange", "peer about commits"),
    EntryKind.ERASED: _members("", "exchange peer about commits"),
    EntryKind.ERASE_CONFIRMED: _members("exchange peer", "message about peer_receipt"),
    EntryKind.OBLIGATION_DUE: _members("exchange code", "peer about"),
    EntryKind.OBLIGATION_MET: _members("exchange code", "peer about commits"),
    EntryKind.POLICY_CHANGED: _members("policy", "old commits"),
    EntryKind.KEY_ROTATED: _members("use", "old_key new_key peer commits"),
    EntryKind.PEER_ADMITTED: _members("peer directory", "vkeys peer_head"),
    EntryKind.PEER_SUSPENDED: _members("peer", "directory commits"),
    EntryKind.MISBEHAVIOUR: _members("peer digest", "peer_head"),
    EntryKind.EXPORTED: _members("size root", "commits"),
    EntryKind.FILLER: _members(""),
    EntryKind.CLOSED: _members("", "commits"),
    EntryKind.HELD: _members("exchange peer duties about"),
    EntryKind.QUARANTINED: _members(f"{_INWARD} code", "peer_head"),
    EntryKind.BREAK_GLASS: _members("exchange peer commits", "about"),
    EntryKind.BREAK_GLASS_REVIEWED: _members("exchange about commits", "peer"),
    EntryKind.OFFICER_CHANGED: _members("action person key", "roles valid_from valid_until commits"),
    EntryKind.ACCESS_CHANGED: _members("action access key", "commits"),
    EntryKind.SENT: _OUTWARD,
    EntryKind.REFUSED_SUMMARY: _members("peer codes"),
}


def travels(kind: EntryKind) -> bool:
    """Return whether entries of this kind are shown to the peer they name, and so count in `pair_seq`."""
    return kind in _DIRECTIONS


def direction_of(kind: EntryKind) -> Direction | None:
    """Return the one direction a travelling kind has; None for every other kind."""
    return _DIRECTIONS.get(kind)


def counts_in_pair(kind: EntryKind, direction: Direction | None) -> bool:
    """Return whether an entry takes the next `pair_seq` of its (peer, direction)."""
    return direction is not None and _DIRECTIONS.get(kind) is direction
