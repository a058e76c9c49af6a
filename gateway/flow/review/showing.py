"""Showing a hold to an officer: what would leave beside the full record, and why the rest stays.

What would leave is told from the very bytes an approval signs, never from what made them. That it was read,
by whom and for what, is in the ledger before anything is shown.

Source: DESIGN section 6; THREATS A19, A25.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.errors import GatewayError
from gateway.flow.consult import reading_unit
from gateway.flow.gateway import Gateway
from gateway.flow.keeping import STATED, read_body
from gateway.flow.passing.asked import request_on_file
from gateway.flow.passing.consenting import consent_row
from gateway.flow.question import Stated
from gateway.flow.review.again import reconsidered, what_changed
from gateway.flow.review.before import Before, told_before
from gateway.flow.review.held import Held, counted, held, is_over, spoken, still_missing
from gateway.flow.review.lines import FieldLine, by_place, field_lines, leaving_data
from gateway.flow.review.matter import Matter
from gateway.flow.review.roster import Officers, officers_of
from gateway.record.moment import from_ms, to_ms
from gateway.record.vocabulary import Purpose
from gateway.release.consent import parse_consent
from gateway.release.hold import HoldState
from gateway.release.release import parse_release
from gateway.store.review_rows import HoldRow


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldView:
    """A hold as an officer judges it. Digests are hex, times ISO text; `release` holds the bytes an approval
    is over, base64: a release, or a consent. For a consent `asked_by` is the agency that would pass on,
    `reason` why, and `portions` (base64) what it names.

    `changed` says why approving it would void it, empty where nothing has changed; `given` says who has
    spoken: duty, name, key id, verdict, reason; `expires_ms` and `now_ms` are milliseconds UTC.
    """

    exchange: str
    round: int
    state: str
    subject: str
    recipient: str
    recipient_name: str
    purpose: str
    legal_basis: str
    lane: str
    unit: str
    threat: str
    necessity: str
    asked_by: str
    reason: str
    record: str
    version: int
    digest: str
    decision: str
    policy: str
    directory: str
    required: Sequence[str]
    missing: Sequence[str]
    given: Sequence[Mapping[str, str]]
    claimed_by: str
    created_at: str
    expires_at: str
    expires_ms: int
    now_ms: int
    use_until: str
    obligations: Sequence[str]
    restrictions: Sequence[str]
    lines: Sequence[FieldLine]
    before: Sequence[Before]
    changed: str
    why_closed: str
    release: str
    portions: Sequence[str]


def show_hold(gateway: Gateway, exchange_id: str, *, actor: str, now: datetime) -> HoldView:
    """Return a hold as an officer judges it; that it was read is in the ledger when this returns.

    Raises:
        NotFound: code `no-such-hold`, `erased`.
        Corrupt: code `ledger-differs`.
    """
    found = held(gateway, exchange_id)
    officers = officers_of(gateway)
    again = reconsidered(gateway, found, now)
    purpose = Purpose.from_token(found.hold.purpose, "purpose")
    unit = reading_unit(gateway, found.record, exchange_id, purpose=purpose, actor=actor, now=now)
    gateway.store.writer.commit_one(unit)
    return _view(gateway, found, officers, again, now)


def _view(
    gateway: Gateway, found: Held, officers: Officers, again: Matter | GatewayError, now: datetime
) -> HoldView:
    hold, stated = found.hold, _stated(gateway, found)
    open_ = HoldState(hold.state).is_open
    ended = "the hold has ended" if open_ and is_over(hold, now) else ""
    data = leaving_data(found, again)
    return HoldView(
        **_of_hold(gateway, found, officers, now),
        **_spoken(gateway, found, officers, now),
        **(_of_consent(gateway, found, data) if found.is_consent else _of_release(found)),
        recipient_name=gateway.directory.member(hold.peer).display_name,
        unit=stated.unit,
        threat=stated.threat,
        necessity=stated.necessity,
        lines=field_lines(by_place(data), again),
        before=told_before(gateway, found, again),
        changed=(ended or what_changed(gateway, found, again, now)) if open_ else "",
        release=base64.b64encode(found.body).decode(),
    )


def _of_release(found: Held) -> dict[str, Any]:
    """Return on what terms a release leaves."""
    release = parse_release(found.body)
    return {
        "legal_basis": release.legal_basis.token,
        "asked_by": "",
        "reason": "",
        "use_until": release.expires_at.isoformat(),
        "obligations": [one.code.token for one in release.obligations],
        "restrictions": sorted(release.marking.notes),
        "portions": [],
    }


def _of_consent(gateway: Gateway, found: Held, data: Sequence[bytes]) -> dict[str, Any]:
    """Return on what terms another agency would be let pass on."""
    request, _ = request_on_file(gateway, consent_row(gateway, found.hold.exchange_id))
    return {
        "legal_basis": request.legal_basis.token,
        "asked_by": request.sender,
        "reason": request.reason,
        "use_until": parse_consent(found.body).expires.isoformat(),
        "obligations": [],
        "restrictions": [],
        "portions": [base64.b64encode(one).decode() for one in data],
    }


def _of_hold(gateway: Gateway, found: Held, officers: Officers, now: datetime) -> dict[str, Any]:
    """Return what the row of a hold says."""
    hold = found.hold
    claimed = hold.claimed_by if hold.claimed_until > to_ms(now) else ""
    return {
        "exchange": hold.exchange_id,
        "round": hold.round,
        "state": hold.state,
        "subject": hold.subject,
        "recipient": hold.peer,
        "purpose": hold.purpose,
        "lane": hold.lane,
        "record": hold.record_id,
        "version": hold.version,
        "digest": hold.digest.hex(),
        "decision": hold.decision_digest.hex(),
        "policy": hold.policy_digest.hex(),
        "directory": hold.directory_version.hex(),
        "required": found.required,
        "claimed_by": officers.name_of(claimed) if claimed else "",
        "created_at": from_ms(hold.created_at).isoformat(),
        "expires_at": from_ms(hold.expires_at).isoformat(),
        "expires_ms": _word_ends(gateway, hold),
        "now_ms": to_ms(now),
        "why_closed": hold.why,
    }


def _spoken(gateway: Gateway, found: Held, officers: Officers, now: datetime) -> dict[str, Any]:
    """Return who has spoken, and who must still."""
    said = spoken(gateway, found, officers)
    left = still_missing(found, counted(said, found, officers, now)) if found.state.is_open else ()
    given = [
        {
            "duty": one.row.duty,
            "name": officers.name_of(one.row.key_id),
            "key_id": one.row.key_id,
            "verdict": one.row.verdict,
            "reason": one.approval.reason,
            "at": from_ms(one.row.at).isoformat(),
        }
        for one in said
    ]
    return {"missing": left, "given": given}


def _word_ends(gateway: Gateway, hold: HoldRow) -> int:
    """Return what a word says of its end: that of the hold, or when the review is due that it waits for."""
    review = gateway.read.review(hold.exchange_id)
    return review.due_at if review is not None and review.state == "due" else hold.expires_at


def _stated(gateway: Gateway, found: Held) -> Stated:
    try:
        return Stated.decode(read_body(gateway, found.owner, STATED, found.hold.exchange_id))
    except GatewayError:
        return Stated()
