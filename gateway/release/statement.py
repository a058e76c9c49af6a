"""The originator's signature over a record version's statement; it stands alone, onward and years later.

Source: PROTOCOL sections 2 and 3.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from gateway.errors import VerificationFailed
from gateway.ledger.kinds import FinalCode
from gateway.record.commitment import Statement, parse_statement, statement_body
from gateway.release.refusal import refused_as
from keys.signed import SignedType, peek, sign, verify
from keys.signer import Signer

SigningKeyFor = Callable[[str, str, date], bytes]
"""Returns the raw Ed25519 key (originator, key id) that was valid on a day and is not revoked; or raises."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedStatement:
    """A statement whose signature holds. `digest` is SHA-256 of the `signed` bytes: the statement's name."""

    statement: Statement
    digest: bytes
    signed: bytes
    key_id: str


def sign_statement(statement: Statement, signer: Signer) -> bytes:
    """Return the Signed statement, under the originator's signing key."""
    return sign(SignedType.STATEMENT, statement_body(statement), signer)


def verify_statement(signed: bytes, public_key: bytes) -> VerifiedStatement:
    """Return the statement, once it is signed under this key.

    Raises:
        VerificationFailed: code `statement-invalid`.
    """
    return verify_statement_under(signed, lambda _originator, _key_id, _day: public_key)


def verify_statement_under(signed: bytes, key_for: SigningKeyFor) -> VerifiedStatement:
    """Return the statement, once it is signed under the key its originator had on the day of sealing.

    Raises:
        VerificationFailed: code `statement-invalid`; also when `key_for` finds no key.
    """
    with refused_as(FinalCode.STATEMENT_INVALID):
        claimed = peek(signed)
        if claimed.type is not SignedType.STATEMENT:
            raise VerificationFailed("is not a statement", code="wrong-type", field="statement")
        # Read before it is verified, for it names its originator: nothing is done with it but find the key.
        statement = parse_statement(claimed.body)
        public_key = key_for(statement.originator, claimed.key_id, statement.sealed_on)
        verify(signed, expected=SignedType.STATEMENT, public_key=public_key)
    return VerifiedStatement(
        statement=statement, digest=statement_digest(signed), signed=signed, key_id=claimed.key_id
    )


def statement_key_hint(signed: bytes) -> str:
    """Return the key id a Signed statement names, NOT verified.

    Raises:
        VerificationFailed: code `statement-invalid`: no Signed object.
    """
    with refused_as(FinalCode.STATEMENT_INVALID):
        return peek(signed).key_id


def statement_digest(signed: bytes) -> bytes:
    """Return SHA-256 of the Signed statement."""
    return sha256(signed).digest()
