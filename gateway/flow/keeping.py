"""Keeping a record at home: every body encrypted under the record's own key, so that one key erases it all.

Source: DESIGN section 10 (erasure), PROTOCOL section 12.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gateway.errors import NotFound
from gateway.flow.gateway import Gateway
from gateway.store.changes import BodyReplaced, Change
from gateway.store.rows import BodyRow, ExchangeKeyRow, RecordKeyRow, RecordRow, Row
from gateway.store.vault import (
    NONCE_BYTES,
    body_aad,
    exchange_owner,
    new_key,
    open_body,
    record_owner,
    seal_body,
    unwrap,
    wrap,
)

CONTENT = "content"
"""The record as submitted (own records only)."""
NAMES = "names"
"""Which travelling entity name stands for which submitted id (own records only)."""
PORTIONS = "portions"
"""All portions at all rungs, own; or none: a received record keeps its release."""
STATEMENT = "statement"
"""The Signed statement."""
ANCHOR_SALT = "anchor-salt"
"""Salt of the `submitted` entry's commitment (own records only)."""
RELEASE = "release"
"""Release bytes of one exchange, planned, sent or received."""
PAYLOAD_SALT = "payload-salt"
"""Salt of one payload's commitment."""
DECISION = "decision"
"""Stored decision of one exchange."""
STATED = "stated"
"""What was stated and asked for one recipient beyond the default; none where nothing was."""
PAST = "past"
"""What the past said to one exchange when it was decided; none where it said nothing."""
ACTOR = "actor"
"""Who submitted what is held: a submitter approves nothing of it."""
NARROWED = "narrowed"
"""What officers give less of; none where they give all that policy lets them."""
CONSENT = "consent"
"""A consent that officers are asked for: the body that will be signed (own records only)."""
CONSENT_REQUEST = "consent-request"
"""A request for consent, made or received."""
CONSENT_REQUEST_SALT = "consent-request-salt"
"""Salt of its payload's commitment."""
CONSENT_ANSWER = "consent-answer"
"""The originator's answer, given or received."""
CONSENT_ANSWER_SALT = "consent-answer-salt"
"""Salt of its payload's commitment."""
ANSWER = "answer"
"""What a push was answered (own records only)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """Whose key encrypts: one record version of one originator; `key` is its 32-byte data key."""

    originator: str
    record_id: str
    version: int
    key: bytes = field(repr=False)

    def place(self, kind: str, part: str) -> bytes:
        """Return what binds a ciphertext to its row."""
        return body_aad(self.originator, self.record_id, self.version, kind, part)


def new_owner(gateway: Gateway, originator: str, record_id: str, version: int) -> Owner:
    """Return an owner with a fresh random key."""
    return Owner(originator=originator, record_id=record_id, version=version, key=new_key(gateway.random))


def key_row(gateway: Gateway, owner: Owner) -> RecordKeyRow:
    """Return the row of the record's key, wrapped under the storage secret."""
    bound = record_owner(owner.originator, owner.record_id, owner.version)
    wrapped = wrap(gateway.storage_secret, bound, owner.key, gateway.random(NONCE_BYTES))
    return RecordKeyRow(owner.originator, owner.record_id, owner.version, wrapped)


def exchange_key_row(gateway: Gateway, exchange_id: str, key: bytes) -> ExchangeKeyRow:
    """Return the row of the exchange's commitment key K, wrapped under the storage secret."""
    return ExchangeKeyRow(
        exchange_id,
        wrap(gateway.storage_secret, exchange_owner(exchange_id), key, gateway.random(NONCE_BYTES)),
    )


def exchange_key(gateway: Gateway, exchange_id: str) -> bytes:
    """Return K of an exchange.

    Raises:
        NotFound: it was destroyed with its record.
    """
    row = gateway.read.exchange_key(exchange_id)
    if row is None:
        raise NotFound("the exchange's key was destroyed", code="erased")
    return unwrap(gateway.storage_secret, exchange_owner(exchange_id), row.wrapped)


def body_rows(gateway: Gateway, owner: Owner, bodies: Mapping[str, bytes], part: str = "") -> list[BodyRow]:
    """Return the encrypted rows of these bodies; `part` is the exchange they belong to, if any."""
    nonces = gateway.random(NONCE_BYTES * len(bodies))
    rows = []
    for position, (kind, body) in enumerate(bodies.items()):
        nonce = nonces[position * NONCE_BYTES : (position + 1) * NONCE_BYTES]
        sealed = seal_body(owner.key, owner.place(kind, part), body, nonce)
        rows.append(BodyRow(owner.originator, owner.record_id, owner.version, kind, part, sealed))
    return rows


def replaced_rows(
    gateway: Gateway, owner: Owner, bodies: Mapping[str, bytes], part: str = ""
) -> list[Row | Change]:
    """Return what puts these bodies in the place of those of their kinds; where none is, it is added."""
    rows: list[Row | Change] = []
    for row in body_rows(gateway, owner, bodies, part=part):
        stands = gateway.read.body(row.originator, row.record_id, row.version, row.kind, row.part)
        rows.append(row if stands is None else BodyReplaced(*row))
    return rows


def owner_of(gateway: Gateway, record: RecordRow) -> Owner:
    """Return the owner of a stored record version.

    Raises:
        NotFound: its key was destroyed: the record is erased.
    """
    row = gateway.read.record_key(record.originator, record.record_id, record.version)
    if row is None:
        raise NotFound("the record was erased", code="erased")
    bound = record_owner(record.originator, record.record_id, record.version)
    key = unwrap(gateway.storage_secret, bound, row.wrapped)
    return Owner(originator=record.originator, record_id=record.record_id, version=record.version, key=key)


def read_body(gateway: Gateway, owner: Owner, kind: str, part: str = "") -> bytes:
    """Return one stored body in clear.

    Raises:
        NotFound: there is no such body.
        Corrupt: it does not decrypt.
    """
    row = gateway.read.body(owner.originator, owner.record_id, owner.version, kind, part)
    if row is None:
        raise NotFound(f"no {kind} is kept of this record", code="no-body")
    return open_body(owner.key, owner.place(kind, part), row.ciphertext)
