"""Judging what an authenticated envelope holds: PROTOCOL 6 checks 11 and 12, and what is kept of it.

Source: PROTOCOL sections 6 and 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256

from gateway.errors import GatewayError, Malformed, Refused, Stale, VerificationFailed
from gateway.flow.floor import floor_forbids
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import (
    PAYLOAD_SALT,
    RELEASE,
    STATEMENT,
    Owner,
    body_rows,
    exchange_key_row,
    key_row,
    new_owner,
    owner_of,
)
from gateway.flow.passing.admitting import KINDS, take_in
from gateway.flow.peers import anchor_trust, signing_key
from gateway.flow.retention import ends_ms
from gateway.ledger.checkpoint import Checkpoint
from gateway.ledger.entry import Direction, Draft, EntryKind
from gateway.ledger.kinds import FINAL_CODES, FinalCode, InBandCode
from gateway.release.admitted import AdmittedRelease, release_content
from gateway.sealing.admission import Authenticated, Examined, FinalRefusal
from gateway.sealing.envelope import EnvelopeKind
from gateway.sealing.standing import Link
from gateway.store.changes import Change, InboxJudgedAnew
from gateway.store.place import EntryAt
from gateway.store.rows import ExchangeRow, InboxRow, RecordRow, Row, SenderProofRow
from gateway.store.unit import About, Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One envelope's verdict, ready to be written: received, refused or quarantined."""

    message: str
    checkpoint: Checkpoint
    link: Link
    unit: Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    kind: EntryKind
    code: FinalCode | None = None
    content: AdmittedRelease | None = None
    known: RecordRow | None = None
    drafts: tuple[Draft | About, ...] = ()
    rows: tuple[Row | Change, ...] = ()


def judge(gateway: Gateway, found: Examined | FinalRefusal, filed: str, now: datetime) -> Judged:
    """Return the verdict on an envelope whose sender's ledger shows it, with everything to be stored.

    `filed` is the exchange id that it is kept under.

    Raises:
        Refused: code `stale-directory`: it cannot be judged now; nothing is remembered.
    """
    authenticated = found.authenticated
    outcome = (
        _Outcome(kind=EntryKind.REFUSED, code=found.code)
        if isinstance(found, FinalRefusal)
        else _judge_content(gateway, found, filed, now)
    )
    rows: list[Row | Change] = [_inbox(authenticated, outcome, filed, now), _evidence(authenticated)]
    if outcome.content is not None and isinstance(found, Examined):
        rows += _kept(gateway, found, outcome, outcome.content, filed=filed, now=now)
    rows += outcome.rows
    return Judged(
        message=authenticated.header.message_id,
        checkpoint=authenticated.checkpoint,
        link=authenticated.link,
        unit=Unit(drafts=(_draft(authenticated, outcome), *outcome.drafts), rows=tuple(rows)),
    )


def _judge_content(gateway: Gateway, found: Examined, filed: str, now: datetime) -> _Outcome:
    header = found.authenticated.header
    if header.kind in KINDS:
        return _judge_passing(gateway, found, filed, now)
    if header.kind is not EnvelopeKind.RELEASE:
        # Recalls, requests and notices come with the stages that answer them.
        return _Outcome(kind=EntryKind.REFUSED, code=FinalCode.MALFORMED)
    country = gateway.directory.member(gateway.me).country
    try:  # 11
        content = release_content(
            found.payload.body,
            sender=header.sender,
            me=gateway.me,
            country=country,
            today=now.date(),
            key_for=partial(signing_key, gateway),
            anchor_trust_for=partial(anchor_trust, gateway),
        )
    except Stale as exc:
        raise _stale(exc) from exc
    except GatewayError as exc:
        return _refusal(exc)
    return _judge_safety(gateway, content, now)


def _judge_passing(gateway: Gateway, found: Examined, filed: str, now: datetime) -> _Outcome:
    try:
        taken = take_in(gateway, found.authenticated.header, found.payload, filed, now)
    except Stale as exc:
        raise _stale(exc) from exc
    except (Malformed, VerificationFailed) as exc:
        return _refusal(exc)
    return _Outcome(kind=EntryKind.RECEIVED, drafts=taken.drafts, rows=taken.rows)


def _stale(exc: Stale) -> Refused:
    # A directory too old to judge by says nothing of the envelope: it may come again.
    return Refused(exc.message, code=InBandCode.STALE_DIRECTORY, field="directory")


def _refusal(exc: GatewayError) -> _Outcome:
    code = FinalCode(exc.code) if exc.code in FINAL_CODES else FinalCode.MALFORMED
    return _Outcome(kind=EntryKind.REFUSED, code=code)


