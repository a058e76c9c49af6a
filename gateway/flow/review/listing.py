"""Listing what waits for officers: most urgent first, who must act, how long is left. No record is opened.

Source: DESIGN section 12; PROTOCOL section 4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from gateway.errors import Malformed
from gateway.flow.gateway import Gateway
from gateway.flow.references import case_tag
from gateway.record.moment import from_ms, to_ms
from gateway.record.vocabulary import Duty, Lane
from gateway.release.hold import Given, missing
from gateway.store.review_rows import ApprovalRow, HoldRow


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldLine:
    """One hold as a list shows it: `missing` are the duties that must still act, with how many people.

    `given` says who has agreed, `(duty, name, key id)`; times are ISO text, `left_s` seconds to the end.
    """

    exchange: str
    subject: str
    recipient: str
    purpose: str
    lane: str
    state: str
    required: tuple[str, ...]
    missing: tuple[str, ...]
    given: tuple[tuple[str, str, str], ...]
    created_at: str
    expires_at: str
    left_s: int
    claimed_by: str
    record: str
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLine:
    """An emergency release that a data protection officer must review."""

    exchange: str
    recipient: str
    due_at: str
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """All that waits for officers."""

    holds: tuple[HoldLine, ...]
    reviews: tuple[ReviewLine, ...]


def waiting(gateway: Gateway, now: datetime, *, duty: str = "", peer: str = "", case: str = "") -> Waiting:
    """Return what waits: for one duty, recipient or case where named.

    Raises:
        Malformed: code `unknown-value`: there is no such duty.
    """
    if duty and duty not in {one.token for one in Duty}:
        known = ", ".join(one.token for one in Duty)
        raise Malformed(f"is not one of {known}", field="duty", code="unknown-value")
    said: dict[str, list[ApprovalRow]] = defaultdict(list)
    for row in gateway.read.open_approvals():
        said[row.exchange_id].append(row)
    names = {row.key_id: row.name for row in gateway.read.officers()}
    only = gateway.read.holds_of_case(case_tag(gateway, case)) if case else None
    now_ms = to_ms(now)
    lines = [
        _line(row, said.get(row.exchange_id, ()), names, now_ms)
        for row in gateway.read.open_holds()
        if (not peer or row.peer == peer) and (only is None or row.exchange_id in only)
    ]
    if duty:
        lines = [line for line in lines if any(token.partition(":")[0] == duty for token in line.missing)]
    urgency = {lane.token: int(lane) for lane in Lane}
    lines.sort(key=lambda line: (urgency.get(line.lane, -1), line.expires_at, line.exchange))
    reviews = () if duty not in ("", Duty.DPO.token) or case else _reviews(gateway, now, peer)
    return Waiting(holds=tuple(lines), reviews=reviews)


def _line(row: HoldRow, said: Sequence[ApprovalRow], names: Mapping[str, str], now_ms: int) -> HoldLine:
    claimed = row.claimed_by if row.claimed_until > now_ms else ""
    given = tuple([(one.person, one.duty) for one in said if one.verdict == "approve"])
    return HoldLine(
        exchange=row.exchange_id,
        subject=row.subject,
        recipient=row.peer,
        purpose=row.purpose,
        lane=row.lane,
        state=row.state,
        required=_tokens(row.required),
        missing=_missing(row.required, given),
        given=tuple([(one.duty, names.get(one.key_id, ""), one.key_id) for one in said]),
        created_at=from_ms(row.created_at).isoformat(),
        expires_at=from_ms(row.expires_at).isoformat(),
        left_s=max(0, (row.expires_at - now_ms) // 1000),
        claimed_by=names.get(claimed, claimed),
        record=row.record_id,
        round=row.round,
    )


@lru_cache(maxsize=4096)
def _missing(required: str, given: tuple[tuple[bytes, str], ...]) -> tuple[str, ...]:
    try:
        return missing(_tokens(required), [Given(*one) for one in given])
    except Malformed:
        # Whoever looks at this one is told that the ledger says otherwise; the others must not wait for it.
        return _tokens(required)


@lru_cache(maxsize=4096)
def _tokens(joined: str) -> tuple[str, ...]:
    return tuple(joined.split(",")) if joined else ()


def _reviews(gateway: Gateway, now: datetime, peer: str) -> tuple[ReviewLine, ...]:
    lines = []
    for row in gateway.read.reviews_due():
        exchange = gateway.read.exchange(row.exchange_id)
        if exchange is None or (peer and exchange.peer != peer):
            continue
        lines.append(
            ReviewLine(
                exchange=row.exchange_id,
                recipient=exchange.peer,
                due_at=from_ms(row.due_at).isoformat(),
                overdue=row.due_at < to_ms(now),
            )
        )
    return tuple(lines)
