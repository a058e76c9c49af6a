"""Deciding once more, on the facts of today, what was decided on an earlier day and has not left yet.

Consents end, agreements lapse and retention passes without anybody changing anything.

Source: PROTOCOL section 4 (everything is checked again before every send); THREATS P3.
"""

from __future__ import annotations

from datetime import datetime

from gateway.errors import Malformed
from gateway.flow.decide import decide
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import DECISION, RELEASE, owner_of, read_body
from gateway.flow.passing.onward import onward_again
from gateway.flow.prepare import prepared_again
from gateway.flow.question_again import question_again, record_of
from gateway.flow.retention import has_ended
from gateway.release.release import parse_release
from gateway.store.rows import ExchangeRow

BLIND_BYTES = 32
"""Random bytes behind a stored decision; two decisions are compared without them (PROTOCOL section 4)."""


def use_has_ended(gateway: Gateway, exchange: ExchangeRow, now: datetime) -> bool:
    """Tell whether the recipient could not use any more what waits to leave.

    Raises:
        NotFound: the record was erased.
    """
    owner = owner_of(gateway, record_of(gateway, exchange))
    return has_ended(parse_release(read_body(gateway, owner, RELEASE, exchange.exchange_id)), now)


def reason_to_stay(gateway: Gateway, exchange: ExchangeRow, now: datetime) -> str:
    """Return why a release may not leave today, empty where it would be decided today as it was.

    Raises:
        NotFound: the record was erased.
        Refused, Stale: the recipient takes no part any more, or has not that unit.
    """
    record = record_of(gateway, exchange)
    owner = owner_of(gateway, record)
    stored = read_body(gateway, owner, DECISION, exchange.exchange_id)
    if record.direction == "received":
        return _onward_reason(gateway, exchange, stored, now)
    try:
        submission = prepared_again(gateway, record, now)
    except Malformed as exc:
        return f"the record may not be submitted any more: {exc}"
    question = question_again(gateway, exchange, owner, now)
    decision = decide(gateway, submission, question).decision
    if decision.encode() != stored[:-BLIND_BYTES]:
        return "what it was decided by holds no more; push it again"
    return ""


def _onward_reason(gateway: Gateway, exchange: ExchangeRow, stored: bytes, now: datetime) -> str:
    case = onward_again(gateway, exchange, now)
    if not case.is_consented:
        return "its originator's consent has ended; forward it again"
    if case.decision.encode() != stored[:-BLIND_BYTES]:
        return "what it was decided by holds no more; forward it again"
    return ""
