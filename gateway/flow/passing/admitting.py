"""Admitting what consents are asked for and answered with: checks 11 and 12, and what follows in one unit.

Source: PROTOCOL section 6; THREATS A22, A48.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from gateway.errors import Malformed, NotFound, Refused, VerificationFailed
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import CONSENT_ANSWER, CONSENT_ANSWER_SALT, body_rows, owner_of
from gateway.flow.passing.asked import (
    CONSENT_REFUSED,
    CONSENT_UNUSABLE,
    ENDED,
    GIVEN,
    HOLDER,
    ORIGINATOR,
    REFUSED,
    closing,
    moved,
    request_on_file,
)
from gateway.flow.passing.consenting import answer_letter
from gateway.flow.passing.considering import consider, wanted_of
from gateway.flow.passing.holding import Case, asked_row, settle_consent
from gateway.flow.passing.onward import onward
from gateway.flow.passing.settling import settle_onward
from gateway.flow.peers import anchor_trust, signing_key
from gateway.flow.prepare import prepared_again
from gateway.flow.seal import sealed
from gateway.ledger.entry import Draft
from gateway.ledger.kinds import FinalCode
from gateway.record.moment import to_ms
from gateway.release.consent_answer import ConsentAnswer, check_answer, parse_consent_answer
from gateway.release.consent_request import ConsentRequest, parse_consent_request
from gateway.sealing.envelope import EnvelopeHeader, EnvelopeKind, Payload
from gateway.store.changes import Change
from gateway.store.passing_rows import ConsentRow
from gateway.store.place import EntryAt
from gateway.store.rows import RecordRow, Row
from gateway.store.unit import About
from keys.approval import RefusalReason

KINDS = frozenset({EnvelopeKind.CONSENT_REQUEST, EnvelopeKind.CONSENT_ANSWER})
"""What is admitted here."""

_BASE = 1
"""The entry that says it was received stands first in the unit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What is written behind the `received` entry of a request or an answer."""

    drafts: tuple[Draft | About, ...]
    rows: tuple[Row | Change, ...]


def take_in(gateway: Gateway, header: EnvelopeHeader, payload: Payload, filed: str, now: datetime) -> Taken:
    """Return what a consent request or answer does here; `filed` is the exchange id it is kept under.

    Raises:
        Malformed: it is off its form.
        VerificationFailed: a final code: it proves nothing, or is about nothing that is here.
        GatewayError: it cannot be judged, or answered, now.
    """
    if header.kind is EnvelopeKind.CONSENT_REQUEST:
        return _request(gateway, header, payload, filed, now)
    return _answer(gateway, header, payload, now)


def _request(gateway: Gateway, header: EnvelopeHeader, payload: Payload, filed: str, now: datetime) -> Taken:
    request = parse_consent_request(payload.body)  # 11
    said = (request.request_id, request.sender, request.originator)
    if said != (header.exchange_id, header.sender, gateway.me):
        raise Malformed("is another agency's to ask, or to answer", field="request")
    if gateway.read.consent(ORIGINATOR, request.sender, request.request_id) is not None:
        raise Malformed("was asked before", field="request.request_id")
    record = _record(gateway, request)  # 12
    case = Case(
        gateway=gateway,
        record=record,
        owner=owner_of(gateway, record),
        request=request,
        exchange_id=filed,
        salt=payload.salt,
        now=now,
    )
    wanted = wanted_of(gateway, record, case.owner, request)
    try:
        submission = prepared_again(gateway, record, now)
        found = consider(gateway, request, submission, wanted, actor=case.actor, now=now)
    except Malformed:
        return _refused(case, RefusalReason.NOT_LAWFUL)
    except Refused:
        return _refused(case, RefusalReason.WRONG_RECIPIENT)
    settled = settle_consent(case, submission, found, base=_BASE, acting=case.actor)
    return Taken(drafts=settled.drafts, rows=settled.rows)


def _record(gateway: Gateway, request: ConsentRequest) -> RecordRow:
    if request.exercise != gateway.exercise:
        raise _final(FinalCode.EXERCISE_MISMATCH, "is invented here and real there, or the reverse")
    record = gateway.read.record(gateway.me, request.record_id, request.version)
    if record is None or record.statement_digest != request.statement or record.direction != "own":
        raise _final(FinalCode.STATEMENT_INVALID, "is about no statement of this agency")
    if record.state != "current":
        raise _final(FinalCode.RECALLED, "is about a record that is gone")
    return record


def _refused(case: Case, reason: RefusalReason) -> Taken:
    """Return the answer to what cannot even be decided: an entry that it left, and nothing held."""
    body = ConsentAnswer(request_id=case.request.request_id, refusal=reason).encode()
    salt = case.gateway.random(32)
    letter = answer_letter(case.request, body, salt)
    made = sealed(case.gateway, letter, EntryAt(_BASE), case.now)
    kept = {CONSENT_ANSWER: body, CONSENT_ANSWER_SALT: salt}
    bodies = body_rows(case.gateway, case.owner, kept, part=case.exchange_id)
    return Taken(drafts=(made.draft,), rows=(made.row, asked_row(case, REFUSED, reason.value), *bodies))


def _answer(gateway: Gateway, header: EnvelopeHeader, payload: Payload, now: datetime) -> Taken:
    answer = parse_consent_answer(payload.body)  # 11
    if answer.request_id != header.exchange_id:
        raise Malformed("answers another exchange", field="answer.request_id")
    # Whoever else answers, with whatever signature, was not asked.
    row = gateway.read.consent(HOLDER, header.sender, answer.request_id)
    if row is None or row.state in (GIVEN, REFUSED):
        raise _final(FinalCode.CONSENT_INVALID, "answers nothing that was asked of this agency")
    if row.state == ENDED or row.expires_at <= to_ms(now):
        raise _final(FinalCode.EXPIRED, "comes after its question has ended")
    try:
        request, owner = request_on_file(gateway, row)
    except NotFound as exc:
        raise _final(FinalCode.RECALLED, "is about a record that is gone") from exc
    consent = check_answer(
        answer,
        request,
        today=now.date(),
        key_for=partial(signing_key, gateway),
        trust=anchor_trust(gateway, request.originator),
    )
    kept = {CONSENT_ANSWER: payload.body, CONSENT_ANSWER_SALT: payload.salt}
    bodies = body_rows(gateway, owner, kept, part=row.exchange_id)
    if consent is None or answer.consent is None or answer.anchor is None:
        refusal = "" if answer.refusal is None else answer.refusal.value
        return _ended(gateway, row, CONSENT_REFUSED, refusal=refusal, bodies=bodies)
    try:
        case = onward(gateway, row, answer.consent, answer.anchor, now)
        settled = settle_onward(gateway, case, base=_BASE, acting=header.sender)
    except (Malformed, Refused, NotFound, VerificationFailed):
        # It was agreed to and cannot be done any more: the recipient left, or its use has ended.
        return _ended(gateway, row, CONSENT_UNUSABLE, bodies=bodies)
    changes = moved(row, GIVEN, entry=EntryAt(_BASE))
    return Taken(drafts=settled.drafts, rows=(*settled.rows, *changes, *bodies))


def _ended(
    gateway: Gateway, row: ConsentRow, rule: str, *, bodies: Sequence[Row], refusal: str = ""
) -> Taken:
    ended = closing(gateway, row, rule=rule, at=EntryAt(_BASE), refusal=refusal)
    return Taken(drafts=(ended.draft,), rows=(*ended.rows, *bodies))


def _final(code: FinalCode, message: str) -> VerificationFailed:
    return VerificationFailed(message, code=code, field="consent")
