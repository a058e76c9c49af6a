"""Consulting: reading what is kept, for a stated purpose, verified again from its stored bytes, and ledgered.

Source: PROTOCOL sections 3 and 8 (read); THREATS A41, P4.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from gateway.errors import NotFound, Refused
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import CONTENT, RELEASE, body_rows, owner_of, read_body
from gateway.flow.retention import check_in_use, check_kept, last_day
from gateway.flow.verify import kept_of, own_record, verify_own, verify_received
from gateway.ledger.commitment import CommitmentType, commit_each
from gateway.ledger.entry import Draft, EntryKind
from gateway.record.marking import from_message
from gateway.record.text import uuid7
from gateway.record.validation import read_record
from gateway.record.view import merge, plain
from gateway.record.vocabulary import Purpose
from gateway.release.admitted import AdmittedRelease
from gateway.release.release import parse_release
from gateway.sealing.envelope import EnvelopeKind
from gateway.store.rows import InboxRow, RecordRow
from gateway.store.unit import Unit
from gateway.v1.record_pb2 import RecordHeader

READ = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One envelope that came, as a list shows it; fields of quarantined ones are empty."""

    exchange_id: str
    sender: str
    originator: str
    record_id: str
    outcome: str
    code: str
    purpose: str
    use_until: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A record as its reader may see it.

    `record` is its plain form; `rungs` say how precise each (entity, field) is; `exchanges` what went where
    (own records); `obligations`, `restrictions` in words, `pseudonyms` and `use_until` bind the reader of a
    received one.
    """

    record_id: str
    version: int
    originator: str
    record: Mapping[str, Any]
    rungs: Mapping[str, str]
    exchanges: Sequence[Mapping[str, str]]
    obligations: Sequence[str]
    pseudonyms: Mapping[str, str]
    purpose: str
    use_until: str
    unknown_fields: Sequence[str]
    restrictions: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What came with an exchange from `sender`, verified again, and the row of its record."""

    exchange_id: str
    sender: str
    record: RecordRow
    admitted: AdmittedRelease


def arrivals(gateway: Gateway) -> list[Arrival]:
    """Return every release that came, oldest first."""
    found: list[Arrival] = []
    after = -1
    while page := gateway.read.arrived(after=after):
        found += (_arrival(gateway, row) for row in page if row.kind == EnvelopeKind.RELEASE.token)
        after = max(row.entry for row in page if isinstance(row.entry, int))
    return found


def _arrival(gateway: Gateway, row: InboxRow) -> Arrival:
    exchange = gateway.read.exchange(row.exchange_id) if row.outcome == "received" else None
    ends = None if exchange is None else exchange.expires_at
    return Arrival(
        exchange_id=row.exchange_id,
        sender=row.sender,
        originator=exchange.originator if exchange else "",
        record_id=exchange.record_id if exchange else "",
        outcome=row.outcome,
        code=row.code or "",
        purpose=exchange.purpose if exchange else "",
        use_until="" if ends is None else last_day(ends),
    )


def show_arrival(gateway: Gateway, exchange_id: str, *, purpose: str, actor: str, now: datetime) -> Shown:
    """Return what came with an exchange, for the purpose it was released for.

    Raises:
        NotFound: nothing came with this exchange, or what came is quarantined: the answer is the same.
        Refused: code `other-purpose`, or `use-ended`: the last day of use has passed.
        VerificationFailed: the stored bytes do not verify any more.
    """
    stated = Purpose.from_token(purpose, "purpose")
    opened = open_arrival(gateway, exchange_id, stated, now)
    record, release, disclosure = opened.record, opened.admitted.release, opened.admitted.disclosure
    gateway.store.writer.commit_one(
        reading_unit(gateway, record, exchange_id, purpose=stated, actor=actor, now=now)
    )
    return Shown(
        record_id=record.record_id,
        version=record.version,
        originator=record.originator,
        record=plain(merge(disclosure.portions)),
        rungs={f"{p.entity}:{p.field}": p.rung.token for p in disclosure.portions},
        exchanges=(),
        obligations=[obligation.code.token for obligation in release.obligations],
        pseudonyms=dict(release.pseudonyms),
        purpose=release.purpose.token,
        use_until=release.expires_at.isoformat(),
        unknown_fields=[f"{entity}:{field}" for entity, field in disclosure.unknown_fields],
        restrictions=sorted(release.marking.notes),
    )


