"""The question of a stored exchange, put once more on another day: what it was for, and what was stated."""

from __future__ import annotations

from datetime import datetime

from gateway.errors import Corrupt, NotFound
from gateway.flow.decide import recipient_of
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import PAST, STATED, Owner, read_body
from gateway.flow.question import Circumstances, Question, Stated
from gateway.record.vocabulary import Lane, LegalBasis, Purpose
from gateway.store.rows import ExchangeRow, RecordRow


def record_of(gateway: Gateway, exchange: ExchangeRow) -> RecordRow:
    """Return the record version of an exchange; an exchange without one is Corrupt, code `no-record`."""
    record = gateway.read.record(exchange.originator, exchange.record_id, exchange.version)
    if record is None:
        raise Corrupt("the record of an exchange is not on file", code="no-record")
    return record


def question_again(gateway: Gateway, exchange: ExchangeRow, owner: Owner, at: datetime) -> Question:
    """Return the question of an exchange as it would be put at a time.

    Raises:
        Refused, Stale: the recipient takes no part any more, or has not that unit.
    """
    stated = _stated(gateway, owner, exchange.exchange_id)
    purpose = Purpose.from_token(exchange.purpose, "purpose") if exchange.purpose else None
    basis = exchange.legal_basis
    return Question(
        recipient=recipient_of(gateway, exchange.peer, at, purpose=purpose, unit=stated.unit),
        purpose=purpose,
        legal_basis=LegalBasis.from_token(basis, "legal_basis") if basis else None,
        lane=Lane.from_token(exchange.lane, "lane"),
        today=at.date(),
        stated=stated,
        # What is told by now was told by this release too: asked anew, the past would say something else.
        past=_past(gateway, owner, exchange.exchange_id),
    )


def _stated(gateway: Gateway, owner: Owner, exchange_id: str) -> Stated:
    try:
        return Stated.decode(read_body(gateway, owner, STATED, exchange_id))
    except NotFound:
        # Nothing is kept where nothing beyond the default was stated, which is the stricter reading.
        return Stated()


def _past(gateway: Gateway, owner: Owner, exchange_id: str) -> Circumstances:
    try:
        return Circumstances.decode(read_body(gateway, owner, PAST, exchange_id))
    except NotFound:
        return Circumstances()
