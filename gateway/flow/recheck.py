"""Deciding once more, on the facts of today, what was decided on an earlier day and has not left yet.

Consents end, agreements lapse and retention passes without anybody changing anything.

Source: PROTOCOL section 4 (everything is checked again before every send); THREATS P3.
"""

from __future__ import annotations

from datetime import datetime

from gateway.errors import Corrupt, Malformed, NotFound
from gateway.flow.decide import decide, recipient_of
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import DECISION, RELEASE, STATED, Owner, owner_of, read_body
from gateway.flow.prepare import prepared_again
from gateway.flow.question import Question, Stated
from gateway.flow.retention import has_ended
from gateway.record.vocabulary import Lane, LegalBasis, Purpose
from gateway.release.release import parse_release
from gateway.store.rows import ExchangeRow, RecordRow

BLIND_BYTES = 32
"""Random bytes behind a stored decision; two decisions are compared without them (PROTOCOL section 4)."""


def use_has_ended(gateway: Gateway, exchange: ExchangeRow, now: datetime) -> bool:
    """Tell whether the recipient could not use any more what waits to leave.

    Raises:
        NotFound: the record was erased.
    """
    owner = owner_of(gateway, _record(gateway, exchange))
    return has_ended(parse_release(read_body(gateway, owner, RELEASE, exchange.exchange_id)), now)


def reason_to_stay(gateway: Gateway, exchange: ExchangeRow, now: datetime) -> str:
    """Return why an own release may not leave today, empty where it would be decided today as it was.

    Raises:
        NotFound: the record was erased.
        Refused, Stale: the recipient takes no part any more.
    """
    record = _record(gateway, exchange)
    owner = owner_of(gateway, record)
    stored = read_body(gateway, owner, DECISION, exchange.exchange_id)
    try:
        submission = prepared_again(gateway, record, now)
    except Malformed as exc:
        return f"the record may not be submitted any more: {exc}"
    question = Question(
        recipient=recipient_of(gateway, exchange.peer, now),
        purpose=Purpose.from_token(exchange.purpose, "purpose"),
        legal_basis=LegalBasis.from_token(exchange.legal_basis, "legal_basis"),
        lane=Lane.from_token(exchange.lane, "lane"),
        today=now.date(),
        stated=_stated(gateway, owner, exchange.exchange_id),
    )
    decision = decide(gateway, submission, question).decision
    if decision.encode() != stored[:-BLIND_BYTES]:
        return "what it was decided by holds no more; push it again"
    return ""


def _stated(gateway: Gateway, owner: Owner, exchange_id: str) -> Stated:
    try:
        return Stated.decode(read_body(gateway, owner, STATED, exchange_id))
    except NotFound:
        # Nothing is kept where nothing beyond the default was stated, which is the stricter reading.
        return Stated()


def _record(gateway: Gateway, exchange: ExchangeRow) -> RecordRow:
    record = gateway.read.record(exchange.originator, exchange.record_id, exchange.version)
    if record is None:
        raise Corrupt("the record of an exchange is not on file", code="no-record")
    return record
