"""The disclosure: a statement and the portions of it that one recipient is shown.

Whatever was withheld, what is shown still proves that the originator recorded it.

Source: PROTOCOL section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Final

from gateway.errors import Malformed, VerificationFailed
from gateway.ledger.kinds import FinalCode
from gateway.record.commitment import Statement
from gateway.record.portion import Portion, leaf_of, parse_portion
from gateway.record.scan import scan
from gateway.record.wire_bytes import Limits
from gateway.release.attested import Destination
from gateway.release.contradiction import check_classes
from gateway.release.link import Key, dangling, ends_of, is_link
from gateway.release.protection_class import ProtectionClass, class_message, parse_class
from gateway.release.refusal import refused_as
from gateway.release.statement import SigningKeyFor, verify_statement_under
from gateway.v1 import disclosure_pb2

DISCLOSURE_LIMITS: Final = Limits(size_bytes=4 * 1024 * 1024, depth=3, elements=160_000)
PORTIONS_MAX: Final = 4096

_AHEAD: Final = timedelta(days=1)
"""How far ahead a day of sealing may lie: clocks differ, and midnight may fall between two of them."""

Chosen = tuple[bytes, bytes, ProtectionClass]
"""Leaf hash, portion bytes, protection class of one portion that leaves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedDisclosure:
    """A disclosure that holds in every part.

    `digest` is SHA-256 of the `signed` statement; `portions`, their bytes `data`, `leaves` and `classes`
    stand in one order; `unknown_fields` are portions this version stores and never shows.
    """

    statement: Statement
    digest: bytes
    signed: bytes
    key_id: str
    portions: tuple[Portion, ...]
    data: tuple[bytes, ...]
    leaves: tuple[bytes, ...]
    classes: tuple[ProtectionClass, ...]
    unknown_fields: tuple[Key, ...]

    @property
    def entities(self) -> frozenset[str]:
        """Every entity of which something is disclosed."""
        return frozenset(portion.entity for portion in self.portions)


def make_disclosure(signed_statement: bytes, chosen: Sequence[Chosen]) -> bytes:
    """Return disclosure bytes; portions stand in the order of their leaves, which tells nothing.

    Raises:
        Malformed: no portion, too many, or one of them twice.
    """
    if not 0 < len(chosen) <= PORTIONS_MAX:
        raise Malformed("discloses no portion, or too many", field="disclosure.portions")
    ordered = sorted(chosen, key=lambda portion: portion[0])
    if any(left[0] == right[0] for left, right in pairwise(ordered)):
        raise Malformed("holds a portion twice", field="disclosure.portions")
    return disclosure_pb2.Disclosure(
        statement=signed_statement,
        portions=[data for _, data, _ in ordered],
        classes=[class_message(protection) for _, _, protection in ordered],
    ).SerializeToString(deterministic=True)


def verify_disclosure(
    data: bytes, public_key_for: SigningKeyFor, destination: Destination
) -> VerifiedDisclosure:
    """Return the disclosure, once every check of PROTOCOL section 3 holds.

    `public_key_for` finds the originator's signing key of the day of sealing; `destination` is where it
    arrives, by which the facts of its classes are judged.

    Raises:
        VerificationFailed: code `statement-invalid` or `disclosure-invalid`; the fact `cause` says more.
    """
    with refused_as(FinalCode.DISCLOSURE_INVALID):
        message = _parse(data)
    verified = verify_statement_under(message.statement, public_key_for)
    _check_sealed(verified.statement, destination.day)
    with refused_as(FinalCode.DISCLOSURE_INVALID):
        raw = tuple(message.portions)
        leaves = tuple(map(leaf_of, raw))
        _check_leaves(leaves, verified.statement)
        portions = tuple(map(parse_portion, raw))
        keys = [(portion.entity, portion.field) for portion in portions]
        if len(set(keys)) != len(keys):
            raise VerificationFailed("shows one field twice", code="repeated", field="disclosure.portions")
        ends = {
            key: ends_of(p.entity, p.value) for key, p in zip(keys, portions, strict=True) if is_link(*key)
        }
        if dangling(keys, ends):
            raise VerificationFailed(
                "names what is not disclosed", code="dangling", field="disclosure.portions"
            )
        classes = tuple(parse_class(c.SerializeToString()) for c in message.classes)
        # Nobody is older than on the day it arrives, whatever day its originator wrote.
        on = min(verified.statement.sealed_on, destination.day)
        check_classes(portions, classes, ends, on=on, destination=destination)
    return VerifiedDisclosure(
        statement=verified.statement,
        digest=verified.digest,
        signed=verified.signed,
        key_id=verified.key_id,
        portions=portions,
        data=raw,
        leaves=leaves,
        classes=classes,
        unknown_fields=tuple(key for key, p in zip(keys, portions, strict=True) if p.unknown_field),
    )


def claimed_statement(data: bytes) -> bytes:
    """Return the Signed statement within disclosure bytes, NOT verified: to look up what verifying needs.

    Raises:
        VerificationFailed: code `disclosure-invalid`.
    """
    with refused_as(FinalCode.DISCLOSURE_INVALID):
        return _parse(data).statement


def portions_of(data: bytes) -> tuple[bytes, ...]:
    """Return the portions of a disclosure of one's own making: nothing in it is verified.

    Raises:
        Malformed: it does not parse.
    """
    return tuple(_parse(data).portions)


def disclosed_leaves(data: bytes) -> frozenset[bytes]:
    """Return the leaves of the portions within disclosure bytes of one's own making.

    Raises:
        Malformed: these are none.
    """
    return frozenset(map(leaf_of, _parse(data).portions))


def _parse(data: bytes) -> disclosure_pb2.Disclosure:
    # The scan passes one encoding of each message only, so nothing needs to be written again to compare.
    scan(data, disclosure_pb2.Disclosure.DESCRIPTOR, DISCLOSURE_LIMITS, field="disclosure")
    message = disclosure_pb2.Disclosure.FromString(data)
    if not 0 < len(message.portions) <= PORTIONS_MAX:
        raise Malformed("discloses no portion, or too many", field="disclosure.portions")
    if len(message.classes) != len(message.portions):
        raise Malformed("is not one beside each portion", field="disclosure.classes")
    return message


def _check_sealed(statement: Statement, today: date) -> None:
    """Check that a record was sealed by the day it arrives: a later day would let a minor come of age."""
    if statement.sealed_on > today + _AHEAD:
        raise VerificationFailed(
            "was sealed on a day that has not come",
            code=FinalCode.STATEMENT_INVALID,
            field="statement.sealed_on",
            cause="sealed-ahead",
        )


def _check_leaves(leaves: Sequence[bytes], statement: Statement) -> None:
    committed = frozenset(statement.leaves)
    before = b""
    for leaf in leaves:
        if leaf <= before:
            raise VerificationFailed(
                "is not in the order of leaves, or stands twice",
                code="not-canonical",
                field="disclosure.portions",
            )
        if leaf not in committed:
            raise VerificationFailed(
                "is not committed to by the statement", code="not-committed", field="disclosure.portions"
            )
        before = leaf