def open_arrival(gateway: Gateway, exchange_id: str, purpose: Purpose, now: datetime) -> Opened:
    """Return what came with an exchange, verified again; the caller ledgers the reading before he shows it.

    Raises:
        as `show_arrival`.
    """
    row = gateway.read.exchange(exchange_id)
    if row is None or row.direction != "in" or row.outcome != "received":
        raise NotFound("nothing to show came with this exchange", code="no-such-exchange")
    record = kept_of(gateway, row)
    release = parse_release(read_body(gateway, owner_of(gateway, record), RELEASE, exchange_id))
    if purpose is not release.purpose:
        raise Refused(
            f"it was released for {release.purpose.token} only", code="other-purpose", field="purpose"
        )
    check_in_use(release, now)
    admitted = verify_received(gateway, exchange_id, now)
    return Opened(exchange_id=exchange_id, sender=row.peer, record=record, admitted=admitted)


def show_own(gateway: Gateway, record_id: str, *, purpose: str, actor: str, now: datetime) -> Shown:
    """Return an own record as submitted, with what became of it for each recipient.

    Raises:
        NotFound: no such own record, or it was erased.
        Refused: code `use-ended`: its retention has ended; `other-purpose`: neither its own purpose nor one
            that its marking allows.
    """
    stated = Purpose.from_token(purpose, "purpose")
    record = own_record(gateway, record_id)
    check_kept(record, now)
    owner = owner_of(gateway, record)
    verify_own(gateway, record_id)
    message = read_record(read_body(gateway, owner, CONTENT), today=date.fromisoformat(record.sealed_on))
    _check_purpose(message.header, stated)
    gateway.store.writer.commit_one(reading_unit(gateway, record, None, purpose=stated, actor=actor, now=now))
    rows = gateway.read.exchanges_of_record(record.originator, record.record_id, record.version)
    return Shown(
        record_id=record.record_id,
        version=record.version,
        originator=record.originator,
        record=plain(message),
        rungs={},
        exchanges=[
            {"exchange": row.exchange_id, "recipient": row.peer, "state": row.state, "duties": row.duties}
            for row in rows
        ],
        obligations=(),
        pseudonyms={},
        purpose=stated.token,
        use_until=record.retain_until,
        unknown_fields=(),
    )


def _check_purpose(header: RecordHeader, stated: Purpose) -> None:
    allowed = from_message(header.marking, field="header.marking").purposes
    own = Purpose(header.purpose) if header.purpose else None
    if allowed is not None and stated not in {*allowed, own}:
        raise Refused("its marking does not allow this purpose", code="other-purpose", field="purpose")


def reading_unit(
    gateway: Gateway,
    record: RecordRow,
    exchange_id: str | None,
    *,
    purpose: Purpose,
    actor: str,
    now: datetime,
    written: bytes | None = None,
    peer: str | None = None,
) -> Unit:
    """Return the `read` entry, to commit before anything is shown; who read it stays with the record.

    `written` is the digest of the certificate of a document it was written into. `peer` is the other member
    it is shown to; None where it stays in the house.
    """
    key = gateway.random(32)
    contents = {CommitmentType.ACTOR: actor.encode(), CommitmentType.PURPOSE: purpose.token.encode()}
    if written is not None:
        contents[CommitmentType.JUSTIFICATION] = written
    draft = Draft(
        kind=EntryKind.READ,
        exchange=exchange_id,
        peer=peer,
        commits=tuple(sorted(commit_each(key, contents))),
    )
    reading = {"key": key.hex(), "actor": actor, "purpose": purpose.token}
    if written is not None:
        reading["certificate"] = written.hex()
    part = uuid7(int(now.timestamp() * 1000), gateway.random(10))
    kept = body_rows(gateway, owner_of(gateway, record), {READ: json.dumps(reading).encode()}, part=part)
    return Unit(drafts=(draft,), rows=tuple(kept))
