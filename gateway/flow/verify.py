"""Verifying what is kept: a record's signature and portions, from its stored bytes alone.

Source: PROTOCOL section 3; THREATS P4.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from gateway.errors import NotFound, Refused
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import PORTIONS, RELEASE, STATEMENT, owner_of, read_body
from gateway.flow.peers import anchor_trust, signing_key
from gateway.flow.prepare import unpack_portions
from gateway.record.portion import leaf_of, parse_portion
from gateway.release.admitted import AdmittedRelease, release_content
from gateway.release.statement import verify_statement_under
from gateway.store.rows import ExchangeRow, RecordRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What holds of a stored record: whose signature, made when, over how many portions and leaves."""

    record_id: str
    version: int
    originator: str
    key_id: str
    sealed_on: date
    portions: int
    leaves: int


def verify(gateway: Gateway, identifier: str, now: datetime) -> Verified:
    """Verify a stored record from its bytes alone: an own one by record id, a received one by exchange id.

    Raises:
        NotFound: neither is here.
        VerificationFailed: a signature, leaf or proof does not hold.
    """
    exchange = gateway.read.exchange(identifier)
    if exchange is None or exchange.direction != "in" or exchange.outcome != "received":
        # What is quarantined is answered as if it were not here.
        return verify_own(gateway, identifier)
    disclosure = verify_received(gateway, identifier, now).disclosure
    return Verified(
        record_id=disclosure.statement.record_id,
        version=disclosure.statement.version,
        originator=disclosure.statement.originator,
        key_id=disclosure.key_id,
        sealed_on=disclosure.statement.sealed_on,
        portions=len(disclosure.portions),
        leaves=len(disclosure.statement.leaves),
    )


def verify_received(gateway: Gateway, exchange_id: str, now: datetime) -> AdmittedRelease:
    """Verify what came with an exchange as it was verified on arrival, as of its day of arrival."""
    row = gateway.read.exchange(exchange_id)
    if row is None or row.direction != "in":
        raise NotFound("nothing came with this exchange", code="no-such-exchange")
    record = kept_of(gateway, row)
    arrived = datetime.fromtimestamp(row.created_at / 1000, now.tzinfo)
    return release_content(
        read_body(gateway, owner_of(gateway, record), RELEASE, exchange_id),
        sender=row.peer,
        me=gateway.me,
        country=gateway.directory.member(gateway.me).country,
        today=arrived.date(),
        key_for=partial(signing_key, gateway),
        anchor_trust_for=partial(anchor_trust, gateway),
    )


def verify_own(gateway: Gateway, record_id: str) -> Verified:
    """Verify an own record: the statement's signature and that every stored portion is among its leaves."""
    record = own_record(gateway, record_id)
    owner = owner_of(gateway, record)
    signed = read_body(gateway, owner, STATEMENT)
    verified = verify_statement_under(
        signed, lambda originator, key_id, on: signing_key(gateway, originator, key_id, on, None)
    )
    portions = unpack_portions(read_body(gateway, owner, PORTIONS))
    leaves = frozenset(verified.statement.leaves)
    for data in portions:
        parse_portion(data)
        if leaf_of(data) not in leaves:
            raise Refused("a stored portion is not in the signed statement", code="statement-invalid")
    return Verified(
        record_id=record.record_id,
        version=record.version,
        originator=record.originator,
        key_id=verified.key_id,
        sealed_on=verified.statement.sealed_on,
        portions=len(portions),
        leaves=len(verified.statement.leaves),
    )


def own_record(gateway: Gateway, record_id: str) -> RecordRow:
    """Return the newest version of an own record; none, or only erased ones, is NotFound."""
    versions = [
        row
        for row in gateway.read.record_versions(gateway.me, record_id)
        if row.direction == "own" and row.state != "erased"
    ]
    if not versions:
        raise NotFound("no such record of this agency", code="no-such-record")
    return max(versions, key=lambda row: row.version)


def kept_of(gateway: Gateway, row: ExchangeRow) -> RecordRow:
    """Return the record an exchange brought; once that, or what came with it alone, was erased: NotFound."""
    if row.state == "erased":
        raise NotFound("the record was erased", code="erased")
    return kept_record(gateway, row.originator, row.record_id, row.version)


def kept_record(gateway: Gateway, originator: str, record_id: str, version: int) -> RecordRow:
    """Return one record version that is kept here; one that is not, or was erased, is NotFound."""
    row = gateway.read.record(originator, record_id, version)
    if row is None or row.state == "erased":
        raise NotFound("the record was erased", code="erased")
    return row