def _judge_safety(gateway: Gateway, content: AdmittedRelease, now: datetime) -> _Outcome:
    statement = content.disclosure.statement  # 12
    if statement.exercise != gateway.exercise:
        return _Outcome(kind=EntryKind.REFUSED, code=FinalCode.EXERCISE_MISMATCH)
    known = gateway.read.record(statement.originator, statement.record_id, statement.version)
    if known is not None and known.state == "erased":
        return _Outcome(kind=EntryKind.REFUSED, code=FinalCode.RECALLED)
    if known is not None and known.statement_digest != content.disclosure.digest:
        # One originator, one version, two statements: whoever signed both, only one can be on file.
        return _Outcome(kind=EntryKind.REFUSED, code=FinalCode.STATEMENT_INVALID)
    if floor_forbids(gateway, content, now):
        return _Outcome(
            kind=EntryKind.QUARANTINED, code=FinalCode.FLOOR_FORBIDS, content=content, known=known
        )
    return _Outcome(kind=EntryKind.RECEIVED, content=content, known=known)


def _draft(authenticated: Authenticated, outcome: _Outcome) -> Draft:
    header = authenticated.header
    return Draft(
        kind=outcome.kind,
        exchange=header.exchange_id,
        message=header.message_id,
        peer=header.sender,
        direction=Direction.IN,
        envelope=authenticated.digest,
        code=None if outcome.code is None else outcome.code.value,
        # The head of this batch only once it is linked: the peer proves growth from what we say we have seen.
        peer_head=authenticated.linked,
    )


def _evidence(authenticated: Authenticated) -> SenderProofRow:
    header, envelope = authenticated.header, authenticated.envelope
    return SenderProofRow(header.sender, authenticated.digest, envelope.entry, authenticated.proof)


def _inbox(
    authenticated: Authenticated, outcome: _Outcome, filed: str, now: datetime
) -> InboxRow | InboxJudgedAnew:
    header, envelope = authenticated.header, authenticated.envelope
    code = None if outcome.code is None else outcome.code.value
    sealed_digest = sha256(envelope.sealed).digest()
    word = outcome.kind.name.lower()
    if authenticated.earlier is not None:
        return InboxJudgedAnew(
            header.sender,
            header.message_id,
            authenticated.earlier.code or "",
            authenticated.digest,
            envelope.header,
            sealed_digest,
            EntryAt(0),
            word,
            code,
        )
    return InboxRow(
        header.sender,
        header.message_id,
        filed,
        authenticated.digest,
        header.kind.token,
        envelope.header,
        sealed_digest,
        EntryAt(0),
        word,
        code,
        int(now.timestamp() * 1000),
    )


def _kept(
    gateway: Gateway,
    found: Examined,
    outcome: _Outcome,
    content: AdmittedRelease,
    *,
    filed: str,
    now: datetime,
) -> list[Row | Change]:
    """Return the rows that keep what came, under one key for all exchanges of a record version."""
    statement = content.disclosure.statement
    now_ms = int(now.timestamp() * 1000)
    known = outcome.known
    rows: list[Row | Change] = []
    if known is None:
        owner = new_owner(gateway, statement.originator, statement.record_id, statement.version)
        rows += [
            RecordRow(
                statement.originator,
                statement.record_id,
                statement.version,
                "received",
                content.disclosure.digest,
                None,
                statement.sealed_on.isoformat(),
                content.release.expires_at.isoformat(),
                statement.exercise,
                "current",
                None,
                now_ms,
            ),
            key_row(gateway, owner),
        ]
        rows += body_rows(gateway, owner, {STATEMENT: content.disclosure.signed})
    else:
        owner = owner_of(gateway, known)
    bodies = {RELEASE: found.payload.body, PAYLOAD_SALT: found.payload.salt}
    rows += body_rows(gateway, owner, bodies, part=filed)
    rows.append(exchange_key_row(gateway, filed, gateway.random(32)))
    rows.append(_exchange(found.authenticated, outcome, content, owner, filed=filed, now_ms=now_ms))
    return rows


def _exchange(
    authenticated: Authenticated,
    outcome: _Outcome,
    content: AdmittedRelease,
    owner: Owner,
    *,
    filed: str,
    now_ms: int,
) -> ExchangeRow:
    header, release = authenticated.header, content.release
    return ExchangeRow(
        filed,
        "in",
        header.sender,
        owner.originator,
        owner.record_id,
        owner.version,
        header.message_id,
        outcome.kind.name.lower(),
        release.purpose.token,
        release.legal_basis.token,
        header.lane.token,
        None,
        None,
        None,
        ",".join(release.duties_met),
        outcome.kind.name.lower(),
        now_ms,
        ends_ms(release),
        EntryAt(0),
        None,
    )
