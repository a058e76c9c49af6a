"""Commitments: what an entry says of content without holding it, until the key behind the salt is destroyed.

Source: PROTOCOL section 8; reference notes on erasure (a salted commitment becomes noise with its key).
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from enum import StrEnum
from hashlib import sha256
from typing import Final

from gateway.errors import Malformed, VerificationFailed

SALT_BYTES: Final = 32


class CommitmentType(StrEnum):
    """What is committed to; a closed list, and part of every commitment's bytes."""

    PAYLOAD = "payload"
    STATEMENT = "statement"
    DECISION = "decision"
    PURPOSE = "purpose"
    ACTOR = "actor"
    JUSTIFICATION = "justification"
    QUERY = "query"


def salt(exchange_key: bytes, kind: CommitmentType) -> bytes:
    """Return the 32-byte salt of one commitment, from the 32 random bytes kept for its exchange.

    Opening one commitment hands out its salt, never the exchange key.

    Raises:
        Malformed: the key is not 32 bytes.
    """
    return hmac.digest(_fixed(exchange_key, "exchange key"), f"comity/salt/v1\n{kind.value}".encode(), sha256)


def commit(salt: bytes, kind: CommitmentType, content: bytes) -> bytes:
    """Return the 32-byte commitment to content.

    Raises:
        Malformed: the salt is not 32 bytes (a fixed length is what makes the commitment binding).
    """
    message = f"comity/commit/v1\n{kind.value}\n".encode() + content
    return hmac.digest(_fixed(salt, "salt"), message, sha256)


def commit_each(
    exchange_key: bytes, contents: Mapping[CommitmentType, bytes]
) -> tuple[tuple[CommitmentType, bytes], ...]:
    """Return a commitment to each content, under its own salt, as an entry carries them.

    Raises:
        Malformed: the key is not 32 bytes.
    """
    return tuple((kind, commit(salt(exchange_key, kind), kind, data)) for kind, data in contents.items())


def verify_commitment(commitment: bytes, salt: bytes, kind: CommitmentType, content: bytes) -> None:
    """Verify that a commitment opens to content.

    Raises:
        Malformed: the salt is not 32 bytes.
        VerificationFailed: code `commitment-mismatch`.
    """
    if not hmac.compare_digest(commit(salt, kind, content), commitment):
        raise VerificationFailed(
            "does not open to this content", code="commitment-mismatch", field="commitment"
        )


def _fixed(value: bytes, field: str) -> bytes:
    if len(value) != SALT_BYTES:
        raise Malformed(f"is not {SALT_BYTES} bytes", field=field)
    return value
