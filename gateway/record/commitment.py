"""The statement: an originator's commitment to all portions of a record version, whatever anybody is shown.

Source: PROTOCOL section 3.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import ge

from gateway.errors import Malformed
from gateway.record.marking import Marking, common_message, read_foreign, statement_part
from gateway.record.scan import scan
from gateway.record.text import check_agency_id, check_uuid7, parse_day
from gateway.v1 import disclosure_pb2

LEAF_BYTES = 32
LEAST_LEAVES = 16
MOST_LEAVES = 65_536
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One record version as its originator commits to it.

    `supersedes` is the digest of the superseded Signed statement, empty for version 1; `marking` is the
    record's own without rel, excl, compart and notes; `leaves` are sorted, distinct, decoys included.
    """

    record_id: str
    version: int
    supersedes: bytes
    originator: str
    sealed_on: date
    marking: Marking
    retain_until: date
    exercise: bool
    leaves: tuple[bytes, ...]

    def __post_init__(self) -> None:
        check_uuid7(self.record_id, "record_id")
        check_agency_id(self.originator, "originator")
        if not 1 <= self.version < 2**32:
            raise Malformed("is not a version number", code="bad-version", field="version")
        if len(self.supersedes) != (0 if self.version == 1 else _DIGEST_BYTES):
            raise Malformed("does not fit the version", code="bad-digest", field="supersedes")
        _check_leaves(self.leaves)

    def holds(self, leaf: bytes) -> bool:
        """Tell whether a leaf hash is among the committed ones."""
        at = bisect_left(self.leaves, leaf)
        return at < len(self.leaves) and self.leaves[at] == leaf


def leaf_count(real: int) -> int:
    """Return how many leaves a statement over this many portions has: the next power of two, at least 16,
    that is above it, so that even a full bucket holds a decoy.
    """
    return max(LEAST_LEAVES, 1 << real.bit_length())


def leaves(real: Sequence[bytes], random: Callable[[int], bytes]) -> tuple[bytes, ...]:
    """Return the leaf hashes of all portions among random decoys, sorted.

    Raises:
        ValueError: two portions have one leaf hash, which 16 random bytes of salt rule out.
    """
    found = set(real)
    if len(found) != len(real):
        raise ValueError("two portions have one leaf hash")
    total = leaf_count(len(found))
    while len(found) < total:
        drawn = random(LEAF_BYTES * (total - len(found)))
        found.update(drawn[at : at + LEAF_BYTES] for at in range(0, len(drawn), LEAF_BYTES))
    return tuple(sorted(found))


def statement_body(statement: Statement) -> bytes:
    """Return the bytes to sign; made once, and carried unchanged from then on."""
    message = disclosure_pb2.Statement(
        record_id=statement.record_id,
        version=statement.version,
        supersedes=statement.supersedes,
        originator=statement.originator,
        sealed_on=statement.sealed_on.isoformat(),
        marking=common_message(statement_part(statement.marking)),
        retain_until=statement.retain_until.isoformat(),
        exercise=statement.exercise,
        leaves=statement.leaves,
    )
    return message.SerializeToString(deterministic=True)


def parse_statement(body: bytes, *, field: str = "statement") -> Statement:
    """Return a foreign statement from the body of its Signed object, once its signature was verified.

    A marking that is not understood is read as `TOP`: nobody may pass such content on.

    Raises:
        Malformed: bytes that are not the one encoding of a statement, a member that is absent or outside its
            grammar, or leaves that are not a sorted power of two of distinct 32-byte hashes.
    """
    scan(body, disclosure_pb2.Statement.DESCRIPTOR, field=field)
    message = disclosure_pb2.Statement.FromString(body)
    stated = {descriptor.name for descriptor, _ in message.ListFields()}
    for name in _REQUIRED:
        if name not in stated:
            raise Malformed("is required", code="required", field=f"{field}.{name}")
    return Statement(
        record_id=message.record_id,
        version=message.version,
        supersedes=message.supersedes,
        originator=message.originator,
        sealed_on=parse_day(message.sealed_on, f"{field}.sealed_on"),
        marking=statement_part(read_foreign(message.marking)),
        retain_until=parse_day(message.retain_until, f"{field}.retain_until"),
        exercise=message.exercise,
        leaves=tuple(message.leaves),
    )


_REQUIRED = (
    "record_id",
    "version",
    "supersedes",
    "originator",
    "sealed_on",
    "marking",
    "retain_until",
    "exercise",
)


def _check_leaves(found: tuple[bytes, ...]) -> None:
    count = len(found)
    if not LEAST_LEAVES <= count <= MOST_LEAVES or count & (count - 1):
        raise Malformed("are not a power of two of at least 16", code="bad-leaves", field="leaves")
    if set(map(len, found)) != {LEAF_BYTES} or any(map(ge, found, found[1:])):
        raise Malformed("are not sorted distinct hashes of 32 bytes", code="bad-leaves", field="leaves")
