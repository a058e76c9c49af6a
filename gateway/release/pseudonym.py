"""Pseudonyms: one name for a person within what one recipient gets for one purpose of one case.

Source: PROTOCOL section 4; reference notes on privacy technology 4.2.
"""

from __future__ import annotations

import hmac
import re
from base64 import b32encode
from hashlib import sha256
from typing import Final

from gateway.errors import Malformed
from gateway.record.text import check_agency_id, check_uuid7
from gateway.record.vocabulary import Purpose

SECRET_BYTES: Final = 32

_TOKEN: Final = re.compile(r"[a-z2-7]{16}")
_TOKEN_BYTES: Final = 10


def pseudonym(secret: bytes, *, recipient: str, purpose: Purpose, record_id: str, subject: str) -> str:
    """Return the 16 base32 characters that stand for a subject.

    `subject` is the submitter's own id of the entity, not its travelling name: that one is drawn anew for
    every version, and a correction must keep the pseudonym. `secret` is 32 bytes that never leave; without
    it two recipients cannot find out that they were told of the same person.

    Raises:
        Malformed: the secret's length, an id off its grammar.
    """
    if len(secret) != SECRET_BYTES:
        raise Malformed(f"is not {SECRET_BYTES} bytes", field="secret")
    if not subject or "\n" in subject:
        raise Malformed("is empty or broken over lines", field="subject")
    check_agency_id(recipient, "recipient")
    check_uuid7(record_id, "record_id")
    # No part can hold a newline, so no two lists of parts give the same message.
    message = "\n".join(("comity/pseudonym/v1", recipient, purpose.token, record_id, subject))
    return b32encode(hmac.digest(secret, message.encode(), sha256)[:_TOKEN_BYTES]).decode().lower()


def check_pseudonym(token: str, field: str) -> str:
    """Return a token of 16 lower-case base32 characters; anything else is Malformed."""
    if not _TOKEN.fullmatch(token):
        raise Malformed("is not 16 base32 characters", field=field)
    return token
