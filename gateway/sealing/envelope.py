"""The envelope's header and its seal: one payload, for one recipient, bound to exactly these header bytes.

Source: PROTOCOL section 5.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Final

from google.protobuf.message import DecodeError

from gateway.errors import GatewayError, Malformed, VerificationFailed
from gateway.record.text import check_agency_id, check_uuid7
from gateway.record.vocabulary import Lane, Term
from gateway.sealing.padding import pad, unpad
from gateway.v1 import envelope_pb2
from keys.signer import Opener

HEADER_BYTES_MAX: Final = 2048
SALT_BYTES: Final = 32

_INFO: Final = b"comity/envelope/v1\x00"
_KEY_ID: Final = re.compile(r"[0-9a-f]{32}")
_TIME_MS_MAX: Final = 253_402_300_800_000  # The year 10000: beyond it no calendar date exists.

Seal = Callable[[bytes, bytes, bytes], bytes]
"""Seals: (public key, plaintext, info) -> sealed bytes."""


class EnvelopeKind(Term):
    """What an envelope carries."""

    RELEASE = 1
    RECALL = 2
    RECALL_ANSWER = 3
    CONSENT_REQUEST = 4
    CONSENT_ANSWER = 5
    REQUEST = 6
    ANSWER = 7
    NOTICE = 8


class Suite(Term):
    """Cryptographic suite of the seal."""

    MLKEM768_X25519_HKDF_SHA256_AES_256_GCM = 1


_SUITES: Final = frozenset(int(suite) for suite in Suite)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeHeader:
    """What the outside of an envelope says. Times are milliseconds UTC; ids are UUIDv7.

    `expires_at_ms` is the delivery deadline, not the end of use of what is inside.

    Raises:
        Malformed: an id off its grammar, a deadline not after the making, an agency writing to itself.
    """

    message_id: str
    exchange_id: str
    sender: str
    recipient: str
    kind: EnvelopeKind
    lane: Lane
    created_at_ms: int
    expires_at_ms: int
    recipient_key_id: str
    suite: Suite = Suite.MLKEM768_X25519_HKDF_SHA256_AES_256_GCM

    def __post_init__(self) -> None:
        check_uuid7(self.message_id, "header.message_id")
        check_uuid7(self.exchange_id, "header.exchange_id")
        check_agency_id(self.sender, "header.sender")
        check_agency_id(self.recipient, "header.recipient")
        if self.sender == self.recipient:
            raise Malformed("is the sender itself", field="header.recipient")
        if not 0 < self.created_at_ms < self.expires_at_ms < _TIME_MS_MAX:
            raise Malformed("is not a time after the making", field="header.expires_at")
        if not _KEY_ID.fullmatch(self.recipient_key_id):
            raise Malformed("is not a key id", field="header.recipient_key_id")

    def encode(self) -> bytes:
        """Return the header's bytes; made once, then carried verbatim."""
        return envelope_pb2.EnvelopeHeader(
            message_id=self.message_id,
            exchange_id=self.exchange_id,
            sender=self.sender,
            recipient=self.recipient,
            kind=envelope_pb2.EnvelopeKind.ValueType(self.kind),
            lane=envelope_pb2.Lane.ValueType(self.lane),
            created_at=self.created_at_ms,
            expires_at=self.expires_at_ms,
            recipient_key_id=self.recipient_key_id,
            suite=envelope_pb2.Suite.ValueType(self.suite),
        ).SerializeToString(deterministic=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """What is sealed: the body's bytes and the 32 random bytes its ledger commitment is salted with."""

    body: bytes
    salt: bytes

    def __post_init__(self) -> None:
        if not self.body:
            raise Malformed("is empty", field="payload.body")
        if len(self.salt) != SALT_BYTES:
            raise Malformed(f"is not {SALT_BYTES} bytes", field="payload.salt")

    def encode(self) -> bytes:
        """Return the payload's bytes, not padded."""
        return envelope_pb2.Payload(body=self.body, salt=self.salt).SerializeToString(deterministic=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """Header and sealed bytes as they travel, and the digest both ledgers name the envelope by."""

    header: bytes
    sealed: bytes
    digest: bytes


@lru_cache(maxsize=1024)
def parse_header(data: bytes) -> EnvelopeHeader:
    """Return the header of bytes that are exactly what its fields encode to. Remembered: an envelope is
    looked up by its header before it is examined.

    Raises:
        Malformed: code `unknown-suite` when only the suite is unknown, else `malformed-header`.
    """
    if len(data) > HEADER_BYTES_MAX:
        raise Malformed("is too large", field="header", code="malformed-header")
    try:
        message = envelope_pb2.EnvelopeHeader.FromString(data)
        # Asked first: a header of a later suite may break every other rule of this one.
        known_suite = not message.HasField("suite") or int(message.suite) in _SUITES
        header = _header(message) if known_suite else None
    except (DecodeError, GatewayError) as exc:
        raise Malformed("is not an envelope header", field="header", code="malformed-header") from exc
    if header is None:
        raise Malformed("is sealed under a suite unknown here", field="header.suite", code="unknown-suite")
    # One comparison refuses repeated, reordered, unknown and overlong fields alike.
    if header.encode() != data:
        raise Malformed("is not in its one encoding", field="header", code="malformed-header")
    return header


def envelope_digest(header: bytes, sealed: bytes) -> bytes:
    """Return SHA-256(SHA-256(header) || SHA-256(sealed)): what entries call the envelope."""
    return sha256(sha256(header).digest() + sha256(sealed).digest()).digest()


def seal_envelope(
    header: EnvelopeHeader, body: bytes, salt: bytes, recipient_public: bytes, seal: Seal
) -> Sealed:
    """Return the body sealed to the recipient's key and bound to the header.

    `salt` is 32 fresh random bytes; `recipient_public` the key that `header.recipient_key_id` names.

    Raises:
        Malformed: an empty body, a salt of another length, a key that is no sealing key.
    """
    header_bytes = header.encode()
    sealed = seal(recipient_public, pad(Payload(body=body, salt=salt).encode()), _info(header_bytes))
    return Sealed(header=header_bytes, sealed=sealed, digest=envelope_digest(header_bytes, sealed))


def open_envelope(header: bytes, sealed: bytes, opener: Opener) -> Payload:
    """Return the payload, if `sealed` was sealed to this key under exactly these header bytes.

    Raises:
        VerificationFailed: code `does-not-open`, one message whatever the cause: a sender must not learn
            from the answer how far its forgery came.
    """
    try:
        return _parse_payload(unpad(opener.open(sealed, _info(header))))
    except GatewayError:
        pass
    raise VerificationFailed("does not open", code="does-not-open", field="sealed")


def _info(header: bytes) -> bytes:
    # The one-shot API has no associated data, so the header is bound through the key schedule (THREATS A03).
    return _INFO + sha256(header).digest()


def _header(message: envelope_pb2.EnvelopeHeader) -> EnvelopeHeader:
    return EnvelopeHeader(
        message_id=message.message_id,
        exchange_id=message.exchange_id,
        sender=message.sender,
        recipient=message.recipient,
        kind=EnvelopeKind.from_number(message.kind, "header.kind"),
        lane=Lane.from_number(message.lane, "header.lane"),
        created_at_ms=message.created_at,
        expires_at_ms=message.expires_at,
        recipient_key_id=message.recipient_key_id,
        suite=Suite.from_number(message.suite, "header.suite"),
    )


def _parse_payload(data: bytes) -> Payload:
    try:
        message = envelope_pb2.Payload.FromString(data)
    except DecodeError as exc:
        raise Malformed("is not a payload", field="payload") from exc
    payload = Payload(body=message.body, salt=message.salt)
    if payload.encode() != data:
        raise Malformed("is not in its one encoding", field="payload")
    return payload
